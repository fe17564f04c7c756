//! Recurrence as kept and as shown, and the single occurrences of a series.
//!
//! Validation here, dates in `recurrence`. An occurrence is shown as an event of its own: the master with its own
//! times and whatever its exception changed.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use serde_json::{Map, Value, json};

use crate::sandbox::{
    answer::{Outcome, refuse},
    ids::EventId,
    records::Event,
    recurrence::{self, Series},
    when::{self, Moment},
};

/// An event as one answer shows it: which one, of what type, and since when it was meant to be.
#[derive(Clone, Debug)]
pub struct Face {
    pub id: EventId,
    pub kind: &'static str,
    pub event: Arc<Event>,
    /// The start that the series gives the occurrence.
    pub original: Option<Timestamp>,
}

/// Returns a single event or a series master as it stands.
pub fn whole(event: Arc<Event>) -> Face {
    let series = event.props.get("recurrence").is_some_and(Value::is_object);
    let id = EventId { key: event.key, date: None, copy: event.guest };
    Face { id, kind: if series { "seriesMaster" } else { "singleInstance" }, event, original: None }
}

/// Returns the occurrence that the series has on a date, or `None` when it has none there.
pub fn occurrence(event: &Event, date: Date) -> Option<Face> {
    let series = Series::read(&event.props)?;
    let day = date.to_string();
    (!event.cancelled.contains(&day) && (event.exceptions.contains_key(&day) || series.has(date)))
        .then(|| face(event, &series, date))
}

/// Returns the occurrences that touch a window, in the order of their starts, cancelled ones left out.
pub fn between(event: &Event, from: Timestamp, to: Timestamp) -> Vec<Face> {
    let Some(series) = Series::read(&event.props) else {
        return Vec::new();
    };
    let mut days: Vec<Date> = series.between(from, to);
    // A moved occurrence may have come into the window from outside.
    days.extend(event.exceptions.keys().filter_map(|it| it.parse::<Date>().ok()));
    days.sort();
    days.dedup();
    days.retain(|it| !event.cancelled.contains(&it.to_string()));
    let mut faces: Vec<Face> = days.into_iter().map(|it| face(event, &series, it)).collect();
    faces.retain(|it| touches(&it.event.props, from, to));
    faces.sort_by_key(|it| when::stored(&it.event.props["start"]).at);
    faces
}

/// Tells whether an event with these properties touches a window; an event without length counts where it stands.
pub fn touches(props: &Map<String, Value>, from: Timestamp, to: Timestamp) -> bool {
    let (start, end) = (when::stored(&props["start"]).at, when::stored(&props["end"]).at);
    start < to && (end > from || (start == end && start >= from))
}

fn face(event: &Event, series: &Series, date: Date) -> Face {
    let mut one = event.clone();
    let start = series.start(date);
    let length = when::stored(&event.props["end"]).wall.duration_since(when::stored(&event.props["start"]).wall);
    let end = Moment::new(start.wall.saturating_add(length), start.zone);
    one.props.insert("start".into(), start.store());
    one.props.insert("end".into(), end.store());
    one.props.insert("recurrence".into(), Value::Null);
    let exception = event.exceptions.get(&date.to_string());
    if let Some(exception) = exception {
        one.props.extend(exception.props.clone());
        one.extended = exception.extended.clone();
        one.version = exception.version;
    } else {
        one.extended.clear();
    }
    let kind = if exception.is_some() { "exception" } else { "occurrence" };
    Face {
        id: EventId { key: event.key, date: Some(date), copy: event.guest },
        kind,
        event: Arc::new(one),
        original: Some(start.at),
    }
}

