//! `groups`: who is in the groups that rosters name, kept in `convoke.lock` so that a change is reviewed before it mails anybody.

use crate::cli::common::{Common, Manifests};
use crate::cli::follow::Follow;
use crate::cli::output::{self, print};
use crate::cli::values::Format;
use crate::cli::{DIFFERS, FAILED, validate, way};
use crate::disk;
use crate::manifest::lock;
use crate::membership::{Membership, membership};
use crate::plural::count;
use crate::reason::Reason;
use crate::reconcile::Project;
use crate::render;
use crate::render::page::Page;
use anyhow::{Context, Result};
use clap::{Args, Subcommand};

/// What is done about groups.
#[derive(Subcommand)]
pub enum What {
    /// Write who is in each group into convoke.lock
    ///
    /// Reads the directory alone, with the permissions GroupMember.Read.All and User.ReadBasic.All. A group that cannot be read keeps
    /// what it has.
    #[command(after_help = "Example:\n  convoke groups update --sandbox examples/on-call")]
    Update(Flags),
    /// Say who joined and left since convoke.lock was written
    #[command(after_help = "Example:\n  convoke groups check --sandbox examples/on-call")]
    Check(Flags),
}

/// Flags of both.
#[derive(Args)]
pub struct Flags {
    #[command(flatten)]
    manifests: Manifests,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

/// Compares the directory with the lock file, and writes it for `update`.
pub async fn run(what: &What, common: &Common) -> Result<u8> {
    let (What::Update(flags) | What::Check(flags)) = what;
    let mut project = common.project(&flags.manifests.paths)?;
    // What the lock file lacks is what this is for.
    project.manifests.problems.retain(|it| it.reason != Reason::Group && !it.at.file.ends_with(lock::NAME));
    if validate::refused(&project, flags.manifests.all) {
        return Ok(FAILED);
    }
    way::agreed(&project, common)?;
    let follow = Follow::new(common);
    let connection = way::connected(&project, common, None, &follow).await?.signed_in().await?;
    let lock = lock::read(&project.folder()?);
    let membership = membership(&connection.client, &project.manifests.groups, lock, project.whole).await;
    follow.done(&connection.client);
    connection.close().await?;
    print(&match flags.format {
        Format::Human => render::groups::render(&membership.groups),
        Format::Json => render::json::groups(&membership.groups),
    })?;
    let failed = membership.groups.iter().any(|it| it.trouble.is_some());
    match what {
        What::Update(_) => update(&project, &membership)?,
        What::Check(_) if membership.differs => {
            output::aside(&Page::line("`convoke groups update` takes this over into convoke.lock"));
        }
        What::Check(_) => {}
    }
    Ok(match (what, failed) {
        (_, true) => FAILED,
        (What::Check(_), false) if membership.differs => DIFFERS,
        (What::Check(_) | What::Update(_), false) => 0,
    })
}

/// Writes the lock file, all of it at once.
fn update(project: &Project, membership: &Membership) -> Result<()> {
    let Membership { groups, lock, differs } = membership;
    if !differs {
        output::aside(&Page::line("convoke.lock stays as it is"));
        return Ok(());
    }
    let path = project.own_file(lock::NAME)?;
    let cannot = || Reason::File.trouble(format!("cannot write `{}`", path.display()));
    disk::replace(&path, &lock::text(lock)).with_context(cannot)?;
    let changed = groups.iter().filter(|it| it.trouble.is_none()).count();
    output::aside(&Page::line(&format!("{} in `{}`: review and commit it", count(changed, "group"), path.display())));
    Ok(())
}
