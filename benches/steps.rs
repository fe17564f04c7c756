//! What a plan of events in sync costs apart from asking, step by step, on one core.
//!
//! `cargo bench --bench steps` prints, for each step: nanoseconds for an event, and that beside its floor, which is `serde_json`
//! reading the same into values: the manifests as JSON, or the twin's answers. The last row is all that happens between an answer and
//! the words of a plan. No request is in any of it: the twin has made the events before, and its answers are kept.
//! `STEPS_EVENTS` and `STEPS_MAILBOXES` change the size.

use convoke::face::graph::observe::{Behind, Scope, Whole, kept, reads};
use convoke::face::graph::page::Page;
use convoke::face::graph::{Client, Settings, Token};
use convoke::face::kind::KindId;
use convoke::face::kind::event::Glance;
use convoke::face::kind::workspace::{Limits, OwnerNames, Prune, Share};
use convoke::face::manifest::files::Source;
use convoke::face::manifest::{self, Manifests, yaml};
use convoke::face::model::{Have, Live, Mailbox, Records};
use convoke::face::plan::settled::Expected;
use convoke::face::plan::{Action, Input, Plan, Policy, plan};
use convoke::face::reconcile::{self, Given, Going, Project, Session};
use convoke::face::shallow::Object;
use convoke::face::state::store::Store;
use convoke::face::state::{Locked, Taking};
use convoke::face::{render, report, sandbox};
use jiff::Timestamp;
use serde::de::DeserializeSeed;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 5;

fn main() -> anyhow::Result<()> {
    let number =
        |name: &str, other: usize| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(other);
    let (events, mailboxes) = (number("STEPS_EVENTS", 10_000), number("STEPS_MAILBOXES", 200));
    let made = tokio::runtime::Runtime::new()?.block_on(made(events, mailboxes))?;
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    println!("{events} events over {mailboxes} mailboxes, on one core; the best of {RUNS} runs");
    one_core.install(|| measure(&made));
    Ok(())
}

/// Events in sync, and what tells of them.
struct Made {
    manifests: Vec<(String, String)>,
    project: Project,
    records: Records,
    policy: Policy,
    now: Timestamp,
    mailboxes: BTreeMap<String, Mailbox>,
    /// What the twin answers of each organizer.
    answers: Vec<(String, String)>,
}

/// Has the twin make the events, and lists them once.
async fn made(events: usize, mailboxes: usize) -> anyhow::Result<Made> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let limits = sandbox::Limits { concurrent: usize::MAX, requests: usize::MAX };
    let twin = sandbox::serve(sandbox::Options { limits, ..sandbox::Options::default() }).await?;
    let client = Client::new(Settings::new(&twin.url, Token::ready(twin.token.clone())))?;
    let manifests: Vec<_> = (0..mailboxes).map(|it| (format!("user{it}.yaml"), text(events, mailboxes, it))).collect();
    let project = Project { manifests: read(&manifests), workspace: None, whole: true, given: Given::default() };
    let project = Project { workspace: project.manifests.workspace.clone(), ..project };
    let all = Share::Percent(100);
    let limits = Limits { removals: all, changes: all, ..Limits::default() };
    let policy = Policy::of("steps", Prune::Cancel, limits);
    let session = Session { project: &project, client: &client, policy: policy.clone(), adopt: vec![] };
    let folder = tempfile::tempdir()?;
    let locked = Locked::take(Store::file(folder.path().join("state.json")), "steps", &Taking::default()).await?;
    let mut planned = reconcile::plan(&session, &locked.state(), Timestamp::now()).await?;
    let (_send, stop) = tokio::sync::watch::channel(false);
    let (clock, done): (_, &mut (dyn FnMut(&_, &_) + Send)) = (&Timestamp::now, &mut |_, _| {});
    let going = Going { parallelism: 64, look_for: Duration::ZERO, stop, patience: &[], clock, done };
    reconcile::apply(&session, &mut planned, &locked, going).await?;
    let records = locked.state().records();
    let (names, ids) = (project.owner()?.names(), locked.state().users().clone());
    let of: Vec<_> = (0..mailboxes).map(|it| (format!("user{it}@contoso.example"), None)).collect();
    let none = BTreeSet::new();
    let answers = client.read(reads(&scope(&project, &records, &names, (&none, &ids)), &of)).await;
    let answers = answers.into_iter().zip(&of).map(|(answer, (organizer, _))| {
        Ok((organizer.clone(), answer.map_err(|failure| anyhow::anyhow!("{failure}"))?.to_string()))
    });
    let answers = answers.collect::<anyhow::Result<Vec<_>>>()?;
    let live = planned.live.mailboxes;
    locked.release().await?;
    twin.stop().await?;
    Ok(Made { manifests, project, records, policy, now: Timestamp::now(), mailboxes: live, answers })
}

