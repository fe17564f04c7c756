//! What of a plan a person approves, and the id that stands for it.
//!
//! It is what apply would do to Graph and what would be lost by that: of every step that sends something its key, its action, its
//! requests, and digests of the live values that those overwrite or remove. The moment of planning, etags, transaction ids, our
//! marks, people whom only live lists name, and words for people are left out, so that the id is the same wherever and whenever the
//! same would be done. Nothing is sent from here: what is applied is planned anew and held against this.

use crate::kind::compare::{self, Compare};
use crate::kind::event::{TRANSACTION_ID, View};
use crate::kind::{Field, Home, body, fingerprint, mark};
use crate::model::{Desired, EXCEPTIONS, Have, Key, Live, Method, Occurrences, Purpose, Request};
use crate::plan::last::{Last, last_of};
use crate::plan::{Action, Input, Plan, Policy, Step, comment, diff};
use crate::route;
use percent_encoding::percent_decode_str;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What of one step is approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approved {
    /// Which resource.
    #[schemars(with = "String")]
    pub key: Key,
    /// What is done with it.
    pub action: Action,
    /// What its mark says of protection from then on, where the step writes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protect: Option<bool>,
    /// What is sent, in this order.
    pub requests: Vec<Ask>,
    /// A digest of each live value that is overwritten or removed, by the name of its property.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, String>,
}

/// What of one request is approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ask {
    /// What it is for.
    pub purpose: Purpose,
    /// How it is sent.
    pub method: Method,
    /// Below the root with the version; a mailbox stands in it with its object id where that is known.
    pub path: String,
    /// What it holds, without our marks, its transaction id, and people whom the manifest does not name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// What a plan is a plan of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scope {
    /// The workspace's name.
    pub workspace: String,
    /// The only resources that were planned, where flags chose them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<BTreeSet<Key>>,
    /// The resources that flags left out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub except: BTreeSet<Key>,
}

impl Scope {
    /// Returns what a policy plans.
    pub fn of(policy: &Policy) -> Scope {
        Scope { workspace: policy.workspace.clone(), only: policy.only.clone(), except: policy.except.clone() }
    }
}

/// Returns what of a plan is approved, in the order of keys; nothing where it is not known of every resource what would be done.
pub fn approved(plan: &Plan, input: &Input) -> Option<Vec<Approved>> {
    if plan.is_incomplete() {
        return None;
    }
    let live: HashMap<&str, &Have> = input.live.objects.iter().map(|have| (have.id.as_str(), have)).collect();
    let desired: HashMap<&Key, &Desired> = input.desired.iter().map(|want| (&want.key, want)).collect();
    // What is taken over may be changed and removed from then on.
    let sending = plan.steps.iter().filter(|step| !step.requests.is_empty() || step.action == Action::Adopt);
    let mut approved: Vec<Approved> = sending
        .map(|step| {
            let have = step.seen.as_ref().and_then(|seen| live.get(seen.id.as_str()).copied());
            // A duplicate is not what the manifest of its key is about.
            let want = desired.get(&step.key).copied().filter(|_| !step.duplicate);
            Told { input, step, want, have }.approved()
        })
        .collect();
    // Of several live objects of one key none is the first by itself.
    approved.sort_by_cached_key(|it| (it.key.clone(), text(it)));
    Some(approved)
}

/// Returns the id that stands for what is approved: 64 hexadecimal digits, of which people are shown the first 12.
pub fn id(scope: &Scope, steps: &[Approved]) -> String {
    let whole = json!({"formatVersion": FORMAT, "scope": scope, "steps": steps});
    digest(&whole)
}

/// Returns a digest of what is approved of each resource, by which a part of a plan is known again.
pub fn digests(steps: &[Approved]) -> BTreeMap<Key, String> {
    let mut groups: BTreeMap<Key, Vec<&Approved>> = BTreeMap::new();
    steps.iter().for_each(|step| groups.entry(step.key.clone()).or_default().push(step));
    groups.into_iter().map(|(key, steps)| (key, digest(&json!(steps))[..PART].to_owned())).collect()
}

