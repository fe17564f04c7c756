//! From an OnlineMeeting's spec to Graph's own JSON, and every fault across fields that can be known offline.
//!
//! As with Events, the schema has let the spec through before.

use crate::kind::times::{self, Grain};
use crate::kind::workspace::Defaults;
use crate::kind::{Expanded, Fault, mailbox, meeting_options, participants};
use crate::when;
use serde_json::{Map, Value};

/// Turns the spec of an OnlineMeeting into Graph's JSON; the faults point into `spec`.
pub fn expand(spec: &Map<String, Value>, defaults: &Defaults) -> (Expanded, Vec<Fault>) {
    let mut faults = vec![];
    let organizer = mailbox::organizer(spec, defaults.organizer.as_deref(), &mut faults);
    let (start, end) = times::read(spec, defaults.time_zone.as_deref(), Grain::Seconds, &mut faults);
    let nothing = Map::new();
    let options = spec.get("meetingOptions").and_then(Value::as_object).unwrap_or(&nothing);
    // The only way that the page shows is a person's own sign-in (application-post-onlinemeetings.md, example 3).
    if spec.contains_key("chatInfo") && organizer != "me" && !organizer.is_empty() {
        let hint = "write `organizer: me` and sign in as a member of the channel, such as with `auth: deviceCode`";
        faults.push(Fault::new("/chatInfo", "a meeting in a channel is made by the person who signs in", hint));
    }
    participants::need_list(spec.get("participants"), options, &mut faults);
    let mut own = Map::new();
    for (name, value) in spec {
        let value = match name.as_str() {
            "organizer" | "duration" | "timeZone" | "meetingOptions" => continue,
            "start" | "end" | "startDateTime" | "endDateTime" => continue, // set below, in UTC
            "participants" => participants::expand(value, "/participants", Some(options), &mut faults),
            _ => value.clone(),
        };
        own.insert(name.clone(), value);
    }
    let mut notes = vec![];
    let clock = start.as_ref().or(end.as_ref()).map(|at| at.zone.name.clone());
    for (name, short, at) in [("startDateTime", "start", start), ("endDateTime", "end", end)] {
        if let Some(at) = at {
            notes.extend(at.choice(short));
            own.insert(name.into(), when::utc(at.instant).into());
        }
    }
    notes.extend(own.get("participants").and_then(participants::many));
    let (own, meeting) = (own.into(), meeting_options::expand(options).into());
    (Expanded { organizer, clock, own, meeting, notes, ..Expanded::default() }, faults)
}
