//! One request of a step: its holes filled before, what later ones need taken from its answer.

use crate::apply::Sending;
use crate::apply::exchange::exchange;
use crate::graph::Answer;
use crate::kind::body;
use crate::kind::event::View;
use crate::model::{Body, Pick, Purpose, Request};
use crate::plan::Step;
use crate::route;
use crate::trouble::Trouble;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What stands behind the name of a hole for the etag of what fills it.
const ETAG: &str = ".etag";

/// Why a request did not go through.
pub(super) struct Broken {
    pub why: Trouble,
    /// Whether it may have been done all the same.
    pub perhaps: bool,
    /// Its `transactionId` was used before, by this event where that is told.
    pub used: Option<Option<String>>,
}

impl From<Trouble> for Broken {
    fn from(why: Trouble) -> Broken {
        Broken { why, perhaps: true, used: None }
    }
}

/// Sends one request, with its holes filled, until it has what the later ones need.
pub(super) async fn send(
    sending: &Sending<'_>,
    request: &Request,
    holes: &mut BTreeMap<String, String>,
) -> Result<Option<Answer>, Broken> {
    let Sending { client, step, stop, shared, .. } = sending;
    let ready = ready(request, holes).map_err(|why| Broken { perhaps: false, ..Broken::from(why) })?;
    // What a read before it has not found is gone already.
    if request.gone && ready.path.contains('{') {
        return Ok(None);
    }
    let mut wait = Duration::from_millis(250);
    loop {
        let answer = match exchange(client, step, &ready, shared).await {
            Ok(answer) => answer,
            // A new meeting may not be found yet: a miss is an empty list or a 404 (onlinemeeting-get.md).
            Err(failure) if request.until && failure.is_absent() => Answer::default(),
            Err(failure) if request.gone && failure.is_absent() => return Ok(None),
            Err(failure) => {
                return Err(Broken {
                    why: client.trouble(&failure),
                    perhaps: failure.is_perhaps_done(),
                    used: failure.used(),
                });
            }
        };
        let got = found(request, &answer);
        if let Some((hole, pointer)) = request.fills.iter().find(|(hole, _)| !got.contains_key(*hole)) {
            // Where somebody else does the same, what is to go may be gone.
            let gone = request.gone && shared.load(Ordering::Relaxed);
            if request.until && !gone && wait < Duration::from_secs(16) && !*stop.borrow() {
                tokio::time::sleep(wait).await;
                wait *= 2;
                continue;
            }
            lacks(request, hole, pointer)?;
        }
        keeps(request, holes, &got)?;
        if request.own_link {
            own(step, &got)?;
        }
        holes.extend(got);
        return Ok(Some(answer));
    }
}

/// What an answer says for the holes that it is to fill.
fn found(request: &Request, answer: &Answer) -> BTreeMap<String, String> {
    let nothing = Value::Null;
    let within = request.pick.as_ref().map_or(&answer.body, |at| picked(&answer.body, at).unwrap_or(&nothing));
    let found = |pointer: &str| within.pointer(pointer).filter(|value| !value.is_null()).map(text);
    let mut holes: BTreeMap<String, String> =
        request.fills.iter().filter_map(|(hole, pointer)| Some((hole.to_string(), found(pointer)?))).collect();
    // What is picked from a list is written to next.
    let etag = within["@odata.etag"].as_str().filter(|_| request.pick.is_some());
    holes.extend(
        etag.into_iter()
            .flat_map(|etag| request.fills.iter().map(move |(hole, _)| (format!("{hole}{ETAG}"), etag.into()))),
    );
    holes
}

/// Fails if a hole that no answer filled is needed; one that is to be what it was is compared afterwards.
fn lacks(request: &Request, hole: &str, pointer: &str) -> Result<(), Trouble> {
    let keeps = request.keeps.iter().any(|it| it == hole);
    if request.gone || (keeps && request.pick.is_none()) {
        return Ok(());
    }
    if request.until && !keeps {
        return Err(waiting(request.purpose));
    }
    if request.pick.is_some() {
        return Err(Trouble::new("an occurrence of the series is not there any more").hint("plan again"));
    }
    let (method, path) = (request.method, short(&request.path));
    Err(Trouble::new(format!("{method} {path}: the answer has no {pointer}")))
}

/// Fails if what a write had to keep is not what it was.
fn keeps(request: &Request, before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Result<(), Trouble> {
    let Some(lost) = request.keeps.iter().find(|hole| now.get(*hole) != before.get(*hole)) else { return Ok(()) };
    let what = if lost == "join" { "the join link" } else { "the online flag" };
    let lost = Trouble::new(format!("{what} of the event is not what it was before the write"));
    Err(lost.hint("the old link may lead nowhere now: `convoke status` shows the one that holds"))
}

/// Fails if the event has the link of another meeting, which stands in the text that was sent.
fn own(step: &Step, got: &BTreeMap<String, String>) -> Result<(), Trouble> {
    let Some(link) = got.get("join") else { return Ok(()) };
    let bodies = step.requests.iter().filter_map(|request| Some(Value::Object(request.body.as_ref()?.members())));
    if bodies.into_iter().any(|it| {
        body::answered(&it).is_some_and(|it| it["content"].as_str().is_some_and(|text| body::mentions(text, link)))
    }) {
        let what =
            "the event took the join link of another meeting, which stands in its text; that meeting is left alone";
        return Err(Trouble::new(what).hint("plan again: it says what the event needs"));
    }
    Ok(())
}

/// The occurrence in a list that the series meant to start at an instant, or so near to it that only the server's zone tables
/// are others than ours. A whole day may be told as the midnight of its date in UTC.
fn picked<'a>(list: &'a Value, Pick { at, day }: &Pick) -> Option<&'a Value> {
    const NEAR: u64 = 3 * 60 * 60;
    let midnight = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map(|it| it.timestamp());
    let far = |it: &Value| {
        let meant = it.as_object().and_then(|own| View::of(own).meant())?;
        Some(if midnight == Some(meant) { 0 } else { meant.duration_since(*at).as_secs().unsigned_abs() })
    };
    let all = list["value"].as_array()?.iter().filter_map(|it| Some((far(it)?, it)));
    Some(all.filter(|(far, _)| *far <= NEAR).min_by_key(|(far, _)| *far)?.1)
}

