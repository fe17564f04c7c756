//! Three-way compare of properties: what the manifest says, what is live, and what was last applied and how it landed.
//!
//! Says what differs and who made it differ. It does not decide whether the difference may be mended.

use crate::kind::compare::{self, Compare};
use crate::kind::event::View;
use crate::kind::{Field, Home, Kind, OPTIONS, Writable, fingerprint, landed};
use crate::model::{Applied, Desired, EXCEPTIONS, Landed};
use crate::plan::last::Last;
use crate::plan::{Cause, Change};
use crate::plural::either;
use crate::when;
use jiff::civil::Date;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A property that differs, with its row.
pub struct Difference {
    pub field: &'static Field,
    pub change: Change,
}

/// What a comparison found.
#[derive(Default)]
pub struct Compared {
    /// What is to be sent.
    pub differences: Vec<Difference>,
    /// How what is not to be sent stands, where that is known.
    pub landed: Landed,
    /// What differs and is not to be sent.
    pub notes: Vec<String>,
}

/// Live properties: as they can be held against the declared ones, and as they were read.
#[derive(Clone, Copy)]
pub struct Live<'a> {
    pub own: &'a Map<String, Value>,
    pub read: &'a Map<String, Value>,
}

impl<'a> Live<'a> {
    /// Live properties that can be compared as they were read.
    pub fn of(read: &'a Map<String, Value>) -> Live<'a> {
        Live { own: read, read }
    }
}

/// What one property is.
enum Found {
    /// As declared, or as it stood when what is declared was sent; with the fingerprint of how it stands, if that matters.
    Settled(Option<String>),
    /// Otherwise, and left so.
    Left(Option<String>, String),
    Differs(Difference),
}

/// Returns what differs between the desired and the live properties of one home, in the order of the table. Nothing is known
/// of the last apply, nor live, where an object is made.
///
/// Properties that the manifest leaves out are not ours and never differ.
pub fn between(kind: &Kind, home: Home, want: &Map<String, Value>, have: Live, last: Option<&Last>) -> Compared {
    let rows = kind.declared(home, want).filter(|(field, _)| field.compare != Compare::Text);
    let unready = View::of(have.read).join_url().is_none();
    let mut compared = Compared::default();
    for (field, want) in rows {
        let found = look(kind, field, want, have, last);
        if unready && last.is_some_and(|last| last.is_open(&field.label())) {
            compared.landed.open.insert(field.label().into());
        }
        let mut stands = |landed: String| compared.landed.fields.insert(field.label(), landed);
        match found {
            Found::Settled(landed) => drop(landed.map(&mut stands)),
            Found::Left(landed, note) => {
                landed.map(&mut stands);
                compared.notes.push(note);
            }
            Found::Differs(difference) => compared.differences.push(difference),
        }
    }
    compared
}

/// Returns what differs in one property, if the manifest declares it.
pub fn of(
    kind: &Kind,
    field: &'static Field,
    want: &Map<String, Value>,
    have: Live,
    last: &Last,
) -> Option<Difference> {
    match look(kind, field, want.get(field.name)?, have, Some(last)) {
        Found::Differs(difference) => Some(difference),
        Found::Settled(_) | Found::Left(..) => None,
    }
}

/// Looks at one property that the manifest declares as `want`.
fn look(kind: &Kind, field: &'static Field, want: &Value, have: Live, last: Option<&Last>) -> Found {
    let (name, event, read) = (field.label(), View::of(have.read), have.read.get(field.name).unwrap_or(&Value::Null));
    let have = have.own.get(field.name).unwrap_or(&Value::Null);
    let known = last.and_then(|last| last.landed(&name));
    let stands = || landed::stands(field.compare, want, read, None);
    if compare::same(field.compare, want, have) {
        // How it stood is told anew only where it is not known: in a plan of what is in sync that would be most of the work.
        return Found::Settled(last.map(|_| known.map_or_else(stands, str::to_owned)));
    }
    let now = fingerprint::of(field.compare, want);
    let unchanged = last.is_some_and(|last| last.is_unchanged(&name, &now));
    let as_landed = known.is_some_and(|landed| fingerprint::still(landed, field.compare, want, read));
    // A PATCH of an event mails people, so that what Graph made of a value is not sent again and again. What mails nobody is, and
    // what has to be as declared for the event to be of use.
    let mails = kind.in_calendar && field.home == Home::Own && field.writable == Writable::Always;
    if unchanged && mails && field.compare != Compare::People {
        let completed = |landed: &str| {
            let open = last.is_some_and(|last| last.is_open(&name)) && event.join_url().is_some();
            open && field.completed && landed::is_completed(landed, field.compare, want, read)
        };
        if as_landed || known.is_some_and(completed) {
            return Found::Left(Some(stands()), other(&name));
        }
        if known.is_none() && compare::may_be_rewritten(field.compare, want, have) {
            return Found::Left(None, unknown(&name));
        }
    }
    let declared = last.and_then(|last| last.declared(&name));
    let still = as_landed || declared.is_some_and(|it| fingerprint::still(it, field.compare, want, have));
    let fate = Fate { unchanged, still, landed: known.is_some(), apart: field.home == Home::Meeting };
    let cause = last.map_or(Cause::Manifest, |last| cause(last, &name, fate));
    Found::Differs(Difference { field, change: change(field, want, have, cause) })
}

/// What a plan says of a property that Graph wrote otherwise.
pub fn other(name: &str) -> String {
    format!("`{name}` reads otherwise than declared, as it has since it was sent: it is left so")
}

/// What a plan says of a property that Graph may have written otherwise.
pub fn unknown(name: &str) -> String {
    format!(
        "`{name}` reads otherwise than declared, and how it read after it was sent is not known: it is left so until its manifest \
         changes"
    )
}

/// Words the change of one property: both values in the form that reads best, in the zone and shape of the desired one.
pub fn change(field: &Field, want: &Value, have: &Value, cause: Cause) -> Change {
    let shown = |value: &Value| match field.compare {
        Compare::People | Compare::Participants | Compare::Instant | Compare::Thread => {
            compare::canonical(field.compare, value).into_owned()
        }
        Compare::Zoned => seen_from(value, want).unwrap_or_else(|| value.clone()),
        Compare::Recurrence => compare::canonical(field.compare, value).into_owned(),
        Compare::Place => compare::canonical(field.compare, &compare::reduced(want, value)).into_owned(),
        Compare::Exact | Compare::CaseFolded | Compare::Set | Compare::Text => compare::reduced(want, value),
    };
    Change { field: field.label(), current: shown(have).into(), desired: shown(want).into(), cause }
}

/// Returns a dateTimeTimeZone as the clocks in the zone of another one show it.
fn seen_from(value: &Value, other: &Value) -> Option<Value> {
    let name = when::zone_name(other)?;
    let local = when::instant_in_zone(value)?.to_zoned(when::zone(name)?).datetime();
    Some(when::pair(local, name))
}

/// What is known of a property that differs.
#[derive(Debug, Clone, Copy)]
pub struct Fate {
    /// It was declared as it is now.
    pub unchanged: bool,
    /// It still is live what was declared last, or as that stood.
    pub still: bool,
    /// How it stood is known, so that it was sent for certain.
    pub landed: bool,
    /// It has a request of its own, which the mark says nothing of: it may never have been sent.
    pub apart: bool,
}

/// Says who made a property differ.
pub fn cause(last: &Last, name: &str, fate: Fate) -> Cause {
    let Fate { unchanged, still, landed, apart } = fate;
    match () {
        () if !last.is_known() => Cause::Unknown,
        () if last.declared(name).is_none() || still && !unchanged => Cause::Manifest,
        () if apart && !landed && unchanged => Cause::Unknown,
        () if unchanged => Cause::Drift,
        () if apart && !landed => Cause::Manifest,
        () => Cause::Both,
    }
}

/// Returns the row of a property by its name in plans.
pub fn row(kind: &Kind, name: &str) -> Option<&'static Field> {
    match name.strip_prefix(OPTIONS) {
        Some(name) => kind.field(Home::Meeting, name),
        None => kind.field(Home::Own, name),
    }
}

