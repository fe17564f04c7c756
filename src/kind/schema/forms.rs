//! Forms of text that editors underline where they do not fit, and which times go together.
//!
//! In the schema that manifests are held against, `x-form` only names the form of a text: what is wrong with it, and the way out, the
//! kind says better. A published schema has a pattern there, which may take too much but never refuses what the program takes.

use crate::kind::mailbox;
use crate::kind::schema::lines::LINE;
use crate::kind::schema::template::EXPRESSION;
use serde_json::{Map, Value, json};

/// Names the form of a text.
pub const FORM: &str = "x-form";

/// An expression may stand for a text that has a form.
pub const OPEN: &str = "x-open";

/// A date of which the month may have the day; editors look no closer at `format: date`.
const DAY: &str =
    "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))";
const CLOCK: &str = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(\.[0-9]{1,9})?";

/// The first parts of IANA's names, and names of one part.
const AREAS: &str =
    "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US";
const ALONE: &str = "CET|CST6CDT|Cuba|EET|Egypt|Eire|EST|EST5EDT|GB|GB-Eire|GMT|GMT[+]0|GMT-0|GMT0|Greenwich|Hongkong|HST|Iceland|\
                     Iran|Israel|Jamaica|Japan|Kwajalein|Libya|MET|MST|MST7MDT|Navajo|NZ|NZ-CHAT|Poland|Portugal|PRC|PST8PDT|ROC|ROK|\
                     Singapore|Turkey|UCT|Universal|W-SU|WET|Zulu";

/// Turns the names of forms into patterns, and says which times go together, in the schema of one document.
pub fn write_out(schema: &mut Map<String, Value>) {
    if let Some(form) = schema.shift_remove(FORM) {
        let (pattern, message) = pattern(form.as_str().unwrap_or_default());
        let open = schema.shift_remove(OPEN).is_some();
        schema.insert("pattern".into(), if open { format!("{pattern}|{EXPRESSION}") } else { pattern }.into());
        schema.insert("patternErrorMessage".into(), message.into());
    } else if schema.get("format").is_some_and(|it| it == "date") {
        schema.insert("pattern".into(), format!("^{DAY}$").into());
        schema.insert("patternErrorMessage".into(), "write a date, such as `2026-12-01`".into());
    }
    let together = schema.get("properties").and_then(Value::as_object).map(together).unwrap_or_default();
    if !together.is_empty() {
        schema.insert("dependencies".into(), together.into());
    }
}

/// Returns the pattern of a form, and what to write where it does not fit.
fn pattern(form: &str) -> (String, &'static str) {
    let any = LINE.trim_start_matches('^').trim_end_matches('$');
    let address = mailbox::pattern();
    match form {
        "time" => (format!("^{DAY}(T{CLOCK})?$"), "write local time without an offset, such as `2026-12-01T10:00`"),
        "instant" => (
            format!("^[-+]?[0-9]{{4}}{any}[Tt ]{any}([Zz]|[-+][0-9]{{2}}){any}$"),
            "write a time with its offset, such as `2026-12-01T09:00:00Z`",
        ),
        "duration" => (
            format!(r"^\s*[-+]?\s*([Pp][Tt0-9]|[0-9.,]+{any}[A-Za-zµμ:]){any}$"),
            "write `45m`, `1h 30m`, `2d` or `PT45M`",
        ),
        "zone" => (zone(), "write an IANA or a Windows name, such as `Europe/Berlin`"),
        "address" => (format!("^{address}$"), "write an address alone, such as `adele@contoso.example`"),
        "person" => (
            format!(r"^({address}|[^<\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*<[ ]*{address}[ ]*>[ ]*)$"),
            "write an address, such as `adele@contoso.example` or `Adele Vance <adele@contoso.example>`",
        ),
        "rule" => (format!("^{any}[Ff][Rr][Ee][Qq]={any}$"), "write a rule, such as `FREQ=WEEKLY;COUNT=10`"),
        other => unreachable!("no form of text is called `{other}`"),
    }
}

/// Zones in any case: an area and a place, a name of one part, a Windows name.
fn zone() -> String {
    let [areas, alone, standard, mexico, russia, utc, microsoft] =
        [AREAS, ALONE, "Standard Time", "Mexico", "Russia Time Zone", "UTC", "tzone://Microsoft/Utc"].map(any_case);
    let iana = format!("({areas})/[A-Za-z0-9_+/-]+|{alone}");
    let windows = format!(r"[A-Za-z. -]+ {standard}( \({mexico}\))?|{russia} [0-9]+|{utc}([-+][0-9]{{2}})?");
    format!("^({iana}|{windows}|{microsoft})$")
}

/// The same pattern for letters of either case.
fn any_case(pattern: &str) -> String {
    let either = |it: char| match it.is_ascii_alphabetic() {
        true => format!("[{}{}]", it.to_ascii_uppercase(), it.to_ascii_lowercase()),
        false => it.to_string(),
    };
    pattern.chars().map(either).collect()
}

