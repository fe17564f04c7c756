//! `plan` and `apply` in this process, as the program runs them without flags: what takes a second in a process of its own takes
//! a moment here. What the command line adds is tried by stories that are told through the program.

use super::{House, ORGANIZER, Run, settings};
use convoke::face::graph::Client;
use convoke::face::plan::saved::Saved;
use convoke::face::plan::snapshot::Snapshot;
use convoke::face::plan::{Policy, Step, fits};
use convoke::face::reconcile::{
    self, Given, Going, Imported, Planned, Project, Session, Terms, Verdict, Wanted, policy_of,
};
use convoke::face::render;
use convoke::face::report::{Report, report};
use convoke::face::state::store::Store;
use convoke::face::state::{Locked, State, Taking};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

/// Plans what stands in the folder; the report for people, and the same for scripts.
pub fn plan(house: &House) -> (Run, Value) {
    let mut plans = vec![];
    let told = house.wait(async {
        let (project, client) = here(house)?;
        let session = session(&project, &client)?;
        let state = State::read(&store(house), session.project.owner()?.names()).await?;
        let planned = reconcile::plan(&session, &state, Timestamp::now()).await?;
        // Of thousands of resources what is looked at must not stay open.
        let open: Vec<_> = project
            .desired()
            .iter()
            .filter(|want| ![&want.spec.own, &want.spec.meeting].iter().all(|it| it.are_closed()))
            .collect();
        anyhow::ensure!(open.is_empty(), "planning left properties open: {open:?}");
        plans.push(serde_json::to_string(&planned.plan)?);
        if house.saves {
            plans.push(kept_and_planned_by(&session, &state, &planned)?);
            plans.extend(saved_and_held(&session, &state, &planned).await?);
        }
        let report = report(&planned.plan, None, planned.refusals.clone());
        Ok((code(planned.verdict()), report))
    });
    let (run, json) = ended(told);
    (Run { leaks: leaks(&plans, &secrets(house)), ..run }, json)
}

/// Saves a plan, reads it and plans again by it: the same is found, and nothing that it would refuse. Returns what would be kept;
/// nothing of a plan that cannot be approved.
async fn saved_and_held(session: &Session<'_>, state: &State, planned: &Planned) -> anyhow::Result<Option<String>> {
    for step in &planned.plan.steps {
        let other = step.requests.iter().find(|it| !fits(it.purpose, it.method, &it.path));
        anyhow::ensure!(other.is_none(), "a request that does not fit its purpose: {other:?}");
    }
    if !planned.refusals.is_empty() || planned.plan.id.is_none() {
        return Ok(None);
    }
    let text = reconcile::saved(session, state, planned, None)?.text();
    let saved = Saved::parse(text.as_bytes())?;
    let workspace = Some(session.project.owner()?.file.clone().into());
    let project = Project::of_saved(&saved, Given { workspace, ..Given::default() })?;
    let policy = policy_of(&saved, session.policy.clone());
    let session = Session { project: &project, client: session.client, policy, adopt: vec![] };
    let terms = Terms { ttl: jiff::SignedDuration::from_hours(72), skip_stale: false };
    let again = reconcile::plan_saved(&session, state, &saved, terms, Timestamp::now()).await?;
    anyhow::ensure!(again.refusals.is_empty(), "saved and held against itself: {:?}", again.refusals);
    Ok(Some(text))
}

/// Keeps what was observed and plans by it, as people do who may see nothing else: the same steps with the same changes. Returns
/// what is kept.
fn kept_and_planned_by(session: &Session<'_>, state: &State, planned: &Planned) -> anyhow::Result<String> {
    let text = reconcile::snapshot(session, state, planned).text();
    let snapshot = Snapshot::parse(text.as_bytes(), &session.policy.workspace)?;
    let again = reconcile::plan_against(snapshot, session.project, &session.policy, planned.plan.made);
    let told = |planned: &Planned| -> Vec<String> {
        let step = |step: &Step| {
            let fields: Vec<&str> = step.changes.iter().map(|it| &*it.field).collect();
            format!(
                "{} {:?} {fields:?} {:?} {:?}",
                step.key,
                step.action,
                step.mail.iter().map(|it| it.to.len()).collect::<Vec<_>>(),
                step.clashes
            )
        };
        planned.plan.steps.iter().map(step).collect()
    };
    let (now, then) = (told(&again), told(planned));
    anyhow::ensure!(now == then, "by its snapshot it is another plan:\n{now:#?}\n{then:#?}");
    anyhow::ensure!(again.plan.id.is_none(), "a plan by a snapshot can be approved");
    anyhow::ensure!(again.refusals.len() == planned.refusals.len(), "{:?}", again.refusals);
    Ok(text)
}

