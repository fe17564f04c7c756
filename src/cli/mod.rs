//! The roof: flags, and one short function for each command. The only place that prints.
//!
//! Standard output carries the report and nothing else; everything that is said along the way goes to standard error.

mod carry_out;
mod check;
mod desk;
mod explain;
mod flags;
mod follow;
mod init;
mod rules;
mod sandbox;
mod shell;
mod values;

use crate::kind::schema;
use crate::model::{Desired, Key, Mailbox};
use crate::plan::occurrences::ahead;
use crate::plan::{Action, Plan, guard};
use crate::report::{Report, report};
use crate::{doctor, manifest, render, status};
use anyhow::{Context, Result, bail};
use carry_out::carry_out;
use check::told;
use desk::Desk;
use flags::{Cli, Command, Common, Manifests, Rules};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use values::{Color, Format};

/// Exit codes (DESIGN: 0 as wished, 1 failed, 2 blocked or different).
const FAILED: u8 = 1;
const DIFFERS: u8 = 2;

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(said) => {
            let _ = said.print(); // There is nowhere to say that this failed.
            // clap would end with 2, which says here that there are differences.
            return if said.use_stderr() { FAILED.into() } else { ExitCode::SUCCESS };
        }
    };
    match cli.common.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            anstream::eprintln!("error: cannot start: {error}");
            return FAILED.into();
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code.into(),
        Err(error) => {
            anstream::eprint!("{}", render::lines::wrapped("error: ", "", &format!("{error:#}")));
            FAILED.into()
        }
    }
}

async fn run(cli: Cli) -> Result<u8> {
    let common = &cli.common;
    if matches!(common.format, Format::Github | Format::Sarif) && !matches!(cli.command, Command::Validate { .. }) {
        bail!("this format is for `validate` only\n  hint: run `convoke validate` before, with that format");
    }
    match &cli.command {
        Command::Validate { manifests } => check::validate(manifests, common),
        Command::Plan { manifests, rules, occurrences, detailed_exitcode } => {
            show_plan(manifests, rules, common, *occurrences, *detailed_exitcode).await
        }
        Command::Apply { manifests, rules, yes } => carry_out(manifests, rules, common, *yes, false).await,
        Command::Destroy { manifests, rules, yes } => carry_out(manifests, rules, common, *yes, true).await,
        Command::Status { key, call, language } => show_status(key.as_ref(), *call, language.as_deref(), common).await,
        Command::Doctor { manifests } => examine(manifests, common).await,
        Command::Sandbox { flags } => sandbox::run(flags, print).await,
        Command::Init { folder } => init::run(folder, common),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man { out } => shell::man(out.as_deref()),
        Command::Explain { path } => explain::run(path, common),
        Command::Schema { kind } => show_schema(kind.as_deref()),
    }
}

async fn show_plan(
    manifests: &Manifests,
    rules: &Rules,
    common: &Common,
    occurrences: Option<usize>,
    detailed: bool,
) -> Result<u8> {
    let mut desk = Desk::read(&manifests.paths, common)?;
    if told(&desk, manifests.all) {
        return Ok(FAILED);
    }
    let policy = desk.policy(rules, false)?;
    let state = desk.state(common)?;
    desk.hear(rules, &state)?;
    let connection = desk.sign_in(common).await?;
    let mut live = desk.observe(&connection.client, &state, false).await?;
    desk.know(rules, &live, &state)?;
    let now = Timestamp::now();
    let plan = desk.plan_fully(&connection.client, &mut live, &state, &policy, now).await?;
    let refusals = guard::refusals(&plan, &policy, desk.manifests.desired.len());
    let refused = !refusals.is_empty();
    let mut report = report(&plan, None, refusals);
    if let Some(most) = occurrences {
        let planned: BTreeSet<&Key> = plan.steps.iter().map(|step| &step.key).collect();
        let desired = desk.manifests.desired.iter().filter(|want| planned.contains(&want.key)).cloned();
        let desired: Vec<Desired> = desired.collect();
        report.occurrences = ahead(&desired, now, most);
    }
    connection.follow.done(&connection.client);
    print(&rendered(&report, common))?;
    connection.close().await?;
    let differs = plan.steps.iter().any(|step| step.action != Action::NoOp);
    let code = match () {
        () if refused || unknown(&plan) => FAILED,
        () if differs && detailed => DIFFERS,
        () => 0,
    };
    // The process ends here: giving back thousands of answers value by value would take a tenth of the time.
    std::mem::forget((desk, live, plan, report));
    Ok(code)
}

