//! `state`: what is remembered, and how something is forgotten, moved or found again. But for the last it asks nothing of Graph.

mod rebuild;

use crate::cli::common::Common;
use crate::cli::complete;
use crate::cli::output::{self, print};
use crate::cli::values::Format;
use crate::cli::way;
use crate::kind::mark;
use crate::manifest::doorman::near;
use crate::model::{Key, Record};
use crate::reason::Reason;
use crate::reconcile::Project;
use crate::render;
use crate::render::page::Page;
use crate::state::{Locked, State, holder};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use std::collections::HashSet;

/// What is done with the state.
#[derive(Subcommand)]
pub enum What {
    /// List what is remembered, by key
    #[command(after_help = "Example:\n  convoke state list --sandbox --workspace examples/convoke.yaml")]
    List,
    /// Print what is remembered of one resource
    ///
    /// But for what opens a meeting.
    #[command(after_help = "Example:\n  convoke state show --sandbox Event/platform-weekly")]
    Show {
        /// The resource, such as Event/weekly
        key: Key,
    },
    /// List the last 50 applies
    ///
    /// When, by whom, what they did and how much they mailed.
    #[command(after_help = "Example:\n  convoke state history --sandbox --workspace examples/convoke.yaml")]
    History {
        /// The format of the list
        #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
        format: Format,
    },
    /// Give what is remembered of a resource to another key
    ///
    /// Nothing is sent, and no file is changed.
    #[command(after_help = "Example:\n  convoke state mv Event/weekly Event/platform-weekly")]
    Mv {
        /// The resource, such as Event/weekly
        #[arg(value_name = "OLD")]
        old: Key,
        /// The key that it is to have, of the same kind
        #[arg(value_name = "NEW")]
        new: Key,
    },
    /// Make the state anew from what is live: reads only
    #[command(after_help = "Example:\n  convoke state rebuild --sandbox examples")]
    Rebuild(rebuild::Flags),
    /// Forget resources; what is live stays as it is
    ///
    /// Nothing is sent.
    #[command(after_help = "Example:\n  convoke state rm OnlineMeeting/support-room")]
    Rm {
        /// The resources, such as Event/weekly
        #[arg(required = true, value_name = "KEY", add = complete::keys())]
        keys: Vec<Key>,
    },
    /// Give the lock of the state back for somebody who is gone
    ///
    /// After saying who that is.
    #[command(after_help = "Example:\n  convoke state unlock --yes")]
    Unlock {
        /// Do not ask; no variable of the environment says it
        #[arg(long, short)]
        yes: bool,
    },
}

/// Shows or changes the state of a workspace.
pub async fn run(what: &What, common: &Common) -> Result<u8> {
    if let What::Rebuild(flags) = what {
        return rebuild::run(flags, common).await;
    }
    let project = common.project(&[])?;
    let (store, workspace) = (way::store(&project, common)?, project.owner()?.names());
    match what {
        What::List => {
            let records = State::read(&store, workspace).await?.records();
            print(&render::state::list(&records.resources))?;
        }
        What::Show { key } => {
            let state = State::read(&store, workspace).await?;
            print(&render::state::show(key, &remembered(&state, key)?))?;
        }
        What::History { format } => {
            let state = State::read(&store, workspace).await?;
            print(&match format {
                Format::Human => render::history::render(state.applies()),
                Format::Json => render::json::history(state.applies()),
            })?;
        }
        What::Mv { old, new } => {
            let renamed = async |locked: &Locked| {
                movable(&locked.state(), old, new)?;
                locked.rename(old, new);
                locked.fold().await
            };
            way::under_lock(&project, common, renamed).await?;
            print(&moved(old, new))?;
        }
        What::Rebuild(_) => {}
        What::Rm { keys } => {
            print(&way::under_lock(&project, common, async |locked| forget(locked, keys).await).await?)?;
        }
        What::Unlock { yes } => print(&unlock(&project, common, *yes).await?)?,
    }
    Ok(0)
}

