//! Steps that must wait: what would mail at night on the organizer's clock, and what would move or cancel an event that starts
//! too soon.
//!
//! Such a step is blocked, the others go on: the next plan in daylight finds it again.

use crate::kind::event::View;
use crate::model::{Desired, EXCEPTIONS, Have, Key};
use crate::plan::mail::certain;
use crate::plan::times::{self, slots, usual};
use crate::plan::{Action, Input, Step};
use crate::plural::count;
use crate::reason::{Reason, Why};
use crate::when;
use jiff::Timestamp;
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
        if let Some(why) = in_quiet_hours(input, step, want, have).or_else(|| too_soon(input, step, want, have)) {
            step.hold(why);
        }
    }
}

/// Whom a step mails, or may mail: what is only possible wakes people too.
fn mails(step: &Step) -> usize {
    step.mail.iter().map(|mail| mail.to.len()).sum()
}

fn in_quiet_hours(input: &Input, step: &Step, want: Option<&Desired>, have: Option<&Have>) -> Option<Why> {
    let quiet = input.policy.limits.quiet_hours?;
    let opened = want.map(Desired::opened);
    let want = opened.as_ref();
    let (zone, name) = want.and_then(Desired::event).or(have.and_then(Have::event))?.clock();
    let name = when::told(name, want.and_then(|want| want.spec.clock.as_deref()));
    let now = input.now.to_zoned(zone).time();
    let (mails, at) = (count(mails(step), "mail"), now.strftime("%H:%M"));
    let sends = if certain(&step.mail) > 0 { "would" } else { "might" };
    let reason =
        format!("it {sends} send {mails} at {at} in {name}; quiet hours are {quiet} (--quiet-hours none goes on)");
    quiet.hold(now).then(|| Reason::QuietHours.why(reason))
}

fn too_soon(input: &Input, step: &Step, want: Option<&Desired>, have: Option<&Have>) -> Option<Why> {
    let notice = input.policy.limits.minimum_notice?;
    let limit = input.now.checked_add(notice.0).ok()?;
    let opened = want.map(Desired::opened);
    let want = opened.as_ref();
    let none = Default::default();
    let own = want.and_then(|want| want.spec.clock.as_deref());
    let (want, have) = (want.and_then(Desired::event), have.and_then(Have::event));
    let soon = |event: View| {
        let next = slots(event, &none, (input.now, limit));
        next.into_iter().map(|slot| slot.0).find(|start| *start > input.now)
    };
    let starts: Option<Timestamp> = match step.action {
        Action::Cancel | Action::Replace => have.and_then(soon),
        Action::Update if step.changes.iter().any(|change| times::is_new(step.key.kind(), change)) => {
            have.and_then(soon).or_else(|| want.and_then(soon))
        }
        Action::Update => {
            let dates = step.changes.iter().filter_map(|change| change.field.strip_prefix(EXCEPTIONS)?.parse().ok());
            let starts = dates.filter_map(|date| Some(usual(want?, date)?.0.timestamp()));
            starts.filter(|start| *start > input.now && *start < limit).min()
        }
        Action::Create | Action::NoOp | Action::Adopt | Action::Blocked => None,
    };
    let starts = starts?;
    let (zone, name) = want.or(have)?.clock();
    let name = when::told(name, own);
    let at = starts.to_zoned(zone).strftime("%a %Y-%m-%d %H:%M").to_string();
    Some(Reason::MinimumNotice.why(format!(
        "it would move or cancel what starts at {at} in {name}; the minimum notice is {notice} (--minimum-notice 0m goes on)"
    )))
}
