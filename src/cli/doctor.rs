//! `doctor`: whether everything that a plan needs is there.

use crate::cli::common::{Common, Manifests};
use crate::cli::follow::Follow;
use crate::cli::output::print;
use crate::cli::values::Format;
use crate::cli::{FAILED, validate, way};
use crate::doctor::Known;
use crate::state::State;
use crate::{doctor, render};
use anyhow::Result;
use clap::Args;
use jiff::Timestamp;

/// Flags of `doctor`.
#[derive(Args)]
pub struct Flags {
    #[command(flatten)]
    manifests: Manifests,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

/// Examines sign-in, permissions, policies, mailboxes and calendars.
pub async fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let Flags { manifests, format } = flags;
    let project = common.project(&manifests.paths)?;
    if validate::refused(&project, manifests.all) {
        return Ok(FAILED);
    }
    let owner = project.owner()?;
    way::agreed(&project, common)?;
    let state = State::read(&way::store(&project, common)?, owner.names()).await?;
    let mailboxes = owner.spec.mailboxes.iter().chain(state.mailboxes()).cloned().collect();
    let follow = Follow::new(common);
    let connection = way::connected(&project, common, None, &follow).await?;
    let known = Known {
        desired: project.desired(),
        mailboxes: &mailboxes,
        ids: state.users(),
        records: &state.records(),
        now: Timestamp::now(),
    };
    let findings = doctor::examine(&connection.client, &known).await;
    follow.done(&connection.client);
    print(&match format {
        Format::Human => render::doctor::render(&findings),
        Format::Json => render::json::doctor(&findings),
    })?;
    connection.close().await?;
    Ok(if findings.iter().all(|finding| finding.ok) { 0 } else { FAILED })
}
