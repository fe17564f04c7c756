//! `status`: how to join what is managed.

use crate::cli::flags::Common;
use crate::cli::follow::Follow;
use crate::cli::output::{self, print};
use crate::cli::values::{Format, language};
use crate::cli::{FAILED, validate, way};
use crate::model::{Key, Live, Mailbox};
use crate::plan::Policy;
use crate::reconcile::Session;
use crate::state::State;
use crate::status::Asked;
use crate::trouble::Trouble;
use crate::{render, status};
use anyhow::{Result, bail};
use clap::Args;
use jiff::Timestamp;

/// Flags of `status`.
#[derive(Args)]
pub struct Flags {
    /// Only this resource, such as Event/weekly
    key: Option<Key>,
    /// Add what Graph's create-call takes: chatInfo and organizerMeetingInfo
    #[arg(long, env = "CONVOKE_CALL")]
    call: bool,
    /// Add the join information for invitations, in this language, such as en-US or de-DE
    #[arg(long, value_name = "TAG", env = "CONVOKE_LANGUAGE", value_parser = language)]
    language: Option<String>,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

/// Shows join coordinates, the one output that holds join links.
pub async fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let Flags { key, call, language, format } = flags;
    let project = common.project(&[])?;
    if validate::refused(&project, false) {
        return Ok(FAILED);
    }
    let owner = project.owner()?;
    way::agreed(&project, common)?;
    let policy = Policy::of(owner.names(), owner.spec.prune, owner.spec.limits.clone());
    let state = State::read(&way::store(&project, common)?, owner.names()).await?;
    let follow = Follow::new(common);
    let connection = way::connected(&project, common, language.as_deref(), &follow).await?.signed_in().await?;
    let session = Session { project: &project, client: &connection.client, policy, adopt: vec![] };
    let live = session.observe(&state, true).await?;
    let asked = Asked { call: *call, information: language.is_some(), now: Timestamp::now() };
    let rows = status::joining(&live, key.as_ref(), asked);
    follow.done(&connection.client);
    connection.close().await?;
    let unsearched = unread(&live, |it| if it.gone { &it.failure } else { &it.unsearched });
    let failures = failures(&live);
    // Where nothing was found, what was not searched may hold it.
    let failed = !failures.is_empty() || (rows.is_empty() && !unsearched.is_empty());
    match format {
        Format::Json => print(&render::json::status(&rows))?,
        Format::Human if rows.is_empty() && failed => {}
        Format::Human => print(&render::status::render(&rows))?,
    }
    for (name, why) in &unsearched {
        output::tell(&format!("warning: not searched for events of this workspace: {name}: "), why);
    }
    for (name, why) in &failures {
        output::tell(&format!("error: {name}: "), why);
    }
    if let Some(key) = key.as_ref().filter(|_| rows.is_empty() && !failed) {
        bail!("`{key}` is not managed, or not applied yet");
    }
    Ok(if failed { FAILED } else { 0 })
}

/// What could not be read, by mailbox or key, and why.
fn failures(live: &Live) -> Vec<(String, Trouble)> {
    let unknown = live.unknown.iter().map(|(key, why)| (key.to_string(), why.clone()));
    unread(live, |it| if it.gone { &None } else { &it.failure }).into_iter().chain(unknown).collect()
}

fn unread(live: &Live, why: fn(&Mailbox) -> &Option<Trouble>) -> Vec<(String, Trouble)> {
    live.mailboxes.iter().filter_map(|(name, it)| Some((name.clone(), why(it).clone()?))).collect()
}
