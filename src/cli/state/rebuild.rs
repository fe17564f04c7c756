//! `state rebuild`: what is live is looked at, and remembered where it is ours.

use crate::cli::common::{Common, Manifests};
use crate::cli::follow::Follow;
use crate::cli::output::print;
use crate::cli::values::adopted;
use crate::cli::{DIFFERS, FAILED, validate, way};
use crate::manifest::Owner;
use crate::plan::Policy;
use crate::plural::count;
use crate::reason::Reason;
use crate::reconcile::{Adopted, Project, Rebuilt, Session, rebuild};
use crate::render::page::Page;
use crate::state::Locked;
use anyhow::{Result, bail};
use clap::Args;
use jiff::Timestamp;

/// Flags of `state rebuild`.
#[derive(Args)]
pub struct Flags {
    #[command(flatten)]
    manifests: Manifests,
    /// An online meeting that is there, by the meeting id that Teams shows in it
    #[arg(long, value_name = "KEY=ID,…", env = "CONVOKE_ADOPT", value_delimiter = ',', value_parser = adopted)]
    adopt: Vec<Adopted>,
    /// Go on although something is remembered: what is found anew is put in its place, and the rest stays
    #[arg(long, short)]
    yes: bool,
}

/// Looks at what is live and writes it down. What may be there and was not found is told; it exits with 2 then.
pub async fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let Flags { manifests, .. } = flags;
    let project = common.project(&manifests.paths)?;
    if validate::refused(&project, manifests.all) {
        return Ok(FAILED);
    }
    let owner = project.owner()?;
    way::agreed(&project, common)?;
    way::under_lock(&project, common, async |locked| rebuilt(&project, owner, locked, flags, common).await).await
}

async fn rebuilt(project: &Project, owner: &Owner, locked: &Locked, flags: &Flags, common: &Common) -> Result<u8> {
    let Flags { manifests: _, adopt, yes } = flags;
    locked.claim(&way::origin(project)?, false)?;
    let known = locked.state().records().resources.len();
    if known > 0 && !yes {
        let there = Reason::StateKey.trouble(format!("the state remembers {} already", count(known, "resource")));
        bail!(there.hint("pass --yes: what is found anew is put in its place, and the rest stays"));
    }
    let follow = Follow::new(common);
    let connection = way::connected(project, common, None, &follow).await?.signed_in().await?;
    let policy = Policy::of(owner.names(), owner.spec.prune, owner.spec.limits.clone());
    let session = Session { project, client: &connection.client, policy, adopt: adopt.clone() };
    let rebuilt = rebuild(&session, locked, Timestamp::now()).await?;
    follow.done(&connection.client);
    locked.fold().await?;
    print(&told(&rebuilt))?;
    connection.close().await?;
    Ok(if rebuilt.open.is_empty() && rebuilt.unclear.is_empty() { 0 } else { DIFFERS })
}

fn told(rebuilt: &Rebuilt) -> Page {
    let Rebuilt { found, open, unclear } = rebuilt;
    let found = found.iter().map(|key| Page::line(&format!("{key}  found")));
    let open = open.iter().map(|(key, organizer)| {
        let why = format!(
            "Graph has no list of online meetings: whether {organizer} has it is not known. The next apply asks for it by its name, \
             and makes it where it is not there; it mails nobody"
        );
        Page::filled(&format!("{key}  "), "  ", &why)
    });
    let unclear = unclear.iter().map(|(key, why)| Page::filled(&format!("{key}  "), "  ", why));
    let rows: Page = found.chain(open).chain(unclear).sum();
    match rows.is_empty() {
        true => Page::line("nothing was found"),
        false => rows,
    }
}
