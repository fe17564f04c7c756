//! Events on the clocks of twelve zones settle after one apply, however the server reads whole days and whatever zone tables it
//! has.

use crate::support::lab::Lab;

const ZONES: [&str; 12] = [
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/St_Johns",
    "America/New_York",
    "America/Winnipeg",
    "America/Edmonton",
    "America/Vancouver",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
];

/// A single event, a series, and a series with a skipped and a moved date; `time` is empty for whole days.
fn documents(zone: &str, time: &str) -> String {
    let name = zone.to_lowercase().replace(['/', '_'], "-") + if time.is_empty() { "-days" } else { "" };
    let (at, length) = match time {
        "" => (String::new(), "duration: 1d\n  isAllDay: true"),
        time => (format!("T{time}"), "duration: 45m"),
    };
    let series = "recurrence: {pattern: {type: weekly, daysOfWeek: [tuesday]}, range: {type: numbered, numberOfOccurrences: 12}}";
    let exceptions = format!(
        "{series}\n  exceptions: [{{date: 2031-01-21, cancel: true}}, {{date: 2031-03-25, start: 2031-03-26{at}}}]"
    );
    let document = |(shape, more): (&str, &str)| {
        format!(
            "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}-{shape}}}\nspec:\n  subject: Weekly\n  \
             start: 2031-01-14{at}\n  {length}\n  timeZone: {zone}\n  attendees: [adele@contoso.example]\n  {more}\n---\n"
        )
    };
    [("single", ""), ("series", series), ("exceptions", &exceptions)].map(document).concat()
}

/// The laboratory holds each apply to its word: what it mails is what it said, and a second plan finds nothing.
#[test]
fn twelve_zones_settle_after_one_apply() {
    for quirks in ["all-day=convert", "all-day=float", "all-day=convert,old-zones", "all-day=float,old-zones"] {
        let mut lab = Lab::quirky("2031-01-01T00:00:00Z", quirks, None);
        let times = ["", "00:00", "10:00", "23:30"];
        for time in times {
            let text: String = ZONES.iter().map(|zone| documents(zone, time)).collect();
            let project = Lab::read(&text);
            assert_eq!(lab.apply(&project).wrong, Vec::<String>::new(), "{quirks} {time}");
            // The same once more, by the marks alone.
            lab.lose_state();
            let (writes, again) = (lab.house.writes(), lab.apply(&project));
            assert_eq!((again.wrong, lab.house.writes()), (vec![], writes), "{quirks} {time}, without a state");
        }
    }
}
