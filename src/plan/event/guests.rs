//! Who is invited to one date of a series that has guests of its own: the list as it is, and as it is to be sent.
//!
//! The date is invited as the series is, with whom it adds and without whom it leaves out; whom others added there stays.

use crate::kind::compare::{self, Compare};
use crate::kind::event::Attendee;
use crate::plan::event::occurrence::{Case, Standing};
use crate::plan::mail::People;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The list of one date.
pub(super) struct Guests {
    /// As it is when the date is written, and as it is sent.
    pub live: Value,
    pub sent: Value,
    /// Whose part on the list the date itself says is not as declared.
    pub differs: bool,
    /// The series invites or lets go somebody in this very plan, and the date, which has a list of its own, is to follow.
    pub follows: bool,
}

impl Guests {
    /// Looks at a date that declares `guests`: by address whom it adds, null for whom it leaves out.
    pub fn of(case: &Case, guests: &Map<String, Value>) -> Guests {
        let series = case.series;
        let list = series.want.key.kind().compared(Compare::People).map_or("", |field| field.name);
        let whole =
            by_address(series.want.spec.own.get(list).or_else(|| series.have.and_then(|have| have.own.get(list))));
        // Where it is as the series is, the series' own request tells everybody.
        let apart = matches!(case.standing, Standing::Changed(_)) && !case.is_invited_as_the_series();
        let live = if apart { by_address(case.live.get(list)) } else { whole.clone() };
        let mut sent = live.clone();
        if apart {
            let (before, after) = (series.before, series.invited());
            let come = whole.iter().filter(|(address, _)| after.contains(*address) && !before.contains(*address));
            sent.extend(come.map(|(address, entry)| (address.clone(), entry.clone())));
            sent.retain(|address, _| after.contains(address) || !before.contains(address));
        }
        let follows = sent.keys().ne(live.keys());
        // Whom this date added before, or left out.
        let before = |address: &str| case.named_before(address);
        let back: Vec<_> =
            whole.iter().filter(|(address, _)| before(address) && !sent.contains_key(*address)).collect();
        sent.extend(back.into_iter().map(|(address, entry)| (address.clone(), entry.clone())));
        sent.retain(|address, _| !before(address) || whole.contains_key(address));
        for (address, entry) in guests {
            match (entry.is_null(), sent.get(address)) {
                (true, _) => drop(sent.remove(address)),
                (false, Some(there)) if there["type"] == entry["type"] => {}
                (false, _) => drop(sent.insert(address.clone(), entry.clone())),
            }
        }
        let (live, sent) = (in_order(&live, case.live.get(list)), in_order(&sent, case.live.get(list)));
        let differs = !compare::same(Compare::People, &sent, &live);
        Guests { live, sent, differs, follows }
    }

    /// Everybody on a list but the organizer.
    pub fn people(list: &Value, organizer: &str) -> People {
        let mut people: People = list.as_array().into_iter().flatten().filter_map(compare::address).collect();
        people.remove(organizer);
        people
    }
}

fn by_address(list: Option<&Value>) -> BTreeMap<String, Value> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|entry| Some((compare::address(entry)?, entry.clone()))).collect()
}

/// The entries in the order of a list, and then those that it lacks. What Graph alone writes of an entry is not sent back.
fn in_order(entries: &BTreeMap<String, Value>, list: Option<&Value>) -> Value {
    let listed: Vec<String> =
        list.and_then(Value::as_array).into_iter().flatten().filter_map(compare::address).collect();
    let others = entries.keys().filter(|address| !listed.contains(address));
    let names = listed.iter().chain(others);
    names.filter_map(|address| entries.get(address)).map(|entry| Attendee::of(entry).entry()).collect()
}
