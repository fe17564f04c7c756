//! What to say of a zone's name: the way out of an unknown one, and what a name leaves out of the year.

use crate::when::windows;
use crate::when::zones::{NAMES, zone};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Below this likeness (1.0 is equal) a suggestion would be a guess; three of four letters right is the least.
const ALIKE: f64 = 0.7;

/// No name is half as long; what is longer gets no suggestion, since comparing takes time by the square.
const LONGEST: usize = 80;

/// Names that people and older systems use, and the zone that is meant.
const MEANT: [(&str, &str); 18] = [
    ("bst", "Europe/London"),
    ("cdt", "America/Chicago"),
    ("central european summer time", "Europe/Berlin"),
    ("central european time", "Europe/Berlin"),
    ("central time", "America/Chicago"),
    ("cest", "Europe/Berlin"),
    ("cst", "America/Chicago"),
    ("eastern time", "America/New_York"),
    ("edt", "America/New_York"),
    ("greenwich mean time", "Europe/London"),
    ("jst", "Asia/Tokyo"),
    ("mdt", "America/Denver"),
    ("mexico standard time", "Central Standard Time (Mexico)"),
    ("mexico standard time 2", "Mountain Standard Time (Mexico)"),
    ("mountain time", "America/Denver"),
    ("pacific time", "America/Los_Angeles"),
    ("pdt", "America/Los_Angeles"),
    ("pst", "America/Los_Angeles"),
];

/// Zones whose names promise a place's winter time and which keep it all year, with the zone that has its summer time too.
const WINTER: [(&str, &str); 2] = [("est", "America/New_York"), ("mst", "America/Denver")];

/// Places whose clocks stand for those of most people who change them.
const CHANGING: [&str; 2] = ["Europe/Berlin", "America/New_York"];

/// Gives the way out of a zone's name that is unknown.
pub fn instead(name: &str) -> String {
    let place = "write the zone of a place, such as `Europe/Berlin`";
    match offset(name) {
        Some(0) => return format!("{place}, or `UTC`"),
        // The signs of these names are those of POSIX: behind Greenwich is plus.
        Some(minutes) if minutes % 60 == 0 && (-12..=14).contains(&(minutes / 60)) => {
            let hours = minutes / 60;
            return format!("{place}, or `Etc/GMT{:+}` for {hours:+} hours all year", -hours);
        }
        Some(_) => return place.into(),
        None => {}
    }
    match nearest(name) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "write an IANA name such as `Europe/Berlin`, or a Windows name".into(),
    }
}

/// Gives the zone that has the summer time which a known zone lacks although its name is that of a place's time: `EST`.
pub fn with_summer_time(name: &str) -> Option<&'static str> {
    WINTER.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, place)| *place)
}

/// Says whether a zone is an offset by its very name, and no place's: `UTC`, `Etc/GMT-2`, `EST`.
pub fn is_offset(name: &str) -> bool {
    let name = name.to_lowercase();
    let of_offsets = ["etc/", "utc", "gmt0", "gmt+", "gmt-", "tzone://microsoft/utc"];
    of_offsets.iter().any(|it| name.starts_with(it))
        || ["gmt", "greenwich", "uct", "universal", "zulu", "est", "mst", "hst"].contains(&&*name)
}

/// Gives the first day after `from` and before `until` on which the clocks of many people change, with a place of theirs.
pub fn clocks_change(from: Timestamp, until: Timestamp) -> Option<(Date, &'static str)> {
    let change = |name: &'static str| {
        let zone = TimeZone::get(name).ok()?;
        let at = zone.following(from).next()?.timestamp();
        (at < until).then(|| (at.to_zoned(zone.clone()).date(), name))
    };
    CHANGING.into_iter().filter_map(change).min()
}

/// Suggests a name for an unknown zone: the one that is meant by it, or the IANA or Windows name most like it.
///
/// A city alone is enough: `Berlin` suggests `Europe/Berlin`.
fn nearest(name: &str) -> Option<String> {
    if name.len() > LONGEST {
        return None;
    }
    let meant = MEANT.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    if let Some((_, zone)) = meant {
        return Some((*zone).to_owned());
    }
    let asked = name.to_lowercase().replace(' ', "_");
    let best = (NAMES.windows_of)
        .keys()
        .map(|known| (likeness(&asked, &known.replace(' ', "_")), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))?
        .1;
    match NAMES.iana_of.contains_key(best) {
        true => windows(best).map(str::to_string),
        false => zone(best)?.iana_name().map(str::to_string),
    }
}

/// How alike two names are, 0.0 to 1.0; the city of an IANA name counts nearly as much as the whole of it, and what all
/// Windows names have in common counts for nothing.
fn likeness(asked: &str, known: &str) -> f64 {
    let common = "_standard_time";
    let (asked, known) = match (asked.strip_suffix(common), known.strip_suffix(common)) {
        (Some(asked), Some(known)) => (asked, known),
        _ => (asked, known),
    };
    let whole = strsim::normalized_damerau_levenshtein(asked, known);
    let city = known.rsplit('/').next().unwrap_or(known);
    whole.max(strsim::normalized_damerau_levenshtein(asked, city) * 0.99)
}

