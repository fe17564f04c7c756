//! The exceptions of a series: what of them differs, what is sent in which order, and who is mailed.
//!
//! Each counts like an event of its own. What has begun is never touched. A series that gets new times loses its exceptions
//! (known of Exchange, unverified for Graph): the plan says what is lost and puts the declared exceptions back.

use crate::kind::compare::Compare;
use crate::kind::event::{self, View};
use crate::kind::{Exception, body, fingerprint};
use crate::model::{Desired, EXCEPTIONS, Have, Request};
use crate::plan::event::occurrence::{Case, Found, Series, Standing, Wrong};
use crate::plan::mail::{Because, Mail, Sort};
use crate::plan::times::usual;
use crate::plan::{Cause, Change, One};
use crate::plural::count;
use jiff::civil::Date;
use jiff::{Timestamp, Zoned};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a plan does with the exceptions of one series.
#[derive(Default)]
pub(super) struct Exceptions {
    pub changes: Vec<Change>,
    /// What only drifted and is left so.
    pub left: Vec<Change>,
    pub mail: Vec<Mail>,
    pub requests: Vec<Request>,
    /// What is sent once everybody is invited to the series.
    pub after: Vec<Request>,
    pub notes: Vec<String>,
    /// How what is not sent stands.
    pub landed: BTreeMap<String, String>,
    /// Which dates are changed by it, and which are skipped.
    pub changed: BTreeSet<Date>,
    pub skipped: BTreeSet<Date>,
}

impl Exceptions {
    /// Takes in what is to be sent for a date; returns its place and its requests.
    fn add(&mut self, exception: &Exception, date: Date, wrong: Wrong) -> ((u8, i64), Vec<Request>) {
        let Wrong { rank, change, mail, requests, after, note } = wrong;
        match exception {
            Exception::Skipped => _ = self.skipped.insert(date),
            Exception::Changed(_) if requests.is_empty() => {}
            Exception::Changed(_) => _ = self.changed.insert(date),
        }
        self.after.extend(after);
        self.notes.extend(note);
        self.changes.push(change);
        self.mail.extend(mail);
        (rank, requests)
    }

    /// A date that is to be otherwise is skipped: nothing can be sent for it. If it was applied as it is declared, somebody did that.
    fn is_gone(&mut self, series: &Series, name: String, now: &str, own: &Map<String, Value>) {
        self.notes.push(format!("`{name}`: the occurrence is skipped, and Graph cannot bring it back"));
        if series.last.is_some_and(|last| last.is_unchanged(&name, now)) {
            let (field, current, desired) = (name.clone().into(), "skipped".into(), json!(own).into());
            self.left.push(Change { field, current, desired, cause: Cause::Drift });
        }
        self.stays(series, name);
    }

    /// How a date stood when it was sent stays known.
    fn stays(&mut self, series: &Series, name: String) {
        let landed = series.last.and_then(|last| last.landed(&name));
        self.landed.extend(landed.map(|landed| (name, landed.to_owned())));
    }
}

/// One more mail for every exception, to each who stays when the series itself is changed, and to each who
/// joins it (event-update.md; of those who join: observed).
pub(super) fn repeated(mails: &[Mail], changed: usize) -> Vec<Mail> {
    let again = |mail: &Mail| {
        let kind = match mail.kind {
            Sort::Update | Sort::Invitation => Sort::Update,
            Sort::Possible => Sort::Possible,
            Sort::Cancellation => return None,
        };
        Some(Mail { kind, because: vec![Because::Again], ..mail.clone() })
    };
    (0..changed).flat_map(|_| mails.iter().filter_map(again)).collect()
}

/// What a plan says of that.
pub(super) fn once_more(changed: usize) -> String {
    format!("Graph mails once more for each exception: {changed}")
}

/// How many occurrences are changed that a live series has.
pub(super) fn changed(have: &Have) -> usize {
    have.occurrences.as_ref().map_or(0, |it| it.changed.len())
}

/// What is lost when a series gets new times.
pub(super) fn lost(one: &One, want: &Desired, have: &Have) -> Option<String> {
    let exceptions = have.occurrences.as_ref()?;
    let words = exceptions.changed.keys().map(|date| (*date, "changed"));
    let all: BTreeMap<Date, &str> = words.chain(exceptions.skipped.iter().map(|date| (*date, "skipped"))).collect();
    if all.is_empty() {
        return None;
    }
    let back = |date: &Date| {
        want.spec.exceptions.contains_key(date)
            && !begun(one, usual(View::of(&want.spec.own), *date).map(|it| it.0.timestamp()))
    };
    let gone: Vec<String> =
        all.iter().filter(|(date, _)| !back(date)).map(|(date, word)| format!("{date} ({word})")).collect();
    let mut note = format!("its new times drop its exceptions: {}", all.len());
    if gone.len() < all.len() {
        note += &format!("; {} put back as declared", all.len() - gone.len());
    }
    if !gone.is_empty() {
        note += &format!("; lost: {}", gone.join(", "));
    }
    Some(note)
}