async fn show_status(key: Option<&Key>, call: bool, language: Option<&str>, common: &Common) -> Result<u8> {
    let mut desk = Desk::read(&[], common)?;
    if told(&desk, false) {
        return Ok(FAILED);
    }
    desk.language = language.map(str::to_owned);
    let state = desk.state(common)?;
    let connection = desk.sign_in(common).await?;
    let live = desk.observe(&connection.client, &state, true).await?;
    let rows = status::joining(&live, key, call, language.is_some());
    connection.follow.done(&connection.client);
    connection.close().await?;
    let of_mailbox = |why: fn(&Mailbox) -> &Option<String>| {
        live.mailboxes.iter().filter_map(move |(name, it)| Some((name.clone(), why(it).clone()?)))
    };
    let unknown = live.unknown.iter().map(|(key, why)| (key.to_string(), why.clone()));
    let failures: Vec<_> = of_mailbox(|it| &it.failure).chain(unknown).collect();
    let unsearched: Vec<_> = of_mailbox(|it| &it.unsearched).collect();
    // Where nothing was found, what was not searched may hold it.
    let failed = !failures.is_empty() || (rows.is_empty() && !unsearched.is_empty());
    match common.format {
        Format::Json => print(&render::json::status(&rows))?,
        Format::Human | Format::Github | Format::Sarif if rows.is_empty() && failed => {}
        Format::Human | Format::Github | Format::Sarif => print(&render::status::render(&rows))?,
    }
    for (name, why) in &unsearched {
        anstream::eprintln!("warning: not searched for events of this workspace: {name}: {why}");
    }
    for (name, why) in &failures {
        anstream::eprintln!("error: {name}: {why}");
    }
    if let Some(key) = key.filter(|_| rows.is_empty() && !failed) {
        bail!("`{key}` is not managed, or not applied yet");
    }
    Ok(if failed { FAILED } else { 0 })
}

async fn examine(manifests: &Manifests, common: &Common) -> Result<u8> {
    let desk = Desk::read(&manifests.paths, common)?;
    if told(&desk, manifests.all) {
        return Ok(FAILED);
    }
    let mailboxes = desk.owner()?.spec.mailboxes.iter().cloned().chain(desk.state(common)?.mailboxes()).collect();
    let connection = desk.connect(common).await?;
    let findings = doctor::examine(&connection.client, &desk.manifests.desired, &mailboxes).await;
    connection.follow.done(&connection.client);
    print(&match common.format {
        Format::Human => render::doctor::render(&findings),
        _ => render::json::doctor(&findings),
    })?;
    connection.close().await?;
    Ok(if findings.iter().all(|finding| finding.ok) { 0 } else { FAILED })
}

fn show_schema(kind: Option<&str>) -> Result<u8> {
    let document = match kind {
        None => schema::any(),
        Some(name) => schema::document(name).with_context(|| {
            let names = schema::names();
            let near = manifest::doorman::near(name, names.iter().copied());
            let hint = near.map_or_else(
                || format!("the kinds are {}", names.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            format!("unknown kind `{name}`\n  hint: {hint}")
        })?,
    };
    print(&(serde_json::to_string_pretty(&document)? + "\n"))?;
    Ok(0)
}

fn rendered(report: &Report, common: &Common) -> String {
    match common.format {
        // The last two never come here: `run` refuses them for plans.
        Format::Human | Format::Github | Format::Sarif => render::human::render(report, common.verbose > 0),
        Format::Json => render::json::render(report),
    }
}

fn unknown(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| step.unknown)
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Writes to standard output; a reader that has gone away is a quiet end.
fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}
