//! The roof: flags, and one short function for each command. The only place that prints.
//!
//! Standard output carries the report and nothing else; everything that is said along the way goes to standard error.

mod check;
mod desk;
mod explain;
mod flags;
mod follow;
mod init;
mod sandbox;
mod shell;

use crate::apply::{Fate, Outcome, apply};
use crate::graph::Client;
use crate::kind::schema;
use crate::model::{Desired, Key};
use crate::plan::occurrences::ahead;
use crate::plan::{Action, Plan, Step, guard};
use crate::report::{Report, report};
use crate::state::State;
use crate::{doctor, manifest, render, status};
use anyhow::{Context, Result, bail};
use check::told;
use clap::Parser;
use desk::Desk;
use flags::{Cli, Color, Command, Common, Format, Manifests, Rules};
use jiff::Timestamp;
use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::watch;

/// Exit codes (DESIGN: 0 as wished, 1 failed, 2 blocked or different).
const FAILED: u8 = 1;
const DIFFERS: u8 = 2;

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
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
    let now = Timestamp::now();
    let plan = desk.plan_fully(&connection.client, &mut live, &state, &policy, now).await?;
    let refusals = guard::refusals(&plan, &policy, desk.manifests.desired.len());
    let refused = !refusals.is_empty();
    let mut report = report(&plan, None, refusals);
    if let Some(most) = occurrences {
        let planned = |want: &&Desired| plan.steps.iter().any(|step| step.key == want.key);
        let desired: Vec<Desired> = desk.manifests.desired.iter().filter(planned).cloned().collect();
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

async fn carry_out(manifests: &Manifests, rules: &Rules, common: &Common, yes: bool, destroy: bool) -> Result<u8> {
    let mut desk = Desk::read(&manifests.paths, common)?;
    if told(&desk, manifests.all) {
        return Ok(FAILED);
    }
    let policy = desk.policy(rules, destroy)?;
    let state = desk.state(common)?;
    desk.hear(rules, &state)?;
    let lock = state.lock()?;
    let connection = desk.sign_in(common).await?;
    let client = &connection.client;
    let mut live = desk.observe(client, &state, false).await?;
    let plan = desk.plan_fully(client, &mut live, &state, &policy, Timestamp::now()).await?;
    let refusals = guard::refusals(&plan, &policy, desk.manifests.desired.len());
    let idle = plan.steps.iter().all(|step| step.requests.is_empty());
    if !refusals.is_empty() || !(idle || yes || connection.follow.while_asking(|| agreed(&plan, common))?) {
        let refused = !refusals.is_empty();
        connection.follow.done(client);
        print(&rendered(&report(&plan, None, refusals), common))?;
        connection.close().await?;
        if !refused {
            anstream::eprintln!("nothing was applied");
        }
        return Ok(FAILED);
    }
    desk.learn(&live, &state)?;
    let stop = stopped_by_ctrl_c();
    let (all, mut ended) = (plan.steps.len(), 0);
    let mut outcomes = apply(client, &plan, &state, common.parallelism.into(), &stop, |step, outcome| {
        ended += 1;
        connection.follow.step(ended, all, step, outcome);
    })
    .await;
    state.save()?;
    if !idle && !*stop.borrow() {
        look_again(&desk, client, &state, &policy, &plan, &mut outcomes).await?;
        state.save()?;
    }
    connection.follow.done(client);
    print(&rendered(&report(&plan, Some(&outcomes), vec![]), common))?;
    let has = |fate: Fate| outcomes.iter().any(|outcome| outcome.fate == fate);
    if !idle && !destroy && (has(Fate::Applied) || has(Fate::Unsettled)) {
        anstream::eprintln!("`convoke status{}` shows the join links", desk.flags_again(common)?);
    }
    connection.close().await?;
    drop(lock);
    Ok(match () {
        () if has(Fate::Failed) || has(Fate::Skipped) || unknown(&plan) => FAILED,
        () if has(Fate::Blocked) || has(Fate::Unsettled) => DIFFERS,
        () => 0,
    })
}

/// Observes and plans once more: what a second plan still finds did not settle, and what it finds done is written down. A read
/// soon after a write may still show what was before it, so that a difference is looked at again before it is told.
async fn look_again(
    desk: &Desk,
    client: &Client,
    state: &State,
    policy: &crate::plan::Policy,
    plan: &Plan,
    outcomes: &mut [Outcome],
) -> Result<()> {
    let mut waits = [500, 1500].into_iter().map(Duration::from_millis);
    let second = loop {
        let live = desk.observe(client, state, false).await?;
        let second = desk.plan(&live, state, policy, Timestamp::now());
        let applied = plan.steps.iter().zip(outcomes.iter()).filter(|(_, outcome)| outcome.fate == Fate::Applied);
        let settled = applied.into_iter().all(|(step, _)| left_of(&second, step).is_none());
        match waits.next().filter(|_| !settled) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => break second,
        }
    };
    for (step, outcome) in plan.steps.iter().zip(outcomes).filter(|(_, outcome)| outcome.fate == Fate::Applied) {
        if let Some(left) = left_of(&second, step) {
            outcome.fate = Fate::Unsettled;
            let fields: Vec<_> = left.changes.iter().map(|it| format!("`{}`", it.field)).collect();
            let what = if fields.is_empty() { format!("{:?}", left.action).to_lowercase() } else { fields.join(", ") };
            let why = left.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
            outcome.note = Some(format!("Graph took it, yet a second look still finds something to do: {what}{why}"));
        }
    }
    for step in second.steps.iter().filter(|step| step.action == Action::NoOp) {
        if let Some(record) = &step.record {
            state.keep(&step.key, record.clone())?;
        }
    }
    Ok(())
}

