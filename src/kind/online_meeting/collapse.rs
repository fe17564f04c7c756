//! From a live standalone meeting back to the short forms of a spec: what somebody made by hand, as an author would write it.

use crate::kind::online_meeting::View;
use crate::kind::{meeting_options, participants};
use crate::when;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Returns a live meeting in short forms, and what is left out though it is there: a sentence each. `organizer` is whose it is, if
/// that must be said; its times are written on the clock of `zone`.
pub fn collapse(organizer: Option<&str>, own: &Map<String, Value>, zone: &str) -> (Map<String, Value>, Vec<String>) {
    let (mut spec, mut left_out) = (Map::new(), vec![]);
    let meeting = View::of(own);
    spec.extend(organizer.map(|it| ("organizer".to_owned(), json!(it))));
    spec.extend(meeting.subject().filter(|it| !it.is_empty()).map(|it| ("subject".to_owned(), json!(it))));
    let times = || Some((local(meeting.start()?, zone)?, local(meeting.end()?, zone)?));
    match times() {
        Some((start, end)) => spec.extend([("start", start), ("end", end), ("timeZone", zone.to_owned())].map(named)),
        // Graph's own form, where a clock shows a time twice.
        None => {
            let graph = [("startDateTime", meeting.start()), ("endDateTime", meeting.end())];
            spec.extend(graph.into_iter().filter_map(|(name, at)| Some(named((name, at?.to_owned())))));
        }
    }
    spec.extend(participants::collapse(own).map(|list| ("participants".to_owned(), list)));
    let options = meeting_options::collapse(own);
    if !options.is_empty() {
        spec.insert("meetingOptions".into(), options.into());
    }
    if meeting.needs_no_passcode() {
        left_out.push("`joinMeetingIdSettings`: it asks for no passcode, which is fixed since it was made".into());
    }
    (spec, left_out)
}

fn named((name, text): (&str, String)) -> (String, Value) {
    (name.to_owned(), json!(text))
}

/// A time on the clock of a zone, if that clock shows it once.
fn local(at: &str, zone: &str) -> Option<String> {
    let (at, zone) = (when::instant(at)?, when::zone(zone)?);
    let at = Timestamp::from_second(at.as_second()).ok()?;
    let local = at.to_zoned(zone.clone()).datetime();
    let again = zone.to_ambiguous_timestamp(local).unambiguous().ok()?;
    let form = if local.second() == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" };
    (again == at).then(|| local.strftime(form).to_string())
}
