//! What a plan makes and what it removes look the same: most likely somebody gave it another name and did not say so.
//!
//! A new name is a new object. The note says which line would keep the old one; where the old one stays, a second is not made.

use crate::kind::{KindId, event, online_meeting};
use crate::model::{Desired, Have, Key};
use crate::plan::{Action, Input, Step};
use crate::reason::Reason;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// Whose it is, what it is called there, and when it starts.
type Looks = (KindId, String, String, Option<Timestamp>);

/// Writes into the steps that make something what it looks like; blocks those whose double is kept back.
pub(super) fn point_out(input: &Input, wants: &BTreeMap<&Key, &Desired>, steps: &mut [Step]) {
    let creates = |step: &Step| step.action == Action::Create;
    if !steps.iter().any(creates) || input.policy.no_prune.is_some() {
        return;
    }
    let haves: HashMap<&str, &Have> = input.live.objects.iter().map(|have| (have.id.as_str(), &**have)).collect();
    let mut left: HashMap<Looks, (Key, Action)> = HashMap::new();
    for step in steps.iter().filter(|step| !wants.contains_key(&step.key) && !step.duplicate) {
        let have = step.seen.as_ref().and_then(|seen| haves.get(seen.id.as_str()));
        if let Some(looks) = have.and_then(|have| live(input, have)) {
            left.entry(looks).or_insert((step.key.clone(), step.action));
        }
    }
    if left.is_empty() {
        return;
    }
    for step in steps.iter_mut().filter(|step| creates(step)) {
        let looks = wants.get(&step.key).and_then(|want| desired(input, want));
        let Some((old, action)) = looks.and_then(|looks| left.remove(&looks)) else { continue };
        let same = format!("it has organizer, subject and start of {old}, which is in no manifest");
        let way_out = format!(
            "`lifecycle: {{previously: {}}}` keeps that one under its new name, with its link and its guests",
            old.name()
        );
        match action {
            Action::Blocked => {
                step.hold(Reason::Lookalike.why(format!("{same} and stays: there would be two of them")));
                step.hint = Some(way_out.into());
            }
            Action::Cancel => step.notes.push(format!("{same} and is cancelled by this plan: {way_out}")),
            Action::NoOp | Action::Create | Action::Update | Action::Replace | Action::Adopt => {
                step.notes.push(format!("{same} and stays: {way_out}"));
            }
        }
    }
}

fn live(input: &Input, have: &Have) -> Option<Looks> {
    looks(input, &have.key, &have.organizer, &have.own)
}

fn desired(input: &Input, want: &Desired) -> Option<Looks> {
    looks(input, &want.key, &want.spec.organizer, &want.spec.own.look())
}

fn looks(input: &Input, key: &Key, organizer: &str, own: &serde_json::Map<String, serde_json::Value>) -> Option<Looks> {
    let id = input.live.mailboxes.get(organizer).and_then(|mailbox| mailbox.id.clone());
    let kind = key.kind().id;
    let (subject, start) = match kind {
        KindId::Event => {
            let view = event::View::of(own);
            (view.subject()?, view.start())
        }
        KindId::OnlineMeeting => {
            let view = online_meeting::View::of(own);
            (view.subject()?, view.start().and_then(|at| at.parse().ok()))
        }
    };
    Some((kind, id.unwrap_or_else(|| organizer.to_owned()), subject.to_owned(), start))
}