/// How many digits of a digest tell one part from all others.
const PART: usize = 32;

fn digest(whole: &Value) -> String {
    Sha256::digest(text(whole).as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the id of what a document says, which may be anything: who can write the file can do the same.
pub fn id_of(document: &Value) -> String {
    let part = |name: &str| document.get(name).cloned();
    let scope = ["workspace", "only", "except"].map(|name| Some((name.to_owned(), part(name)?)));
    let whole = json!({
        "formatVersion": FORMAT, "scope": scope.into_iter().flatten().collect::<Map<_, _>>(), "steps": part("steps"),
    });
    digest(&whole)
}

/// How many digits of an id people are shown.
pub const SHOWN: usize = 12;

/// Returns what people are shown of an id.
pub fn short(id: &str) -> &str {
    id.get(..SHOWN).unwrap_or(id)
}

/// Counts up when ids of the same plan become others.
const FORMAT: u32 = 1;

/// JSON with the members of every object in one order.
fn text(value: &impl Serialize) -> String {
    let mut value = serde_json::to_value(value).expect("it is plain data with text keys");
    value.sort_all_objects();
    value.to_string()
}

/// A step, and what it is about.
struct Told<'a> {
    input: &'a Input<'a>,
    step: &'a Step,
    want: Option<&'a Desired>,
    have: Option<&'a Have>,
}

impl Told<'_> {
    fn approved(&self) -> Approved {
        let Step { key, action, requests, record, .. } = self.step;
        let marks = requests.iter().any(|it| it.body.as_ref().is_some_and(|body| body.get(mark::PROPERTY).is_some()));
        Approved {
            key: key.clone(),
            action: *action,
            protect: record.as_ref().filter(|_| marks).map(|record| record.applied.protect),
            requests: requests.iter().map(|request| self.ask(request)).collect(),
            seen: self.seen(),
        }
    }

    fn ask(&self, request: &Request) -> Ask {
        let Request { purpose, method, path, body, exception, .. } = request;
        let mut body = body.clone();
        if let Some(Value::Object(members)) = &mut body {
            members.retain(|name, _| name != mark::PROPERTY && name != TRANSACTION_ID);
            let (list, declared) = self.declared_people().unzip();
            if let Some(sent) = list.filter(|_| exception.is_none()).and_then(|list: &str| members.get_mut(list)) {
                *sent = declared.cloned().unwrap_or_default();
            }
        }
        let (purpose, path) = (*purpose, without_meeting_id(with_object_id(path, self.input.live)));
        match (path.strip_suffix("/cancel"), purpose) {
            // Whether anybody is told depends on guests of others alone: it is approved as if there were none, with what they
            // would read.
            (Some(path), _) if !self.tells_ours() => {
                Ask { purpose, method: Method::Delete, path: path.into(), body: self.said() }
            }
            (None, Purpose::CancelEvent | Purpose::SkipOccurrence) => {
                Ask { purpose, method: *method, path, body: self.said() }
            }
            (Some(_) | None, _) => Ask { purpose, method: *method, path, body },
        }
    }

    /// What those would read who are told of a cancellation, if anybody says something.
    fn said(&self) -> Option<Value> {
        let Input { policy, records, .. } = self.input;
        let said = comment::of(&policy.comment, &self.step.key, self.want, records.resources.get(&self.step.key));
        Some(comment::body(said)).filter(|body| comment::text(body).is_some())
    }

    /// Whether somebody is invited whom the manifest names, or an earlier one of ours did.
    fn tells_ours(&self) -> bool {
        let declared = |it: &str| {
            let list = self.declared_people();
            list.is_some_and(|(_, list)| compare::canonical(Compare::People, list).get(it).is_some())
        };
        let Some(have) = self.have else { return self.declared_people().is_some() };
        let last = self.last(have);
        let ours = |it: &str| last.is_ours(&compare::hash(it));
        have.event().is_some_and(|event| {
            let organizer = event.organizer();
            event.people().iter().any(|it| organizer.as_ref() != Some(it) && (declared(it) || ours(it)))
        })
    }

    fn last<'a>(&'a self, have: &'a Have) -> Last<'a> {
        last_of(self.input.records.resources.get(&self.step.key), have)
    }

    /// The list that holds people, and what the manifest says it is.
    fn declared_people(&self) -> Option<(&'static str, &Value)> {
        let want = self.want?;
        let list = want.key.kind().compared(Compare::People)?.name;
        Some((list, want.spec.own.get(list)?))
    }

    /// Digests of what the requests overwrite or remove.
    fn seen(&self) -> BTreeMap<String, String> {
        let mut seen = BTreeMap::new();
        let Some(have) = self.have else { return seen };
        for request in &self.step.requests {
            let body = request.body.as_ref().and_then(Value::as_object);
            match request.purpose {
                Purpose::CancelEvent | Purpose::DeleteMeeting => seen.extend(self.removed(have)),
                Purpose::ChangeOccurrence => {
                    seen.extend(request.exception.iter().map(|name| (name.clone(), date(have, name, body))));
                }
                Purpose::SkipOccurrence => {
                    seen.extend(request.exception.iter().map(|name| (name.clone(), date(have, name, None))));
                }
                Purpose::SetOptions => {
                    let live = have.teams_meeting().cloned().unwrap_or_default();
                    seen.extend(body.into_iter().flat_map(|body| self.overwritten(Home::Meeting, body, &live)));
                }
                it if it.writes() => {
                    seen.extend(body.into_iter().flat_map(|body| self.overwritten(Home::Own, body, &have.own)));
                    let options =
                        |live| body.into_iter().flat_map(move |body| self.overwritten(Home::Meeting, body, live));
                    seen.extend(
                        have.teams_meeting().filter(|_| have.key.kind().is_meeting).into_iter().flat_map(options),
                    );
                }
                _ => {}
            }
        }
        // What is ours alone: protection, and where the object lives.
        let of_graph = |name: &str| name.starts_with(EXCEPTIONS) || diff::row(have.key.kind(), name).is_some();
        let ours = self.step.changes.iter().filter(|it| !of_graph(&it.field));
        seen.extend(ours.map(|it| (it.field.clone(), compare::hash(&it.current.to_string()))));
        seen
    }

    /// What is live of the properties that a body holds.
    fn overwritten(&self, home: Home, body: &Map<String, Value>, live: &Map<String, Value>) -> Vec<(String, String)> {
        let kind = self.step.key.kind();
        let rows = kind.fields().filter(|field| field.home == home && field.is_declared());
        let value = |field: &Field| {
            let (want, have) = (body.get(field.name)?, live.get(field.name).unwrap_or(&Value::Null));
            Some((field.label().into_owned(), self.value(field, want, have, live)))
        };
        rows.filter_map(value).collect()
    }

    /// A digest of one live value, seen where the sent one says something.
    fn value(&self, field: &Field, want: &Value, have: &Value, live: &Map<String, Value>) -> String {
        match field.compare {
            Compare::People => {
                let stays = |address: &str| {
                    let sent = compare::canonical(Compare::People, want).get(address).is_some();
                    let (_, declared) = self.declared_people().unzip();
                    sent && declared.is_none_or(|it| compare::canonical(Compare::People, it).get(address).is_none())
                };
                compare::hash(&people(have, live, |address| !stays(address)))
            }
            Compare::Text => compare::hash(author_text(View::of(live))),
            other => compare::hash_of(other, &compare::reduced(want, have)),
        }
    }

    /// What was applied to an object that is removed, as it is live.
    fn removed(&self, have: &Have) -> Vec<(String, String)> {
        let kind = have.key.kind();
        let last = self.last(have);
        let Some(applied) = last.applied() else { return vec![] };
        let nothing = Map::new();
        let live = |field: &Field| match field.home {
            Home::Meeting => have.teams_meeting().unwrap_or(&nothing).get(field.name),
            _ => have.own.get(field.name),
        };
        let value = |(name, sent): (&str, &str)| {
            if name.starts_with(EXCEPTIONS) {
                return Some((name.to_owned(), date(have, name, None)));
            }
            let field = diff::row(kind, name)?;
            let value = live(field).unwrap_or(&Value::Null);
            let digest = match field.compare {
                Compare::People => {
                    compare::hash(&people(value, &have.own, |it| applied.attendees.contains(&compare::hash(it))))
                }
                // It is read only where one is declared.
                Compare::Text => return None,
                other => fingerprint::of_live(sent, other, value),
            };
            Some((name.to_owned(), digest))
        };
        applied.fields.iter().filter_map(value).collect()
    }
}

