//! The dates of a series that are skipped because they are days off, told apart from those that its manifest declares one by one.

use crate::kind::Fault;
use crate::kind::days_off::Named;
use crate::reason::Reason;
use crate::recurrence;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Which dates a series skips.
#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct Skip {
    /// The name of a `DaysOff` of this workspace.
    #[schemars(example = &"berlin", regex(pattern = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"))]
    pub days_off: String,
}

/// How many dates one series may skip.
const MOST: usize = 500;

/// How many days may lie between two days off for the dates between them to be passed over one by one.
const NEAR: i32 = 60;

/// Returns the dates of a series that are days off, each with the name of the first `DaysOff` that has it. A day on which the series
/// has no date is nothing.
pub(super) fn expand(
    spec: &Map<String, Value>,
    recurrence: &Value,
    known: &Named,
    faults: &mut Vec<Fault>,
) -> BTreeMap<Date, String> {
    let mut all = BTreeMap::new();
    let list = spec.get("skip").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if list.is_empty() {
        return all;
    }
    if !recurrence.is_object() {
        // One that was refused has its own fault.
        if spec.get("recurrence").is_none_or(Value::is_null) {
            let hint = "add `recurrence`, or leave `skip` out";
            faults.push(Fault::new("/skip", "days off of an event that does not repeat", hint).about(&["recurrence"]));
        }
        return all;
    }
    for (index, entry) in list.iter().enumerate() {
        let Some(name) = entry.get("daysOff").and_then(Value::as_str) else { continue };
        match known.get(name) {
            Some(days) => {
                common(recurrence, days).for_each(|date| _ = all.entry(date).or_insert_with(|| name.to_owned()))
            }
            None => faults.push(unknown(index, name, known)),
        }
    }
    if all.len() > MOST {
        let message = format!("{} of its dates are days off, and one series may skip {MOST}", all.len());
        faults.push(Fault::new("/skip", message, "end the series earlier").coded(Reason::DaysOff));
        all.clear();
    }
    all
}

/// Writes the days off of a spec out: `skip` goes, and each date that it skips stands among the exceptions. Says whether there was
/// anything to write out.
pub fn written_out(spec: &mut Map<String, Value>, off: &BTreeMap<Date, String>) -> bool {
    if spec.shift_remove("skip").is_none() {
        return false;
    }
    if !off.is_empty() {
        let skipped = off.keys().map(|date| json!({"date": date.to_string(), "cancel": true}));
        let dates = spec.entry("exceptions").or_insert_with(|| json!([]));
        dates.as_array_mut().into_iter().for_each(|them| them.extend(skipped.clone()));
    }
    true
}

fn unknown(index: usize, name: &str, known: &Named) -> Fault {
    let names: Vec<String> = known.keys().take(5).map(|it| format!("`{it}`")).collect();
    let hint = match names.is_empty() {
        true => {
            "add a document of `kind: DaysOff` with this name, or name the file that it stands in as well".to_owned()
        }
        false => format!("there are {}", names.join(", ")),
    };
    let message = format!("no `DaysOff` of this name in these files: `{name}`");
    Fault::new(&format!("/skip/{index}/daysOff"), message, hint).coded(Reason::DaysOff)
}

/// The days that a series has. What lies far between two days costs nothing.
fn common<'a>(recurrence: &'a Value, days: &'a BTreeSet<Date>) -> impl Iterator<Item = Date> {
    let near = |day: Date| recurrence::dates_around(recurrence, day).ok().map(Iterator::peekable);
    let mut at = days.first().and_then(|first| Some((*first, near(*first)?)));
    days.iter().copied().filter(move |day| {
        let Some((before, dates)) = &mut at else { return false };
        if (*day - *before).get_days() > NEAR
            && let Some(from_here) = near(*day)
        {
            *dates = from_here;
        }
        *before = *day;
        while dates.next_if(|date| date < day).is_some() {}
        dates.peek() == Some(day)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Passing over is as good as looking at each date.
        #[test]
        fn the_common_days_are_those_that_both_have(days in prop::collection::btree_set(0_i32..1500, 0..60), step in 1_u32..9) {
            let start = jiff::civil::date(2027, 1, 1);
            let days: BTreeSet<Date> = days.into_iter().map(|it| start + jiff::Span::new().days(it)).collect();
            let series = json!({"pattern": {"type": "daily", "interval": step}, "range": {"type": "numbered", "numberOfOccurrences": 200, "startDate": "2027-02-01"}});
            let all: BTreeSet<Date> = recurrence::dates(&series).unwrap().collect();
            prop_assert_eq!(common(&series, &days).collect::<BTreeSet<_>>(), &all & &days);
        }
    }
}
