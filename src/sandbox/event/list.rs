//! Collections of events: lists, instances and calendar views, with filters and sorting.

use std::{borrow::Cow, sync::Arc};

use jiff::Timestamp;
use serde_json::Value;

use crate::sandbox::{
    Quirks,
    answer::{Outcome, refuse},
    ask::Ask,
    event::{
        copies, online,
        series::{self, Face},
        view,
    },
    filter, odata,
    quirks::NEVER,
    records::Event,
    user::User,
    when,
    world::World,
};

/// What events can be filtered and sorted by (user-list-events.md; the rest answers as `id` does, observed).
const FILTERED: [&str; 22] = [
    "singlevalueextendedproperties",
    "subject",
    "start",
    "end",
    "organizer",
    "attendees",
    "categories",
    "isallday",
    "iscancelled",
    "isonlinemeeting",
    "isorganizer",
    "importance",
    "sensitivity",
    "showas",
    "type",
    "createddatetime",
    "lastmodifieddatetime",
    "icaluid",
    "seriesmasterid",
    "hasattachments",
    "location",
    "responsestatus",
];

/// Answers a list of single events and series masters (user-list-events.md); `calendar` is the key of one calendar.
pub fn list(world: &mut World, ask: &Ask, user: &User, calendar: u64) -> Outcome {
    let quirks = world.quirks.clone();
    let filter = ask.option("$filter").map(filter::parse).transpose()?;
    refuse_unfiltered(filter.iter().flat_map(filter::paths))?;
    // The filter looks before the copy, so that a large mailbox stays quick.
    let faces = within(world, user, calendar)?.into_iter().map(series::whole);
    let faces = match &filter {
        None => faces.collect(),
        Some(filter) => {
            let look = |face: &Face, path: &[String]| Cow::Owned(view::look(&quirks, user, face, path));
            faces.filter(|face| filter::meets(filter, &|path| look(face, path), false)).collect()
        }
    };
    answer(ask, user, "events", faces, &quirks)
}

/// Returns the events of a calendar: the user's own, then copies of those they are invited to.
fn within(world: &mut World, user: &User, calendar: u64) -> Outcome<Vec<Arc<Event>>> {
    let quirks = world.quirks.clone();
    let stale = world.stale_list;
    let mailbox = world.mailbox(&user.id)?;
    if !stale {
        mailbox.listed.clear();
    }
    let mut own: Vec<Arc<Event>> =
        mailbox.events.values().filter(|it| !mailbox.listed.contains_key(&it.key)).cloned().collect();
    own.extend(mailbox.listed.values().flatten().cloned());
    own.sort_by_key(|it| it.key);
    let own = own.into_iter().filter(|it| it.calendar == calendar);
    let mut events: Vec<Arc<Event>> = match quirks.late_join_url {
        NEVER => own.map(|it| Arc::new(online::unready(&quirks, &it))).collect(),
        _ => own.collect(),
    };
    events.extend(copies::all(world, user, calendar));
    Ok(events)
}

/// Answers everything that touches a window (calendar-list-calendarview.md).
pub fn window(world: &mut World, ask: &Ask, user: &User, calendar: u64) -> Outcome {
    let (from, to) = bounds(ask)?;
    let mut faces = Vec::new();
    for event in within(world, user, calendar)? {
        if event.props["recurrence"].is_object() {
            faces.extend(series::between(&event, from, to));
        } else if series::touches(&event.props, from, to) {
            faces.push(series::whole(event));
        }
    }
    faces.sort_by_key(|it| when::stored(&it.event.props["start"]).at);
    filtered(ask, user, "calendarView", faces, &world.quirks)
}

/// Answers the occurrences of a series in a window (event-list-instances.md).
pub fn instances(ask: &Ask, user: &User, face: &Face, quirks: &Quirks) -> Outcome {
    let (from, to) = bounds(ask)?;
    if face.kind != "seriesMaster" {
        return refuse(400, "ErrorInvalidRequest", "Expand instances is only allowed on a series master.");
    }
    filtered(ask, user, "events", series::between(&face.event, from, to), quirks)
}

fn filtered(ask: &Ask, user: &User, context: &str, mut faces: Vec<Face>, quirks: &Quirks) -> Outcome {
    if let Some(filter) = ask.option("$filter").map(filter::parse).transpose()? {
        refuse_unfiltered(filter::paths(&filter))?;
        let look = |face: &Face, path: &[String]| Cow::Owned(view::look(quirks, user, face, path));
        faces.retain(|face| filter::meets(&filter, &|path| look(face, path), false));
    }
    answer(ask, user, context, faces, quirks)
}

fn answer(ask: &Ask, user: &User, context: &str, mut faces: Vec<Face>, quirks: &Quirks) -> Outcome {
    for (path, down) in odata::order(ask).into_iter().rev() {
        refuse_unfiltered([path.clone()])?;
        let text = |face: &Face| match view::look(quirks, user, face, &path) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        faces.sort_by(|a, b| if down { text(b).cmp(&text(a)) } else { text(a).cmp(&text(b)) });
    }
    let shape = view::shape(quirks, ask)?.listed(quirks);
    let context = format!("users('{}')/{context}", user.id);
    odata::page(ask, &context, &faces, |face| Ok(view::show(&shape, user, face, false)))
}

fn refuse_unfiltered(paths: impl IntoIterator<Item = Vec<String>>) -> Outcome<()> {
    for path in paths {
        if !FILTERED.contains(&path[0].to_ascii_lowercase().as_str()) {
            let mut name = path[0].clone();
            if let Some(first) = name.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            return refuse(400, "ErrorInvalidProperty", format!("The property '{name}' does not support filtering."));
        }
    }
    Ok(())
}

/// The window of a request: both ends are needed, each with its own offset or in UTC, whatever Prefer says.
fn bounds(ask: &Ask) -> Outcome<(Timestamp, Timestamp)> {
    let one = |name: &str| match ask.option(name) {
        Some(text) => when::instant(name, text),
        None => refuse(
            400,
            "ErrorInvalidRequest",
            format!("This request requires a time window specified by the query string parameter '{name}'."),
        ),
    };
    let (from, to) = (one("startDateTime")?, one("endDateTime")?);
    if to < from {
        return refuse(400, "ErrorInvalidRequest", "The parameter 'endDateTime' must not be before 'startDateTime'.");
    }
    if to.duration_since(from) > jiff::SignedDuration::from_hours(1825 * 24) {
        // Known of the service; no page says it.
        let message = "Your request can't be completed. The range between the start and end dates is greater than the allowed range. Maximum number of days: 1825.";
        return refuse(400, "ErrorInvalidRequest", message);
    }
    Ok((from, to))
}
