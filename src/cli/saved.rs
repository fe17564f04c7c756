//! A plan as a file: `plan --out FILE` writes it, `apply FILE` reads it.

use crate::cli::common::Common;
use crate::cli::rules::Rules;
use crate::cli::snapshot::write_private;
use crate::cli::{output, way};
use crate::disk;
use crate::git;
use crate::pipeline;
use crate::plan::saved::Saved;
use crate::reason::Reason;
use crate::reconcile::{Planned, Session, Terms, saved};
use crate::render::page::Page;
use crate::state::State;
use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::SignedDuration;
use std::path::{Path, PathBuf};

/// A plan that is larger is none of ours.
const MOST: u64 = 512 << 20;

/// How a saved plan is applied.
#[derive(Args)]
pub struct OfSaved {
    /// How long a saved plan may be applied after it was made
    #[arg(long, value_name = "TIME", default_value = "72h", env = "CONVOKE_PLAN_TTL")]
    plan_ttl: SignedDuration,
    /// Of a saved plan leave out what is not as it was when it was saved, and what depends on it
    #[arg(long, env = "CONVOKE_SKIP_STALE")]
    skip_stale: bool,
}

impl OfSaved {
    /// Returns how a saved plan is applied.
    pub fn terms(&self) -> Terms {
        Terms { ttl: self.plan_ttl, skip_stale: self.skip_stale }
    }
}

/// Returns the saved plan among the paths, if they name one: one file, whose name ends as that of no manifest does.
pub fn file(paths: &[PathBuf]) -> Option<&Path> {
    let [file] = paths else { return None };
    file.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("json")).then_some(file)
}

/// Saves a plan, readable for its owner alone.
///
/// Fails where it cannot be approved, and where it cannot be written.
pub fn write(file: &Path, session: &Session<'_>, state: &State, planned: &Planned, common: &Common) -> Result<()> {
    if self::file(&[file.to_owned()]).is_none() {
        let name = Reason::File.trouble(format!("cannot save the plan as `{}`", file.display()));
        bail!(name.hint("give the file a name that ends in .json: `convoke apply` tells it from manifests by that"));
    }
    let saved = saved(session, state, planned, git::revision(&session.project.folder()?))?;
    write_private(file, &saved.text())?;
    let again = way::flags_again(session.project, common)?;
    output::aside(&Page::line(&format!("saved: `convoke apply{again} {}` applies it", file.display())));
    Ok(())
}

/// Reads a saved plan; `approved` is the id that somebody approved.
///
/// Fails where it is none that can be applied, where it is not what was approved, and where flags ask for something else. In a
/// pipeline it fails where nothing was approved: who can write the file can make any id fit.
pub fn read(file: &Path, approved: Option<&str>, rules: &Rules) -> Result<Saved> {
    let name = file.display();
    let bytes = disk::read(file, MOST).with_context(|| format!("cannot read `{name}`"))?;
    let saved =
        Saved::parse(&bytes).with_context(|| Reason::NotASavedPlan.trouble(format!("cannot apply `{name}`")))?;
    if let Some(flag) = rules.chooses() {
        let says = Reason::Flags
            .trouble(format!("{flag} chooses what is planned, and the saved plan `{name}` says what is applied"));
        bail!(says.hint(format!("leave it out, or plan again with {flag} and save that")));
    }
    match approved {
        Some(id) if id != saved.plan_id => {
            let other = format!("the saved plan `{name}` is {}, and approved was {id}", saved.plan_id);
            bail!(Reason::OtherPlan.trouble(other).hint("apply the file that was approved, or approve this one"))
        }
        None if pipeline::is_there() => {
            let none = Reason::NotApproved.trouble(format!("nothing says that the saved plan `{name}` was approved"));
            bail!(none.hint(
                "pass --plan-id with the id of the plan that was approved, from where only the approval writes it"
            ))
        }
        Some(_) | None => Ok(saved),
    }
}
