//! `plan` and `apply` in this process, as the program runs them without flags: what takes a second in a process of its own takes
//! a moment here. What the command line adds is tried by stories that are told through the program.

use super::{House, Run};
use convoke::face::graph::{Client, Settings, Token};
use convoke::face::plan::Policy;
use convoke::face::reconcile::{self, Going, Project, Session, Verdict};
use convoke::face::render;
use convoke::face::report::{Report, report};
use convoke::face::state::store::Store;
use convoke::face::state::{Locked, State};
use jiff::Timestamp;
use serde_json::Value;

/// Plans what stands in the folder; the report for people, and the same for scripts.
pub fn plan(house: &House) -> (Run, Value) {
    let told = house.wait(async {
        let (project, client) = here(house)?;
        let session = session(&project, &client)?;
        let state = State::read(&store(house), &session.policy.workspace).await?;
        let planned = reconcile::plan(&session, &state, Timestamp::now()).await?;
        let report = report(&planned.plan, None, planned.refusals.clone());
        Ok((code(planned.verdict()), report))
    });
    ended(told)
}

/// Plans what stands in the folder, applies it and looks again.
pub fn apply(house: &House) -> Run {
    let told = house.wait(async {
        let (project, client) = here(house)?;
        let session = session(&project, &client)?;
        let locked = Locked::take(store(house), &session.policy.workspace).await?;
        let planned = reconcile::plan(&session, &locked.state(), Timestamp::now()).await?;
        if !planned.refusals.is_empty() {
            return Ok((1, report(&planned.plan, None, planned.refusals)));
        }
        let (_send, stop) = tokio::sync::watch::channel(false);
        let going = Going { parallelism: 32, stop, clock: &Timestamp::now, done: &mut |_, _| {} };
        let done = reconcile::apply(&session, &planned, &locked, going).await?;
        Ok((code(done.verdict(&planned)), report(&planned.plan, Some(&done.outcomes), vec![])))
    });
    ended(told).0
}

fn here(house: &House) -> anyhow::Result<(Project, Client)> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let project = Project::read(&[house.folder.path().to_owned()], None)?;
    if let Some(problem) = project.manifests.problems.first() {
        anyhow::bail!("{}", problem.message);
    }
    let client = Client::new(Settings::new(&house.sandbox().url, Token::ready(house.sandbox().token.clone())))?;
    Ok((project, client))
}

fn session<'a>(project: &'a Project, client: &'a Client) -> anyhow::Result<Session<'a>> {
    let owner = project.owner()?;
    let policy = Policy::of(&owner.name, owner.spec.prune, owner.spec.limits.clone());
    Ok(Session { project, client, policy, adopt: vec![] })
}

fn store(house: &House) -> Store {
    Store::file(house.path(".convoke/state.json"))
}

fn code(verdict: Verdict) -> i32 {
    match verdict {
        Verdict::Settled => 0,
        Verdict::Failed => 1,
        Verdict::Blocked => 2,
    }
}

fn ended(told: anyhow::Result<(i32, Report)>) -> (Run, Value) {
    match told {
        Ok((code, report)) => {
            let json = serde_json::from_str(&render::json::render(&report)).unwrap();
            let out = anstream::adapter::strip_str(&render::human::render(&report, false)).to_string();
            (Run { code, out, err: String::new() }, json)
        }
        Err(error) => (Run { code: 1, out: String::new(), err: format!("error: {error:#}") }, Value::Null),
    }
}
