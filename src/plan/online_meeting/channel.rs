//! The step of an online meeting in a channel: the one create that must not be repeated.
//!
//! createOrGet takes no channel, and a plain create leaves nothing to find the meeting by when its answer is lost: Graph has
//! no list of online meetings (application-post-onlinemeetings.md). So the state holds the intent before the create is
//! sent, and as long as no answer is known a person is asked, instead of making another meeting.

use crate::kind::online_meeting::View;
use crate::kind::{Field, Home, Writable};
use crate::model::{
    Again, Body, Desired, Fills, Have, Key, Live, Method, Purpose, Record, Records, Request, Unanswered,
};
use crate::plan::diff;
use crate::plan::online_meeting::{self, parts};
use crate::plan::requests;
use crate::plan::{Action, One, Step};
use crate::reason::Reason;
use crate::route::MEETING_PREFER;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Whether the meeting is to be held in a channel.
pub fn is_channel(want: &Desired) -> bool {
    want.key.kind().is_meeting && View::of(&want.spec.own.look()).thread().is_some()
}

/// The plain create; it is sent once.
pub(super) fn create(one: &One, want: &Desired) -> Step {
    let Some(path) = requests::meetings(one, &want.spec.organizer) else {
        return one.blocked(&want.spec.organizer, parts::no_object_id());
    };
    let mut step = one.step(&want.spec.organizer, Action::Create);
    step.changes =
        parts::differences(want, &Map::new(), None).differences.into_iter().map(|it| it.change.into()).collect();
    step.reason = parts::gone(one);
    step.notes.push(
        "its create is sent once, and only the state remembers it: should the answer be lost, the next plan asks"
            .into(),
    );
    // Unlike createOrGet it takes everything at once.
    let taken = |field: &&Field| matches!(field.writable, Writable::Always | Writable::OnCreate);
    let of = |home: Home, values: &Map<String, Value>| {
        requests::body(want.key.kind().fields().filter(taken).filter(|field| field.home == home), values)
    };
    let body = of(Home::Own, &want.spec.own).into_iter().chain(of(Home::Meeting, &parts::all(want))).collect();
    let create = Request {
        purpose: Purpose::CreateMeeting,
        method: Method::Post,
        path: path.clone(),
        prefer: Some(MEETING_PREFER.into()),
        body: Some(Body::of(&Value::Object(body))),
        beta: true,
        again: Again::AfterRead,
        fills: Fills::of([("id", "/id")]),
        ..Request::default()
    };
    // The answer of beta may call the link otherwise, so it is read where everything else reads it.
    let look = Request { until: true, ..online_meeting::read(&path, "{id}") };
    step.requests = vec![create, look];
    step.record = Some(parts::record(one, want, "{id}", diff::next(want, None)).into());
    step.intent = Some(intent(want, Some(one.input.now)).into());
    step
}

fn intent(want: &Desired, since: Option<Timestamp>) -> Record {
    let (meeting, text) = (View::of(&want.spec.own), |text: &str| text.to_owned());
    let unanswered = Unanswered { since, subject: meeting.subject().map(text), start: meeting.start().map(text) };
    Record { organizer: want.spec.organizer.clone(), unanswered: Some(unanswered.into()), ..Record::default() }
}

/// Returns what the state has to remember of meetings in channels where there is no state, and live events show that the
/// workspace was applied before, or cannot be read to rule it out: nobody knows whether their channels have them already.
pub fn doubts(desired: &[Desired], records: &Records, live: &Live) -> BTreeMap<Key, Record> {
    let unread = live.mailboxes.values().any(|it| it.failure.is_some() || it.unsearched.is_some());
    let lost = !records.found && (unread || !live.objects.is_empty());
    let channels = desired.iter().filter(|want| lost && is_channel(want));
    channels.map(|want| (want.key.clone(), intent(&want.opened(), None))).collect()
}

/// Returns the question that a person has to answer before anything is made, if there is one.
pub(super) fn question(one: &One, have: Option<&Have>) -> Option<Step> {
    if have.is_some() || one.input.policy.absent.contains(one.key) {
        return None;
    }
    let record = one.record?;
    let Unanswered { since, subject, start } = record.unanswered.as_deref()?;
    let Some(since) = since else {
        let why = "whether the channel has it already is not known: there is no state, this workspace was applied before or cannot \
                   be searched for signs of it, and Graph has no list to look it up in";
        return Some(ask(one, &record.organizer, why.into()));
    };
    let named = subject.as_ref().map(|it| format!(" `{it}`")).unwrap_or_default();
    let at = start.as_ref().map(|it| format!(" at {it}")).unwrap_or_default();
    let what = match record.id.is_empty() {
        true => "and no answer came",
        false => "and the meeting that Graph answered with cannot be found",
    };
    let why = format!(
        "whether it was made is not known: the create of{named}{at}, planned at {since:.0}, was sent once {what}; Graph has no \
         list to look it up in, and a second create would make a second meeting"
    );
    Some(ask(one, &record.organizer, why))
}

fn ask(one: &One, organizer: &str, why: String) -> Step {
    let key = one.key;
    let otherwise = if one.want.is_some() { "and it is made" } else { "and it is forgotten" };
    let notes = vec![
        format!(
            "look into the channel; if the meeting is there: --adopt {key}=ID, with the meeting id that Teams shows in it"
        ),
        format!("if it is not there: --absent {key}, {otherwise}"),
    ];
    Step { notes, ..one.blocked(organizer, Reason::Unanswered.why(why)) }
}

/// Nothing was made and nothing is wanted any more: the state lets go of it.
pub(super) fn forgotten(one: &One, record: &Record) -> Step {
    let reason = "it stands in no manifest and was never made, as --absent says";
    Step { reason: Some(reason.into()), ..one.step(&record.organizer, Action::Cancel) }
}
