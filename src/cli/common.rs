//! What most commands take: where things are, how it is told, and which manifests.

use crate::cli::output;
use crate::cli::values::{Color, Log, wait};
use crate::findings::left_out;
use crate::kind::workspace::Pins;
use crate::reason::Reason;
use crate::reconcile::{Given, Project};
use crate::render::page::Page;
use anyhow::{Result, bail};
use clap::{ArgAction, Args};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Clone)]
#[command(next_help_heading = "Options of every command")]
pub struct Common {
    /// The workspace file; else convoke.yaml is looked for
    ///
    /// It is looked for beside the manifests and above them. `ci` takes several files.
    #[arg(long, global = true, value_name = "FILE", env = "CONVOKE_WORKSPACE", action = ArgAction::Append)]
    pub workspace: Vec<PathBuf>,
    /// Where the state is, instead of where the workspace says: a file, or az://container/path, s3://… or gs://…
    #[arg(long, global = true, value_name = "PLACE", env = "CONVOKE_STATE")]
    pub state: Option<PathBuf>,
    /// How long to wait for the lock of a state that somebody else writes, such as 10m; 3m in a pipeline and for serve, else not at all
    #[arg(long, global = true, value_name = "TIME", env = "CONVOKE_LOCK_TIMEOUT", value_parser = wait)]
    pub lock_timeout: Option<Duration>,
    /// Work on the embedded Graph twin, without a tenant
    ///
    /// Its tenant is kept in .convoke/sandbox.json beside the workspace file.
    #[arg(long, global = true, env = "CONVOKE_SANDBOX")]
    pub sandbox: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value = "auto", env = "CONVOKE_COLOR")]
    pub color: Color,
    /// Steps and requests in flight at once, over all mailboxes
    #[arg(long, global = true, value_name = "N", default_value_t = 32, env = "CONVOKE_PARALLELISM",
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub parallelism: u16,
    /// How to tell on standard error what happens: for people, or a JSON object a line for pipelines
    #[arg(long, global = true, value_enum, default_value = "human", env = "CONVOKE_LOG")]
    pub log: Log,
    /// Say nothing but the report, warnings and errors
    #[arg(long, short, global = true, env = "CONVOKE_QUIET", conflicts_with = "verbose")]
    pub quiet: bool,
    /// How long it may take, such as 10m; an apply then stops after the requests in flight
    #[arg(long, global = true, value_name = "TIME", env = "CONVOKE_TIMEOUT", value_parser = wait)]
    pub timeout: Option<Duration>,
    /// Say more: request counts, unchanged resources
    #[arg(long, short, global = true, action = clap::ArgAction::Count, env = "CONVOKE_VERBOSE")]
    pub verbose: u8,
}

impl Common {
    /// Returns the flags once for each workspace that they name.
    pub fn each(&self) -> Vec<Common> {
        match self.workspace.is_empty() {
            true => vec![self.clone()],
            false => self.workspace.iter().map(|it| Common { workspace: vec![it.clone()], ..self.clone() }).collect(),
        }
    }

    /// Reads the project that the paths name, held against what the environment pins, and tells what was found there and not read.
    ///
    /// Fails as `Project::read` does, and on a variable that pins something and cannot be read.
    pub fn project(&self, paths: &[PathBuf]) -> Result<Project> {
        self.project_as(paths, self.given()?)
    }

    /// The same of what is given: more or less of the manifests may be kept.
    pub fn project_as(&self, paths: &[PathBuf], given: Given) -> Result<Project> {
        let project = Project::read(paths, given)?;
        for sentence in left_out(&project.manifests, self.verbose > 0) {
            output::say(&Page::filled("note: ", "      ", &sentence));
        }
        Ok(project)
    }

    /// Returns what flags and environment say of where things are. Fails on a variable that pins something and cannot be read.
    pub fn given(&self) -> Result<Given> {
        let pins = Pins::read(std::env::vars_os())?;
        let ([] | [_]) = &self.workspace[..] else {
            let several = Reason::Flags.trouble(format!("--workspace names {} files", self.workspace.len()));
            bail!(several.hint("run it once for each; `convoke ci` alone takes several"));
        };
        Ok(Given { workspace: self.workspace.first().cloned(), state: self.state.clone(), pins, ..Given::default() })
    }
}

#[derive(Args)]
pub struct Manifests {
    /// Files, folders, or - for standard input
    ///
    /// If left out, the folder of --workspace, else the current one.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Show every problem in the manifests, not the first 20 alone
    #[arg(long)]
    pub all: bool,
}