/// Plans what stands in the folder, applies it and looks again.
pub fn apply(house: &House) -> Run {
    let (mut plans, before) = (vec![], secrets(house));
    let told = house.wait(async {
        let (project, client) = here(house)?;
        let session = session(&project, &client)?;
        let locked = Locked::take(store(house), session.project.owner()?.names(), &Taking::default()).await?;
        let mut planned = reconcile::plan(&session, &locked.state(), Timestamp::now()).await?;
        plans.push(serde_json::to_string(&planned.plan)?);
        if !planned.refusals.is_empty() {
            return Ok((1, report(&planned.plan, None, planned.refusals)));
        }
        let (_send, stop) = tokio::sync::watch::channel(false);
        let going = Going {
            parallelism: 32,
            look_for: std::time::Duration::ZERO,
            stop,
            patience: &[],
            clock: &Timestamp::now,
            done: &mut |_, _| {},
        };
        let done = reconcile::apply(&session, &mut planned, &locked, going).await?;
        plans.push(serde_json::to_string(&done.second)?);
        Ok((code(done.verdict(&planned)), report(&planned.plan, Some(&done.outcomes), vec![])))
    });
    let secrets = [before, secrets(house)].concat();
    Run { leaks: leaks(&plans, &secrets), ..ended(told).0 }
}

/// Imports a calendar, and the meetings that these links lead to.
pub fn import(house: &House, mailbox: &str, calendar: Option<&str>, links: &[String]) -> Imported {
    house.wait(async {
        let (project, client) = here(house).unwrap();
        let wanted = Wanted {
            mailboxes: vec![mailbox.to_owned()],
            calendar: calendar.map(str::to_owned),
            from: Timestamp::MIN,
            until: None,
            subject: None,
            links: links.to_vec(),
        };
        reconcile::import(&client, project.owner().unwrap(), &[], &Default::default(), &wanted, Timestamp::now()).await
    })
}

/// What no plan may hold, in any field of any step: it is printed, and may be kept as a file.
fn secrets(house: &House) -> Vec<String> {
    let mut secrets = vec!["meetup-join".to_owned(), house.sandbox().token.clone()];
    let links = house.events(ORGANIZER).into_iter().map(|(_, event)| event["onlineMeeting"]["joinUrl"].clone());
    let own = |meeting: Value| {
        let settings = &meeting["joinMeetingIdSettings"];
        [&meeting["joinWebUrl"], &settings["joinMeetingId"], &settings["passcode"]].map(Value::clone)
    };
    let all: Vec<Value> = links.chain(house.meetings().into_iter().flat_map(own)).collect();
    secrets.extend(all.iter().filter_map(Value::as_str).map(str::to_owned));
    // As they stand, and as they would stand in the path of a request.
    let encoded: Vec<String> = secrets.iter().map(|secret| convoke::face::route::encoded(secret)).collect();
    secrets.extend(encoded);
    secrets
}

/// The secrets that stand in one of the plans, each once.
fn leaks(plans: &[String], secrets: &[String]) -> Vec<String> {
    let found = secrets.iter().filter(|secret| plans.iter().any(|plan| plan.contains(*secret)));
    found.cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

fn here(house: &House) -> anyhow::Result<(Project, Client)> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let project = Project::read(&[house.folder.path().to_owned()], Given { keep: true, ..Given::default() })?;
    if let Some(problem) = project.manifests.problems.first() {
        anyhow::bail!("{}", problem.message);
    }
    Ok((project, Client::new(settings(house))?))
}

fn session<'a>(project: &'a Project, client: &'a Client) -> anyhow::Result<Session<'a>> {
    let owner = project.owner()?;
    let policy = Policy::of(owner.names(), owner.spec.prune, owner.spec.limits.clone());
    let policy = Policy { on_drift: owner.spec.on_drift.unwrap_or_default(), ..policy };
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
            (Run { code, out, err: String::new(), leaks: vec![] }, json)
        }
        Err(error) => {
            (Run { code: 1, out: String::new(), err: format!("error: {error:#}"), leaks: vec![] }, Value::Null)
        }
    }
}
