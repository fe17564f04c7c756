//! Time zones as a mailbox server knows them: Windows names, and the IANA names that map to one.
//!
//! `zones.txt` is CLDR's table (Windows name, main IANA name, further ones, separated by `|`). A name that is not in it is
//! refused, as Exchange refuses most odd IANA names (datetimetimezone.md). Reads name zones in Windows style.

use std::{collections::HashMap, sync::OnceLock};

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

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table { by_name: HashMap::new(), entries: Vec::new(), windows: Vec::new(), iana: Vec::new() };
        for line in include_str!("zones.txt").lines() {
            let mut names = line.split('|');
            let windows = names.next().unwrap_or("UTC");
            table.windows.push(windows);
            for (place, iana) in names.enumerate() {
                let at = table.entries.len();
                if place == 0 {
                    table.by_name.insert(windows.to_lowercase(), at);
                }
                table.iana.push(iana);
                table.by_name.insert(iana.to_lowercase(), at);
                table.entries.push(Entry { windows, iana, zone: OnceLock::new() });
            }
        }
        let utc = table.by_name["utc"];
        table.by_name.insert("tzone://microsoft/utc".into(), utc);
        table
    })
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
}
