//! Names of time zones: IANA to Windows and back.
//!
//! Graph takes every Windows name but only some IANA names, so a manifest's `Europe/Oslo` goes out as
//! `W. Europe Standard Time`. The pairs are Unicode's (`windows_zones.txt`, made by `scripts/windows-zones`); the clock
//! times behind the names are those of `jiff`'s compiled-in IANA database. Windows' own rules are not here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// What reads carry instead of a zone name for UTC, as in `originalStartTimeZone` (datetimetimezone.md).
const MICROSOFT_UTC: &str = "tzone://Microsoft/Utc";

/// Windows names of the last year: a server without them takes their places by their IANA names, with the clock that they had
/// before (TimeZoneConverter #204).
const NEW: [&str; 2] = ["Alberta Standard Time", "British Columbia Standard Time"];

/// Both directions of the table; keys are lower case.
pub struct Names {
    /// IANA and Windows names -> the Windows name in its own spelling.
    pub windows_of: BTreeMap<String, &'static str>,
    /// Windows names -> the IANA zone they lead back to.
    pub iana_of: BTreeMap<String, &'static str>,
}

/// The table of names, read once.
pub static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let (mut windows_of, mut iana_of) = (BTreeMap::new(), BTreeMap::new());
    let lines = include_str!("windows_zones.txt").lines();
    for (windows, iana) in lines.filter_map(|line| line.split_once('\t')) {
        windows_of.insert(iana.to_lowercase(), windows);
        windows_of.insert(windows.to_lowercase(), windows);
        // A Windows name leads back to the zone of its first line.
        iana_of.entry(windows.to_lowercase()).or_insert(iana);
    }
    Names { windows_of, iana_of }
});

/// Finds a zone by its IANA or Windows name, in any case; `None` when there is no such zone.
///
/// A Windows name gives the zone that Unicode's table names for it, so `W. Europe Standard Time` gives Europe/Berlin.
/// Also takes `UTC` and `tzone://Microsoft/Utc`, but not `tzone://Microsoft/Custom`, whose rules Graph keeps to itself.
pub fn zone(name: &str) -> Option<TimeZone> {
    if [MICROSOFT_UTC, "UTC"].iter().any(|utc| name.eq_ignore_ascii_case(utc)) {
        return Some(TimeZone::UTC);
    }
    // What is sent to Graph, and read back, is a Windows name.
    let found = TimeZone::get(NAMES.iana_of.get(&name.to_lowercase()).copied().unwrap_or(name)).ok()?;
    // The database also has placeholders that are no place's time (`Factory`, `Etc/Unknown`).
    let placeholder = found.is_unknown() || found.iana_name() == Some("Factory");
    (!placeholder).then_some(found)
}

/// Gives the Windows name, in its own spelling, of an IANA or Windows name in any case.
///
/// `None` for an unknown zone and for the one IANA zone that Windows has no name for, Antarctica/Troll.
pub fn windows(name: &str) -> Option<&'static str> {
    if name.eq_ignore_ascii_case(MICROSOFT_UTC) {
        return Some("UTC");
    }
    NAMES.windows_of.get(&name.to_lowercase()).copied()
}

/// Gives the name to send to Graph for a zone; `None` for an unknown one.
///
/// That is the Windows name, or the IANA name itself where the Windows zone keeps other clock times in the years 2026
/// to 2028, is so new that not every server knows it, or does not exist. Graph may refuse such an IANA name, since it takes only
/// some of them (datetimetimezone.md); better so than a meeting at the wrong hour.
pub fn name_in_graph(name: &str) -> Option<String> {
    let wanted = zone(name)?;
    let windows = windows(name).filter(|windows| !NEW.contains(windows));
    match windows.filter(|windows| zone(windows).is_some_and(|it| same_clock(&it, &wanted))) {
        Some(windows) => Some(windows.to_string()),
        None => wanted.iana_name().map(str::to_string),
    }
}

/// Says whether two zones show the same time at every instant of the years 2026 to 2028.
fn same_clock(one: &TimeZone, other: &TimeZone) -> bool {
    let offsets = |zone: &TimeZone| {
        let (from, to) = (new_year(2026), new_year(2029));
        let mut offsets = vec![(from, zone.to_offset(from))];
        for change in zone.following(from).take_while(|it| it.timestamp() < to) {
            // A change of name or of the DST flag alone leaves the clock as it is.
            if offsets.last().is_some_and(|it| it.1 != change.offset()) {
                offsets.push((change.timestamp(), change.offset()));
            }
        }
        offsets
    };
    one == other || offsets(one) == offsets(other)
}

