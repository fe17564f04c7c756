//! When two recurrences mean the same.
//!
//! Graph reads a recurrence back padded with zeros and defaults. The normal form has only what counts, so that two are
//! compared with `==`. It is for comparing, not for sending: it leaves out defaults that Graph may ask for.

use jiff::civil::Weekday;
use serde_json::{Value, json};

use crate::recurrence::rule::{End, INDEXES, Index, Pattern, Rule, names_of};
use crate::recurrence::zone;
use crate::when;

/// Gives the normal form of a recurrence; one that is not valid comes back as it is, its members in one order.
///
/// Left out: what the type does not use, `index` where it is `first`, `firstDayOfWeek` where it is Sunday or the
/// interval is 1 (where a week begins matters only if weeks are skipped). Days come once each, Sunday first.
/// `recurrenceTimeZone`, where it is set, has the name that [`when::name_in_graph`] gives it, so the Windows name nearly always.
pub fn normal(recurrence: &Value) -> Value {
    let Ok(rule) = Rule::read(recurrence) else {
        // Of a live one a plan may see only the members that its manifest names, and those in its order.
        let mut none = recurrence.clone();
        none.sort_all_objects();
        return none;
    };
    let zone = zone(recurrence).map(|zone| when::name_in_graph(zone).unwrap_or_else(|| zone.to_string()));
    let mut range = range(&rule);
    range["recurrenceTimeZone"] = zone.into();
    json!({"pattern": without_nulls(pattern(&rule)), "range": without_nulls(range)})
}

/// The pattern with null for each property that is at its default.
fn pattern(rule: &Rule) -> Value {
    let interval = rule.interval;
    match &rule.pattern {
        Pattern::Daily => json!({"type": "daily", "interval": interval}),
        Pattern::Weekly { days, first } => {
            let first = (*first != Weekday::Sunday && interval > 1).then(|| names_of(&[*first]));
            json!({
                "type": "weekly",
                "interval": interval,
                "daysOfWeek": names_of(days),
                "firstDayOfWeek": first.and_then(|names| names.first().copied()),
            })
        }
        Pattern::AbsoluteMonthly { day } => {
            json!({"type": "absoluteMonthly", "interval": interval, "dayOfMonth": day})
        }
        Pattern::RelativeMonthly { days, index } => json!({
            "type": "relativeMonthly",
            "interval": interval,
            "daysOfWeek": names_of(days),
            "index": place(*index),
        }),
        Pattern::AbsoluteYearly { month, day } => {
            json!({"type": "absoluteYearly", "interval": interval, "dayOfMonth": day, "month": month})
        }
        Pattern::RelativeYearly { month, days, index } => json!({
            "type": "relativeYearly",
            "interval": interval,
            "daysOfWeek": names_of(days),
            "month": month,
            "index": place(*index),
        }),
    }
}

fn range(rule: &Rule) -> Value {
    let start = rule.start.to_string();
    match rule.end {
        End::Never => json!({"type": "noEnd", "startDate": start}),
        End::On(last) => {
            json!({"type": "endDate", "startDate": start, "endDate": last.to_string()})
        }
        End::After(number) => {
            json!({"type": "numbered", "startDate": start, "numberOfOccurrences": number})
        }
    }
}

/// The name of a place in the month; `None` for the first, which is the default.
fn place(index: Index) -> Option<&'static str> {
    let found = INDEXES.iter().skip(1).find(|(_, it)| *it == index);
    found.map(|(name, _)| *name)
}

