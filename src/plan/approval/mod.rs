//! What of a plan a person approves, and the id that stands for it.
//!
//! It is what apply would do to Graph and what would be lost by that: of every step that sends something its key, its action, its
//! requests, and digests of the live values that those overwrite or remove. The moment of planning, etags, transaction ids, our
//! marks, people whom only live lists name, and words for people are left out, so that the id is the same wherever and whenever the
//! same would be done. Nothing is sent from here: what is applied is planned anew and held against this.

mod id;
mod lost;

pub use id::{SHOWN, digests, id, id_of, short};

use crate::kind::compare::{self, Compare};
use crate::kind::event::TRANSACTION_ID;
use crate::kind::mark;
use crate::model::{Body, Desired, Have, Key, Live, Method, Purpose, Request};
use crate::plan::approval::id::{id_of_texts, text};
use crate::plan::last::{Last, last_of};
use crate::plan::{Action, Input, Plan, Policy, Step, comment};
use crate::route;
use percent_encoding::percent_decode_str;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
    let each = each(plan, input)?;
    Some(each.into_iter().flat_map(|key| key.in_order()).map(|(step, _)| step).collect())
}

/// Returns the id of a plan, of which all that is approved is never there at once.
pub(super) fn id_of_plan(plan: &Plan, input: &Input) -> Option<String> {
    let each = each(plan, input)?;
    let texts = each.into_iter().flat_map(|key| key.in_order()).map(|(_, text)| text);
    Some(id_of_texts(&Scope::of(input.policy), texts))
}

/// The steps of a plan that are approved, those of a key together.
fn each<'a>(plan: &'a Plan, input: &'a Input) -> Option<Vec<OfKey<'a>>> {
    if plan.is_incomplete() {
        return None;
    }
    // What is taken over may be changed and removed from then on.
    let sending = plan.steps.iter().filter(|step| !step.requests.is_empty() || step.action == Action::Adopt);
    let sending: Vec<&Step> = sending.collect();
    if sending.is_empty() {
        return Some(vec![]);
    }
    let live: HashMap<&str, &Have> = input.live.objects.iter().map(|have| (have.id.as_str(), &**have)).collect();
    let desired: HashMap<&Key, &Desired> = input.desired.iter().map(|want| (&want.key, want)).collect();
    let mut groups: BTreeMap<&Key, Vec<(&Step, Option<&Have>)>> = BTreeMap::new();
    for step in sending {
        let have = step.seen.as_ref().and_then(|seen| live.get(seen.id.as_str()).copied());
        groups.entry(&step.key).or_default().push((step, have));
    }
    let of_key = |(key, steps)| OfKey { input, want: desired.get(key).copied(), steps };
    Some(groups.into_iter().map(of_key).collect())
}

/// The steps of one key with what is live of it.
struct OfKey<'a> {
    input: &'a Input<'a>,
    want: Option<&'a Desired>,
    steps: Vec<(&'a Step, Option<&'a Have>)>,
}

impl OfKey<'_> {
    /// Returns what of them is approved, with its text. Of several live objects of one key none is the first by itself.
    fn in_order(&self) -> Vec<(Approved, String)> {
        let opened = self.want.map(Desired::opened);
        let told = |&(step, have): &(&Step, Option<&Have>)| {
            // A duplicate is not what the manifest of its key is about.
            let want = opened.as_ref().filter(|_| !step.duplicate);
            let told = Told { input: self.input, step, want, have, invited: invited(want) }.approved();
            let text = text(&told);
            (told, text)
        };
        let mut all: Vec<_> = self.steps.iter().map(told).collect();
        all.sort_by(|(_, one), (_, other)| one.cmp(other));
        all
    }
}

/// A step, and what it is about.
struct Told<'a> {
    input: &'a Input<'a>,
    step: &'a Step,
    want: Option<&'a Desired>,
    have: Option<&'a Have>,
    /// Who the manifest says is invited, if it says so.
    invited: Option<HashSet<String>>,
}

/// Who the manifest says is invited.
fn invited(want: Option<&Desired>) -> Option<HashSet<String>> {
    let want = want?;
    Some(addresses(want.spec.own.get(want.key.kind().compared(Compare::People)?.name)?))
}

fn addresses(list: &Value) -> HashSet<String> {
    list.as_array().into_iter().flatten().filter_map(compare::address).collect()
}

impl Told<'_> {
    fn approved(&self) -> Approved {
        let Step { key, action, requests, record, .. } = self.step;
        let marks =
            requests.iter().any(|it| it.body.as_ref().is_some_and(|body| body.member(mark::PROPERTY).is_some()));
        Approved {
            key: key.clone(),
            action: *action,
            protect: record.as_ref().filter(|_| marks).map(|record| record.applied.protect),
            requests: requests.iter().map(|request| self.ask(request)).collect(),
            seen: self.seen(),
        }
    }

    fn ask(&self, request: &Request) -> Ask {
        let key = &self.step.key;
        let Request { purpose, method, path, body, exception, .. } = request;
        let mut body = body.as_ref().map(Body::members);
        if let Some(members) = &mut body {
            members.retain(|name, _| name != mark::PROPERTY && name != TRANSACTION_ID);
            let sent = key.kind().compared(Compare::People).and_then(|list| members.get_mut(list.name));
            match (exception, sent, self.declared_people()) {
                (Some(date), Some(Value::Array(sent)), _) => {
                    sent.retain(|it| compare::address(it).is_some_and(|it| self.belongs(date, &it)));
                }
                (None, Some(sent), Some(declared)) => *sent = declared.clone(),
                _ => {}
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
            (Some(_) | None, _) => Ask { purpose, method: *method, path, body: body.map(Value::Object) },
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
        let Some(have) = self.have else { return self.invited.is_some() };
        have.event().is_some_and(|event| {
            let organizer = event.organizer();
            event.people().iter().any(|it| organizer.as_ref() != Some(it) && self.is_ours(it))
        })
    }

    fn is_invited(&self, address: &str) -> bool {
        self.invited.as_ref().is_some_and(|invited| invited.contains(address))
    }

    /// Whether the manifest names somebody, or an earlier one of ours did.
    fn is_ours(&self, address: &str) -> bool {
        self.is_invited(address) || self.have.is_some_and(|have| self.last(have).is_ours(&compare::hash(address)))
    }

    fn last<'a>(&'a self, have: &'a Have) -> Last<'a> {
        last_of(self.input.records.resources.get(&self.step.key), have)
    }

    /// Who the manifest says is invited.
    fn declared_people(&self) -> Option<&Value> {
        let want = self.want?;
        want.spec.own.get(want.key.kind().compared(Compare::People)?.name)
    }
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
