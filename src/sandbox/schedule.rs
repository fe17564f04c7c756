//! Free and busy times of people and rooms (calendar-getschedule.md).
//!
//! Attendees have no copies of their own, so busy time is read off the events that somebody organizes or is invited to and has
//! not declined.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::sandbox::{
    answer::{Answer, Outcome, refuse},
    ask::Ask,
    event::series,
    records::Event,
    recurrence,
    user::User,
    when,
    world::World,
    zones,
};

/// Answers getSchedule. Side-effect free, though it is a POST.
pub fn get(world: &mut World, ask: &Ask) -> Outcome {
    let wanted = Wanted::read(ask)?;
    let zone = match &ask.prefer.zone {
        Some(name) => zones::find(name)?,
        None => zones::utc(),
    };
    let value: Vec<Value> = wanted.schedules.iter().map(|it| schedule(world, it, &wanted, zone)).collect();
    let context = format!("{}/$metadata#Collection(microsoft.graph.scheduleInformation)", ask.root);
    Ok(Answer::json(200, json!({"@odata.context": context, "value": value})))
}

/// What a call asks for.
struct Wanted {
    /// Addresses, as they were sent.
    schedules: Vec<String>,
    from: Timestamp,
    to: Timestamp,
    /// What one digit of a view stands for.
    step: SignedDuration,
}

impl Wanted {
    fn read(ask: &Ask) -> Outcome<Self> {
        let body = ask.object()?;
        let find = |name: &str| body.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        if let Some(unknown) = body.keys().find(|it| {
            !["schedules", "starttime", "endtime", "availabilityviewinterval"]
                .contains(&it.to_ascii_lowercase().as_str())
        }) {
            let message = format!("The parameter '{unknown}' does not exist on getSchedule.");
            return refuse(400, "ErrorInvalidRequest", message);
        }
        let Some(schedules) = find("schedules").and_then(Value::as_array) else {
            return refuse(400, "ErrorInvalidRequest", "The parameter 'schedules' is required.");
        };
        if schedules.is_empty() || schedules.len() > 20 {
            return refuse(400, "ErrorInvalidRequest", "The parameter 'schedules' must hold 1 to 20 addresses.");
        }
        let time = |name: &str| when::moment(name, find(name).unwrap_or(&Value::Null));
        let (from, to) = (time("startTime")?.at, time("endTime")?.at);
        let span = to.duration_since(from);
        if span <= SignedDuration::ZERO || span >= SignedDuration::from_hours(62 * 24) {
            let message = "The period from 'startTime' to 'endTime' must be less than 62 days.";
            return refuse(400, "ErrorInvalidRequest", message);
        }
        let minutes = find("availabilityViewInterval").and_then(Value::as_i64).unwrap_or(30);
        if !(5..=1440).contains(&minutes) {
            let message = "The parameter 'availabilityViewInterval' must be 5 to 1440 minutes.";
            return refuse(400, "ErrorInvalidRequest", message);
        }
        let schedules = schedules.iter().map(|it| it.as_str().unwrap_or_default().to_owned()).collect();
        Ok(Self { schedules, from, to, step: SignedDuration::from_mins(minutes) })
    }

    /// A digit for each slot: of what takes most of somebody's time in it.
    fn view(&self, busy: &[Busy]) -> String {
        let mut view = String::new();
        let mut slot = self.from;
        while slot < self.to {
            let end = slot.saturating_add(self.step).unwrap_or(self.to);
            view.push(busy.iter().filter(|it| it.from < end && it.to > slot).map(|it| it.digit).max().unwrap_or('0'));
            slot = end;
        }
        view
    }
}

