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
    by_name: HashMap<String, Zone>,
    windows: Vec<&'static str>,
    iana: Vec<&'static str>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table { by_name: HashMap::new(), windows: Vec::new(), iana: Vec::new() };
        for line in include_str!("zones.txt").lines() {
            let mut names = line.split('|');
            let windows = names.next().unwrap_or("UTC");
            table.windows.push(windows);
            for (place, iana) in names.enumerate() {
                // A zone that the bundled database lacks is left out rather than guessed.
                let Ok(rules) = TimeZone::get(iana) else { continue };
                let rules = if windows == "UTC" { TimeZone::UTC } else { rules };
                if place == 0 {
                    table.by_name.insert(windows.to_lowercase(), Zone { windows, rules: rules.clone() });
                }
                table.iana.push(iana);
                table.by_name.insert(iana.to_lowercase(), Zone { windows, rules });
            }
        }
        let utc = Zone { windows: "UTC", rules: TimeZone::UTC };
        table.by_name.insert("tzone://microsoft/utc".into(), utc);
        table
    })
}

/// Finds a zone by its Windows or IANA name; case does not matter.
pub fn find(name: &str) -> Outcome<&'static Zone> {
    match table().by_name.get(&name.to_lowercase()) {
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
