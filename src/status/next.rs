//! When something takes place next, on the clock of its author.

use crate::graph::coming::Coming;
use crate::kind::event::View;
use crate::kind::online_meeting as meeting;
use crate::model::{Desired, Have, Live};
use crate::plan::future;
use crate::when::{self, Spoken};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// Whether something is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Timing {
    /// It is to come.
    Ahead,
    /// It takes place now.
    Running,
    /// It is over, the last date of a series too.
    Ended,
    /// It was cancelled, and the calendar keeps it as that.
    Cancelled,
    /// It has no time of its own: whoever has the link may join whenever they like.
    Anytime,
    /// Nobody can tell.
    Unknown,
}

/// When something takes place next, or took place last.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Next {
    /// Whether it is still to come.
    pub timing: Timing,
    /// When it starts: the next date of a series.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// The zone of the clock that its author reads it on.
    pub time_zone: String,
    /// Only its dates mean something.
    pub all_day: bool,
}

impl Next {
    /// Says it: `Tue 2027-01-12 10:00 Europe/Berlin`, `now, until 10:45 Europe/Berlin`, `ended Tue 2027-01-12`.
    pub fn words(&self) -> String {
        let zone = when::zone(&self.time_zone).unwrap_or(TimeZone::UTC);
        let spoken = |at: Timestamp| Spoken {
            at: at.to_zoned(zone.clone()).datetime(),
            zone: self.time_zone.clone(),
            whole_day: self.all_day,
        };
        let (start, end) = (self.start.map(spoken), self.end.map(spoken));
        match (self.timing, start, end) {
            (Timing::Ahead, Some(start), _) if self.all_day => format!("{}, all day", start.local()),
            (Timing::Ahead, Some(start), _) => start.to_string(),
            (Timing::Running, _, Some(_)) if self.all_day => "today, all day".into(),
            (Timing::Running, Some(start), Some(end)) => {
                let until = if start.at.date() == end.at.date() { end.time() } else { end.local() };
                format!("now, until {until} {}", end.zone)
            }
            (Timing::Ended, _, Some(end)) => format!("ended {}", end.at.strftime("%a %Y-%m-%d")),
            (Timing::Ended, ..) => "ended".into(),
            (Timing::Cancelled, ..) => "cancelled".into(),
            (Timing::Anytime, ..) => "any time".into(),
            (Timing::Ahead | Timing::Running | Timing::Unknown, ..) => "not known".into(),
        }
    }

    /// Says another time on the same clock.
    pub fn on_its_clock(&self, at: Timestamp) -> String {
        let zone = when::zone(&self.time_zone).unwrap_or(TimeZone::UTC);
        Spoken { at: at.to_zoned(zone).datetime(), zone: self.time_zone.clone(), whole_day: self.all_day }.local()
    }
}

/// Finds when something takes place next.
pub fn next(have: &Have, want: Option<&Desired>, live: &Live, coming: &Coming, now: Timestamp) -> Next {
    let authors = want.and_then(|want| want.spec.clock.clone()).filter(|name| when::zone(name).is_some());
    let Some(event) = have.event() else {
        let slot = meeting::View::of(&have.own).slot();
        let anytime = want.is_some_and(|want| meeting::View::of(&want.spec.own).start().is_none());
        let timing = if anytime { Timing::Anytime } else { timing(slot, now) };
        let slot = slot.filter(|_| !anytime);
        return told(timing, slot, authors.unwrap_or_else(|| "UTC".into()), false);
    };
    let zone = authors.unwrap_or_else(|| when::place(event.clock().1));
    let all_day = event.is_all_day();
    if event.is_cancelled() {
        return told(Timing::Cancelled, event.start().zip(event.end()), zone, all_day);
    }
    if !event.is_series() {
        let slot = event.start().zip(event.end());
        return told(timing(slot, now), slot, zone, all_day);
    }
    let shown = coming.of(have).iter().map(View::of).filter(|date| !date.is_cancelled());
    let shown = shown.filter_map(|date| date.start().zip(date.end())).filter(|(_, end)| *end > now).min();
    let unread = coming.failures.contains_key(&have.organizer) || live.unknown.contains_key(&have.key);
    match shown.or_else(|| future::next(have, now).filter(|_| !unread)) {
        Some(slot) => told(timing(Some(slot), now), Some(slot), zone, all_day),
        None if unread => told(Timing::Unknown, None, zone, all_day),
        None => told(Timing::Ended, last(event), zone, all_day),
    }
}

/// The last date of a series, as its rule has it.
fn last(event: View) -> Option<(Timestamp, Timestamp)> {
    let last = crate::recurrence::last(event.recurrence()?)?;
    let zone = event.series_zone()?;
    let start = last.to_datetime(event.start()?.to_zoned(zone.clone()).time()).to_zoned(zone).ok()?.timestamp();
    Some((start, start.saturating_add(event.end()?.duration_since(event.start()?)).ok()?))
}

fn timing(slot: Option<(Timestamp, Timestamp)>, now: Timestamp) -> Timing {
    match slot {
        None => Timing::Unknown,
        Some((_, end)) if end <= now => Timing::Ended,
        Some((start, _)) if start <= now => Timing::Running,
        Some(_) => Timing::Ahead,
    }
}

fn told(timing: Timing, slot: Option<(Timestamp, Timestamp)>, time_zone: String, all_day: bool) -> Next {
    Next { timing, start: slot.map(|it| it.0), end: slot.map(|it| it.1), time_zone, all_day }
}