/// Reads an offset, `UTC+2`, `GMT-05:30`, `+01:00`, in minutes.
fn offset(name: &str) -> Option<i64> {
    let name = name.trim().to_ascii_lowercase();
    let name = ["utc", "gmt"].iter().find_map(|it| name.strip_prefix(it)).unwrap_or(&name).trim();
    let (sign, rest) = match name.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, name.strip_prefix(['-', '\u{2212}'])?),
    };
    let (hours, minutes) = match (rest.split_once(':'), rest.len()) {
        (Some(both), _) => both,
        (None, 4) if rest.is_ascii() => rest.split_at(2),
        (None, _) => (rest, "0"),
    };
    let number = |text: &str, most| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
        text.parse().ok().filter(|it: &i64| digits && *it <= most)
    };
    Some(sign * (number(hours, 18)? * 60 + number(minutes, 59)?))
}

#[cfg(test)]
mod tests {
    use super::{MEANT, WINTER, clocks_change, instead, is_offset, with_summer_time};
    use crate::when::{instant, zone};

    #[test]
    fn an_unknown_zone_gets_a_way_out_that_is_known() {
        let (place, write) = ("did you mean", "write the zone of a place, such as `Europe/Berlin`");
        let guess = "write an IANA name such as `Europe/Berlin`, or a Windows name";
        for (name, expect) in [
            ("Europe/Berln", format!("{place} `Europe/Berlin`?")),
            ("berlin", format!("{place} `Europe/Berlin`?")),
            ("New York", format!("{place} `America/New_York`?")),
            ("W Europe Standard Time", format!("{place} `W. Europe Standard Time`?")),
            ("Eastern Standard Tme", format!("{place} `Eastern Standard Time`?")),
            ("Amerika/Toronto", format!("{place} `America/Toronto`?")),
            ("Mexico Standard Time", format!("{place} `Central Standard Time (Mexico)`?")),
            ("Greenwich Mean Time", format!("{place} `Europe/London`?")),
            ("CEST", format!("{place} `Europe/Berlin`?")),
            ("GMT+2", format!("{write}, or `Etc/GMT-2` for +2 hours all year")),
            ("UTC+2", format!("{write}, or `Etc/GMT-2` for +2 hours all year")),
            ("utc-05:00", format!("{write}, or `Etc/GMT+5` for -5 hours all year")),
            ("+0100", format!("{write}, or `Etc/GMT-1` for +1 hours all year")),
            ("UTC+00:00", format!("{write}, or `UTC`")),
            ("UTC+5:30", write.to_owned()),
            ("UTC+15", write.to_owned()),
            ("Mars", guess.to_owned()),
            ("UTC+é", guess.to_owned()),
            (&"Berlin".repeat(100), guess.to_owned()),
            ("", guess.to_owned()),
        ] {
            let way_out = instead(name);
            assert_eq!(way_out, expect, "{name}");
            let names = way_out.split('`').skip(1).step_by(2);
            assert!(zone(name).is_none() && names.clone().all(|it| zone(it).is_some()), "{name}");
        }
        assert!(MEANT.iter().all(|(name, meant)| zone(name).is_none() && zone(meant).is_some()));
        assert!(WINTER.iter().all(|(name, place)| zone(name).is_some() && zone(place).is_some()));
    }

    #[test]
    fn an_offset_is_known_by_its_name() {
        for name in ["UTC", "utc", "Etc/GMT-2", "Etc/UTC", "UTC-11", "GMT", "GMT+0", "EST", "tzone://Microsoft/Utc"] {
            assert!(is_offset(name) && zone(name).is_some(), "{name}");
        }
        for name in
            ["Europe/Berlin", "Asia/Tokyo", "GMT Standard Time", "Greenwich Standard Time", "Eastern Standard Time"]
        {
            assert!(!is_offset(name) && zone(name).is_some(), "{name}");
        }
        assert_eq!(with_summer_time("EST"), Some("America/New_York"));
        assert_eq!(with_summer_time("Eastern Standard Time"), None);
    }

    #[test]
    fn the_next_change_of_clocks_is_found_wherever_it_comes_first() {
        for (from, until, expect) in [
            ("2027-01-12T09:00:00Z", "2027-03-02T09:00:00Z", None),
            ("2027-01-12T09:00:00Z", "2027-06-29T09:00:00Z", Some("2027-03-14 America/New_York")),
            ("2027-03-16T09:00:00Z", "2027-06-29T09:00:00Z", Some("2027-03-28 Europe/Berlin")),
        ] {
            let at = |text: &str| instant(text).expect(text);
            let change = clocks_change(at(from), at(until)).map(|(date, place)| format!("{date} {place}"));
            assert_eq!(change.as_deref(), expect, "{from} {until}");
        }
    }
}
