//! What the command line takes. Every flag has an environment variable `CONVOKE_…`.

use crate::kind::workspace::Share;
use crate::model::Key;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Meetings as code for Microsoft 365.
///
/// YAML manifests say which Teams meetings and online Outlook events should exist; `plan` compares them with what
/// Microsoft Graph has, `apply` makes it so, and a second plan finds nothing.
#[derive(Parser)]
#[command(version, after_help = "Try it without a tenant: convoke apply --sandbox examples")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Subcommand)]
pub enum Command {
    /// Check everything that can be checked offline
    Validate {
        #[command(flatten)]
        manifests: Manifests,
    },
    /// Observe, plan and print; write nothing to Graph
    Plan {
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        rules: Rules,
        /// Exit with 2 where there is something to do
        #[arg(long, env = "CONVOKE_DETAILED_EXITCODE")]
        detailed_exitcode: bool,
    },
    /// Plan, ask, apply, and look again
    Apply {
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        rules: Rules,
        /// Do not ask
        #[arg(long, short, env = "CONVOKE_YES")]
        yes: bool,
    },
    /// Cancel everything that the workspace owns
    Destroy {
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        rules: Rules,
        /// Do not ask
        #[arg(long, short, env = "CONVOKE_YES")]
        yes: bool,
    },
    /// Show how to join what is managed: links, dial-in, chat
    Status {
        /// Only this resource, such as Event/weekly
        key: Option<Key>,
        /// Add what Graph's create-call takes: chatInfo and organizerMeetingInfo
        #[arg(long, env = "CONVOKE_CALL")]
        call: bool,
    },
    /// Check sign-in, permissions, policies, mailboxes and calendars; reads only
    Doctor {
        #[command(flatten)]
        manifests: Manifests,
    },
    /// Serve the embedded Graph twin on loopback; prints its URL and a token for a shell to eval
    Sandbox {
        #[command(flatten)]
        flags: crate::cli::sandbox::Flags,
    },
    /// Explain a kind or a property: meaning, type, when it may be written, licence, source
    Explain {
        /// A kind, or a property of one, such as Event.onlineMeetingProvider
        #[arg(value_name = "KIND[.PROPERTY]")]
        path: String,
    },
    /// Print the JSON Schema of a kind, or of any document
    Schema {
        /// Event, OnlineMeeting or Workspace
        kind: Option<String>,
    },
}

#[derive(Args)]
pub struct Common {
    /// The workspace file, if it is not convoke.yaml beside or above the manifests
    #[arg(long, global = true, value_name = "FILE", env = "CONVOKE_WORKSPACE")]
    pub workspace: Option<PathBuf>,
    /// Work on the embedded Graph twin; its tenant is kept in .convoke/sandbox.json beside the workspace file
    #[arg(long, global = true, env = "CONVOKE_SANDBOX")]
    pub sandbox: bool,
    /// The format of the report
    #[arg(long, global = true, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    pub format: Format,
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
    /// Say more: request counts, unchanged resources
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Args)]
pub struct Manifests {
    /// Files, folders, or - for standard input; if left out, the folder of --workspace, else the current one
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Show every problem in the manifests, not the first 20 alone
    #[arg(long, env = "CONVOKE_ALL")]
    pub all: bool,
}

/// Which resources, and how far an apply may go.
#[derive(Args)]
pub struct Rules {
    /// Only resources with this label
    #[arg(long, value_name = "LABEL=VALUE", env = "CONVOKE_SELECT", value_delimiter = ',')]
    pub select: Vec<Label>,
    /// Only this resource
    #[arg(long, value_name = "KEY", env = "CONVOKE_ONLY", value_delimiter = ',')]
    pub only: Vec<Key>,
    /// All but this resource
    #[arg(long, value_name = "KEY", env = "CONVOKE_EXCEPT", value_delimiter = ',')]
    pub except: Vec<Key>,
    /// Cancel what is ours and in no manifest, although the workspace keeps it or not all manifests were read
    #[arg(long, env = "CONVOKE_PRUNE")]
    pub prune: bool,
    /// Replace this resource where Graph lets nothing else; it gets a new join link
    #[arg(long, value_name = "KEY", env = "CONVOKE_ALLOW_REPLACE", value_delimiter = ',')]
    pub allow_replace: Vec<Key>,
    /// The most mails that this apply may send
    #[arg(long, value_name = "N", env = "CONVOKE_MAX_MAILS")]
    pub max_mails: Option<u64>,
    /// The most resources that this apply may cancel or replace: a count, or a share such as 25%
    #[arg(long, value_name = "N|%", env = "CONVOKE_MAX_REMOVALS")]
    pub max_removals: Option<Share>,
    /// The most resources that this apply may change: a count, or a share such as 50%
    #[arg(long, value_name = "N|%", env = "CONVOKE_MAX_CHANGES")]
    pub max_changes: Option<Share>,
}

#[derive(Clone)]
pub struct Label {
    pub name: String,
    pub value: String,
}

impl std::str::FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Label, String> {
        let (name, value) = text.split_once('=').ok_or("not a label like `team=platform`")?;
        Ok(Label { name: name.into(), value: value.into() })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Json,
    /// Workflow annotations of GitHub Actions; `validate` only
    Github,
    /// SARIF 2.1.0, for code scanning; `validate` only
    Sarif,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Log {
    Human,
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}