/// What a second plan still finds to do for a step.
fn left_of<'a>(second: &'a Plan, step: &Step) -> Option<&'a Step> {
    second.steps.iter().find(|it| it.key == step.key && it.action != Action::NoOp && !step.duplicate)
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
    print(&match common.format {
        Format::Human | Format::Github | Format::Sarif => render::status::render(&rows),
        Format::Json => render::json::status(&rows),
    })?;
    connection.close().await?;
    let failures = live.mailboxes.iter().filter_map(|(name, it)| Some((name.clone(), it.failure.clone()?)));
    let unknown = live.unknown.iter().map(|(key, why)| (key.to_string(), why.clone()));
    let failures: Vec<_> = failures.chain(unknown).collect();
    for (name, why) in &failures {
        anstream::eprintln!("error: {name}: {why}");
    }
    if let Some(key) = key.filter(|_| rows.is_empty() && failures.is_empty()) {
        bail!("`{key}` is not managed, or not applied yet");
    }
    Ok(if failures.is_empty() { 0 } else { FAILED })
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

/// Asks whether the plan may be applied. Without a terminal there is nobody to ask.
fn agreed(plan: &Plan, common: &Common) -> Result<bool> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        bail!(
            "there is nobody to ask whether this plan may be applied\n  hint: look at it with `convoke plan`, then pass --yes"
        );
    }
    let report = report(plan, None, vec![]);
    anstream::eprint!("{}", render::human::render(&report, common.verbose > 0));
    let question = dialoguer::Confirm::new().with_prompt("Apply this?").default(false);
    Ok(question.interact_opt().context("cannot ask")?.unwrap_or(false))
}

/// Turns true at the first Ctrl-C; the second one ends the program at once.
fn stopped_by_ctrl_c() -> watch::Receiver<bool> {
    let (send, receive) = watch::channel(false);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if *send.borrow() {
                std::process::exit(130);
            }
            anstream::eprintln!("stopping after the requests in flight; once more to stop at once");
            if send.send(true).is_err() {
                return;
            }
        }
    });
    receive
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
