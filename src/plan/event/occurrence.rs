//! A declared exception of a series: what of it differs, the requests that mend it, and its mail.

use crate::kind::compare::{self, Compare};
use crate::kind::event::{View, read};
use crate::kind::{Exception, Field, Home, body, fingerprint};
use crate::model::{Desired, Fills, Have, Occurrence, Pick, Purpose, Request};
use crate::plan::diff::{self, Fate};
use crate::plan::event::guests::Guests;
use crate::plan::event::people;
use crate::plan::last::Last;
use crate::plan::mail::{self, Because, Mail, People};
use crate::plan::times::comparable;
use crate::plan::{Cause, Change, One, requests};
use crate::route::{self, EVENT_PREFER};
use crate::when;
use jiff::Zoned;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// A series as it will be once the step's own write is through, and who belongs to it.
pub(super) struct Series<'a> {
    pub want: &'a Desired,
    pub have: Option<&'a Have>,
    /// What somebody changed in it and is left so.
    pub left: &'a [Change],
    /// Its id in a path, or the hole that will hold it.
    pub id: String,
    /// Its attendees before and after, without the organizer.
    pub before: &'a People,
    pub after: &'a People,
    /// Who is invited to all of it once its dates are shaped, where that is so.
    pub later: Option<&'a People>,
    /// It is made, or gets new times: there are no exceptions any more.
    pub fresh: bool,
    pub last: Option<&'a Last<'a>>,
}

impl<'a> Series<'a> {
    /// What says when its dates are: what is live, where somebody gave it other times and they are left so.
    pub fn times(&self) -> View<'a> {
        let kind = self.want.key.kind();
        let is_time = |it: &Change| kind.field(Home::Own, &it.field).is_some_and(|field| field.new_time);
        match self.have.filter(|_| !self.fresh && self.left.iter().any(is_time)) {
            Some(have) => View::of(&have.own),
            None => View::of(&self.want.spec.own),
        }
    }

    /// Who belongs to it once the step is through.
    pub fn invited(&self) -> &People {
        self.later.unwrap_or(self.after)
    }

    /// Whether what somebody made of a property is left so.
    pub fn leaves(&self, name: &str) -> bool {
        self.left.iter().any(|it| it.field == name)
    }
}

/// How an occurrence is now.
pub(super) enum Standing<'a> {
    AsTheSeries,
    Skipped,
    Changed(&'a Occurrence),
}

/// One declared exception, and the occurrence as it will be found.
pub(super) struct Case<'a> {
    pub one: &'a One<'a>,
    pub series: &'a Series<'a>,
    pub date: Date,
    pub name: String,
    pub standing: Standing<'a>,
    pub live: Map<String, Value>,
    pub usual: (Zoned, Zoned),
}

/// What an exception is.
pub(super) enum Found {
    /// As declared, or as it stood when what is declared was sent: with the fingerprint of how it stands, and what is to be said.
    Settled(String, Option<String>),
    Differs(Box<Wrong>),
}

/// An exception that is not yet as declared.
pub(super) struct Wrong {
    /// What is skipped makes room, so it goes first; then what moves to earlier days, the earliest first; then what moves to
    /// later days, the latest first: so nothing ever crosses its neighbour on the way.
    pub rank: (u8, i64),
    pub change: Change,
    pub mail: Vec<Mail>,
    pub requests: Vec<Request>,
    /// What is sent once everybody is invited to the series.
    pub after: Vec<Request>,
    pub note: Option<String>,
}

