//! Manifests for what is there already: each is held against the live event that it was made from, so that it plans to nothing.

use crate::graph::Client;
use crate::graph::observe::unmarked::{Place, Unmarked, unmarked};
use crate::inert;
use crate::kind::event::{TIME_ZONE, View, Whose, collapse, same_zone};
use crate::kind::schema::API_VERSION;
use crate::manifest::files::Source;
use crate::manifest::{self, Owner, yaml};
use crate::model::{Adopt, Desired, Have, Key, Live, Records};
use crate::plan::{Action, Input, Policy, Step, plan};
use crate::problem::cut;
use crate::route;
use crate::trouble::Trouble;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What to look for.
pub struct Wanted {
    /// Addresses in lower case, object ids, or `me`.
    pub mailboxes: Vec<String>,
    /// The calendar's name; the default one if left out.
    pub calendar: Option<String>,
    /// What has ended before is left out.
    pub from: Timestamp,
    /// What begins later is left out.
    pub until: Option<Timestamp>,
    /// What the subject must hold, in any case.
    pub subject: Option<String>,
}

/// What was found.
#[derive(Default)]
pub struct Imported {
    /// A manifest for each event: its name, and its text.
    pub manifests: Vec<(String, String)>,
    /// Events for which there is none: what is said of each.
    pub others: Vec<String>,
    /// How many the workspace manages already.
    pub ours: usize,
    /// Mailboxes that could not be read, and why.
    pub failures: Vec<(String, Trouble)>,
}

/// A manifest on its way.
struct Draft {
    name: String,
    have: Have,
    spec: Map<String, Value>,
    left_out: Vec<String>,
}

/// Writes manifests for the live events that nobody manages. It reads only.
pub async fn import(
    client: &Client,
    owner: &Owner,
    declared: &[Desired],
    records: &Records,
    wanted: &Wanted,
    now: Timestamp,
) -> Imported {
    let places = wanted.mailboxes.iter();
    let places: Vec<Place> =
        places.map(|it| Place { mailbox: it.clone(), calendar: wanted.calendar.clone() }).collect();
    let tells_skipped = owner.spec.graph.cloud == crate::kind::workspace::Cloud::Global;
    let Unmarked { mut live, others, ours, failures } =
        unmarked(client, &places, &owner.names(), tells_skipped, |event| wanted.picks(event)).await;
    let adopted = declared.iter().filter_map(|want| match &want.adopt {
        Some(Adopt::Id(id)) => Some(route::rest_id(id)),
        Some(Adopt::JoinWebUrl(_)) | None => None,
    });
    let known: HashSet<String> = records.resources.values().map(|record| record.id.clone()).chain(adopted).collect();
    let before = live.objects.len();
    live.objects.retain(|have| !known.contains(&have.id));
    let ours = ours + before - live.objects.len();
    let unread: Vec<_> = live.unknown.values().cloned().map(|why| ("some series".to_owned(), why)).collect();
    let mut names: BTreeSet<String> = declared.iter().map(|want| want.key.name().to_owned()).collect();
    let readable = std::mem::take(&mut live.objects).into_iter().filter(|have| !live.unknown.contains_key(&have.key));
    let drafts: Vec<Draft> = readable.map(|have| draft(have, owner, &mut names)).collect();
    let mut imported =
        Imported { others, ours, failures: failures.into_iter().chain(unread).collect(), ..Imported::default() };
    settle(drafts, owner, now, &mut imported);
    imported
}

impl Wanted {
    fn picks(&self, event: View) -> bool {
        let subject = || event.subject().unwrap_or_default().to_lowercase();
        let named = self.subject.as_ref().is_none_or(|part| subject().contains(&part.to_lowercase()));
        let begins = event.start().zip(self.until).is_none_or(|(start, until)| start < until);
        named && begins && event.ends_last().is_none_or(|end| end >= self.from)
    }
}

fn draft(have: Have, owner: &Owner, names: &mut BTreeSet<String>) -> Draft {
    let apart = have.occurrences.iter().flat_map(|it| {
        let skipped = it.skipped.iter().map(|date| (*date, None));
        skipped.chain(it.changed.iter().map(|(date, it)| (*date, Some(it.own.clone()))))
    });
    let usual = owner.spec.defaults.organizer.as_deref() == Some(have.organizer.as_str());
    let whose = Whose { organizer: (!usual).then_some(have.organizer.as_str()), calendar: have.calendar.as_deref() };
    let collapsed = collapse(whose, &have.own, &apart.collect());
    let (mut spec, mut left_out) = (Map::new(), collapsed.left_out);
    let zone = owner.spec.defaults.time_zone.as_deref();
    for (name, value) in collapsed.spec {
        if name == TIME_ZONE && zone.is_some_and(|zone| value.as_str().is_some_and(|it| same_zone(it, zone))) {
            continue;
        }
        match is_plain(&value) {
            true => _ = spec.insert(name, value),
            false => left_out.push(format!("`{name}`: it holds signs that no manifest may have")),
        }
    }
    let name = name_for(View::of(&have.own).subject().unwrap_or_default(), names);
    Draft { name, have, spec, left_out }
}