/// Which properties go with which: one start with one end or a duration, and none without the other.
fn together(properties: &Map<String, Value>) -> Map<String, Value> {
    if !properties.contains_key("duration") {
        return Map::new();
    }
    let had = |names: &[&'static str]| Vec::from_iter(names.iter().copied().filter(|it| properties.contains_key(*it)));
    let (starts, ends) = (had(&["start", "startDateTime"]), had(&["duration", "end", "endDateTime"]));
    let mut all = Map::new();
    for (names, others, missing) in
        [(&starts, &ends, "add `end` or `duration`"), (&ends, &starts, "add `start`, or leave the end out")]
    {
        for (place, name) in names.iter().enumerate() {
            let mut with = json!({});
            // One date of a series is as the others, but for what it says.
            if !properties.contains_key("date") {
                let needed = |it: &&str| json!({"required": [it], "errorMessage": missing});
                with["anyOf"] = others.iter().map(needed).collect();
            }
            for other in &names[place + 1..] {
                // No value of it is null, so that this refuses it, with a message.
                with["properties"][*other] = json!({
                    "type": "null", "doNotSuggest": true,
                    "errorMessage": format!("both `{name}` and `{other}`: leave one of them out"),
                });
            }
            if with != json!({}) {
                all.insert((*name).to_owned(), with);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::when;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Whether a text has a form, as a published schema has it.
    fn fits(form: &str) -> impl Fn(&str) -> bool {
        let validator = jsonschema::validator_for(&json!({"pattern": pattern(form).0})).unwrap();
        move |text| validator.is_valid(&text.into())
    }

    const FORMS: [&str; 7] = ["time", "instant", "duration", "zone", "address", "person", "rule"];

    fn is_rule(text: &str) -> bool {
        crate::recurrence::from_rrule(text, jiff::civil::date(2027, 1, 1).at(10, 0, 0, 0), &TimeZone::UTC).is_ok()
    }

    #[test]
    fn what_people_write_wrong_does_not_fit() {
        for (form, wrong) in [
            (
                "time",
                &[
                    "2027-01-12 10:00",
                    "2027-01-12T10:00Z",
                    "2027-13-12",
                    "2027-02-30",
                    "2027-04-31",
                    "12.1.2027",
                    "2027-01-12T25:00",
                    "tomorrow",
                ][..],
            ),
            ("instant", &["2027-01-12T10:00", "2027-01-12", "tomorrow"]),
            ("duration", &["45", "soon", "", "m"]),
            ("zone", &["CEST", "MESZ", "Berlin", "+01:00", "", "Europe"]),
            ("address", &["adele", "adele@contoso", "Adele <adele@contoso.example>", "a b@contoso.example"]),
            ("person", &["adele", "Adele", "Adele <adele>", "<a@b.example", "a@b.example, c@d.example"]),
            ("rule", &["weekly", "every tuesday", ""]),
        ] {
            for text in wrong {
                assert!(!fits(form)(text), "{form}: {text}");
            }
        }
    }

    #[test]
    fn every_zone_fits_in_any_case() {
        let fits = fits("zone");
        let known = jiff::tz::db().available().map(|it| it.to_string()).collect::<Vec<_>>();
        let windows = Vec::from_iter(known.iter().filter_map(|it| when::windows(it)).map(str::to_owned));
        let all: Vec<String> = known.into_iter().chain(windows).filter(|it| when::zone(it).is_some()).collect();
        assert!(all.len() > 700, "{}", all.len());
        for name in all.iter().flat_map(|it| [it.clone(), it.to_lowercase(), it.to_uppercase()]) {
            assert!(fits(&name), "{name}");
        }
        assert!(fits("tzone://Microsoft/Utc"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]
        #[test]
        fn what_the_program_takes_fits(
            any in ".{0,20}",
            time in "[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-6][0-9])?(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?)?",
            duration in "[ +-]{0,2}[Pp]?[Tt]?[0-9.]{1,3} ?(m|h|d|min|hours?|MINUTES|H|D|M|w|:)[ ,]{0,2}([0-9]{1,2} ?(m|min|M|s))?( ago)?",
            person in "[A-Za-z \"]{0,6}<? ?[a-z'+#]{1,4}@[a-zü]{1,4}\\.[a-z]{2,3} ?>?",
            rule in "(RRULE:)? ?[Ff]req=(WEEKLY|daily|YEARLY);?(COUNT=[0-9]|BYDAY=TU|INTERVAL=2)?",
        ) {
            let known = BTreeMap::from(FORMS.map(|form| (form, fits(form))));
            for text in [any, time, duration, person, rule] {
                let takes = [
                    ("time", when::local(&text).is_ok()),
                    ("instant", when::instant(&text).is_some()),
                    ("duration", when::minutes(&text).is_ok()),
                    ("zone", when::zone(&text).is_some()),
                    ("address", mailbox::is_address(&text)),
                    ("person", mailbox::is_address(mailbox::named(&text).map_or(&text, |(_, address)| address))),
                    ("rule", is_rule(&text)),
                ];
                for (form, takes) in takes {
                    let one_line = !text.contains(crate::inert::is_sign);
                    prop_assert!(!takes || !one_line || known[form](&text), "{} {:?}", form, text);
                }
            }
        }
    }
}