/// The people of a live list whom `counts` picks, without the organizer, who may stand on it or not.
fn people(list: &Value, live: &Map<String, Value>, counts: impl Fn(&str) -> bool) -> String {
    let organizer = View::of(live).organizer();
    let all = compare::canonical(Compare::People, list);
    let all = all.as_object().into_iter().flatten();
    let picked = all.filter(|(address, _)| organizer.as_ref() != Some(*address) && counts(address));
    Value::Object(picked.map(|(address, role)| (address.clone(), role.clone())).collect()).to_string()
}

/// The live text above its join block, which the service writes.
fn author_text<'a>(event: View<'a>) -> &'a str {
    let content = event.content();
    let block = event.join_url().and_then(|url| body::join_block(content, url).ok());
    &content[..block.unwrap_or(content.len())]
}

/// How one date of a series is live: skipped, changed in what `body` holds or at all, or as the series is.
fn date(have: &Have, name: &str, body: Option<&Map<String, Value>>) -> String {
    let (Some(Occurrences { skipped, changed }), Some(date)) = (&have.occurrences, name.strip_prefix(EXCEPTIONS))
    else {
        return compare::hash(&Value::Null.to_string());
    };
    let date = date.parse().ok();
    let is_skipped = date.is_some_and(|date| skipped.contains(&date));
    let own = date.and_then(|date| changed.get(&date)).map(|it| {
        let rows = have.key.kind().fields().filter(|field| field.per_occurrence);
        let rows = rows.filter(|field| body.is_none_or(|body| body.contains_key(field.name)));
        let own = rows.map(|field| {
            let value = it.own.get(field.name).unwrap_or(&Value::Null);
            (field.name.to_owned(), compare::canonical(field.compare, value).into_owned())
        });
        Value::Object(own.collect())
    });
    compare::hash(&json!([is_skipped, own]).to_string())
}

/// A path in which a digest stands for the id of a meeting: whoever knows that is near its join link.
fn without_meeting_id(path: String) -> String {
    let Some((before, id)) = path.split_once(route::MEETINGS) else { return path };
    match id.strip_prefix('/') {
        Some(id) if !id.starts_with('{') && id != route::CREATE_OR_GET => {
            format!("{before}{}/{{{}}}", route::MEETINGS, compare::hash(id))
        }
        Some(_) | None => path,
    }
}

/// A path in which the mailbox stands with its object id: it has many names, and only one of those.
fn with_object_id(path: &str, live: &Live) -> String {
    let (name, rest) = match path.strip_prefix("/users/").and_then(|path| path.split_once('/')) {
        Some((name, rest)) => (percent_decode_str(name).decode_utf8_lossy(), rest),
        None => match path.strip_prefix("/me/") {
            Some(rest) => ("me".into(), rest),
            None => return path.to_owned(),
        },
    };
    let id = live.mailboxes.get(&*name).and_then(|mailbox| mailbox.id.as_deref());
    id.map_or_else(|| path.to_owned(), |id| format!("{}/{rest}", route::mailbox(id)))
}