/// Fails where one key cannot become the other.
fn movable(state: &State, old: &Key, new: &Key) -> Result<()> {
    if old.kind().id != new.kind().id {
        bail!(Reason::StateKey.trouble(format!("`{old}` cannot become `{new}`: they are of different kinds")));
    }
    if !mark::is_name(new.name()) {
        let name = Reason::StateKey.trouble(format!("`{}` is no name that a manifest may have", new.name()));
        bail!(name.hint("use lower-case letters, digits and dashes, at most 63"));
    }
    remembered(state, old)?;
    if state.records().resources.contains_key(new) {
        let there = Reason::StateKey.trouble(format!("the state knows `{new}` already"));
        bail!(there.hint(format!("choose another key, or `convoke state rm {new}` forgets that one first")));
    }
    Ok(())
}

/// Says what the next plan makes of it.
fn moved(old: &Key, new: &Key) -> Page {
    let told = match old.kind().is_listed {
        true => format!(
            "name it so in its manifest as well: the next plan then renames the live event, whose mark says {}, and keeps its link \
             and its guests. Add `previously: {}` below `lifecycle`, so that it is found under that name should the state be lost",
            old.name(),
            old.name()
        ),
        false => "name it so in its manifest as well: the next plan then finds the live meeting as it is".to_owned(),
    };
    Page::line(&format!("{old} is {new} from here on")) + Page::filled("", "", &told)
}

async fn forget(locked: &Locked, keys: &[Key]) -> Result<Page> {
    let state = locked.state();
    let found = keys.iter().map(|key| Ok((key, remembered(&state, key)?)));
    let found: Vec<(&Key, Record)> = found.collect::<Result<_>>()?;
    found.iter().for_each(|(key, _)| locked.forget(key));
    // Where nothing else of ours is known, nothing is looked for any more.
    let whose: HashSet<&str> = found.iter().map(|(_, record)| record.organizer.as_str()).collect();
    locked.forget_mailboxes(|name| whose.contains(name));
    locked.fold().await?;
    let line = |(key, record): &(&Key, Record)| {
        Page::line(&format!("{key} of {} is forgotten; what is live stays as it is", record.organizer))
    };
    Ok(found.iter().map(line).sum())
}

/// Takes the lock from whoever has it and gives it back. Whoever had it and is alive all the same finds that out before their next
/// write, since the document is written in between.
async fn unlock(project: &Project, common: &Common, yes: bool) -> Result<Page> {
    let store = way::store(project, common)?;
    let state = format!("the lock of the state `{}`", store.name());
    let held = match holder(&store).await {
        Ok(None) => return Ok(Page::line(&format!("nobody holds {state}"))),
        Ok(Some(holder)) => format!("{state} is held by {}", holder.words()),
        Err(error) => format!("{error:#}"),
    };
    output::say(&Page::line(&held));
    if !yes && !agreed()? {
        return Ok(Page::line("nothing was changed"));
    }
    way::unlock(project, common).await?;
    Ok(Page::line(&format!("{state} is free")))
}

/// Asks whether the lock may be given back. Without a terminal there is nobody to ask.
fn agreed() -> Result<bool> {
    if !output::is_asked() {
        let nobody = Reason::NobodyToAsk.trouble("there is nobody to ask whether the lock may be given back");
        bail!(nobody.hint("see that whoever holds it is gone, then pass --yes"));
    }
    let question =
        dialoguer::Confirm::new().with_prompt("Is it gone, and is the lock to be given back?").default(false);
    Ok(question.interact_opt().context("cannot ask")?.unwrap_or(false))
}

/// What is remembered of a key. Fails where that is nothing.
fn remembered(state: &State, key: &Key) -> Result<Record> {
    let records = state.records();
    if let Some(record) = records.resources.get(key) {
        return Ok(record.clone());
    }
    let names: Vec<String> = records.resources.keys().map(Key::to_string).collect();
    let hint = match near(&key.to_string(), names.iter().map(String::as_str)) {
        Some(other) => format!("did you mean `{other}`?"),
        None => "`convoke state list` lists what is remembered".to_owned(),
    };
    bail!(Reason::StateKey.trouble(format!("the state knows nothing of `{key}`")).hint(hint))
}