/// Says what did not appear in time.
fn waiting(purpose: Purpose) -> Trouble {
    let what = match purpose {
        Purpose::FindMeeting => "the Teams meeting behind the event",
        Purpose::FindOccurrence => "an occurrence of the series",
        Purpose::ReadMeeting => "the meeting that was made",
        Purpose::ReadJoinLink | Purpose::CheckJoinLink => "the event's join link",
        Purpose::Observe | Purpose::ReadSchedules => "what was asked for",
        Purpose::CreateEvent | Purpose::UpdateEvent | Purpose::ChangeOccurrence => "what was written",
        Purpose::ChangeAttendees | Purpose::InviteAttendees => "what was written",
        Purpose::CreateOrGetMeeting | Purpose::CreateMeeting | Purpose::UpdateMeeting | Purpose::SetOptions => {
            "what was written"
        }
        Purpose::CancelEvent | Purpose::SkipOccurrence | Purpose::DeleteMeeting => "what was removed",
    };
    let hint = match purpose {
        Purpose::ReadJoinLink => {
            "apply again in a minute; if it stays so, see that its organizer has a licence for Teams"
        }
        _ => "apply again in a minute",
    };
    Trouble::new(format!("{what} did not appear in time; everything before it is applied")).hint(hint)
}

/// Returns the request with its holes filled and its body spliced.
fn ready(request: &Request, holes: &BTreeMap<String, String>) -> Result<Request, Trouble> {
    let mut ready = request.clone();
    // A join link stands in quotes, which are doubled, and is encoded once more as a whole (onlinemeeting-get.md).
    ready.path = filled(&request.path, holes, |value| route::encoded(&value.replace('\'', "''")));
    let etag = request.if_match.as_ref().map(|etag| filled(etag, holes, str::to_owned));
    ready.if_match = etag.filter(|etag| !etag.contains('{'));
    if let (Some(hole), Some(body)) = (&request.splice, &mut ready.body) {
        let (live, join) = (holes.get(hole), holes.get("join"));
        let (Some(live), Some(join)) = (live, join) else {
            return Err(Trouble::new("the live body was not read before the write"));
        };
        let mut spliced = Value::Object(body.members());
        body::splice_into(&mut spliced, live, join)
            .map_err(|why| Trouble::new(format!("nothing was written: {why}")))?;
        *body = Body::of(&spliced);
    }
    Ok(ready)
}

/// Fills the holes of a text; `shape` says how a value stands in it.
pub(super) fn filled(text: &str, holes: &BTreeMap<String, String>, shape: impl Fn(&str) -> String) -> String {
    holes.iter().fold(text.to_owned(), |text, (hole, value)| text.replace(&format!("{{{hole}}}"), &shape(value)))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A path as it may be shown: without its query, which can hold a join link.
fn short(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_occurrence_is_found_through_other_zone_tables() {
        let list = |starts: &[&str]| -> Value {
            let all = starts.iter().map(|at| json!({"id": at, "originalStart": at})).collect::<Vec<_>>();
            json!({ "value": all })
        };
        let day = |text: &str| Some(text.parse().unwrap());
        for (starts, at, day, expect) in [
            (&["2027-01-11T18:00:00Z", "2027-01-12T18:00:00Z"][..], "2027-01-12T17:00:00Z", None, Some(1)),
            (&["2027-01-11T17:00:00Z", "2027-01-13T17:00:00Z"], "2027-01-12T17:00:00Z", None, None),
            (&["2027-01-11T11:00:00Z", "2027-01-12T11:00:00Z"], "2027-01-11T11:00:00Z", day("2027-01-12"), Some(0)),
            (&["2027-01-11T00:00:00Z", "2027-01-12T00:00:00Z"], "2027-01-11T11:00:00Z", day("2027-01-12"), Some(1)),
            (&[], "2027-01-12T17:00:00Z", None, None),
        ] {
            let pick = Pick { at: at.parse().unwrap(), day };
            let list = list(starts);
            let found = picked(&list, &pick).map(|it| it["id"].as_str().unwrap());
            assert_eq!(found, expect.map(|place: usize| starts[place]), "{starts:?} {at}");
        }
    }

    /// It comes from the tenant: what others wrote into it must neither end the link nor the path.
    #[test]
    fn a_quote_in_a_join_link_is_doubled_and_the_whole_encoded() {
        let find =
            Request { path: "/me/onlineMeetings?$filter=JoinWebUrl%20eq%20'{join}'".into(), ..Request::default() };
        let path = |join: &str| ready(&find, &[("join".to_owned(), join.to_owned())].into()).unwrap().path;
        let found = |link: &str| format!("/me/onlineMeetings?$filter=JoinWebUrl%20eq%20'{link}'");
        assert_eq!(path("https://t/19%3am?x=1&y"), found("https%3A%2F%2Ft%2F19%253am%3Fx%3D1%26y"));
        assert_eq!(path("a' or 'b"), found("a%27%27%20or%20%27%27b"));
    }
}