impl Case<'_> {
    /// What it takes to skip the date.
    pub fn skip(&self) -> Wrong {
        let off = self.series.want.spec.days_off.get(&self.date);
        let (date, of) = (self.date.to_string(), off.cloned());
        let because = of.map_or(Because::Skipped { date: date.clone() }, |of| Because::DayOff { date, of });
        let desired = off.map_or_else(|| "skipped".to_owned(), |of| format!("skipped, a day off (DaysOff/{of})"));
        let change = Change {
            field: self.name.clone().into(),
            current: self.starts().into(),
            desired: desired.into(),
            cause: self.cause(&Exception::Skipped),
        };
        let people = self.people();
        let organizer = &self.series.want.spec.organizer;
        let cancel = requests::cancel_event(self.one, organizer, &self.id(), !people.is_empty());
        let kind = self.series.want.key.kind();
        // What belongs to the series as well is read otherwise there.
        let own = |it: &&Field| it.per_occurrence && !matches!(it.compare, Compare::People | Compare::Text);
        let rows: Vec<_> = kind.fields().filter(own).collect();
        let guarded = requests::guarded(cancel, &rows, self.etag(), (kind, &self.live));
        let skip = Request { purpose: Purpose::SkipOccurrence, exception: Some(self.name.clone()), ..guarded };
        Wrong {
            rank: (0, day_number(self.date)),
            change,
            mail: mail::of_cancel(&self.organizer(), &people, because),
            requests: self.find(None, true).into_iter().chain([skip]).collect(),
            after: vec![],
            note: None,
        }
    }

    /// What it takes to make the date as declared, if it is not.
    pub fn change(&self, own: &Map<String, Value>) -> Found {
        let kind = self.series.want.key.kind();
        let rows = own.iter().filter_map(|(name, want)| Some((kind.field(Home::Own, name)?, want)));
        let guests = rows.clone().find(|(field, _)| field.compare == Compare::People);
        let guests = guests.and_then(|(_, want)| Some(Guests::of(self, want.as_object()?)));
        let live = comparable(own, &self.live, None);
        let exception = Exception::Changed(own.clone());
        let now = fingerprint::of_exception(kind, &exception);
        let unchanged = self.last().is_some_and(|it| it.is_unchanged(&self.name, &now));
        let differs = |field: &Field, want: &Value| match (field.compare, live.get(field.name)) {
            (Compare::People, _) => guests.as_ref().is_some_and(|guests| guests.differs),
            // What is not told is taken to be what was sent.
            (Compare::Text, None) if unchanged && matches!(self.standing, Standing::Changed(_)) => false,
            (Compare::Text, _) if self.is_uncertain(field.name) => false,
            (Compare::Text, live) => !body::same_text(want, live.unwrap_or(&Value::Null), None),
            (how, live) => !compare::same(how, want, live.unwrap_or(&Value::Null)),
        };
        let differ: Vec<_> = rows.filter(|(field, want)| differs(field, want)).collect();
        let uncertain = own.keys().any(|name| self.is_uncertain(name)).then(|| {
            format!(
                "`{}`: where the text for joining begins in its live text is not certain, so its text stays as it is",
                self.name
            )
        });
        if differ.is_empty() {
            return Found::Settled(fingerprint::of_occurrence(&now, kind, &self.live), uncertain);
        }
        // A change of an occurrence mails people, so that what Graph made of it is not sent again and again.
        let follows = guests.as_ref().is_some_and(|guests| guests.follows);
        if let (Some(landed), true, false) = (self.as_landed(&exception), unchanged, follows) {
            return Found::Settled(landed.into(), Some(diff::other(&self.name)));
        }
        let cause = match self.cause(&exception) {
            Cause::Drift | Cause::Unknown if follows => Cause::Manifest,
            cause => cause,
        };
        let mut shown = (Map::new(), Map::new());
        for (field, want) in &differ {
            let have = live.get(field.name).unwrap_or(&Value::Null);
            let Change { current, desired, .. } = shown_change(field, (want, have), guests.as_ref(), cause);
            shown.0.insert(field.name.into(), current.value());
            shown.1.insert(field.name.into(), desired.value());
        }
        let field = self.name.clone().into();
        let change = Change { field, current: shown.0.into(), desired: shown.1.into(), cause };
        let fields: Vec<&Field> = differ.into_iter().map(|(field, _)| field).collect();
        let wrong = self.writes(own, &fields, guests.as_ref(), change);
        Found::Differs(Box::new(Wrong { rank: self.rank(own), note: uncertain, ..wrong }))
    }

    /// Whether it is a text of which it is not certain where the text for joining begins in it.
    fn is_uncertain(&self, name: &str) -> bool {
        let text = self.series.want.key.kind().compared(Compare::Text).is_some_and(|field| field.name == name);
        text && matches!(self.standing, Standing::Changed(_)) && self.live.get(name) == Some(&Value::Null)
    }

    fn rank(&self, own: &Map<String, Value>) -> (u8, i64) {
        let zone = self.usual.0.time_zone();
        let day = |own| Some(day_number(View::of(own).start()?.to_zoned(zone.clone()).date()));
        let now = day(&self.live).unwrap_or_default();
        match day(own) {
            Some(then) if then > now => (2, -then),
            Some(_) | None => (1, now),
        }
    }

    /// When it starts now, on the clock of the series.
    fn starts(&self) -> Value {
        let at = View::of(&self.live).start();
        let local = at.map_or(self.usual.0.datetime(), |at| at.to_zoned(self.usual.0.time_zone().clone()).datetime());
        when::pair(local, self.series.times().series_zone_name().unwrap_or("UTC"))
    }

    /// What is known of the last apply; what the step itself drops did not drift.
    fn last(&self) -> Option<&Last<'_>> {
        self.series.last.filter(|_| !self.series.fresh)
    }

    /// How the exception stood in the answer, if it still does.
    fn as_landed(&self, exception: &Exception) -> Option<&str> {
        let landed = self.last()?.landed(&self.name)?;
        let kind = self.series.want.key.kind();
        fingerprint::exception_still(landed, kind, exception, &self.live).then_some(landed)
    }

    fn cause(&self, exception: &Exception) -> Cause {
        let Some(last) = self.last() else { return Cause::Manifest };
        let kind = self.series.want.key.kind();
        let declared = last.declared(&self.name);
        let still = declared.is_some_and(|it| fingerprint::exception_still(it, kind, exception, &self.live));
        let fate = Fate {
            unchanged: last.is_unchanged(&self.name, &fingerprint::of_exception(kind, exception)),
            still: still || self.as_landed(exception).is_some(),
            landed: last.landed(&self.name).is_some(),
            apart: true,
        };
        diff::cause(last, &self.name, fate)
    }

    /// Who is invited to the occurrence: its own list, if it is another than the series had.
    pub(super) fn people(&self) -> People {
        let Standing::Changed(occurrence) = &self.standing else { return self.series.after.clone() };
        let mut own = View::of(&occurrence.own).people();
        own.remove(&self.organizer());
        if own == *self.series.before { self.series.after.clone() } else { own }
    }

    /// Whether a changed date has the list that the series had.
    pub(super) fn is_invited_as_the_series(&self) -> bool {
        let mut own = View::of(&self.live).people();
        own.remove(&self.organizer());
        own == *self.series.before
    }

    /// Whether the date named somebody when it was last applied: added, or left out.
    pub(super) fn named_before(&self, address: &str) -> bool {
        let declared = self.last().and_then(|last| last.declared(&self.name));
        declared.is_some_and(|it| fingerprint::names(it, &compare::hash(address)))
    }

    pub(super) fn organizer(&self) -> String {
        people::address(self.one, self.series.want, self.series.have)
    }

    /// The id in a path: known where the occurrence was changed before, else a hole that `find` fills.
    pub(super) fn id(&self) -> String {
        match &self.standing {
            Standing::Changed(occurrence) => route::encoded(&occurrence.id),
            Standing::AsTheSeries | Standing::Skipped => format!("{{{}}}", self.date),
        }
    }

    pub(super) fn etag(&self) -> Option<String> {
        match &self.standing {
            Standing::Changed(occurrence) => occurrence.etag.clone(),
            // The read that finds it tells it.
            Standing::AsTheSeries | Standing::Skipped => Some(format!("{{{}.etag}}", self.date)),
        }
    }

    /// Finds an occurrence that nobody changed by when the series meant it to start. The window also holds the times it is to
    /// get: should Graph have kept the exception through a change of the series, it is found there.
    pub(super) fn find(&self, own: Option<&Map<String, Value>>, gone: bool) -> Option<Request> {
        if matches!(self.standing, Standing::Changed(_)) {
            return None;
        }
        let (start, end) = (self.usual.0.timestamp(), self.usual.1.timestamp());
        let to = own.map(View::of);
        let from = to.and_then(View::start).map_or(start, |at| at.min(start));
        let until = to.and_then(View::end).map_or(end, |at| at.max(end));
        Some(Request {
            purpose: Purpose::FindOccurrence,
            path: format!(
                "{}/events/{}/instances?{}",
                route::mailbox(&self.series.want.spec.organizer),
                self.series.id,
                read::instances(from, until)
            ),
            prefer: Some(EVENT_PREFER.into()),
            fills: Fills::of([(self.date.to_string(), "/id")]),
            pick: Some(Pick { at: start, day: self.series.times().is_all_day().then_some(self.date) }),
            // A read soon after the series was written may still show what was before it.
            until: self.series.fresh,
            gone,
            ..Request::default()
        })
    }
}

/// How one property of a date differs, as it is shown.
fn shown_change(field: &Field, (want, have): (&Value, &Value), guests: Option<&Guests>, cause: Cause) -> Change {
    match (field.compare, guests) {
        (Compare::People, Some(Guests { live, sent, .. })) => diff::change(field, sent, live, cause),
        (Compare::Text, _) => {
            let current = Some(body::text(have, None)).filter(|words| !words.is_empty());
            let desired = json!(body::text_with_links(want, None));
            Change { field: field.label(), current: json!(current).into(), desired: desired.into(), cause }
        }
        _ => diff::change(field, want, have, cause),
    }
}

fn day_number(date: Date) -> i64 {
    i64::from((date - Date::ZERO).get_days())
}