/// Checks a recurrence and returns it as Graph shows it: all fields filled (recurrencepattern.md, recurrencerange.md).
pub fn keep(sent: &Value, start: &Moment) -> Outcome<Value> {
    let bad = |message: String| refuse(400, "ErrorInvalidRequest", message);
    let (pattern, range) = (&sent["pattern"], &sent["range"]);
    if !pattern.is_object() || !range.is_object() {
        return bad("The property 'recurrence' needs both 'pattern' and 'range'.".into());
    }
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let kind = pattern["type"].as_str().unwrap_or_default();
    let days: Vec<&str> = pattern["daysOfWeek"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let (interval, day, month) =
        (number(&pattern["interval"]), number(&pattern["dayOfMonth"]), number(&pattern["month"]));
    if !(1..=999).contains(&interval) {
        return bad("The property 'recurrence/pattern/interval' must be between 1 and 999.".into());
    }
    // What a type does not use is validated all the same (recurrencepattern.md).
    if !(0..=31).contains(&day) || !(0..=12).contains(&month) {
        return bad("The property 'recurrence/pattern/dayOfMonth' or 'month' is out of range.".into());
    }
    let needs: &[&str] = match kind {
        "daily" => &[],
        "weekly" | "relativeMonthly" => &["daysOfWeek"],
        "absoluteMonthly" => &["dayOfMonth"],
        "absoluteYearly" => &["dayOfMonth", "month"],
        "relativeYearly" => &["daysOfWeek", "month"],
        _ => return bad("The property 'recurrence/pattern/type' is required.".into()),
    };
    for need in needs {
        let there = match *need {
            "daysOfWeek" => !days.is_empty(),
            "dayOfMonth" => day > 0,
            _ => month > 0,
        };
        if !there {
            return bad(format!("The property 'recurrence/pattern/{need}' is required for the type '{kind}'."));
        }
    }
    let mut kept = json!({
        "type": kind, "interval": interval, "month": month, "dayOfMonth": day,
        "firstDayOfWeek": pattern["firstDayOfWeek"].as_str().unwrap_or("sunday"),
        "index": pattern["index"].as_str().unwrap_or("first"),
    });
    if !days.is_empty() {
        kept["daysOfWeek"] = days.into();
    }
    let kept_range = range_of(range, start)?;
    let recurrence = json!({"pattern": kept, "range": kept_range});
    let mut props =
        Map::from_iter([("start".to_string(), start.store()), ("recurrence".to_string(), recurrence.clone())]);
    props.insert("end".into(), start.store());
    if Series::read(&props).is_none_or(|it| it.first().is_none()) {
        return bad("The recurrence has no occurrence in its range.".into());
    }
    Ok(recurrence)
}

fn range_of(range: &Value, start: &Moment) -> Outcome<Value> {
    let bad = |message: &str| refuse(400, "ErrorInvalidRequest", message);
    let date = |name: &str| range[name].as_str().and_then(|it| it.parse::<Date>().ok());
    let Some(first) = date("startDate") else {
        return bad("The property 'recurrence/range/startDate' is required.");
    };
    if first != start.wall.date() {
        return bad("The property 'recurrence/range/startDate' must be the date of 'start'.");
    }
    let count = range["numberOfOccurrences"].as_i64().unwrap_or(0);
    let kind = range["type"].as_str().unwrap_or_default();
    let (last, count) = match kind {
        "endDate" => match date("endDate") {
            Some(last) if last >= first => (last.to_string(), 0),
            _ => {
                return bad("The property 'recurrence/range/endDate' is required and must not be before 'startDate'.");
            }
        },
        "numbered" if (1..=999).contains(&count) => (recurrence::NO_DATE.to_string(), count),
        "numbered" => {
            return bad("The property 'recurrence/range/numberOfOccurrences' must be between 1 and 999.");
        }
        "noEnd" => (recurrence::NO_DATE.to_string(), 0),
        _ => return bad("The property 'recurrence/range/type' is required."),
    };
    let zone = match range["recurrenceTimeZone"].as_str().filter(|it| !it.is_empty()) {
        Some(name) => crate::sandbox::zones::find(name)?.windows,
        None => start.zone.windows,
    };
    Ok(
        json!({"type": kind, "startDate": first.to_string(), "endDate": last, "recurrenceTimeZone": zone, "numberOfOccurrences": count}),
    )
}
