//! Days off: the dates on which series that name them have no occurrence.
//!
//! They never become a live object, so there is no table. Reading the calendar file beside them happens elsewhere.

use crate::kind::Fault;
use crate::problem::cut;
use crate::when;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// As manifests spell it.
pub const NAME: &str = "DaysOff";

/// The file of its published schema.
pub const FILE: &str = "days-off.schema.json";

/// How many days one document may hold: some ten years of a school.
pub const MOST: usize = 2000;

/// The days off of a workspace, by the name of their document.
pub type Named = BTreeMap<String, BTreeSet<Date>>;

/// Days on which nothing takes place: of a school, a town, a company.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "DaysOffSpec")]
pub struct DaysOff {
    /// Days, and ranges from the first to the last day.
    #[serde(default)]
    #[schemars(example = json!(["2027-10-03", "2027-12-24..2028-01-02"]), inner(pattern(DAYS)))]
    #[schemars(extend("x-hint" = "write a date, such as `2027-10-03`, or a range, such as `2027-12-24..2028-01-02`"))]
    pub dates: Vec<String>,
    /// The name of a calendar file (iCalendar) beside this one. Each of its events lasts whole days, and all of these are off.
    #[serde(default)]
    #[schemars(example = &"holidays.ics", regex(pattern = FILE_NAME))]
    #[schemars(extend("x-hint" = "name an `.ics` file in the folder of this one, or below it"))]
    pub file: Option<String>,
}

const DAYS: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$";

/// A path below the folder of the manifest: no part is empty, `.`, `..` or hidden.
const FILE_NAME: &str = r"^([^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069/\\:.][^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069/\\:]*/)*[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069/\\:.][^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069/\\:]*\.[Ii][Cc][Ss]$";

impl DaysOff {
    /// Returns the days that the document itself says, with what is wrong with them: pointers into its spec.
    pub fn dates(&self) -> (BTreeSet<Date>, Vec<Fault>) {
        let (mut days, mut faults) = (BTreeSet::new(), vec![]);
        if self.dates.is_empty() && self.file.is_none() {
            faults.push(Fault::new("", "no day is off", "write `dates`, or name a calendar `file`"));
        }
        for (index, text) in self.dates.iter().enumerate() {
            let mut wrong = |message: String, hint: &str| {
                faults.push(Fault::new(&format!("/dates/{index}"), message, hint));
            };
            let (first, last) = text.split_once("..").unwrap_or((text, text));
            match (when::date(first), when::date(last)) {
                (Err(message), _) | (_, Err(message)) => wrong(message, "write dates that the calendar has"),
                (Ok(first), Ok(last)) if last < first => {
                    wrong(format!("`{}` ends before it begins", cut(text)), "write the first day first");
                }
                (Ok(first), Ok(last)) => match add(&mut days, first, last) {
                    Ok(()) => {}
                    Err(message) => wrong(message, "write what is off in the years that matter"),
                },
            }
        }
        (days, faults)
    }
}

/// Adds a range, its last day included. Fails on more days than one document may hold.
pub fn add(days: &mut BTreeSet<Date>, first: Date, last: Date) -> Result<(), String> {
    let mut day = first;
    while day <= last {
        days.insert(day);
        if days.len() > MOST {
            return Err(format!("more than {MOST} days off"));
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_ranges_are_read_or_refused_in_their_place() {
        for (dates, expect) in [
            (&["2027-10-03"][..], "2027-10-03"),
            (&["2027-12-31..2028-01-02", "2028-01-01"], "2027-12-31 2028-01-01 2028-01-02"),
            (&["2028-02-28..2028-03-01"], "2028-02-28 2028-02-29 2028-03-01"),
            (&["2027-02-29"], "/dates/0: no such day or time: `2027-02-29`"),
            (&["2027-10-03", "2028-01-02..2027-12-24"], "/dates/1: `2028-01-02..2027-12-24` ends before it begins"),
            (&["2027-01-01..9999-12-31"], "/dates/0: more than 2000 days off"),
            (&[], ": no day is off"),
        ] {
            let written = DaysOff { dates: dates.iter().map(|it| (*it).to_owned()).collect(), file: None };
            let (days, faults) = written.dates();
            let got = match &faults[..] {
                [] => days.iter().map(Date::to_string).collect::<Vec<_>>().join(" "),
                [fault, ..] => format!("{}: {}", fault.at[0], fault.message),
            };
            assert!(got.starts_with(expect), "{dates:?}: {got}");
        }
    }
}
