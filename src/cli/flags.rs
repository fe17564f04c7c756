//! What the command line takes. Every flag has an environment variable `CONVOKE_…`, but for those that answer a question or take
//! something away: what is set once for a whole pipeline must not.

use crate::cli::common::Common;
use crate::cli::complete::kinds;
use crate::cli::output::Manner;
use crate::cli::values::Log;
use crate::cli::{
    apply, ci, destroy, doctor, expand, explain, fmt, groups, help, import, init, plan, sandbox, serve, state, status,
    validate, version,
};
use crate::inert;
use clap::builder::BoolishValueParser;
use clap::{ArgAction, ArgMatches, FromArgMatches, Parser, Subcommand};
use std::path::PathBuf;

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
const OVERVIEW: &str = "{about}. {usage-heading} {usage}\n{subcommands}{after-help}";

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
        Manner { json: self.json, log_json: *log == Log::Json, quiet: *quiet, timed: self.command.goes_on() }
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
        self.goes_on()
            || matches!(self, Command::Apply(_) | Command::Destroy(_) | Command::Ci { what: ci::What::Apply(_) })
    }

    /// Whether it goes on until somebody stops it, and what it says is a log.
    fn goes_on(&self) -> bool {
        matches!(self, Command::Serve(_))
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
    /// Print manifests with sets, rosters and days off written out
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
    /// Plan and apply again and again, until it is stopped
    ///
    /// After each change in the files, and every half hour. SIGTERM or Ctrl-C stops it. What is above a limit waits for somebody who
    /// approves it; what somebody changed live is named and left as it is, unless the workspace says `onDrift: revert`.
    #[command(after_help = "Example:\n  convoke serve --sandbox --plan-only examples")]
    Serve(serve::Flags),
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
    #[command(
        after_help = "Examples:\n  convoke schema > schemas/convoke.schema.json\n  convoke schema --crd > crds.yaml"
    )]
    Schema {
        /// Event, OnlineMeeting, Workspace, EventSet or Roster
        #[arg(add = kinds())]
        kind: Option<String>,
        /// Print the CustomResourceDefinitions for a Kubernetes API server instead
        #[arg(long, conflicts_with = "kind")]
        crd: bool,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// What answers a question or takes something away is asked for each time, on the command line.
    const NO_VARIABLE: [&str; 6] = ["absent", "allow-empty", "allow-replace", "prune", "recreate", "take-over"];

    /// What is asked for once, in words too general for the environment of a whole job.
    const TOO_GENERAL: [(&str, &str); 11] = [
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
        ("schema", "crd"),
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
