//! Rules of iCalendar.

use convoke::face::recurrence::{dates, from_rrule, normal};
use convoke::face::when;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// More dates than a rule may count.
const MANY: usize = 1200;

/// Takes the first line of bytes for the start of a series and its zone, `2027-01-12T10:00 Europe/Berlin`, and the rest for its
/// rule.
///
/// A rule that is taken has dates in order and within its range, and its normal form has the same; one that is refused is told
/// the nearest that is taken and begins with the start.
pub fn rrule(data: &[u8]) -> bool {
    let Some((start, zone, rule)) = std::str::from_utf8(data).ok().and_then(series) else { return false };
    match from_rrule(rule, start, &zone) {
        Ok(recurrence) => {
            held(recurrence, start.date(), rule);
            true
        }
        Err(refused) => {
            let most = 400 + 8 * rule.len();
            assert!(refused.message.len() < most && !refused.message.contains('\n'), "{rule:?}: {refused:?}");
            if let Some(nearest) = refused.nearest {
                assert!(nearest.len() < most, "{rule:?}: {nearest}");
                let read = from_rrule(&nearest, start, &zone);
                let read = read.unwrap_or_else(|it| panic!("{rule:?}: `{nearest}` is not taken either: {it:?}"));
                assert_eq!(held(read, start.date(), rule), Some(start.date()), "{rule:?}: {nearest}");
            }
            false
        }
    }
}

fn series(text: &str) -> Option<(DateTime, TimeZone, &str)> {
    let (first, rule) = text.split_once('\n')?;
    let (start, zone) = first.split_once(' ')?;
    Some((start.parse().ok()?, when::zone(zone)?, rule))
}

/// Returns the first date.
fn held(mut recurrence: Value, start: Date, rule: &str) -> Option<Date> {
    recurrence["range"]["startDate"] = json!(start.to_string());
    let range = &recurrence["range"];
    let end = range["endDate"].as_str().map(|it| it.parse::<Date>().expect("an end is a date"));
    let all = match dates(&recurrence) {
        Ok(all) => all.take(MANY).collect::<Vec<_>>(),
        // What ends before it begins has no dates.
        Err(_) if end.is_some_and(|end| end < start) => return None,
        Err(why) => panic!("{rule:?}: what was taken is no recurrence: {why}: {recurrence}"),
    };
    assert!(all.is_sorted_by(|one, next| one < next), "{rule:?}: {recurrence}");
    assert!(all.iter().all(|it| *it >= start && end.is_none_or(|end| *it <= end)), "{rule:?}: {recurrence}");
    if let Some(count) = range["numberOfOccurrences"].as_u64() {
        assert!(all.len() as u64 <= count && count < MANY as u64, "{rule:?}: {recurrence}");
    }
    let again = normal(&recurrence);
    let same = dates(&again).expect("a normal form is a recurrence");
    assert!(same.take(MANY).eq(all.iter().copied()), "{rule:?}: {recurrence} is not {again}");
    all.first().copied()
}
