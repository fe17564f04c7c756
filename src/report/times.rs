//! Times as their author wrote them: on the clock of the manifest, with the weekday; how many dates of a series they move.

use crate::plan::Clock;
use crate::plural::count;
use crate::when::Spoken;
use serde_json::Value;

/// Words a time; `None` for what is none.
pub fn time(value: &Value, clock: Option<&Clock>) -> Option<String> {
    Some(match spoken(value, clock)? {
        whole if whole.whole_day => whole.local(),
        other => other.to_string(),
    })
}

/// Words a time that changes: what both have in common is said once. `dates` adds which dates of a series it is about.
pub fn change(current: &Value, desired: &Value, clock: Option<&Clock>, dates: bool) -> Option<(String, String)> {
    let (from, to) = (spoken(current, clock)?, spoken(desired, clock)?);
    let about = if dates { clock.and_then(about).unwrap_or_default() } else { String::new() };
    // Other zones, or tables of zones, may show the same time.
    if from.zone != to.zone || from.at == to.at {
        let raw = |value, of: &Spoken| {
            if from.at == to.at { Spoken::of(value, None).unwrap_or(of.clone()) } else { of.clone() }
        };
        return Some((raw(current, &from).to_string(), format!("{}{about}", raw(desired, &to))));
    }
    if to.whole_day {
        return Some((from.local(), to.local() + &about));
    }
    let then = if from.at.date() == to.at.date() { to.time() } else { to.local() };
    Some((from.local(), format!("{then} {}{about}", to.zone)))
}

fn spoken(value: &Value, clock: Option<&Clock>) -> Option<Spoken> {
    let spoken = Spoken::of(value, clock.and_then(|clock| clock.zone.as_deref()))?;
    Some(Spoken { whole_day: clock.is_some_and(|clock| clock.all_day), ..spoken })
}

fn about(clock: &Clock) -> Option<String> {
    let series = clock.series.as_ref()?;
    Some(match (series.dates, series.last) {
        (Some(dates), Some(last)) => format!(" ({} to {last})", count(usize::try_from(dates).ok()?, "date")),
        _ => " (all dates)".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Extent;
    use serde_json::json;

    #[test]
    fn what_two_times_have_in_common_is_said_once() {
        let clock = |all_day, dates| {
            let last = "2027-06-29".parse().ok();
            Clock { zone: Some("Europe/Berlin".into()), all_day, series: Some(Extent { dates, last }) }
        };
        let at = |text: &str, zone: &str| json!({"dateTime": text, "timeZone": zone});
        let west = "W. Europe Standard Time";
        let (timed, endless, whole) = (clock(false, Some(25)), clock(false, None), clock(true, Some(25)));
        for (current, desired, clock, expect) in [
            (
                at("2027-01-12T09:00:00", "UTC"),
                at("2027-01-12T11:00:00", west),
                Some(&timed),
                "Tue 2027-01-12 10:00 -> 11:00 Europe/Berlin (25 dates to 2027-06-29)",
            ),
            (
                json!("2027-01-12T09:00:00Z"),
                json!("2027-01-13T09:00:00Z"),
                Some(&endless),
                "Tue 2027-01-12 10:00 -> Wed 2027-01-13 10:00 Europe/Berlin (all dates)",
            ),
            (
                at("2027-01-12T00:00:00", west),
                at("2027-01-13T00:00:00", west),
                Some(&whole),
                "Tue 2027-01-12 -> Wed 2027-01-13 (25 dates to 2027-06-29)",
            ),
            (
                at("2027-01-12T10:00:00", "tzone://Microsoft/Custom"),
                at("2027-01-12T11:00:00", west),
                None,
                "Tue 2027-01-12 10:00 tzone://Microsoft/Custom -> Tue 2027-01-12 11:00 Europe/Berlin",
            ),
            (
                at("2027-01-12T09:00:00", "UTC"),
                at("2027-01-12T10:00:00", west),
                Some(&clock(false, Some(25))),
                "Tue 2027-01-12 09:00 UTC -> Tue 2027-01-12 10:00 Europe/Berlin (25 dates to 2027-06-29)",
            ),
        ] {
            let (from, to) = change(&current, &desired, clock, true).expect("both are times");
            assert_eq!(format!("{from} -> {to}"), expect);
        }
    }
}