fn measure(made: &Made) {
    let Made { manifests, project, records, policy, now, mailboxes, answers } = made;
    let (desired, names) = (project.desired(), project.owner().expect("it has a workspace").names());
    let expected = Expected::of(desired, records, policy, *now);
    let settled = |listed: &Glance, whole: Whole| expected.kept(listed, whole);
    let (none, ids) = (BTreeSet::new(), BTreeMap::new());
    let all = scope(project, records, &names, (&none, &ids));
    let scope = Scope { settled: Some(&settled), ..scope(project, records, &names, (&none, &ids)) };
    let observed = |scope: &Scope| Live {
        objects: answers.iter().flat_map(|(organizer, text)| page(scope, organizer, text)).collect(),
        mailboxes: mailboxes.clone(),
        ..Live::default()
    };
    let planned = |live: &Live| plan(&Input { desired, live, records, policy, now: *now });
    let worded = |plan: &Plan| render::human::render(&report::report(plan, None, vec![]), false);
    let (whole, live) = (observed(&all), observed(&scope));
    let done = planned(&live);
    assert!(live.objects.iter().all(|it| it.settled), "all is in sync");
    assert!(done.steps.len() == desired.len() && done.steps.iter().all(|it| it.action == Action::NoOp));

    let documents = manifests.iter().flat_map(|(file, text)| yaml::documents(file, text).0);
    let documents: Vec<String> = documents.map(|it| it.value.to_string()).collect();
    let written = best(|| documents.iter().filter_map(|it| serde_json::from_str::<Value>(it).ok()).for_each(drop));
    let answered = best(|| answers.iter().filter_map(|(_, it)| serde_json::from_str::<Value>(it).ok()).for_each(drop));
    println!("| step | ns per event | `serde_json` | ratio |\n|---|---|---|---|");
    let row = |name: &str, took: Duration, floor: Duration| {
        let each = |time: Duration| time.as_nanos() / desired.len() as u128;
        let ratio = took.as_secs_f64() / floor.as_secs_f64();
        println!("| {name} | {} | {} | {ratio:.2} |", each(took), each(floor));
    };
    let parsed = best(|| manifests.iter().for_each(|(file, text)| drop(yaml::documents(file, text))));
    let expanded = best(|| drop(read(manifests)));
    row("parse: YAML to documents", parsed, written);
    row("expand: documents to resources", expanded.saturating_sub(parsed), written);
    let rows: Vec<&str> = KindId::Event.kind().guards().iter().map(|field| field.name).collect();
    let digest = |have: &Have| have.key.kind().digest(&rows, &have.own);
    row("digest", best(|| whole.objects.iter().for_each(|have| drop(digest(have)))), answered);
    row("compare", best(|| assert!(whole.objects.iter().all(|have| expected.settled(have).is_some()))), answered);
    row("plan", best(|| drop(planned(&live))), answered);
    row("report", best(|| drop(worded(&done))), answered);
    row("from the answers to the plan", best(|| drop(planned(&observed(&scope)))), answered);
}

/// What is asked for, of a plan that has seen nothing yet.
fn scope<'a>(
    project: &'a Project,
    records: &'a Records,
    names: &'a OwnerNames,
    (mailboxes, ids): (&'a BTreeSet<String>, &'a BTreeMap<String, String>),
) -> Scope<'a> {
    let (desired, behind) = (project.desired(), Behind::Declared);
    Scope { names, desired, records, mailboxes, ids, behind, tells_skipped: true, settled: None }
}

/// What is kept of an answer.
fn page(scope: &Scope, organizer: &str, text: &str) -> Vec<Box<Have>> {
    let mut from = serde_json::Deserializer::from_str(text);
    let page = Page::of(|item: &Object| kept(scope, &Glance { organizer, calendar: None, event: item }));
    let page = page.deserialize(&mut from).expect("it is a page");
    page.items.into_iter().flatten().filter_map(|item| item.kept).collect()
}

fn read(manifests: &[(String, String)]) -> Manifests {
    let source =
        |(file, text): &(String, String)| Source { file: file.clone(), text: text.clone().into(), found: false };
    let read = manifest::read(manifests.iter().map(source).collect(), None);
    assert!(read.problems.is_empty(), "{:?}", read.problems.first());
    read
}

/// The manifests of one mailbox; the first one has the workspace too.
fn text(events: usize, mailboxes: usize, mailbox: usize) -> String {
    let workspace = "apiVersion: convoke.dev/v1\nkind: Workspace\nmetadata: {name: steps}\nspec: {prune: cancel, defaults: {timeZone: \
                     Europe/Berlin, onlineMeetingProvider: teamsForBusiness}}\n";
    let event = |number: usize| {
        format!(
            "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: e{number}}}\nspec:\n  organizer: user{mailbox}@contoso.example\n  \
             subject: Event {number}\n  start: 2031-03-{:02}T10:00\n  duration: 45m\n  attendees: [adele@contoso.example]\n  \
             body: \"Agenda of **event {number}**\"\n  isOnlineMeeting: true\n",
            1 + number % 28
        )
    };
    let events = (mailbox..events).step_by(mailboxes).map(event);
    (mailbox == 0).then(|| workspace.to_owned()).into_iter().chain(events).collect::<Vec<_>>().join("---\n")
}

fn best(mut work: impl FnMut()) -> Duration {
    let run = |_| {
        let began = Instant::now();
        work();
        began.elapsed()
    };
    (0..RUNS).map(run).min().unwrap_or_default()
}
