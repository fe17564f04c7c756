//! `import`: manifests for events and meetings that somebody made by hand, to be taken over by the next apply.

use crate::cli::common::Common;
use crate::cli::follow::Follow;
use crate::cli::output::{self, print};
use crate::cli::{FAILED, validate, way};
use crate::disk;
use crate::plural::count;
use crate::reason::Reason;
use crate::reconcile::{Imported, Wanted, import};
use crate::render::page::Page;
use crate::state::State;
use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Flags of `import`.
#[derive(Args)]
pub struct Flags {
    /// Whose events: addresses, object ids, or `me`
    ///
    /// Without it those of the workspace.
    #[arg(long, value_name = "ADDRESS,…", value_delimiter = ',')]
    mailbox: Vec<String>,
    /// The calendar's name, if it is not the default one
    #[arg(long, value_name = "NAME", conflicts_with = "join_url")]
    calendar: Option<String>,
    /// Leave out what has ended before; today if left out
    #[arg(long, value_name = "DATE", conflicts_with = "join_url")]
    from: Option<Date>,
    /// Leave out what begins after this date
    #[arg(long, value_name = "DATE", conflicts_with = "join_url")]
    to: Option<Date>,
    /// Only events whose subject holds this text
    #[arg(long, value_name = "TEXT", conflicts_with = "join_url")]
    subject: Option<String>,
    /// Only the event or meeting of this join link
    ///
    /// - reads links from standard input, so that the shell does not keep them.
    #[arg(long, value_name = "URL", env = "CONVOKE_JOIN_URL", hide_env_values = true)]
    join_url: Vec<String>,
    /// Write a file for each into this folder
    ///
    /// Without it they are printed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Lists what is there and writes manifests; sends nothing that writes.
pub async fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let project = common.project(&[])?;
    if validate::refused(&project, false) {
        return Ok(FAILED);
    }
    let owner = project.owner()?;
    way::agreed(&project, common)?;
    let state = State::read(&way::store(&project, common)?, owner.names()).await?;
    let follow = Follow::new(common);
    let connection = way::connected(&project, common, None, &follow).await?.signed_in().await?;
    let own = || owner.spec.mailboxes.iter().chain(&owner.spec.defaults.organizer).cloned();
    let named: BTreeSet<String> = match flags.mailbox.is_empty() {
        true => own().collect(),
        false => flags.mailbox.iter().map(|it| it.to_lowercase()).collect(),
    };
    if named.is_empty() {
        bail!(Reason::Flags.trouble("nothing says whose events are looked for").hint("pass --mailbox ADDRESS"));
    }
    let links = links(&flags.join_url)?;
    let now = Timestamp::now();
    let at = |date: Date| date.to_zoned(TimeZone::UTC).map(|it| it.timestamp()).context("not a date that can be");
    let from = flags.from.map(at).transpose()?.unwrap_or(now);
    let until = flags.to.map(|to| at(to.tomorrow()?)).transpose()?;
    let wanted = Wanted {
        mailboxes: named.into_iter().collect(),
        calendar: flags.calendar.clone(),
        from,
        until,
        subject: flags.subject.clone(),
        links,
    };
    let imported = import(&connection.client, owner, project.desired(), &state.records(), &wanted, now).await;
    follow.done(&connection.client);
    connection.close().await?;
    match &flags.out {
        Some(folder) => write(folder, &imported)?,
        None => print(&Page::laid_out(documents(&imported)))?,
    }
    tell(&imported);
    Ok(if imported.failures.is_empty() { 0 } else { FAILED })
}

/// The join links that are looked for. What is none is never shown: it may be a secret with a slip of the pen.
fn links(said: &[String]) -> Result<Vec<String>> {
    let mut links = vec![];
    for said in said {
        let text = match said.as_str() {
            "-" => std::io::read_to_string(std::io::stdin().take(MOST_BYTES)).context("cannot read standard input")?,
            link => link.to_owned(),
        };
        links.extend(text.split_whitespace().map(str::to_owned));
    }
    if let Some(place) = links.iter().position(|link| !link.starts_with("https://")) {
        let wrong = Reason::Flags.trouble(format!("what --join-url names is no link: number {}", place + 1));
        bail!(wrong.hint("pass the whole link, which begins with https://, or - and the link on standard input"));
    }
    if links.is_empty() && !said.is_empty() {
        bail!(Reason::Flags.trouble("--join-url names no link").hint("write links on standard input, one a line"));
    }
    Ok(links)
}

/// The most that is read of links.
const MOST_BYTES: u64 = 1 << 20;

/// All manifests in one text.
fn documents(imported: &Imported) -> String {
    imported.manifests.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("---\n")
}

/// Writes a file for each; none is written over.
fn write(folder: &Path, imported: &Imported) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    for (name, text) in &imported.manifests {
        let path = folder.join(format!("{name}.yaml"));
        let cannot = || Reason::File.trouble(format!("cannot write `{}`", path.display()));
        disk::is_there(&path).with_context(cannot)?;
        let mut file =
            std::fs::File::create_new(&path).with_context(|| cannot().hint("remove it, or name another folder"))?;
        file.write_all(text.as_bytes()).with_context(cannot)?;
    }
    Ok(())
}

fn tell(imported: &Imported) {
    let Imported { manifests, others, ours, failures } = imported;
    for line in others {
        output::say(&Page::filled("left: ", "      ", line));
    }
    for (mailbox, why) in failures {
        output::tell(&format!("error: {mailbox}: "), why);
    }
    let managed = if *ours > 0 { format!("; {ours} managed already") } else { String::new() };
    let found = format!("{}{managed}", count(manifests.len(), "manifest"));
    let next = if manifests.is_empty() { "" } else { ": the next apply takes them over, and mails nobody" };
    output::aside(&Page::line(&format!("{found}{next}")));
}