fn new_year(year: i16) -> Timestamp {
    let midnight = civil::date(year, 1, 1).at(0, 0, 0, 0);
    let instant = TimeZone::UTC.to_timestamp(midnight);
    instant.expect("the years compared are far from the calendar's ends")
}

#[cfg(test)]
mod tests {
    use super::{NAMES, NEW, name_in_graph, windows, zone};

    fn iana_names() -> impl Iterator<Item = String> {
        jiff::tz::db().available().map(|name| name.to_string())
    }

    #[test]
    fn every_iana_zone_has_a_windows_name_but_a_known_few() {
        let without: Vec<_> = iana_names().filter(|name| windows(name).is_none()).collect();
        assert_eq!(without, ["Antarctica/Troll", "Factory"]);
    }

    #[test]
    fn every_name_of_the_table_is_a_zone() {
        let strangers: Vec<_> = NAMES.windows_of.keys().filter(|name| zone(name).is_none()).collect();
        assert!(strangers.is_empty(), "{strangers:?}");
        assert_eq!(NAMES.iana_of.len(), 141);
    }

    #[test]
    fn every_windows_name_leads_to_a_zone_that_leads_back_to_it() {
        for (lower, iana) in &NAMES.iana_of {
            assert_eq!(windows(iana).map(str::to_lowercase).as_ref(), Some(lower));
            let windows = windows(iana).filter(|it| !NEW.contains(it));
            assert_eq!(name_in_graph(lower).as_deref(), Some(windows.unwrap_or(iana)), "{lower}");
        }
    }

    #[test]
    fn a_zone_whose_windows_zone_keeps_other_times_or_is_new_goes_out_by_its_own_name() {
        let differ: Vec<_> = iana_names()
            .filter(|name| windows(name).is_some())
            .filter(|name| name_in_graph(name).as_deref() != windows(name))
            .collect();
        assert_eq!(
            differ,
            [
                "America/Edmonton",
                "America/Inuvik",
                "America/Rainy_River",
                "America/Scoresbysund",
                "America/Vancouver",
                "America/Winnipeg",
                "America/Yellowknife",
                "Antarctica/Casey",
                "Antarctica/Vostok",
                "Canada/Central",
                "Canada/Mountain",
                "Canada/Pacific",
            ]
        );
    }

    #[test]
    fn names_are_known_in_either_world_and_any_case() {
        for (name, iana, on_windows) in [
            ("Europe/Berlin", "Europe/Berlin", "W. Europe Standard Time"),
            ("europe/oslo", "Europe/Oslo", "W. Europe Standard Time"),
            ("w. europe standard time", "Europe/Berlin", "W. Europe Standard Time"),
            ("Asia/Calcutta", "Asia/Calcutta", "India Standard Time"),
            ("India Standard Time", "Asia/Kolkata", "India Standard Time"),
            ("US/Pacific", "US/Pacific", "Pacific Standard Time"),
            ("America/Vancouver", "America/Vancouver", "British Columbia Standard Time"),
            ("Alberta Standard Time", "America/Edmonton", "Alberta Standard Time"),
            ("UTC", "UTC", "UTC"),
            ("tzone://Microsoft/Utc", "UTC", "UTC"),
            ("UTC-11", "Etc/GMT+11", "UTC-11"),
        ] {
            let found = zone(name).expect(name);
            assert_eq!(found.iana_name(), Some(iana), "{name}");
            assert_eq!(windows(name), Some(on_windows), "{name}");
        }
    }

    #[test]
    fn what_is_no_zone_has_no_name() {
        for name in
            ["", "Europe/Atlantis", "Factory", "Etc/Unknown", "tzone://Microsoft/Custom", "../../etc/passwd", "CEST"]
        {
            assert!(zone(name).is_none(), "{name}");
            assert_eq!(name_in_graph(name), None, "{name}");
        }
        assert!(zone("Antarctica/Troll").is_some());
        assert_eq!(name_in_graph("antarctica/troll").as_deref(), Some("Antarctica/Troll"));
    }
}