/// Whether every text in a value may stand in a manifest.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::String(text) => inert::line(text) == text.as_str(),
        Value::Array(list) => list.iter().all(is_plain),
        Value::Object(members) => members.values().all(is_plain),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A name that manifests may have and that nobody has yet, after the subject.
fn name_for(subject: &str, names: &mut BTreeSet<String>) -> String {
    let words = subject.to_lowercase();
    let words = words.split(|it: char| !it.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let whole: String = words.collect::<Vec<_>>().join("-").chars().take(50).collect();
    let whole = whole.trim_end_matches('-');
    let whole = if whole.is_empty() { "event" } else { whole };
    let numbered = std::iter::once(whole.to_owned()).chain((2..).map(|number| format!("{whole}-{number}")));
    let free = numbered.into_iter().find(|name| !names.contains(name)).expect("numbers do not end");
    names.insert(free.clone());
    free
}

/// Takes out of each manifest what would make a plan differ, until none does; what still would is told instead.
fn settle(mut drafts: Vec<Draft>, owner: &Owner, now: Timestamp, imported: &mut Imported) {
    for _ in 0..4 {
        let mut steps = planned(&drafts, owner, now);
        let (mut done, mut open) = (vec![], vec![]);
        for mut draft in drafts {
            match steps.remove(&draft.name) {
                Some(Ok(step)) if step.action == Action::Adopt => done.push(draft),
                Some(Ok(step)) if !step.changes.is_empty() => {
                    draft.leave_out(&step);
                    open.push(draft);
                }
                Some(Ok(step)) => {
                    imported.others.push(draft.told(&step.reason.unwrap_or("it cannot be taken over".into())))
                }
                Some(Err(why)) => imported.others.push(draft.told(&why)),
                None => imported.others.push(draft.told("no manifest can say what it is")),
            }
        }
        imported.manifests.extend(done.into_iter().map(|draft| (draft.name.clone(), draft.text())));
        drafts = open;
        if drafts.is_empty() {
            break;
        }
    }
    imported.others.extend(drafts.iter().map(|draft| draft.told("no manifest reads back as it is")));
    imported.manifests.sort();
}

/// What a plan says of each manifest, by name; what is wrong with one that cannot be read.
fn planned(drafts: &[Draft], owner: &Owner, now: Timestamp) -> BTreeMap<String, Result<Step, String>> {
    let sources =
        drafts.iter().map(|draft| Source { file: draft.name.clone(), text: draft.text().into_bytes(), found: false });
    let manifests = manifest::read(sources.collect(), Some(owner.clone()));
    let with_key = |draft: &Draft| {
        let key = Key::new(crate::kind::KindId::Event, draft.name.clone());
        Have { key, ..draft.have.clone() }
    };
    let live = Live { objects: drafts.iter().map(with_key).collect(), ..Live::default() };
    let policy = Policy::of(owner.names(), owner.spec.prune, owner.spec.limits.clone());
    let records = Records::default();
    let plan = plan(&Input { desired: &manifests.desired, live: &live, records: &records, policy: &policy, now });
    let steps = plan.steps.into_iter().map(|step| (step.key.name().to_owned(), Ok(step)));
    let wrong = manifests.problems.iter().map(|it| (it.at.file.to_string(), Err(it.message.clone())));
    steps.chain(wrong).collect()
}

impl Draft {
    fn text(&self) -> String {
        let document = json!({
            "apiVersion": API_VERSION,
            "kind": "Event",
            "metadata": {"name": self.name},
            "lifecycle": {"adopt": {"id": self.have.id}},
            "spec": self.spec,
        });
        let comments: String = self.left_out.iter().map(|it| format!("# left out: {it}\n")).collect();
        comments + &yaml::written(&document)
    }

    fn leave_out(&mut self, step: &Step) {
        for change in &step.changes {
            let name = change.field.split('.').next().unwrap_or_default();
            if self.spec.shift_remove(name).is_some() {
                self.left_out.push(format!("`{name}`: it would not read back as it is"));
            }
        }
    }

    fn told(&self, why: &str) -> String {
        let event = View::of(&self.have.own);
        let subject = cut(event.subject().unwrap_or_default());
        format!("`{subject}`, {}: {why}", event.begins().unwrap_or_default())
    }
}
