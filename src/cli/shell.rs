//! `completions` and `man`: what shells and `man` want to know of the command line, generated from it.

use crate::cli::flags::Cli;
use crate::cli::output::print;
use crate::cli::variables::variables;
use crate::explain::exits::{self, Exits};
use crate::render::page::Page;
use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use clap_complete::env::{CompleteEnv, Shells};
use std::fs;
use std::path::Path;

/// The variable by which the script of a shell asks.
const ASKS: &str = "CONVOKE_COMPLETE";

/// Answers a shell that asks. Returns whether one did; how it failed is for clap to say.
pub fn answered() -> clap::error::Result<bool> {
    let here = std::env::current_dir().ok();
    CompleteEnv::with_factory(Cli::command).var(ASKS).try_complete(std::env::args_os(), here.as_deref())
}

/// Returns what the command line takes: completions, manual and reference are made from it.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Prints the script that makes a shell ask for completions.
pub fn completions(shell: Shell) -> Result<u8> {
    let (shells, mut text) = (Shells::builtins(), vec![]);
    let shell = shells.completer(&shell.to_string()).context("a shell that is known")?;
    shell.write_registration(ASKS, "convoke", "convoke", "convoke", &mut text)?;
    print(&Page::laid_out(String::from_utf8(text).context("completions are text")?))?;
    Ok(0)
}

/// Prints the manual page of the program, or writes it and one for each command into a folder.
pub fn man(folder: Option<&Path>) -> Result<u8> {
    let Some(folder) = folder else {
        let mut page = vec![];
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        let page = String::from_utf8(page).context("the manual is text")?;
        print(&Page::laid_out(page + &environment() + &exit_status()))?;
        return Ok(0);
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let cannot = || format!("cannot write into `{}`", folder.display());
    clap_mangen::generate_to(Cli::command(), folder).with_context(cannot)?;
    let own = folder.join("convoke.1");
    let page = fs::read_to_string(&own).with_context(cannot)?;
    fs::write(own, page + &environment() + &exit_status()).with_context(cannot)?;
    Ok(0)
}

/// The section of the manual with every variable.
fn environment() -> String {
    let rows = variables().into_iter().flat_map(|it| it.variables).map(|it| row(&it.name, &it.meaning));
    format!(".SH ENVIRONMENT\n{}", rows.collect::<String>())
}

/// The section of the manual with the exit codes.
fn exit_status() -> String {
    let of = |it: &Exits| {
        let codes = it.codes.iter().map(|it| row(&it.code.to_string(), it.meaning)).collect::<String>();
        format!(".SS {}\n{codes}", roff(&it.commands.join(", ")))
    };
    format!(".SH \"EXIT STATUS\"\n{}", exits::ALL.iter().map(of).collect::<String>())
}

fn row(name: &str, text: &str) -> String {
    format!(".TP\n\\fB{}\\fR\n{}\n", roff(name), roff(text))
}

/// A text as it may stand in a manual: no line of it is a command.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn every_command_has_an_example_that_can_be_typed() {
        let command = Cli::command();
        command.clone().debug_assert();
        for command in command.get_subcommands().chain([&command]) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  convoke ")).collect();
            assert!(!examples.is_empty(), "`{}` has no example", command.get_name());
            for example in examples {
                let typed = example.split(" > ").next().unwrap_or_default();
                let parsed = Cli::try_parse_from(["convoke"].into_iter().chain(typed.split_whitespace()));
                assert!(parsed.is_ok(), "{example}: {}", parsed.err().map(|it| it.to_string()).unwrap_or_default());
            }
        }
    }
}
