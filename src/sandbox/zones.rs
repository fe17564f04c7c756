//! Time zones as a mailbox server knows them: Windows names, and the IANA names that map to one.
//!
//! `zones.txt` is CLDR's table (Windows name, main IANA name, further ones, separated by `|`). A name that is not in it is
//! refused, as Exchange refuses most odd IANA names (datetimetimezone.md). Reads name zones in Windows style.
//!
//! A server may hold older tables than the reader (TimeZoneConverter #204): `served` says for one request which ones it has.

use std::{cell::Cell, collections::HashMap, sync::OnceLock};

use jiff::tz::TimeZone;

use crate::sandbox::answer::{Outcome, refuse};

/// A zone that the mailbox server knows.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The Windows name, e.g. `W. Europe Standard Time`.
    pub windows: &'static str,
    /// The rules.
    pub rules: TimeZone,
}

struct Table {
    /// Lower-case names, each with its place in `entries`.
    by_name: HashMap<String, usize>,
    entries: Vec<Entry>,
    windows: Vec<&'static str>,
    iana: Vec<&'static str>,
}

/// A zone whose rules are read when it is first asked for.
struct Entry {
    windows: &'static str,
    iana: &'static str,
    zone: OnceLock<Option<Zone>>,
}

impl Entry {
    fn zone(&self) -> Option<&Zone> {
        let read = || {
            let rules = if self.windows == "UTC" { Some(TimeZone::UTC) } else { TimeZone::get(self.iana).ok() };
            rules.map(|rules| Zone { windows: self.windows, rules })
        };
        self.zone.get_or_init(read).as_ref()
    }
}

/// Names of the last year that older tables lack, each with the zone that its places kept before.
const NEW: [(&str, &str); 3] = [
    ("British Columbia Standard Time", "Pacific Standard Time"),
    ("Alberta Standard Time", "Mountain Standard Time"),
    ("Manitoba Standard Time", "Central Standard Time"),
];

thread_local! {
    static OLD: Cell<bool> = const { Cell::new(false) };
}

/// Does one request on a server whose tables are a year `old`, or up to date.
pub fn served<T>(old: bool, request: impl FnOnce() -> T) -> T {
    let before = OLD.replace(old);
    let done = request();
    OLD.set(before);
    done
}

fn table() -> &'static Table {
    static TABLES: [OnceLock<Table>; 2] = [const { OnceLock::new() }; 2];
    let old = OLD.get();
    TABLES[usize::from(old)].get_or_init(|| read(old))
}

fn read(old: bool) -> Table {
    let mut table = Table { by_name: HashMap::new(), entries: Vec::new(), windows: Vec::new(), iana: Vec::new() };
    let lines = || include_str!("zones.txt").lines().filter_map(|it| it.split_once('|'));
    let before = |windows: &str| NEW.iter().find(|(new, _)| old && *new == windows).map(|(_, before)| *before);
    for (windows, names) in lines().filter(|(windows, _)| before(windows).is_none()) {
        table.windows.push(windows);
        for (place, iana) in names.split('|').enumerate() {
            let at = table.entries.len();
            if place == 0 {
                table.by_name.insert(windows.to_lowercase(), at);
            }
            table.iana.push(iana);
            table.by_name.insert(iana.to_lowercase(), at);
            table.entries.push(Entry { windows, iana, zone: OnceLock::new() });
        }
    }
    for (windows, names) in lines() {
        let Some(at) = before(windows).map(|it| table.by_name[&it.to_lowercase()]) else {
            continue;
        };
        for iana in names.split('|') {
            table.iana.push(iana);
            table.by_name.insert(iana.to_lowercase(), at);
        }
    }
    let utc = table.by_name["utc"];
    table.by_name.insert("tzone://microsoft/utc".into(), utc);
    table
}

/// Finds a zone by its Windows or IANA name; case does not matter.
pub fn find(name: &str) -> Outcome<&'static Zone> {
    let at = table().by_name.get(name).or_else(|| table().by_name.get(&name.to_lowercase()));
    match at.and_then(|at| table().entries[*at].zone()) {
        Some(zone) => Ok(zone),
        None => refuse(
            400,
            "TimeZoneNotSupportedException",
            format!(
                "A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
            ),
        ),
    }
}

/// Returns all names of one style (outlookuser-supportedtimezones.md).
pub fn names(iana: bool) -> &'static [&'static str] {
    if iana { &table().iana } else { &table().windows }
}

/// Returns UTC.
pub fn utc() -> &'static Zone {
    find("UTC").expect("the table holds UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_table_has_rules() {
        for name in names(true).iter().chain(names(false)) {
            assert!(find(name).is_ok(), "{name}");
        }
        assert_eq!(find("europe/berlin").expect("known").windows, "W. Europe Standard Time");
        assert!(find("Mars/Olympus").is_err());
    }

    #[test]
    fn older_tables_lack_the_newest_names_and_know_the_places_by_their_former_zones() {
        served(true, || {
            assert!(find("British Columbia Standard Time").is_err());
            assert_eq!(find("America/Vancouver").expect("known").windows, "Pacific Standard Time");
            assert!(!names(false).contains(&"Alberta Standard Time") && names(true).contains(&"America/Inuvik"));
        });
        assert_eq!(find("America/Vancouver").expect("known").windows, "British Columbia Standard Time");
    }
}
