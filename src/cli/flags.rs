//! What the command line takes. Every flag has an environment variable `CONVOKE_…`, but for those that answer a question or take
//! something away: what is set once for a whole pipeline must not.

use crate::cli::complete::{keys, kinds};
use crate::cli::output::{self, Manner};
use crate::cli::values::{Color, Label, Log, adopted, comment, wait};
use crate::cli::{
    apply, ci, destroy, doctor, expand, explain, fmt, groups, help, import, init, plan, sandbox, state, status,
    validate, version,
};
use crate::findings::left_out;
use crate::inert;
use crate::kind::on_drift::OnDrift;
use crate::kind::workspace::{Notice, Pins, QuietHours, Share};
use crate::model::Key;
use crate::plan::Shard;
use crate::reason::Reason;
use crate::reconcile::{Adopted, Given, Project};
use crate::render::page::Page;
use anyhow::{Result, bail};
use clap::builder::BoolishValueParser;
use clap::{ArgAction, ArgMatches, Args, FromArgMatches, Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Meetings as code for Microsoft 365.
///
/// YAML manifests say which Teams meetings and online Outlook events should exist; `plan` compares them with what
/// Microsoft Graph has, `apply` makes it so, and a second plan finds nothing.
#[derive(Parser)]
#[command(version = version::LINE, max_term_width = 80, help_template = OVERVIEW,
          after_help = "Example, without a tenant:\n  convoke apply --sandbox examples")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub common: Common,
    /// Whether the report is to be JSON, whatever the command.
    #[arg(skip)]
    json: bool,
}

/// The help of the program itself: the commands, and no list of options that stands with each of them.
const OVERVIEW: &str = "{about-with-newline}{usage-heading} {usage}\n{subcommands}{after-help}";

impl Cli {
    /// Reads the command line and the environment. Pipelines set what they have no value for to nothing, and flags to 1 or
    /// yes as well as to true.
    pub fn read() -> Result<Cli, clap::Error> {
        let command = || as_pipelines_set_them(help::command());
        let matches = command().try_get_matches().map_err(|said| {
            // What is said of an argument quotes it: once more with every sign in it visible.
            let shown = std::env::args_os().map(|it| inert::line(&it.to_string_lossy()).into_owned());
            command().try_get_matches_from(shown).err().unwrap_or(said)
        })?;
        Ok(Cli { json: is_json(&matches), ..Cli::from_arg_matches(&matches)? })
    }

    /// How everything is told.
    pub fn manner(&self) -> Manner {
        let Common { log, quiet, .. } = &self.common;
        Manner { json: self.json, log_json: *log == Log::Json, quiet: *quiet }
    }
}

/// Whether the innermost command was asked for JSON.
fn is_json(matches: &ArgMatches) -> bool {
    match matches.subcommand() {
        Some((_, inner)) => is_json(inner),
        None => {
            let format = matches.try_get_raw("format").ok().flatten();
            format.into_iter().flatten().any(|it| it == "json")
        }
    }
}

/// The same of a command line that cannot be read.
pub fn is_json_typed() -> bool {
    let args: Vec<_> = std::env::args_os().collect();
    let named = args.windows(2).any(|two| two[0] == "--format" && two[1] == "json");
    named
        || args.iter().any(|it| it == "--format=json")
        || std::env::var_os("CONVOKE_FORMAT").is_some_and(|it| it == "json")
}

impl Command {
    /// Whether it stops by itself once its time is over: what is on its way to Graph is waited for.
    pub fn ends_by_itself(&self) -> bool {
        matches!(self, Command::Apply(_) | Command::Destroy(_) | Command::Ci { what: ci::What::Apply(_) })
    }
}

fn as_pipelines_set_them(command: clap::Command) -> clap::Command {
    let lenient = |arg: clap::Arg| {
        let flag = matches!(arg.get_action(), ArgAction::SetTrue);
        match arg.get_env() {
            // A name that no variable can have: clap has no way to take one back.
            Some(name) if std::env::var_os(name).is_some_and(|value| value.is_empty()) => arg.env("").hide_env(true),
            Some(_) if flag => arg.value_parser(BoolishValueParser::new()),
            Some(_) | None => arg,
        }
    };
    command.mut_args(lenient).mut_subcommands(as_pipelines_set_them)
}

