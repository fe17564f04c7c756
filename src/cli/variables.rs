//! All variables of the environment: those of flags, as the command line has them, and the others.

use crate::cli::flags::Cli;
use crate::explain::{Variable, Variables, environment};
use clap::{Command, CommandFactory};
use std::collections::BTreeMap;

/// Returns every variable by subject; those of flags first.
pub fn variables() -> Vec<Variables> {
    let mut flags = BTreeMap::new();
    gather(&Cli::command(), &mut flags);
    let variable = |(name, (flag, help))| Variable { name, meaning: format!("As `--{flag}`: {help}.") };
    let flags = Variables { subject: "Flags", variables: flags.into_iter().map(variable).collect() };
    [flags].into_iter().chain(environment()).collect()
}

/// By variable, the flag and what it is for.
fn gather(command: &Command, all: &mut BTreeMap<String, (String, String)>) {
    for arg in command.get_arguments() {
        if let (Some(name), Some(long)) = (arg.get_env(), arg.get_long()) {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            all.entry(name.to_string_lossy().into_owned()).or_insert((long.to_owned(), help));
        }
    }
    command.get_subcommands().for_each(|inner| gather(inner, all));
}
