//! What help shows: `-h` what is used daily, on one screen; `--help` every option, and the exit codes. Variables of the environment
//! stand on a page of their own (`convoke explain environment`) and in the manual.

use crate::cli::flags::Cli;
use crate::explain::exits::exits;
use clap::{Arg, Command, CommandFactory};

/// What `-h` shows of a command that has more options than fit.
const DAILY: [&str; 11] =
    ["select", "only", "out", "drift", "format", "yes", "plan-id", "mailbox", "workspace", "sandbox", "verbose"];

/// So many options of its own a command shows all.
const FEW: usize = 5;

/// The command line with help as people read it.
pub fn command() -> Command {
    let mut command = dressed(Cli::command(), "");
    // Only then there is the command `help`, which lists all others; of them it needs no line.
    command.build();
    let list = "{about-with-newline}{usage-heading} {usage}\n{subcommands}";
    command.mut_subcommand("help", |it| it.hide(true).help_template(list))
}

fn dressed(command: Command, above: &str) -> Command {
    let name = format!("{above} {}", command.get_name());
    let path = name.trim_start().strip_prefix("convoke").unwrap_or(&name).trim().to_owned();
    let own = command.get_arguments().filter(|arg| !arg.is_positional()).count();
    let is_root = above.is_empty();
    let command = command.mut_args(|arg| short(arg, own > FEW && !is_root, is_root));
    let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let command = match exits(&path) {
        Some(exits) => {
            let lines: String = exits.codes.iter().map(|it| format!("\n  {}  {}", it.code, it.meaning)).collect();
            command.after_long_help(format!("{example}\n\nExit codes:{lines}"))
        }
        None => command,
    };
    command.mut_subcommands(|inner| dressed(inner, &name))
}

/// An option as help shows it.
fn short(arg: Arg, many: bool, global: bool) -> Arg {
    let daily = arg.is_positional() || arg.get_long().is_some_and(|long| DAILY.contains(&long));
    arg.hide_env(true).hide_short_help((many || global) && !daily)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each command below, with how it is called.
    fn all(command: &Command, above: &str, seen: &mut Vec<(String, Command)>) {
        let name = format!("{above} {}", command.get_name()).trim().to_owned();
        seen.push((name.clone(), command.clone()));
        command.get_subcommands().for_each(|inner| all(inner, &name, seen));
    }

    #[test]
    fn the_short_help_of_every_command_fits_a_screen_and_no_help_names_a_variable() {
        let (mut command, mut seen) = (command(), vec![]);
        command.build();
        all(&command, "", &mut seen);
        assert!(seen.len() > 25, "{}", seen.len());
        let mut wrong = vec![];
        for (name, mut command) in seen {
            let short = command.render_help().to_string();
            let fits = short.lines().count() <= 24 && short.lines().all(|line| line.chars().count() <= 80);
            wrong.extend((!fits).then(|| format!("{name}, {} lines:\n{short}", short.lines().count())));
            let long = command.render_long_help().to_string();
            assert!(!short.contains("[env") && !long.contains("[env"), "{name}: {long}");
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_long_help_has_every_option_and_the_exit_codes() {
        let mut command = command();
        command.build();
        let plan = command.find_subcommand_mut("plan").unwrap();
        let long = plan.render_long_help().to_string();
        for word in ["--max-outside", "--parallelism", "--occurrences", "Exit codes:\n  0  ", "\n  3  "] {
            assert!(long.contains(word), "{word}: {long}");
        }
    }
}
