//! What a document of days off says: its own dates, and those of the calendar file beside it.

use crate::kind::days_off::{self, DaysOff};
use crate::manifest::yaml::Document;
use crate::manifest::{ics, located, not_utf8, rows, typed};
use crate::problem::{Problem, cut};
use crate::reason::Reason;
use crate::trouble::Trouble;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A calendar larger than this holds more than days off.
const MOST_BYTES: u64 = 2 << 20;

/// Where the document names its calendar.
const FILE: &str = "/spec/file";

/// Reads all days of a document. Fails with what is wrong, and the text of the file that it is wrong in.
pub fn read(document: &Document) -> Result<BTreeSet<Date>, (Vec<Problem>, Option<rows::Text>)> {
    let written: DaysOff = typed(document, "/spec");
    let (mut days, faults) = written.dates();
    if !faults.is_empty() {
        return Err((faults.into_iter().map(|fault| located(document, fault.coded(Reason::DaysOff))).collect(), None));
    }
    let Some(name) = &written.file else { return Ok(days) };
    let here = |what: String, hint: String| vec![Problem::new(Reason::File, document.place(FILE), what).hint(hint)];
    let bytes = rows::beside(document, name, MOST_BYTES, "write the days under `dates`").map_err(|error| {
        let Trouble { what, hint, .. } = Trouble::of(&error);
        let hint = hint.map_or_else(|| "name a file beside this one".to_owned(), |it| it.sentence);
        (here(format!("the calendar `{}` cannot be read: {what}", cut(name)), hint), None)
    })?;
    let file = rows::name_beside(document, name);
    let text = String::from_utf8(bytes).map_err(|error| (vec![not_utf8(file.clone(), &error)], None))?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    match ics::days(&file, &text) {
        Ok(found) => days.extend(found),
        Err(problems) => return Err((problems, Some((file, text)))),
    }
    match days.len() > days_off::MOST {
        true => {
            Err((here(format!("more than {} days off", days_off::MOST), "keep the years that matter".into()), None))
        }
        false => Ok(days),
    }
}
