//! Three-way compare of properties: what the manifest says, what is live, and what was last applied.
//!
//! Tells what differs and who made it differ. It does not decide whether the difference may be mended.

use crate::kind::compare::{self, Compare};
use crate::kind::event::View;
use crate::kind::{Field, Home, Kind, fingerprint};
use crate::model::{Applied, Desired, EXCEPTIONS};
use crate::plan::{Cause, Change};
use crate::when;
use serde_json::{Map, Value};

/// What stands before the names of options in plans and fingerprints.
const OPTIONS: &str = "meetingOptions.";

/// A property that differs, with its row.
pub struct Difference {
    pub field: &'static Field,
    pub change: Change,
}

/// Returns what differs between the desired and the live properties of one home, in the order of the table.
///
/// Properties that the manifest leaves out are not ours and never differ.
pub fn between(
    kind: &Kind,
    home: Home,
    want: &Map<String, Value>,
    have: &Map<String, Value>,
    last: Option<&Applied>,
) -> Vec<Difference> {
    let rows = kind.fields().filter(|field| field.home == home && field.compare != Compare::Text);
    rows.filter_map(|field| of(field, want, have, last)).collect()
}

/// Returns what differs in one property, if the manifest declares it.
pub fn of(
    field: &'static Field,
    want: &Map<String, Value>,
    have: &Map<String, Value>,
    last: Option<&Applied>,
) -> Option<Difference> {
    let (want, have) = (want.get(field.name)?, have.get(field.name).unwrap_or(&Value::Null));
    if compare::same(field.compare, want, have) {
        return None;
    }
    let last = last.and_then(|last| last.fields.get(&name(field)));
    let now = fingerprint::of(field.compare, want);
    let still = last.is_some_and(|last| fingerprint::still(last, field.compare, want, have));
    Some(Difference { field, change: change(field, want, have, cause(last, &now, still)) })
}

/// Words the change of one property: both values in the form that reads best, in the zone and shape of the desired one.
pub fn change(field: &Field, want: &Value, have: &Value, cause: Cause) -> Change {
    let shown = |value: &Value| match field.compare {
        Compare::People | Compare::Participants | Compare::Instant | Compare::Thread => {
            compare::canonical(field.compare, value)
        }
        Compare::Zoned => seen_from(value, want).unwrap_or_else(|| value.clone()),
        Compare::Recurrence => compare::canonical(field.compare, value),
        Compare::Place => compare::canonical(field.compare, &compare::reduced(want, value)),
        Compare::Exact | Compare::CaseFolded | Compare::Set | Compare::Text => compare::reduced(want, value),
    };
    Change { field: name(field), current: shown(have), desired: shown(want), cause }
}

/// Returns a dateTimeTimeZone as the clocks in the zone of another one show it.
fn seen_from(value: &Value, other: &Value) -> Option<Value> {
    let name = when::zone_name(other)?;
    let local = when::instant_in_zone(value)?.to_zoned(when::zone(name)?).datetime();
    Some(when::pair(local, name))
}

/// Tells who made a property differ, from the fingerprints of what was last applied and of the desired value, and from
/// whether the live one still is what was applied.
pub fn cause(last: Option<&String>, now: &str, still: bool) -> Cause {
    match last {
        None => Cause::Manifest,
        Some(last) if fingerprint::same(last, now) => Cause::Drift,
        Some(_) if still => Cause::Manifest,
        Some(_) => Cause::Both,
    }
}

/// The name of a property in plans and fingerprints.
pub fn name(field: &Field) -> String {
    match field.home {
        Home::Meeting => format!("{OPTIONS}{}", field.name),
        Home::Own | Home::Ours | Home::Short => field.name.into(),
    }
}

/// Returns the row of a property by its name in plans.
pub fn row(kind: &Kind, name: &str) -> Option<&'static Field> {
    match name.strip_prefix(OPTIONS) {
        Some(name) => kind.field(Home::Meeting, name),
        None => kind.field(Home::Own, name),
    }
}

/// Returns the fingerprints of everything that a manifest declares.
pub fn applied(want: &Desired) -> Applied {
    let kind = want.key.kind();
    let of = |home: Home, values: &Map<String, Value>| -> Vec<(String, String)> {
        let rows = kind.fields().filter(|field| field.home == home);
        let pairs = rows.filter_map(|field| Some((field, values.get(field.name)?)));
        pairs.map(|(field, value)| (name(field), fingerprint::of(field.compare, value))).collect()
    };
    let people = want.event().map(View::people).unwrap_or_default();
    let exceptions = want.spec.exceptions.iter();
    let exceptions =
        exceptions.map(|(date, it)| (format!("{EXCEPTIONS}{date}"), fingerprint::of_exception(kind, it))).collect();
    Applied {
        fields: [of(Home::Own, &want.spec.own), of(Home::Meeting, &want.spec.meeting), exceptions]
            .concat()
            .into_iter()
            .collect(),
        attendees: people.iter().map(|address| compare::hash(address)).collect(),
        protect: want.protect,
        ..Applied::default()
    }
}

/// Returns the fingerprints of what a manifest declares, as the next write of the object leaves them.
pub fn next(want: &Desired, last: Option<&Applied>) -> Applied {
    let (counter, incarnation) = last.map_or((0, 0), |last| (last.counter, last.incarnation));
    Applied { counter: counter + 1, incarnation, ..applied(want) }
}

/// Returns a note for each property that used to be declared and no longer is: it is let go.
///
/// `lost` says that the series loses its exceptions, which has a note of its own.
pub fn let_go(kind: &Kind, now: &Applied, last: Option<&Applied>, lost: bool) -> Vec<String> {
    let gone = last.into_iter().flat_map(|last| last.fields.keys()).filter(|name| !now.fields.contains_key(*name));
    // Graph keeps one place and a list of them as one thing: whoever declares the one has not let go of the other.
    let place = |name: &str| kind.field(Home::Own, name).is_some_and(|it| it.compare == Compare::Place);
    let placed = now.fields.keys().any(|name| place(name));
    let gone = gone.filter(|name| !(placed && place(name) || lost && name.starts_with(EXCEPTIONS)));
    gone.map(|name| format!("`{name}` is no longer declared: it stays as it is and is not ours any more")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_comes_from_fingerprints() {
        let last = "a".to_owned();
        let cases = [
            (None, "a", false, Cause::Manifest),
            (Some(&last), "a", false, Cause::Drift),
            (Some(&last), "b", true, Cause::Manifest),
            (Some(&last), "b", false, Cause::Both),
        ];
        for (last, now, still, expect) in cases {
            assert_eq!(cause(last, now, still), expect, "{last:?} {now} {still}");
        }
    }
}
