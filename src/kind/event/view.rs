//! What the properties of an event mean, so that nobody else has to know their names.
//!
//! The same for a desired event, a live one and a single occurrence of a series: all are Graph's JSON. It only reads; what is
//! missing, or has an unexpected shape, is `None`.

use crate::kind::event::attendee::Attendee;
use crate::kind::event::{TRANSACTION_ID, guests, times};
use crate::kind::{Exception, Expanded, compare, participants};
use crate::when;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Returns everybody whom an expanded event invites and every room that it names, its exceptions included; see
/// `Kind::addressed`. The options of its meeting may give roles to others.
pub fn addressed(expanded: &Expanded) -> Vec<String> {
    let changed = expanded.exceptions.values().filter_map(|exception| match exception {
        Exception::Changed(own) => Some(own),
        Exception::Skipped => None,
    });
    let views = std::iter::once(&*expanded.own).chain(changed).map(View::of);
    let all: BTreeSet<String> = views.flat_map(|view| view.people().into_iter().chain(view.room())).collect();
    all.into_iter().chain(participants::addressed(expanded)).collect()
}

/// An event, or one occurrence of it, to be read.
#[derive(Clone, Copy)]
pub struct View<'a>(&'a Map<String, Value>);

impl<'a> View<'a> {
    /// Looks at Graph's JSON of an event, live or desired.
    pub fn of(own: &'a Map<String, Value>) -> View<'a> {
        View(own)
    }

    /// When it starts, if that can be read.
    pub fn start(self) -> Option<Timestamp> {
        self.instant("start")
    }

    /// When it ends, if that can be read.
    pub fn end(self) -> Option<Timestamp> {
        self.instant("end")
    }

    /// When it starts and ends as a clock of `zone` shows it, if it lasts whole days: only its dates are its own.
    pub fn days(self, zone: &str) -> Option<Map<String, Value>> {
        let midnight = |name: &str| Some(self.day(name)?.to_datetime(Time::midnight()));
        Some(times(midnight("start")?, midnight("end")?, zone))
    }

    /// The zone that its start is written in.
    pub fn zone_name(self) -> Option<&'a str> {
        when::zone_name(self.0.get("start")?)
    }

    /// The zone whose clock people read it on, and its name: the one that it was made in, else that of its start, else UTC.
    /// Live times come in UTC, whatever they were made in (event-get.md).
    pub fn clock(self) -> (TimeZone, &'a str) {
        let name = self.text("originalStartTimeZone").or_else(|| self.zone_name());
        name.and_then(|name| Some((when::zone(name)?, name))).unwrap_or((TimeZone::UTC, "UTC"))
    }

    /// Whether it lasts whole days.
    pub fn is_all_day(self) -> bool {
        self.flag("isAllDay")
    }

