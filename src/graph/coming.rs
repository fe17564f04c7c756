//! Reads what calendars show of the weeks ahead (calendar-list-calendarview.md): each date of a series as it takes place, those that
//! were moved where they are now, those that were skipped not at all. One request a calendar, whatever stands in it.

use crate::graph::{Client, Get};
use crate::kind::event::read;
use crate::model::{Have, Live};
use crate::route::{self, EVENT_PREFER};
use crate::trouble::Trouble;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Items asked for in one page.
const PAGE: usize = 500;

/// What calendars show between two times.
#[derive(Default)]
pub struct Coming {
    /// The dates of a series by the id of the series, in the order of time.
    pub dates: BTreeMap<String, Vec<Map<String, Value>>>,
    /// The calendars that could not be read, by organizer, and why.
    pub failures: BTreeMap<String, Trouble>,
}

impl Coming {
    /// The dates of a series that were found.
    pub fn of(&self, have: &Have) -> &[Map<String, Value>] {
        self.dates.get(&have.id).map_or(&[], Vec::as_slice)
    }
}

/// Reads the dates of these series between two times; with their `attendees` if that is asked for. A series in a calendar whose id is
/// not known is left out.
pub async fn coming(
    client: &Client,
    live: &Live,
    series: &[&Have],
    (from, until): (Timestamp, Timestamp),
    attendees: bool,
) -> Coming {
    let calendars: BTreeSet<(&str, String)> = series.iter().filter_map(|have| place(live, have)).collect();
    let query = read::ahead(from, until, attendees);
    let gets = calendars.iter().map(|(organizer, place)| Get {
        mailbox: (*organizer).to_owned(),
        path: format!("{}{place}/calendarView?{query}&$top={PAGE}", route::mailbox(organizer)),
        prefer: Some(EVENT_PREFER.into()),
    });
    let answers = client.list(gets.collect()).await;
    let ids: BTreeSet<&str> = series.iter().map(|have| have.id.as_str()).collect();
    let mut coming = Coming::default();
    for ((organizer, _), answer) in calendars.iter().zip(answers) {
        match answer {
            Ok(items) => {
                for item in items {
                    let Value::Object(own) = item else { continue };
                    if let Some(id) = own.get(read::MASTER).and_then(Value::as_str).filter(|id| ids.contains(id)) {
                        coming.dates.entry(id.to_owned()).or_default().push(own);
                    }
                }
            }
            Err(failure) => _ = coming.failures.insert((*organizer).to_owned(), client.trouble(&failure)),
        }
    }
    coming
}

/// The organizer of a series, and the path of its calendar below their mailbox.
fn place<'a>(live: &Live, have: &'a Have) -> Option<(&'a str, String)> {
    let Some(name) = &have.calendar else { return Some((&have.organizer, String::new())) };
    let calendar = live.mailboxes.get(&have.organizer)?.calendars.get(name)?;
    Some((&have.organizer, format!("/calendars/{}", route::encoded(&calendar.id))))
}
