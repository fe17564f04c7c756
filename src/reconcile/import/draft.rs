//! A manifest on its way: what stands in it, and what is left out and why.

use crate::inert;
use crate::kind::compare::Compare;
use crate::kind::event::{Behind, EXCEPTIONS, TIME_ZONE, View, Whose, collapse, same_zone};
use crate::kind::schema::API_VERSION;
use crate::kind::{Home, Kind, KindId, OPTIONS, online_meeting};
use crate::manifest::{Owner, yaml};
use crate::model::{Have, Key};
use crate::plan::secrets;
use crate::problem::cut;
use crate::reconcile::import::names::Names;
use crate::redact::{Known, hide};
use serde_json::{Map, Value, json};

/// A manifest on its way.
pub struct Draft {
    /// Its key.
    pub key: Key,
    /// What it is made from.
    pub have: Have,
    spec: Map<String, Value>,
    left_out: Vec<String>,
}

impl Draft {
    /// Writes down what is live; `unread` says why the meeting behind an event could not be read.
    pub fn of(have: Have, unread: Option<&str>, owner: &Owner, names: &mut Names) -> Draft {
        let usual = owner.spec.defaults.organizer.as_deref() == Some(have.organizer.as_str());
        let organizer = (!usual).then_some(have.organizer.as_str());
        let zone = owner.spec.defaults.time_zone.as_deref();
        let known = secrets::of(&have);
        let (values, left_out) = match have.key.kind().id {
            KindId::Event => event(&have, organizer, unread),
            KindId::OnlineMeeting => online_meeting::collapse(organizer, &have.own, zone.unwrap_or("UTC")),
        };
        let key = Key::new(have.key.kind().id, names.free(&hide(subject(&have), &known)));
        let mut draft = Draft { key, spec: Map::new(), left_out, have };
        for (name, mut value) in values {
            draft.without_odd_texts(&name, &mut value, &known);
            let same = |zone: &str| value.as_str().is_some_and(|it| same_zone(it, zone));
            if name == TIME_ZONE && zone.is_some_and(same) {
                continue;
            }
            match unfit(draft.key.kind(), &name, &value, &known) {
                // Nothing is left of what dates have of their own.
                None if value == json!([]) => {}
                None => _ = draft.spec.insert(name, value),
                Some(why) => draft.left_out.push(format!("`{name}`: {why}; it stays as it is")),
            }
        }
        draft
    }

    /// Leaves out the text of a single date that may not stand in a manifest, and nothing else of the date but for that.
    fn without_odd_texts(&mut self, name: &str, dates: &mut Value, known: &Known) {
        let Some(dates) = dates.as_array_mut().filter(|_| name == EXCEPTIONS) else { return };
        let kind = self.key.kind();
        let Some(text) = kind.compared(Compare::Text).map(|field| field.name) else { return };
        for date in dates.iter_mut().filter_map(Value::as_object_mut) {
            if let Some(why) = date.get(text).and_then(|it| unfit(kind, EXCEPTIONS, it, known)) {
                date.shift_remove(text);
                let day = date.get("date").and_then(Value::as_str).unwrap_or_default();
                self.left_out.push(format!("`{text}` of {day}: {why}; it stays as it is"));
            }
        }
        // What is left of an entry but for its date says something.
        dates.retain(|it| it.as_object().is_none_or(|it| it.len() > 1));
    }

    /// The text of the document.
    pub fn text(&self) -> String {
        let document = json!({
            "apiVersion": API_VERSION,
            "kind": self.key.kind().name,
            "metadata": {"name": self.key.name()},
            "lifecycle": {"adopt": {"id": self.have.id}},
            "spec": self.spec,
        });
        let comments: String = self.left_out.iter().map(|it| format!("# left out: {}\n", inert::line(it))).collect();
        comments + &yaml::written(&document)
    }

