//! The roof: flags, and one file for each command. The only place that prints.
//!
//! Standard output carries the report and nothing else; everything that is said along the way goes to standard error.

mod again;
mod apply;
mod ci;
mod common;
mod complete;
mod destroy;
mod doctor;
mod expand;
mod explain;
mod flags;
mod fmt;
mod follow;
mod groups;
mod help;
mod import;
mod init;
mod output;
mod plan;
mod report;
mod rules;
mod sandbox;
mod saved;
mod schema;
mod serve;
mod shell;
mod snapshot;
mod state;
mod status;
mod stop;
mod validate;
mod values;
mod variables;
mod version;
mod way;

pub use shell::command;

use crate::reason::Reason;
use crate::render::lines;
use crate::render::page::Page;
use anyhow::Result;
use flags::{Cli, Command};
use output::Manner;
use std::process::ExitCode;
use values::Color;

/// Exit codes: 0 as wished, 1 failed, 2 blocked or different; and of a plan, where 2 says that it differs, 3 blocked. The whole
/// list stands in `explain::exits`.
const FAILED: u8 = 1;
const DIFFERS: u8 = 2;
const BLOCKED: u8 = 3;

/// Runs the program.
pub fn main() -> ExitCode {
    match shell::answered() {
        Ok(false) => {}
        Ok(true) => return ExitCode::SUCCESS,
        Err(said) => {
            output::say(&Page::laid_out(said.render().ansi().to_string()));
            return FAILED.into();
        }
    }
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(said) => {
            output::begin(Manner { json: flags::is_json_typed(), ..Manner::default() });
            let page = Page::laid_out(said.render().ansi().to_string());
            if said.use_stderr() {
                output::say(&page);
                output::typed_wrong(&said.to_string());
                // clap would end with 2, which says here that there are differences.
                return FAILED.into();
            }
            let _ = output::print(&page); // There is nowhere to say that this failed.
            return ExitCode::SUCCESS;
        }
    };
    output::begin(cli.manner());
    if let Some(columns) = output::columns() {
        lines::fit(columns);
    }
    match cli.common.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&anyhow::Error::new(error).context("cannot start"));
            return FAILED.into();
        }
    };
    match runtime.block_on(in_time(cli)) {
        Ok(code) => code.into(),
        Err(error) => {
            output::error(&error);
            FAILED.into()
        }
    }
}

/// Does what is asked, in the time that it may take. What writes to Graph ends by itself, after the requests in flight.
async fn in_time(cli: Cli) -> Result<u8> {
    let Some(limit) = cli.common.timeout.filter(|_| !cli.command.ends_by_itself()) else { return run(cli).await };
    tokio::time::timeout(limit, run(cli)).await.unwrap_or_else(|_| {
        let late = format!("not done in {} s, as --timeout says", limit.as_secs());
        Err(Reason::TimedOut.trouble(late).hint("pass more time; `-v` says what it waits for").into())
    })
}

async fn run(cli: Cli) -> Result<u8> {
    let common = &cli.common;
    match &cli.command {
        Command::Validate(flags) => validate::run(flags, common),
        Command::Fmt(flags) => fmt::run(flags, common),
        Command::Expand(flags) => expand::run(flags, common),
        Command::Plan(flags) => plan::run(flags, common).await,
        Command::Apply(flags) => apply::run(flags, common).await,
        Command::Ci { what } => ci::run(what, common).await,
        Command::Destroy(flags) => destroy::run(flags, common).await,
        Command::Serve(flags) => serve::run(flags, common).await,
        Command::Import(flags) => import::run(flags, common).await,
        Command::Groups { what } => groups::run(what, common).await,
        Command::State { what } => state::run(what, common).await,
        Command::Status(flags) => status::run(flags, common).await,
        Command::Doctor(flags) => doctor::run(flags, common).await,
        Command::Sandbox(flags) => sandbox::run(flags).await,
        Command::Init(flags) => init::run(flags),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man { out } => shell::man(out.as_deref()),
        Command::Explain(flags) => explain::run(flags),
        Command::Version(flags) => version::run(flags),
        Command::Schema { kind, crd } => schema::run(kind.as_deref(), *crd),
    }
}