/// What the answer has for one address.
fn schedule(world: &mut World, address: &str, wanted: &Wanted, zone: &'static zones::Zone) -> Value {
    let failed = |message: &str, code: &str| {
        let error = json!({"message": message, "responseCode": code});
        json!({"scheduleId": address, "availabilityView": "", "error": error})
    };
    let known = world.directory.display_name(address).is_some();
    let Some(user) = known.then(|| world.user(address).ok()).flatten() else {
        return failed("Unable to resolve mailbox.", "ErrorMailRecipientNotFound");
    };
    if user.list {
        // Each member counts against the limit of a call (calendar-getschedule.md); the code is Exchange's own.
        return failed("The distribution group contains too many members.", "ErrorFreeBusyDLLimitReached");
    }
    let busy = busy(world, &user, wanted.from, wanted.to);
    let items: Vec<Value> = busy.iter().map(|it| it.show(zone)).collect();
    json!({
        "scheduleId": address,
        "availabilityView": wanted.view(&busy),
        "scheduleItems": items,
        "workingHours": {
            "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "startTime": "08:00:00.0000000",
            "endTime": "17:00:00.0000000",
            "timeZone": {"name": zone.windows},
        },
    })
}

struct Busy {
    from: Timestamp,
    to: Timestamp,
    digit: char,
    status: &'static str,
    subject: Option<Value>,
    location: Value,
}

impl Busy {
    fn show(&self, zone: &'static zones::Zone) -> Value {
        let mut out = json!({"isPrivate": self.subject.is_none(), "status": self.status});
        // Subjects and places of private events stay hidden (calendar-getschedule.md).
        if let Some(subject) = &self.subject {
            out["subject"] = subject.clone();
            out["location"] = self.location.clone();
        }
        out["start"] = when::show_at(self.from, zone);
        out["end"] = when::show_at(self.to, zone);
        out
    }
}

fn busy(world: &World, user: &User, from: Timestamp, to: Timestamp) -> Vec<Busy> {
    let mut out = Vec::new();
    for event in world.boxes.values().flat_map(|it| it.events.values()) {
        let Some(tentative) = takes_part(user, event) else {
            continue;
        };
        // Most events lie elsewhere: a series is expanded only when it may touch the window.
        let faces = if event.props["recurrence"].is_object() {
            let ended = recurrence::Series::read(&event.props).is_none_or(|it| it.end().is_some_and(|end| end < from));
            if ended { Vec::new() } else { series::between(event, from, to) }
        } else if series::touches(&event.props, from, to) {
            vec![series::whole(event.clone())]
        } else {
            Vec::new()
        };
        for face in faces {
            let props = &face.event.props;
            if props.get("isCancelled") == Some(&Value::Bool(true)) {
                continue;
            }
            let (digit, status) = match props["showAs"].as_str() {
                Some("free") => ('0', "free"),
                Some("workingElsewhere") => ('0', "workingElsewhere"),
                Some("oof") => ('3', "oof"),
                Some("tentative") => ('1', "tentative"),
                _ if tentative => ('1', "tentative"),
                _ => ('2', "busy"),
            };
            let open = matches!(props["sensitivity"].as_str(), Some("normal" | "personal"));
            let (start, end) = (when::stored(&props["start"]).at, when::stored(&props["end"]).at);
            let (subject, location) =
                (open.then(|| props["subject"].clone()), props["location"]["displayName"].clone());
            out.push(Busy { from: start, to: end, digit, status, subject, location });
        }
    }
    out.sort_by_key(|it| it.from);
    out
}

/// Tells whether an event takes this person's time: `Some(true)` as long as the invitation is not answered.
fn takes_part(user: &User, event: &Event) -> Option<bool> {
    if event.user == user.id {
        return Some(false);
    }
    let list = event.props["attendees"].as_array()?;
    let me = |it: &&Value| {
        let address = it["emailAddress"]["address"].as_str().unwrap_or_default();
        address.eq_ignore_ascii_case(&user.upn) || user.aliases.iter().any(|it| it.eq_ignore_ascii_case(address))
    };
    match list.iter().find(me)?["status"]["response"].as_str() {
        Some("declined") => None,
        Some("accepted") => Some(false),
        _ => Some(true),
    }
}