/// Returns the fingerprints of everything that a manifest declares.
pub fn applied(want: &Desired) -> Applied {
    let kind = want.key.kind();
    let declared = kind.declared(Home::Own, &want.spec.own).chain(kind.declared(Home::Meeting, &want.spec.meeting));
    let fields = declared.map(|(field, value)| (field.label(), fingerprint::of(field.compare, value)));
    let people = want.event().map(View::people).unwrap_or_default();
    let exceptions = want.spec.exceptions.iter();
    let exceptions =
        exceptions.map(|(date, it)| (format!("{EXCEPTIONS}{date}").into(), fingerprint::of_exception(kind, it)));
    Applied {
        fields: fields.chain(exceptions).collect(),
        attendees: people.iter().map(|address| compare::hash(address)).collect(),
        protect: want.protect,
        ..Applied::default()
    }
}

/// Whether a manifest declares what was applied before.
pub fn is_declared(want: &Desired, before: &Applied) -> bool {
    let now = applied(want);
    let same = |(name, now): (&str, &str)| before.fields.get(name).is_some_and(|it| fingerprint::same(it, now));
    let fields = now.fields.len() == before.fields.len() && now.fields.iter().all(same);
    fields && now.attendees == before.attendees && now.protect == before.protect
}

/// Returns the fingerprints of what a manifest declares, as the next write of the object leaves them.
pub fn next(want: &Desired, last: Option<&Applied>) -> Applied {
    let now = applied(want);
    let Some(last) = last else { return Applied { counter: 1, ..now } };
    let released = &(&last.released | &last.attendees) - &now.attendees;
    Applied { counter: last.counter.saturating_add(1), incarnation: last.incarnation, released, ..now }
}

