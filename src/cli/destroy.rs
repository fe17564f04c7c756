//! `destroy`: everything that the workspace owns is to go, or what stands in the files that are named.

use crate::cli::apply::{Aim, How, carry_out};
use crate::cli::common::Common;
use anyhow::Result;
use clap::Args;

/// Flags of `destroy`.
#[derive(Args)]
pub struct Flags {
    #[command(flatten)]
    how: How,
    /// Do not ask; no variable of the environment says it
    #[arg(long, short)]
    yes: bool,
}

/// Plans to cancel, asks, sends, and looks again whether it settled.
pub async fn run(flags: &Flags, common: &Common) -> Result<u8> {
    carry_out(&flags.how, common, flags.yes, Aim::Destroy).await
}