    /// How it repeats, Graph's `patternedRecurrence`, if it is a series.
    pub fn recurrence(self) -> Option<&'a Value> {
        self.0.get("recurrence").filter(|it| it.is_object())
    }

    /// Whether it repeats.
    pub fn is_series(self) -> bool {
        self.recurrence().is_some()
    }

    /// Whether it is one date of a series, where that was asked for.
    pub fn is_of_series(self) -> bool {
        self.text("seriesMasterId").is_some()
    }

    /// The zone on whose clock the series repeats.
    pub fn series_zone_name(self) -> Option<&'a str> {
        self.recurrence()?.pointer("/range/recurrenceTimeZone")?.as_str()
    }

    /// The zone that the dates of its series are in.
    pub fn series_zone(self) -> Option<TimeZone> {
        when::zone(self.series_zone_name()?)
    }

    /// When it has ended, the last date of a series included; none where it does not end, or that cannot be told.
    pub fn ends_last(self) -> Option<Timestamp> {
        let Some(series) = self.recurrence() else { return self.end() };
        let last = crate::recurrence::last(series)?;
        let length = self.end()?.duration_since(self.start()?);
        // On whatever clock it is held.
        let day = last.tomorrow().ok()?.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?;
        day.timestamp().checked_add(length).ok()
    }

    /// When its series meant an occurrence to start; its start where that is not told.
    pub fn meant(self) -> Option<Timestamp> {
        self.text("originalStart").and_then(when::instant).or_else(|| self.start())
    }

    /// The date that its series gives a changed occurrence.
    ///
    /// It is as many days after the first date of the series as it was meant to start after the series starts: so neither a
    /// zone that only Graph knows (`tzone://Microsoft/Custom`) nor other zone tables than ours lead to another date.
    pub fn series_date(self, series: View) -> Option<Date> {
        let meant = when::instant(self.text("originalStart")?)?;
        let zone = series.series_zone();
        let local = |zone: TimeZone| meant.to_zoned(zone).datetime();
        if !series.is_all_day() {
            let first =
                series.recurrence().and_then(|it| it.pointer("/range/startDate")?.as_str()?.parse::<Date>().ok());
            return match first.zip(series.start()) {
                Some((first, start)) => first.checked_add(whole_days(meant.duration_since(start)).days()).ok(),
                None => Some(local(zone.unwrap_or(TimeZone::UTC)).date()),
            };
        }
        // The midnight that a whole day begins with is an instant of its zone (docs #2804), or that of its date in UTC.
        let utc = local(TimeZone::UTC);
        let own = zone.map(local).filter(|own| utc.time() != Time::midnight() || own.time() == Time::midnight());
        let begins = own.unwrap_or(utc);
        let days = whole_days(begins.duration_since(begins.date().to_datetime(Time::midnight())));
        begins.date().checked_add(days.days()).ok()
    }

    /// The dates of a series that are skipped: Graph writes `OID.{id of the series}.2026-12-22` (event.md).
    pub fn skipped(self) -> impl Iterator<Item = Date> {
        self.list("cancelledOccurrences").filter_map(|it| it.as_str()?.rsplit('.').next()?.parse().ok())
    }

    /// The occurrences of a series that were changed.
    pub fn changed(self) -> impl Iterator<Item = &'a Value> {
        self.list("exceptionOccurrences")
    }

    /// Whoever is on its list, in the order of the list; of a declared date of a series whom it adds.
    pub fn attendees(self) -> impl Iterator<Item = Attendee<'a>> {
        let added = self.0.get("attendees").map(guests::added).into_iter().flatten();
        self.list("attendees").chain(added).map(Attendee::of)
    }

    /// The addresses of its attendees.
    pub fn people(self) -> BTreeSet<String> {
        self.attendees().filter_map(Attendee::address).collect()
    }

    /// The address of the room that it takes place in, in lower case.
    pub fn room(self) -> Option<String> {
        self.0.get("location")?["locationEmailAddress"].as_str().map(str::to_lowercase)
    }

    /// The organizer's address in lower case.
    pub fn organizer(self) -> Option<String> {
        self.0.get("organizer").and_then(compare::address)
    }

    /// Whether it was cancelled and is kept as that, with `Canceled:` before its subject.
    pub fn is_cancelled(self) -> bool {
        self.flag("isCancelled")
    }

    /// Whether it is an online one.
    pub fn is_online(self) -> bool {
        self.flag("isOnlineMeeting")
    }

    /// The provider of its meeting.
    pub fn provider(self) -> Option<&'a str> {
        self.text("onlineMeetingProvider")
    }

    /// Whether it is an online one that Teams gives a join link.
    pub fn is_teams(self) -> bool {
        self.is_online() && matches!(self.provider(), None | Some("teamsForBusiness" | "unknown"))
    }

    /// The join link: a secret. It can be missing for some seconds after a create (observed).
    pub fn join_url(self) -> Option<&'a str> {
        self.online("joinUrl")
    }

    /// The id to dial in with.
    pub fn conference_id(self) -> Option<&'a str> {
        self.online("conferenceId")
    }

    /// The number to dial.
    pub fn toll_number(self) -> Option<&'a str> {
        self.online("tollNumber")
    }

    /// Its subject.
    pub fn subject(self) -> Option<&'a str> {
        self.text("subject")
    }

    /// What the place is called.
    pub fn place_name(self) -> Option<&'a str> {
        self.0.get("location")?["displayName"].as_str()
    }

    /// Its body in Graph's form.
    pub fn body(self) -> Option<&'a Value> {
        self.0.get("body")
    }

    /// What its body holds, join block included.
    pub fn content(self) -> &'a str {
        self.0.get("body").and_then(|body| body["content"].as_str()).unwrap_or_default()
    }

    /// When it was made.
    pub fn created(self) -> Option<Timestamp> {
        self.text("createdDateTime").and_then(when::instant)
    }

    /// What guarded its create; Graph gives it where it was sent (event.md).
    pub fn transaction_id(self) -> Option<&'a str> {
        self.text(TRANSACTION_ID)
    }

    /// Whether the owner of the mailbox organizes it, where that is told.
    pub fn is_organizer(self) -> Option<bool> {
        self.0.get("isOrganizer")?.as_bool()
    }

    /// When it starts, in words: on the clock that people read it on.
    pub fn begins(self) -> Option<String> {
        let (zone, name) = self.clock();
        let start = self.start()?;
        Some(match self.is_all_day() {
            true => start.to_zoned(TimeZone::UTC).strftime("%a %Y-%m-%d").to_string(),
            false => format!("{} {}", start.to_zoned(zone).strftime("%a %Y-%m-%d %H:%M"), when::place(name)),
        })
    }

    /// The times of an all-day event float: they read as midnight in whatever zone is asked for (docs #2804, #6003). They are
    /// taken on the clock that it was made in.
    fn instant(self, name: &str) -> Option<Timestamp> {
        match self.is_all_day().then(|| self.day(name)).flatten() {
            Some(day) => Some(day.to_zoned(self.clock().0).ok()?.timestamp()),
            None => when::instant_in_zone(self.0.get(name)?),
        }
    }

    /// The date of a time of an all-day event: as it reads, or on its own clock where it does not read as midnight.
    fn day(self, name: &str) -> Option<Date> {
        let value = self.0.get(name)?;
        let local = when::local(value["dateTime"].as_str()?).ok()?;
        if local.time() == Time::midnight() {
            return Some(local.date());
        }
        Some(when::instant_in_zone(value)?.to_zoned(self.clock().0).date())
    }

    fn flag(self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    fn list(self, name: &str) -> impl Iterator<Item = &'a Value> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten()
    }

    fn online(self, name: &str) -> Option<&'a str> {
        self.0.get("onlineMeeting")?[name].as_str()
    }
}

/// A stretch of time in days, to the nearest whole one: clocks are put forward and back in between.
fn whole_days(time: SignedDuration) -> i64 {
    const DAY: i64 = 86_400;
    (time.as_secs() + DAY / 2).div_euclid(DAY)
}

#[cfg(test)]
mod tests;
