//! Arbitrary values out of arbitrary bytes: a small change of the bytes is a small change of the value.

use serde_json::{Map, Value, json};

/// What strangers write to do something with it, and what layout and secrets are made of.
const PARTS: [&str; 40] = [
    "\n",
    "\r",
    "\r\n",
    "\t",
    " ",
    "\u{1b}[2J",
    "\u{1b}[8m",
    "\u{1b}[31m",
    "\u{1b}]8;;x\u{7}",
    "\u{9b}31m",
    "\u{7f}",
    "\0",
    "\u{85}",
    "\u{202e}",
    "\u{2066}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{200f}",
    "##[add-mask]x",
    "##vso[task.x]y",
    "##",
    "[",
    "::",
    "::set-output name=a::b",
    "section_start:1:x",
    "section_",
    "%0A",
    "\\u0023",
    "\\",
    "\"",
    "'",
    "`",
    "{+",
    "-]",
    "計画 שלום",
    "word word word word word word word word word word word word word word word word word word word ",
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_A%40thread.v2/0?context=%7b%7d",
    "passcode: abc123",
    "Meeting ID: 312 000 000 001",
];

/// Names that a report words in a way of its own.
const NAMES: [&str; 14] = [
    "subject",
    "body",
    "start",
    "recurrence",
    "attendees",
    "participants",
    "location",
    "categories",
    "chatInfo",
    "exceptions.2027-01-19",
    "meetingOptions.lobbyBypassSettings",
    "dateTime",
    "timeZone",
    "displayName",
];

/// Bytes that are used up; then there are zeros.
pub struct Entropy<'a>(pub &'a [u8]);

impl Entropy<'_> {
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    pub fn one<'b>(&mut self, of: &[&'b str]) -> &'b str {
        of[self.below(of.len())]
    }

    pub fn list<T>(&mut self, most: usize, one: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| one(self)).collect()
    }

    pub fn maybe<T>(&mut self, one: impl Fn(&mut Self) -> T) -> Option<T> {
        (self.byte() % 2 == 1).then(|| one(self))
    }

    /// A text of known parts and of the bytes as they are, now and then a long one.
    pub fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.below(6) {
            match self.below(PARTS.len() + 8) {
                place if place < PARTS.len() => text += PARTS[place],
                _ => {
                    let (raw, rest) = self.0.split_at(self.below(40).min(self.0.len()));
                    text += &String::from_utf8_lossy(raw);
                    self.0 = rest;
                }
            }
        }
        if self.byte() == 255 { text.repeat(self.below(64)) } else { text }
    }

    pub fn name(&mut self) -> String {
        match self.below(NAMES.len() + 4) {
            place if place < NAMES.len() => NAMES[place].to_owned(),
            _ => self.text(),
        }
    }

    /// Any JSON, and what Graph writes for times, series and people.
    pub fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 5 } else { 10 }) {
            0 => Value::Null,
            1 => json!(self.byte() > 127),
            2 => json!(i64::from(self.byte()) - 100),
            3 | 4 => json!(self.text()),
            5 => json!({"dateTime": self.text(), "timeZone": self.text()}),
            6 => {
                json!({"dateTime": "2027-01-12T10:00:00.0000000", "timeZone": self.one(&["UTC", "W. Europe Standard Time", "x"])})
            }
            7 => {
                let (days, interval) = (self.list(3, |it| it.one(&["monday", "tuesday", "x"])), self.byte());
                let kind = self.one(&["daily", "weekly", "absoluteMonthly", "relativeYearly"]);
                let pattern =
                    json!({"type": kind, "interval": interval, "daysOfWeek": days, "dayOfMonth": 31, "month": 2});
                let range = json!({"type": self.one(&["noEnd", "numbered"]), "startDate": "2027-01-12", "numberOfOccurrences": interval});
                json!({"pattern": pattern, "range": range})
            }
            8 => json!(self.list(5, |it| it.value(depth - 1))),
            _ => {
                let members = self.list(4, |it| (it.name(), it.value(depth - 1)));
                Value::Object(members.into_iter().collect::<Map<_, _>>())
            }
        }
    }
}
