//! What a plan says of one resource: what is done with it, why, what changes, who is mailed, and the requests that do it.

use crate::kind::event::View;
use crate::model::{Desired, Have, Key, Record, Request};
use crate::plan::told::Told;
use crate::plan::{Seen, mail};
use crate::reason::{Reason, Why};
use crate::recurrence;
use crate::trouble::{Hint, Trouble};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What happens to one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Which resource.
    pub key: Key,
    /// The mailbox: its requests count against that mailbox's limit.
    pub organizer: String,
    /// What is done with it.
    pub action: Action,
    /// Why, where that does not go without saying.
    pub reason: Option<String>,
    /// Which of the known reasons it is that blocks it; nothing where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Reason>,
    /// The way out of the reason, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// What differs.
    pub changes: Vec<Arc<Change>>,
    /// What somebody changed and is left so: nothing is sent for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<Arc<Change>>,
    /// It was applied as it is declared, somebody removed it, and it is made again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remade: bool,
    /// What somebody did to it as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
    /// Who would be mailed, and with what.
    pub mail: Vec<mail::Mail>,
    /// What the author should know, the price of a replacement among it.
    pub notes: Vec<String>,
    /// What apply sends, in this order.
    pub requests: Vec<Request>,
    /// What it lacks though nothing can be sent for it: once applied, it has not settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<Box<Trouble>>,
    /// It may still appear by itself, some seconds later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awaited: bool,
    /// What was live; nothing where the object was absent or could not be read.
    #[serde(default)]
    pub seen: Option<Seen>,
    /// What the state keeps once the step is through, with holes for what Graph answers; nothing where it keeps what it has.
    pub record: Option<Box<Record>>,
    /// What the state must hold before the first request is sent.
    pub intent: Option<Box<Record>>,
    /// The mailbox could not be read: whether the resource exists is not known.
    pub unknown: bool,
    /// A second live object with the key of another step.
    pub duplicate: bool,
    /// Who or what is taken already when it is to take place.
    pub clashes: Vec<String>,
    /// When something of that is so.
    #[serde(skip)]
    pub clash_at: BTreeSet<Timestamp>,
    /// How its times are told; nothing where none are declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// Distribution lists that are mailed: their members are mailed too, however many they are.
    #[serde(default)]
    pub lists: BTreeSet<String>,
    /// The rosters that changed for it, each with those who come or go by that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rosters: BTreeMap<String, BTreeSet<String>>,
    /// The steps of these keys are through before it begins: they free a name, a room or a time that it takes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub after: BTreeSet<Key>,
    /// What the state forgets once the step is through: the name of before, or what is let go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgets: Option<Box<Key>>,
    /// Another run sends it, which has this shard of the plan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
}

impl Step {
    /// Makes a step that does nothing yet.
    pub fn new(key: Key, organizer: &str, action: Action) -> Step {
        Step {
            key,
            organizer: organizer.into(),
            action,
            reason: None,
            code: None,
            hint: None,
            changes: vec![],
            drift: vec![],
            remade: false,
            gone: None,
            mail: vec![],
            notes: vec![],
            requests: vec![],
            lacks: None,
            awaited: false,
            seen: None,
            record: None,
            intent: None,
            unknown: false,
            duplicate: false,
            clashes: vec![],
            clash_at: BTreeSet::new(),
            clock: None,
            lists: BTreeSet::new(),
            rosters: BTreeMap::new(),
            after: BTreeSet::new(),
            forgets: None,
            elsewhere: false,
        }
    }

    /// Blocks it: nothing of it is sent, and nothing is written down.
    pub(super) fn hold(&mut self, why: Why) {
        let Why { reason, what, .. } = why;
        self.code = self.code.or(Some(reason));
        self.reason = Some(self.reason.take().map_or(what.clone(), |other| format!("{other}; {what}")));
        self.action = Action::Blocked;
        self.requests.clear();
        self.mail.clear();
        self.rosters.clear();
        (self.record, self.intent, self.forgets) = (None, None, None);
    }

    /// The same in no more room than it needs: of thousands of steps what they may grow by is a third.
    pub(super) fn tight(mut self) -> Step {
        self.changes.shrink_to_fit();
        self.mail.shrink_to_fit();
        self.notes.shrink_to_fit();
        self.requests.shrink_to_fit();
        self
    }

    /// Lets go of what sending it took: what is left says what it is about, and of its requests that there were some.
    pub fn let_go(&mut self) {
        let first =
            self.requests.first().map(|it| Request { purpose: it.purpose, method: it.method, ..Request::default() });
        self.requests = first.into_iter().collect();
        (self.record, self.intent) = (None, None);
    }

    pub(super) fn changes_something(&self) -> bool {
        matches!(self.action, Action::Create | Action::Update | Action::Replace | Action::Adopt)
    }
}

/// How the times of a resource are told: as its author wrote them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clock {
    /// The zone, by the name that stands in the manifest.
    pub zone: Option<String>,
    /// Only dates mean something.
    pub all_day: bool,
    /// How far it reaches, if it is a series.
    pub series: Option<Extent>,
}

/// How far a series reaches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Extent {
    /// How many dates it has; none if it has no end.
    pub dates: Option<u64>,
    /// Its last date.
    pub last: Option<Date>,
}

impl Clock {
    /// How the times of a manifest are told; a series that it does not declare is as it is live.
    pub(super) fn of(want: &Desired, have: Option<&Have>) -> Clock {
        let event = want.event();
        let live = have.and_then(Have::event);
        let recurrence = event.and_then(View::recurrence).or_else(|| live.and_then(View::recurrence));
        let extent = |it| Extent { dates: recurrence::count(it), last: recurrence::last(it) };
        let all_day = event.is_some_and(View::is_all_day) || live.is_some_and(View::is_all_day);
        Clock { zone: want.spec.clock.clone(), all_day, series: recurrence.map(extent) }
    }
}

/// What is done with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Nothing is done.
    NoOp,
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is made anew, and the old one removed.
    Replace,
    /// It is cancelled or deleted.
    Cancel,
    /// It is there already and is taken over.
    Adopt,
    /// It cannot be done as asked, or nobody knows whether it can; a person is needed.
    Blocked,
}

/// What somebody did to an object that was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Gone {
    /// It was deleted.
    Deleted,
    /// It was cancelled, and Exchange keeps it so.
    Cancelled,
    /// Somebody else organizes it now.
    GivenAway,
}

/// One property in a step. A report shares it with its plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The property's name; options of the Teams meeting with `meetingOptions.` in front.
    pub field: Cow<'static, str>,
    pub current: Told,
    pub desired: Told,
    pub cause: Cause,
}

/// Who made a property differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The author changed the manifest.
    Manifest,
    /// Somebody changed the live object.
    Drift,
    Both,
    /// Nobody knows: no record and no mark tells.
    Unknown,
}
