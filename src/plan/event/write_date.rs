//! The requests that change one date of a series, and whom they mail.

use crate::kind::Field;
use crate::kind::compare::Compare;
use crate::kind::event::View;
use crate::model::{Again, Method, Purpose, Request};
use crate::plan::event::guests::Guests;
use crate::plan::event::occurrence::{Case, Wrong};
use crate::plan::mail::{self, Because};
use crate::plan::{Change, requests};
use crate::route::{self, EVENT_PREFER};
use serde_json::{Map, Value};

impl Case<'_> {
    /// What is sent for a date of which these properties differ.
    ///
    /// One PATCH holds all of them, so that everybody is mailed once. Where everybody is invited to the series after its dates are
    /// shaped, the guests of a date come after that, alone: then only those who come or go are mailed.
    pub(super) fn writes(
        &self,
        own: &Map<String, Value>,
        differ: &[&Field],
        guests: Option<&Guests>,
        change: Change,
    ) -> Wrong {
        let organizer = self.organizer();
        let is_list = |field: &&&Field| field.compare == Compare::People;
        let (list, others): (Vec<&Field>, Vec<&Field>) = differ.iter().partition(is_list);
        let (mut own, mut live) = (own.clone(), self.live.clone());
        let people = guests.filter(|_| !list.is_empty()).map(|guests| {
            for field in &list {
                own.insert(field.name.into(), guests.sent.clone());
                live.insert(field.name.into(), guests.live.clone());
            }
            (Guests::people(&guests.live, &organizer), Guests::people(&guests.sent, &organizer))
        });
        let because = || Because::Date { date: self.date.to_string() };
        let visible: Vec<Because> = (!others.is_empty()).then(because).into_iter().collect();
        let (now, later) = match self.series.later {
            Some(_) => (others, list),
            None => (differ.to_vec(), vec![]),
        };
        let stay = self.people();
        let mail = match (&people, self.series.later) {
            (Some((before, after)), None) => mail::of_update(&organizer, before, after, &visible, &[]),
            (Some((before, after)), Some(_)) => [
                mail::of_update(&organizer, &stay, &stay, &visible, &[]),
                mail::of_update(&organizer, before, after, &[], &[]),
            ]
            .concat(),
            (None, _) => mail::of_update(&organizer, &stay, &stay, &visible, &[]),
        };
        let requests = |fields: &[&Field]| match fields {
            [] => vec![],
            _ => self.find(Some(&own), false).into_iter().chain(self.patch(fields, &own, &live)).collect(),
        };
        Wrong { rank: (0, 0), change, mail, requests: requests(&now), after: requests(&later), note: None }
    }

    /// The PATCH; a text goes around the join block that the live one of the date holds.
    fn patch(&self, fields: &[&Field], own: &Map<String, Value>, live: &Map<String, Value>) -> Vec<Request> {
        let series = self.series;
        let kind = series.want.key.kind();
        let body = requests::body(fields.iter().copied(), own);
        let names: Vec<&str> = body.keys().map(String::as_str).collect();
        let path = format!("{}/events/{}", route::mailbox(&series.want.spec.organizer), self.id());
        let online = View::of(&series.want.spec.own).is_teams()
            || series.have.is_some_and(|have| View::of(&have.own).is_online());
        let spliced = online && fields.iter().any(|field| field.compare == Compare::Text);
        let patch = Request {
            purpose: Purpose::ChangeOccurrence,
            method: Method::Patch,
            path: path.clone(),
            prefer: Some(EVENT_PREFER.into()),
            if_match: self.etag(),
            again: Again::AfterRead,
            before: Some(kind.digest(&names, live)),
            exception: Some(self.name.clone()),
            splice: spliced.then(|| "live".into()),
            body: Some(body.into()),
            ..Request::default()
        };
        match spliced {
            true => requests::around_join_link(&path, patch),
            false => vec![patch],
        }
    }
}