/// Compares the declared exceptions with the occurrences as they will be.
pub(super) fn exceptions(one: &One, series: &Series) -> Exceptions {
    let mut exceptions = Exceptions::default();
    let (mut ordered, mut past) = (vec![], 0);
    let (kind, leaves) = (series.want.key.kind(), one.leaves_drift().is_some());
    for (date, exception) in &series.want.spec.exceptions {
        let name = format!("{EXCEPTIONS}{date}");
        let Some(usual) = usual(series.times(), *date) else {
            exceptions.stays(series, name);
            continue;
        };
        let standing = series.standing(date);
        let starts = match &standing {
            Standing::Changed(occurrence) => View::of(&occurrence.own).start(),
            Standing::AsTheSeries | Standing::Skipped => Some(usual.0.timestamp()),
        };
        if begun(one, starts) {
            past += usize::from(series.fresh && !series.want.spec.days_off.contains_key(date));
            exceptions.stays(series, name);
            continue;
        }
        let live = match (&standing, exception) {
            (Standing::Skipped, Exception::Skipped) => {
                exceptions.landed.insert(name, fingerprint::of_exception(kind, exception));
                continue;
            }
            (Standing::Skipped, Exception::Changed(own)) => {
                let now = fingerprint::of_exception(kind, exception);
                exceptions.is_gone(series, name, &now, own);
                continue;
            }
            (Standing::AsTheSeries, _) => series.as_the_series(&usual),
            (Standing::Changed(occurrence), _) => occurrence.own.clone(),
        };
        let case = Case { one, series, date: *date, name, standing, live, usual };
        let wrong = match exception {
            Exception::Skipped => Found::Differs(Box::new(case.skip())),
            Exception::Changed(own) => case.change(own),
        };
        match wrong {
            Found::Differs(wrong) if leaves && wrong.change.cause == Cause::Drift => {
                exceptions.stays(series, case.name);
                exceptions.left.push(wrong.change);
            }
            Found::Differs(wrong) => ordered.push(exceptions.add(exception, *date, *wrong)),
            Found::Settled(landed, note) => {
                exceptions.landed.insert(case.name, landed);
                exceptions.notes.extend(note);
            }
        }
    }
    ordered.sort_by_key(|(rank, _)| *rank);
    exceptions.requests = ordered.into_iter().flat_map(|(_, requests)| requests).collect();
    let left = (past > 0).then(|| format!("{} in the past: left as the series has it", count(past, "exception")));
    exceptions.notes.extend(left);
    exceptions
}

fn begun(one: &One, starts: Option<Timestamp>) -> bool {
    starts.is_some_and(|at| at <= one.input.now)
}

impl Series<'_> {
    fn standing(&self, date: &Date) -> Standing<'_> {
        let seen = self.have.filter(|_| !self.fresh).and_then(|have| have.occurrences.as_ref());
        match seen {
            Some(seen) if seen.skipped.contains(date) => Standing::Skipped,
            Some(seen) => seen.changed.get(date).map_or(Standing::AsTheSeries, Standing::Changed),
            None => Standing::AsTheSeries,
        }
    }

    /// What an occurrence is that nobody changed.
    fn as_the_series(&self, (start, end): &(Zoned, Zoned)) -> Map<String, Value> {
        let zone = self.times().series_zone_name().unwrap_or("UTC");
        let mut own = event::times(start.datetime(), end.datetime(), zone);
        let rows = self.want.key.kind().fields().filter(|field| field.per_occurrence && !field.new_time);
        for field in rows {
            let live = || {
                let value = self.have?.own.get(field.name)?;
                let url = View::of(&self.have?.own).join_url();
                Some(if field.compare == Compare::Text { body::words(value, url) } else { value.clone() })
            };
            let declared = self.want.spec.own.get(field.name).filter(|_| !self.leaves(field.name));
            if let Some(value) = declared.cloned().or_else(live) {
                own.insert(field.name.into(), value);
            }
        }
        own
    }
}