fn without_nulls(mut object: Value) -> Value {
    if let Some(properties) = object.as_object_mut() {
        properties.retain(|_, value| !value.is_null());
    }
    object
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::normal;

    /// What Graph reads back of a recurrence, everything padded.
    fn padded(pattern: Value, range: Value) -> Value {
        let mut recurrence = json!({
            "pattern": {
                "type": null, "interval": 1, "month": 0, "dayOfMonth": 0, "daysOfWeek": [],
                "firstDayOfWeek": "sunday", "index": "first",
            },
            "range": {
                "type": null, "startDate": "2026-12-01", "endDate": "0001-01-01",
                "recurrenceTimeZone": "W. Europe Standard Time", "numberOfOccurrences": 0,
            },
        });
        for (part, given) in [("pattern", pattern), ("range", range)] {
            for (name, value) in given.as_object().into_iter().flatten() {
                recurrence[part][name] = value.clone();
            }
        }
        recurrence
    }

    #[test]
    fn what_is_no_rule_is_the_same_in_any_order() {
        let (one, other) = (r#"{"type": "daily", "daysOfWeek": null}"#, r#"{"daysOfWeek": null, "type": "daily"}"#);
        let [one, other] = [one, other].map(|it| serde_json::from_str::<Value>(it).unwrap());
        let [one, other] = [one, other].map(|it| normal(&json!({"pattern": it})).to_string());
        assert_eq!(one, other);
        assert!(one.contains("daysOfWeek"), "and keeps all that it says: {one}");
    }

    #[test]
    fn what_graph_reads_back_equals_what_an_author_wrote() {
        let no_end = json!({"type": "noEnd"});
        let numbered = json!({"type": "numbered", "numberOfOccurrences": 10});
        let end_date = json!({"type": "endDate", "endDate": "2027-03-30"});
        for (pattern, range) in [
            (json!({"type": "daily", "interval": 2}), no_end.clone()),
            (json!({"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "tuesday"]}), end_date),
            (json!({"type": "absoluteMonthly", "interval": 3, "dayOfMonth": 31}), numbered),
            (
                json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["friday"], "index": "last"}),
                no_end.clone(),
            ),
            (json!({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 29, "month": 2}), no_end.clone()),
            (json!({"type": "relativeYearly", "interval": 1, "daysOfWeek": ["monday"], "month": 5}), no_end),
        ] {
            let live = padded(pattern.clone(), range.clone());
            let mut written = json!({"pattern": pattern, "range": range});
            written["range"]["startDate"] = json!("2026-12-01");
            written["range"]["recurrenceTimeZone"] = json!("Europe/Oslo");
            assert_eq!(normal(&live), normal(&written));
            written["range"]["recurrenceTimeZone"] = json!("W. Europe Standard Time");
            assert_eq!(normal(&live), written, "nothing is left over");
        }
    }

    #[test]
    fn the_first_day_of_the_week_counts_only_where_weeks_are_skipped() {
        for (interval, days, expect) in [
            (1, json!(["tuesday", "sunday", "tuesday"]), json!(null)),
            (2, json!(["sunday", "tuesday"]), json!("monday")),
        ] {
            let pattern = json!({
                "type": "weekly", "interval": interval, "daysOfWeek": days, "firstDayOfWeek": "monday",
            });
            let normal = normal(&padded(pattern, json!({"type": "noEnd"})));
            assert_eq!(normal["pattern"]["firstDayOfWeek"], expect);
            assert_eq!(normal["pattern"]["daysOfWeek"], json!(["sunday", "tuesday"]));
        }
    }

    #[test]
    fn zones_that_keep_other_times_stay_two() {
        let zone_of = |name: &str| {
            let range = json!({"type": "noEnd", "recurrenceTimeZone": name});
            let normal = normal(&padded(json!({"type": "daily"}), range));
            normal["range"]["recurrenceTimeZone"].clone()
        };
        for (name, expect) in [
            ("America/Chicago", json!("Central Standard Time")),
            ("america/winnipeg", json!("America/Winnipeg")),
            ("tzone://Microsoft/Custom", json!("tzone://Microsoft/Custom")),
            ("", json!(null)),
        ] {
            assert_eq!(zone_of(name), expect, "{name}");
        }
    }

    #[test]
    fn what_is_not_valid_comes_back_as_it_is() {
        for value in [json!(null), json!("weekly"), json!({"pattern": {"type": "hourly"}})] {
            assert_eq!(normal(&value), value);
        }
    }
}
