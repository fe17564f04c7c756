//! Whether what would be sent now is what was approved, and what is left out where it is not.

use crate::model::{Key, Purpose};
use crate::plan::approval::Approved;
use crate::plan::saved::Saved;
use crate::plan::{Action, Cause, Plan, Step};
use crate::reason::Reason;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
impl Saved {
    /// Returns what may not be done any more as it was approved, of a plan that was made anew for the same resources; `begun` says
    /// that an apply of this plan may have done a part of it.
    pub fn moved(&self, plan: &Plan, now: &[Approved], begun: bool) -> BTreeMap<Key, String> {
        let group = |steps: &[Approved]| -> BTreeMap<Key, Vec<Approved>> {
            let mut groups: BTreeMap<Key, Vec<Approved>> = BTreeMap::new();
            steps.iter().for_each(|step| groups.entry(step.key.clone()).or_default().push(step.clone()));
            groups
        };
        let (saved, now) = (group(&self.steps), group(now));
        let why = |key: &Key| {
            let steps: Vec<&Step> = plan.steps.iter().filter(|step| step.key == *key).collect();
            let (was, is) = (&saved[key], now.get(key).map_or(&[][..], Vec::as_slice));
            let fine = *was == is || begun && is_rest(was, is, &steps);
            if fine { None } else { why_moved(was, is, &steps) }
        };
        saved.keys().filter_map(|key| Some((key.clone(), why(key)?))).collect()
    }
}

/// Why what would be sent now is not what was approved; nothing where it is done already.
fn why_moved(was: &[Approved], is: &[Approved], steps: &[&Step]) -> Option<String> {
    if let Some(step) = steps.iter().find(|step| step.action == Action::Blocked) {
        return Some(step.reason.clone().unwrap_or_else(|| "it is blocked now".into()));
    }
    if is.is_empty() {
        let stays = was.iter().any(|it| it.action == Action::Cancel)
            && steps.iter().any(|it| it.seen.is_some() && !it.duplicate);
        return stays.then(|| "it was to be removed, and now it would be left as it is".into());
    }
    let both = || was.iter().zip(is);
    let names: BTreeSet<&String> = both()
        .flat_map(|(was, is)| {
            was.seen.keys().chain(is.seen.keys()).filter(|name| was.seen.get(*name) != is.seen.get(*name))
        })
        .collect();
    let makes = |steps: &[Approved]| steps.iter().any(|it| it.action == Action::Create);
    Some(match (makes(was), makes(is)) {
        (true, false) => "it was to be made, and is there by now, otherwise than planned".into(),
        (false, true) => "it is gone".into(),
        _ if !names.is_empty() => {
            let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
            format!("somebody changed {} since it was planned", names.join(", "))
        }
        _ => "other requests would be sent now than were approved".into(),
    })
}

/// Whether what would be sent now is what an apply of the same plan has left: nothing that it would not have sent itself, and no
/// difference that somebody else made since.
fn is_rest(was: &[Approved], is: &[Approved], steps: &[&Step]) -> bool {
    let sent: Vec<(Class, &Map<String, Value>)> = was.iter().flat_map(bodies).collect();
    let known = |class: Class, name: &String, value: &Value| {
        sent.iter().any(|(other, body)| *other == class && body.get(name) == Some(value))
    };
    let removes = |steps: &[Approved], class: Class| {
        steps.iter().flat_map(|it| &it.requests).any(|it| self::class(it.purpose) == class)
    };
    let alike =
        is.iter().flat_map(bodies).all(|(class, body)| body.iter().all(|(name, value)| known(class, name, value)))
            && [Class::Removal, Class::Skip].into_iter().all(|class| !removes(is, class) || removes(was, class));
    let seen = |steps: &[Approved], name: &str| steps.iter().find_map(|it| it.seen.get(name)).cloned();
    let ours = steps.iter().flat_map(|step| &step.changes).all(|change| match change.cause {
        Cause::Manifest | Cause::Unknown => true,
        Cause::Drift | Cause::Both => {
            seen(was, &change.field).is_some_and(|digest| seen(is, &change.field) == Some(digest))
        }
    });
    alike && ours
}

/// What a request is about, whichever of several ways leads there.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Object,
    Options,
    Date,
    Skip,
    Removal,
    Read,
}

fn class(purpose: Purpose) -> Class {
    match purpose {
        Purpose::CreateEvent | Purpose::UpdateEvent | Purpose::ChangeAttendees | Purpose::InviteAttendees => {
            Class::Object
        }
        Purpose::CreateOrGetMeeting | Purpose::CreateMeeting | Purpose::UpdateMeeting => Class::Object,
        Purpose::SetOptions => Class::Options,
        Purpose::ChangeOccurrence => Class::Date,
        Purpose::SkipOccurrence => Class::Skip,
        Purpose::CancelEvent | Purpose::DeleteMeeting => Class::Removal,
        Purpose::Observe | Purpose::ReadSchedules | Purpose::ReadJoinLink | Purpose::CheckJoinLink => Class::Read,
        Purpose::FindMeeting | Purpose::FindOccurrence | Purpose::ReadMeeting => Class::Read,
    }
}

fn bodies(step: &Approved) -> impl Iterator<Item = (Class, &Map<String, Value>)> {
    let sent = step.requests.iter().map(|ask| (class(ask.purpose), ask.body.as_ref().and_then(Value::as_object)));
    sent.filter(|(class, _)| !matches!(class, Class::Removal | Class::Skip))
        .filter_map(|(class, body)| Some((class, body?)))
}

/// Leaves out the steps of some resources, and those that wait for them.
pub fn leave_out(plan: &mut Plan, moved: &BTreeMap<Key, String>) {
    let mut out: BTreeMap<Key, String> = moved.clone();
    loop {
        let next = plan.steps.iter().filter(|step| !out.contains_key(&step.key)).find_map(|step| {
            let first = step.after.iter().find(|key| out.contains_key(key))?;
            Some((step.key.clone(), format!("it takes what {first} was to free")))
        });
        match next {
            Some((key, why)) => out.insert(key, why),
            None => break,
        };
    }
    for step in plan.steps.iter_mut().filter(|step| step.action != Action::Blocked) {
        if let Some(why) = out.get(&step.key) {
            step.hold(Reason::LeftOut.why(format!("left out: {why}")));
        }
    }
}
