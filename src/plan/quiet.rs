//! Steps that must wait: what would mail at night on the organizer's clock, and what would move or cancel an event that starts
//! too soon.
//!
//! Such a step is blocked, the others go on: the next plan in daylight finds it again.

use crate::model::{Desired, EXCEPTIONS, Have, Key};
use crate::plan::event::count;
use crate::plan::mail::Sort;
use crate::plan::times::{slots, usual};
use crate::plan::{Action, Input, Step};
use crate::when;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Blocks what the workspace's quiet hours and its minimum notice forbid now.
pub(super) fn hold(
    input: &Input,
    desired: &BTreeMap<&Key, &Desired>,
    live: &BTreeMap<&Key, Vec<&Have>>,
    steps: &mut [Step],
) {
    for step in steps.iter_mut().filter(|step| mails(step) > 0) {
        let want = desired.get(&step.key).copied();
        let have = live.get(&step.key).and_then(|haves| haves.first()).copied();
        if let Some(reason) = at_night(input, step, want, have).or_else(|| too_soon(input, step, want, have)) {
            let reason = step.reason.take().map_or(reason.clone(), |other| format!("{other}; {reason}"));
            step.action = Action::Blocked;
            step.reason = Some(reason);
            step.requests.clear();
            step.mail.clear();
            (step.record, step.intent) = (None, None);
        }
    }
}

fn mails(step: &Step) -> usize {
    step.mail.iter().filter(|mail| mail.kind != Sort::Possible).map(|mail| mail.to.len()).sum()
}

fn at_night(input: &Input, step: &Step, want: Option<&Desired>, have: Option<&Have>) -> Option<String> {
    let quiet = input.policy.limits.quiet_hours?;
    let own = want.map(|want| &want.spec.own).or(have.map(|have| &have.own))?;
    let (zone, name) = zone(own);
    let now = input.now.to_zoned(zone).time();
    let (mails, at) = (count(mails(step), "mail"), now.strftime("%H:%M"));
    let reason =
        format!("it would send {mails} at {at} in {name}; quiet hours are {quiet} (--quiet-hours none goes on)");
    quiet.hold(now).then_some(reason)
}

/// The clock of an event, and its name.
fn zone(own: &Map<String, Value>) -> (TimeZone, String) {
    let named = own.get("originalStartTimeZone").and_then(Value::as_str);
    let named = named.or_else(|| own.get("start")?["timeZone"].as_str());
    let found = named.and_then(|name| Some((when::zone(name)?, name.to_owned())));
    found.unwrap_or((TimeZone::UTC, "UTC".into()))
}

fn too_soon(input: &Input, step: &Step, want: Option<&Desired>, have: Option<&Have>) -> Option<String> {
    let notice = input.policy.limits.minimum_notice?;
    let limit = input.now.checked_add(notice.0).ok()?;
    let none = Default::default();
    let soon = |own: &Map<String, Value>| {
        let next = slots(own, &none, (input.now, limit));
        next.into_iter().map(|slot| slot.0).find(|start| *start > input.now)
    };
    let changed = |names: &[&str]| step.changes.iter().any(|change| names.contains(&change.field.as_str()));
    let times = ["start", "end", "recurrence", "isAllDay"];
    let starts: Option<Timestamp> = match step.action {
        Action::Cancel | Action::Replace => have.and_then(|have| soon(&have.own)),
        Action::Update if changed(&times) => {
            have.and_then(|have| soon(&have.own)).or_else(|| want.and_then(|want| soon(&want.spec.own)))
        }
        Action::Update => {
            let dates = step.changes.iter().filter_map(|change| change.field.strip_prefix(EXCEPTIONS)?.parse().ok());
            let starts = dates.filter_map(|date| Some(usual(&want?.spec.own, date)?.0.timestamp()));
            starts.filter(|start| *start > input.now && *start < limit).min()
        }
        Action::Create | Action::NoOp | Action::Adopt | Action::Blocked => None,
    };
    let starts = starts?;
    let (zone, name) = zone(want.map(|want| &want.spec.own).or(have.map(|have| &have.own))?);
    let at = starts.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string();
    Some(format!(
        "it would move or cancel what starts at {at} in {name}; the minimum notice is {notice} (--minimum-notice 0m goes on)"
    ))
}
