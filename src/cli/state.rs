//! `state`: what is remembered, and how something is forgotten. Asks nothing of Graph.

use crate::cli::flags::Common;
use crate::cli::output::print;
use crate::cli::values::Format;
use crate::manifest::doorman::near;
use crate::model::{Key, Record};
use crate::render;
use crate::render::page::Page;
use crate::state::{Locked, State};
use crate::trouble::Trouble;
use anyhow::{Result, bail};
use clap::Subcommand;

/// What is done with the state.
#[derive(Subcommand)]
pub enum What {
    /// List what is remembered: each key with its organizer
    #[command(after_help = "Example:\n  convoke state list --sandbox --workspace examples/convoke.yaml")]
    List,
    /// Print what is remembered of one resource, but for its join link
    #[command(after_help = "Example:\n  convoke state show --sandbox Event/platform-weekly")]
    Show {
        /// The resource, such as Event/weekly
        key: Key,
    },
    /// List the last 50 applies: when, by whom, what they did and how much they mailed
    #[command(after_help = "Example:\n  convoke state history --sandbox --workspace examples/convoke.yaml")]
    History {
        /// The format of the list
        #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
        format: Format,
    },
    /// Forget resources: nothing is sent, and what is live stays as it is
    #[command(after_help = "Example:\n  convoke state rm OnlineMeeting/support-room")]
    Rm {
        /// The resources, such as Event/weekly
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<Key>,
    },
}

/// Shows or changes the state of a workspace.
pub async fn run(what: &What, common: &Common) -> Result<u8> {
    let project = common.project(&[])?;
    let (store, workspace) = (project.store(common.sandbox)?, &project.owner()?.name);
    match what {
        What::List => {
            let records = State::read(&store, workspace).await?.records();
            let lines = records.resources.iter().map(|(key, it)| Page::line(&format!("{key}  {}", it.organizer)));
            print(&lines.sum())?;
        }
        What::Show { key } => {
            let state = State::read(&store, workspace).await?;
            let record = Record { join_web_url: None, ..remembered(&state, key)?.clone() };
            print(&Page::json(&record))?;
        }
        What::History { format } => {
            let state = State::read(&store, workspace).await?;
            print(&match format {
                Format::Human => render::history::render(state.applies()),
                Format::Json => render::json::history(state.applies()),
            })?;
        }
        What::Rm { keys } => {
            let locked = Locked::take(store, workspace).await?;
            let state = locked.state();
            let found = keys.iter().map(|key| Ok((key, remembered(&state, key)?)));
            let found: Vec<(&Key, Record)> = found.collect::<Result<_>>()?;
            found.iter().for_each(|(key, _)| locked.forget(key));
            // Where nothing else of ours is known, nothing is looked for any more.
            locked.forget_mailboxes(|name| found.iter().any(|(_, record)| record.organizer == name));
            locked.fold().await?;
            let line = |(key, record): &(&Key, Record)| {
                Page::line(&format!("{key} of {} is forgotten; what is live stays as it is", record.organizer))
            };
            print(&found.iter().map(line).sum())?;
        }
    }
    Ok(0)
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
    bail!(Trouble::new(format!("the state knows nothing of `{key}`")).hint(hint))
}