    /// Leaves properties out by their names in plans, for this reason; tells whether that changed anything.
    pub fn leave_out<'a>(&mut self, fields: impl Iterator<Item = &'a str>, why: &str) -> bool {
        let before = self.left_out.len();
        for field in fields {
            let mut names = field.split('.');
            let (first, second) = (names.next().unwrap_or_default(), names.next());
            let option = second.filter(|_| first == options());
            let gone = match option {
                Some(option) => self.spec.get_mut(options()).and_then(|it| it.as_object_mut()?.shift_remove(option)),
                None => self.spec.shift_remove(first),
            };
            if gone.is_some() {
                let name = option.map_or(first.to_owned(), |option| format!("{OPTIONS}{option}"));
                self.left_out.push(format!("`{name}`: {why}; it stays as it is"));
            }
        }
        if self.spec.get(options()).and_then(Value::as_object).is_some_and(Map::is_empty) {
            self.spec.shift_remove(options());
        }
        self.left_out.len() > before
    }

    /// The property, or the option, in whose lines a line of the text stands.
    pub fn property_at(&self, line: usize) -> Option<String> {
        let text = self.text();
        let (mut property, mut option) = (None, None);
        for text in text.lines().take(line).skip_while(|it| *it != "spec:") {
            let name = |indent: &str| {
                let rest = text.strip_prefix(indent)?;
                let (name, _) = rest.split_once(':')?;
                name.chars().all(|it| it.is_ascii_alphanumeric()).then(|| name.to_owned())
            };
            if let Some(found) = name("  ") {
                (property, option) = (Some(found), None);
            } else if let (true, Some(found)) = (property.as_deref() == Some(options()), name("    ")) {
                option = Some(found);
            }
        }
        let property = property?;
        Some(option.map_or(property.clone(), |option| format!("{property}.{option}")))
    }

    /// What is said of it where no manifest can be written.
    pub fn told(&self, why: &str) -> String {
        let begins = self.have.event().and_then(View::begins);
        let begins = begins.or_else(|| online_meeting::View::of(&self.have.own).start().map(str::to_owned));
        format!("`{}`, {}: {why}", cut(subject(&self.have)), begins.unwrap_or_default())
    }
}

/// Where the options of a Teams meeting stand.
fn options() -> &'static str {
    OPTIONS.trim_end_matches('.')
}

fn subject(have: &Have) -> &str {
    let meeting = || online_meeting::View::of(&have.own).subject();
    have.event().map_or_else(meeting, View::subject).unwrap_or_default()
}

fn event(have: &Have, organizer: Option<&str>, unread: Option<&str>) -> (Map<String, Value>, Vec<String>) {
    let apart = have.occurrences.iter().flat_map(|it| {
        let skipped = it.skipped.iter().map(|date| (*date, None));
        skipped.chain(it.changed.iter().map(|(date, it)| (*date, Some(it.own.clone()))))
    });
    let behind = match (&have.meeting, unread) {
        (Some(meeting), _) => Behind::Read(meeting),
        (None, Some(why)) => Behind::Unread(why),
        (None, None) => Behind::Nothing,
    };
    let whose = Whose { organizer, calendar: have.calendar.as_deref() };
    let collapsed = collapse(whose, &have.own, behind, &apart.collect());
    (collapsed.spec, collapsed.left_out)
}

/// Why a value may not stand in a manifest.
fn unfit(kind: &Kind, name: &str, value: &Value, known: &Known) -> Option<&'static str> {
    // The lines of a text are its own, as in a file that somebody writes.
    let lines = kind.field(Home::Own, name).is_some_and(|field| field.compare == Compare::Text);
    let sign = |it: char| inert::is_sign(it) && !(lines && (it == '\n' || it == '\t'));
    let plain = all_texts(value, &|text| !text.contains(sign));
    if !plain {
        return Some("it holds signs that no manifest may have");
    }
    let open = all_texts(value, &|text| hide(text, known) == text);
    (!open).then_some("it holds what looks like the way into a meeting")
}

fn all_texts(value: &Value, fits: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => fits(text),
        Value::Array(list) => list.iter().all(|it| all_texts(it, fits)),
        Value::Object(members) => members.values().all(|it| all_texts(it, fits)),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}