#[derive(Subcommand)]
pub enum Command {
    /// Write a new project: workspace, manifests, CI workflow, schema
    #[command(after_help = "Example:\n  convoke init --ci github meetings")]
    Init(init::Flags),
    /// Check everything that can be checked offline
    #[command(after_help = "Example:\n  convoke validate --format github examples")]
    Validate(validate::Flags),
    /// Put manifests into one form, with their comments
    ///
    /// Properties in the order of the schemas, short forms, and quotes where a text needs them. What they declare stays the same. -
    /// prints what comes through standard input.
    #[command(after_help = "Example:\n  convoke fmt --check examples")]
    Fmt(fmt::Flags),
    /// Print what sets make, as plain manifests
    #[command(after_help = "Example:\n  convoke expand examples/school")]
    Expand(expand::Flags),
    /// Observe, plan and print; write nothing to Graph
    #[command(after_help = "Example:\n  convoke plan --sandbox examples")]
    Plan(plan::Flags),
    /// Plan, ask, apply, and look again; or apply a saved plan
    #[command(after_help = "Examples:\n  convoke apply --sandbox --yes examples\n  convoke apply plan.json")]
    Apply(apply::Flags),
    /// Plan, apply and look for drift in a pipeline
    ///
    /// In GitHub Actions, GitLab CI, Azure Pipelines, or any other.
    #[command(after_help = "Example:\n  convoke ci plan --sandbox examples")]
    Ci {
        #[command(subcommand)]
        what: ci::What,
    },
    /// Write manifests for what somebody made by hand
    ///
    /// Events and online meetings. The next apply takes them over: nothing is sent for that, and nobody is mailed.
    #[command(after_help = "Example:\n  convoke import --sandbox --mailbox alex@contoso.example --out events")]
    Import(import::Flags),
    /// Cancel everything that the workspace owns
    #[command(after_help = "Example:\n  convoke destroy --sandbox --only Event/weekly examples")]
    Destroy(destroy::Flags),
    /// Show what is managed: when it comes next, where, and how to join
    #[command(after_help = "Example:\n  convoke status --sandbox Event/platform-weekly")]
    Status(status::Flags),
    /// Read who is in groups of the directory, for rosters
    #[command(after_help = "Example:\n  convoke groups check --sandbox examples")]
    Groups {
        #[command(subcommand)]
        what: groups::What,
    },
    /// Look into what is remembered, or forget some of it
    #[command(after_help = "Example:\n  convoke state list --sandbox --workspace examples/convoke.yaml")]
    State {
        #[command(subcommand)]
        what: state::What,
    },
    /// Check sign-in, permissions, policies and mailboxes; reads only
    #[command(after_help = "Example:\n  convoke doctor --sandbox examples")]
    Doctor(doctor::Flags),
    /// Serve the embedded Graph twin on loopback
    ///
    /// Prints what a shell can eval.
    #[command(
        after_help = "Example:\n  convoke sandbox --port 8080 --fault 429=5%\n\nAnswers programs on this machine only: Host is 127.0.0.1, [::1] or localhost with the port, and no request comes from a web page."
    )]
    Sandbox(sandbox::Flags),
    /// Explain a kind, a property, a code, the environment
    #[command(after_help = "Examples:\n  convoke explain Event.onlineMeetingProvider\n  convoke explain CVK0301")]
    Explain(explain::Flags),
    /// Print the version, with commit and date
    #[command(after_help = "Example:\n  convoke version --format json")]
    Version(version::Flags),
    /// Print the JSON Schema of a kind, or of any document
    #[command(after_help = "Example:\n  convoke schema > schemas/convoke.schema.json")]
    Schema {
        /// Event, OnlineMeeting, Workspace, EventSet or Roster
        #[arg(add = kinds())]
        kind: Option<String>,
    },
    /// Print completions for a shell: of keys and properties too
    ///
    /// The shell asks convoke while somebody types, and convoke reads the manifests around; of Graph nothing is asked. Print it anew with
    /// each version.
    #[command(after_help = "Example:\n  convoke completions bash > ~/.local/share/bash-completion/completions/convoke")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for each command
    #[command(after_help = "Example:\n  convoke man --out ~/.local/share/man/man1")]
    Man {
        /// The folder to write a page for each command into
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

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
    /// How long to wait for the lock of a state that somebody else writes, such as 10m; 3m in a pipeline, else not at all
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

/// Which resources, and how far an apply may go.
#[derive(Args)]
pub struct Rules {
    /// Only resources that have all these labels
    #[arg(long, value_name = "LABEL=VALUE,…", env = "CONVOKE_SELECT", value_delimiter = ',')]
    pub select: Vec<Label>,
    /// Only these resources, such as Event/weekly
    #[arg(long, value_name = "KEY,…", env = "CONVOKE_ONLY", value_delimiter = ',', add = keys())]
    pub only: Vec<Key>,
    /// All but these resources
    #[arg(long, value_name = "KEY,…", env = "CONVOKE_EXCEPT", value_delimiter = ',', add = keys())]
    pub except: Vec<Key>,
    /// Send one part of several alone, such as 2/8: the steps of every eighth mailbox. Every run plans and judges all of it; they
    /// wait for each other with --lock-timeout, and --plan-id or a saved plan holds for all of them
    #[arg(long, value_name = "K/N", env = "CONVOKE_SHARD")]
    pub shard: Option<Shard>,
    /// Cancel what is ours and in no manifest, in any case
    ///
    /// Although the workspace keeps it or not all manifests were read.
    #[arg(long)]
    pub prune: bool,
    /// Go on although no manifest declares anything, or a set makes nothing
    ///
    /// What was managed is removed then.
    #[arg(long)]
    pub allow_empty: bool,
    /// Replace these resources where Graph lets nothing else; they get new join links
    #[arg(long, value_name = "KEY,…", value_delimiter = ',', add = keys())]
    pub allow_replace: Vec<Key>,
    /// What to do where somebody changed live what a manifest declares and no file says: revert or report
    #[arg(long, value_name = "revert|report", env = "CONVOKE_ON_DRIFT")]
    pub on_drift: Option<OnDrift>,
    /// Show in a pipeline, too, what other people wrote live: titles, places, texts
    #[arg(long, env = "CONVOKE_SHOW_LIVE")]
    pub show_live: bool,
    /// Make these resources again although somebody deleted them and that is left so; their guests are invited again
    #[arg(long, value_name = "KEY,…", value_delimiter = ',', add = keys())]
    pub recreate: Vec<Key>,
    /// Hours in which nobody is mailed, on the organizer's clock, such as 20:00-07:00; none for none
    #[arg(long, value_name = "HH:MM-HH:MM", env = "CONVOKE_QUIET_HOURS")]
    pub quiet_hours: Option<QuietHours>,
    /// How long before it starts an event is left alone, such as 24h; 0m for no limit
    #[arg(long, value_name = "TIME", env = "CONVOKE_MINIMUM_NOTICE")]
    pub minimum_notice: Option<Notice>,
    /// Take over the online meeting that shows this meeting id in Teams
    #[arg(long, value_name = "KEY=ID,…", env = "CONVOKE_ADOPT", value_delimiter = ',', value_parser = adopted)]
    pub adopt: Vec<Adopted>,
    /// Take it for certain that these online meetings were not made, though their create was sent
    #[arg(long, value_name = "KEY,…", value_delimiter = ',', add = keys())]
    pub absent: Vec<Key>,
    /// Write a state that another repository writes; from then on that one is refused
    #[arg(long)]
    pub take_over: bool,
    /// Mark what is taken over at once, not with its next change; each of its guests counts as possibly mailed
    #[arg(long, env = "CONVOKE_MARK_NOW")]
    pub mark_now: bool,
    /// What those read whose event or date is cancelled, whatever the manifests say
    #[arg(long, value_name = "TEXT", env = "CONVOKE_COMMENT", value_parser = comment)]
    pub comment: Option<String>,
    /// Look whether the people who are invited are free, not only the rooms
    #[arg(long, env = "CONVOKE_CHECK_PEOPLE")]
    pub check_people: bool,
    /// Refuse a plan with clashes
    #[arg(long, env = "CONVOKE_STRICT_CLASHES")]
    pub strict_clashes: bool,
    /// The most mails that this apply may send, those counted that are only possible
    #[arg(long, value_name = "N", env = "CONVOKE_MAX_MAILS")]
    pub max_mails: Option<u64>,
    /// The most people beyond their organizers' domains that this apply may mail, those counted who are only possibly mailed
    #[arg(long, value_name = "N", env = "CONVOKE_MAX_OUTSIDE")]
    pub max_outside: Option<u64>,
    /// The most resources that this apply may cancel or replace: a count, or a share such as 25%
    #[arg(long, value_name = "N|%", env = "CONVOKE_MAX_REMOVALS")]
    pub max_removals: Option<Share>,
    /// The most resources that this apply may change: a count, or a share such as 50%
    #[arg(long, value_name = "N|%", env = "CONVOKE_MAX_CHANGES")]
    pub max_changes: Option<Share>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// What answers a question or takes something away is asked for each time, on the command line.
    const NO_VARIABLE: [&str; 6] = ["absent", "allow-empty", "allow-replace", "prune", "recreate", "take-over"];

    /// What is asked for once, in words too general for the environment of a whole job.
    const TOO_GENERAL: [(&str, &str); 10] = [
        ("", "all"),
        ("man", "out"),
        ("init", "ci"),
        ("status", "call"),
        ("import", "mailbox"),
        ("import", "calendar"),
        ("import", "from"),
        ("import", "to"),
        ("import", "subject"),
        ("fmt", "check"),
    ];

    /// The variable that a flag should have.
    fn variable(command: &str, long: &str) -> Option<String> {
        let answers =
            NO_VARIABLE.contains(&long) || (long == "yes" && ["destroy", "rebuild", "unlock"].contains(&command));
        let general = TOO_GENERAL.iter().any(|(of, flag)| *flag == long && (of.is_empty() || *of == command));
        let own = ["help", "version"].contains(&long) || (command == "import" && long == "out");
        let name = long.replace('-', "_").to_uppercase();
        (!answers && !general && !own).then(|| match (command, long) {
            ("sandbox", _) => format!("CONVOKE_SANDBOX_{name}"),
            ("plan", "out") => "CONVOKE_PLAN_OUT".into(),
            _ => format!("CONVOKE_{name}"),
        })
    }

    #[test]
    fn every_flag_has_its_variable_but_those_that_take_something_away_or_are_too_general() {
        fn check(command: &clap::Command) {
            for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
                let long = arg.get_long().unwrap();
                let got = arg.get_env().map(|name| name.to_string_lossy().into_owned());
                assert_eq!(got, variable(command.get_name(), long), "--{long} of {}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