/// Returns a note for each property that used to be declared and no longer is: it is let go. Dates of a series that used to be
/// skipped have one note together, but for those before `today`.
///
/// `lost` says that the series loses its exceptions, which has a note of its own.
pub fn let_go(kind: &Kind, now: &Applied, last: Option<&Applied>, (lost, today): (bool, Date)) -> Vec<String> {
    let gone = last.into_iter().flat_map(|last| last.fields.keys()).filter(|name| !now.fields.contains_key(name));
    // Graph keeps one place and a list of them as one thing: whoever declares the one has not let go of the other.
    let place = |name: &str| kind.field(Home::Own, name).is_some_and(|it| it.compare == Compare::Place);
    let placed = now.fields.keys().any(place);
    let gone = gone.filter(|name| !(placed && place(name) || lost && name.starts_with(EXCEPTIONS)));
    let skipped = |name: &str| {
        let print = last.and_then(|last| last.fields.get(name)).is_some_and(fingerprint::is_skip);
        name.strip_prefix(EXCEPTIONS).filter(|_| print).and_then(|date| date.parse::<Date>().ok())
    };
    let (dates, others): (Vec<_>, Vec<_>) =
        gone.map(|name| (skipped(name), name)).partition(|(date, _)| date.is_some());
    let coming: BTreeSet<String> =
        dates.into_iter().filter_map(|(date, _)| date).filter(|date| *date >= today).map(|it| it.to_string()).collect();
    let note =
        |(_, name): (_, &str)| format!("`{name}` is no longer declared: it stays as it is and is not ours any more");
    others.into_iter().map(note).chain(stay_skipped(&coming)).collect()
}

/// What a plan says of dates that are not to be skipped any more.
fn stay_skipped(dates: &BTreeSet<String>) -> Option<String> {
    const TOLD: usize = 5;
    let told: Vec<&str> = dates.iter().take(TOLD).map(String::as_str).collect();
    let more = dates.len().saturating_sub(TOLD);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let stay = either(dates.len(), "it stays", "they stay");
    let what =
        format!("no longer to be skipped: {}{more}; Graph brings no date back, so {stay} skipped", told.join(", "));
    (!dates.is_empty()).then_some(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::model::{Key, Record};

    /// A mark is written by whoever may edit the event.
    #[test]
    fn a_counter_at_its_end_stays_there() {
        let last = Applied { counter: u64::MAX, incarnation: u64::MAX, ..Applied::default() };
        let want = Desired {
            key: Key::new(KindId::Event, "weekly"),
            labels: Default::default(),
            protect: false,
            replace: false,
            on_drift: None,
            invite_first: false,
            previously: vec![],
            cancel_comment: None,
            adopt: None,
            spec: Default::default(),
        };
        assert_eq!(next(&want, Some(&last)).counter, u64::MAX);
        assert_eq!(Record { applied: last, ..Record::default() }.next_incarnation(), u64::MAX);
    }

    #[test]
    fn the_cause_follows_from_what_was_declared_and_how_it_landed() {
        let fields = [("subject".to_owned(), "a".to_owned())].into();
        let record = Record { applied: Applied { fields, ..Applied::default() }, ..Record::default() };
        let (last, nothing) = (Last::of_record(Some(&record)), Last::of_record(None));
        let fate = |signs: &str| Fate {
            unchanged: signs.contains('u'),
            still: signs.contains('s'),
            landed: signs.contains('l'),
            apart: signs.contains('a'),
        };
        for (last, name, signs, expect) in [
            (&nothing, "subject", "", Cause::Unknown),
            (&last, "location", "", Cause::Manifest),
            (&last, "subject", "u", Cause::Drift),
            (&last, "subject", "us", Cause::Drift),
            (&last, "subject", "ul", Cause::Drift),
            (&last, "subject", "s", Cause::Manifest),
            (&last, "subject", "", Cause::Both),
            (&last, "subject", "ua", Cause::Unknown),
            (&last, "subject", "ual", Cause::Drift),
            (&last, "subject", "a", Cause::Manifest),
            (&last, "subject", "al", Cause::Both),
        ] {
            assert_eq!(cause(last, name, fate(signs)), expect, "{name} {signs}");
        }
    }
}
