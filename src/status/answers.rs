//! Who comes: what each who is invited has answered, and what rooms have answered for each date.

use crate::graph::coming::Coming;
use crate::kind::event::{Attendee, Response, View};
use crate::model::Have;
use crate::status::Next;
use jiff::Timestamp;
use serde::Serialize;

/// What somebody has answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The address, in lower case.
    pub address: String,
    /// A room or another resource, not a person.
    pub resource: bool,
    /// `accepted`, `declined`, `tentative` or `none`.
    #[serde(serialize_with = "word")]
    pub response: Response,
    /// The time that they would rather have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Proposed>,
}

/// Another time that somebody proposes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Proposed {
    /// When it would start.
    pub start: Timestamp,
    /// When it would end.
    pub end: Timestamp,
}

/// The answers to one date of a series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dated {
    /// When that date starts.
    pub start: Timestamp,
    /// What all rooms have answered for it, and those people who answered otherwise than to the series.
    pub answers: Vec<Answer>,
}

/// The answers to one event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answers {
    /// To the event, or to the series as a whole.
    pub all: Vec<Answer>,
    /// To the dates of a series in the weeks ahead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Dated>,
}

/// Reads the answers to an event.
pub fn answers(have: &Have, coming: &Coming) -> Option<Answers> {
    let all = of(have.event()?);
    let dates = coming.of(have).iter().map(View::of).filter(|date| !date.is_cancelled());
    let dates = dates.filter_map(|date| {
        let known = |it: &Answer| all.iter().find(|other| other.address == it.address);
        let differs = |it: &Answer| {
            let alike = known(it).is_some_and(|other| other.response == it.response);
            it.resource || !alike || it.proposed.is_some_and(|_| known(it) != Some(it))
        };
        let answers: Vec<_> = of(date).into_iter().filter(differs).collect();
        (!answers.is_empty()).then_some(Dated { start: date.start()?, answers })
    });
    Some(Answers { dates: dates.collect(), all: all.clone() })
}

/// Lists what rooms have answered that have not accepted.
pub fn of_rooms(event: View) -> Vec<(String, Response)> {
    of(event).into_iter().filter(|it| it.resource).map(|it| (it.address, it.response)).collect()
}

/// Says what somebody has answered.
pub fn said(response: Response) -> &'static str {
    match response {
        Response::Accepted => "accepted",
        Response::Declined => "declined",
        Response::Tentative => "tentative",
        Response::None => "no answer yet",
    }
}

impl Answers {
    /// Says them, each with a title: who answered alike in one line, then who proposes another time, then single dates.
    pub fn lines(&self, next: &Next) -> Vec<(String, String)> {
        let people = |response: Response| {
            let these = self.all.iter().filter(|it| !it.resource && it.response == response);
            these.map(|it| it.address.as_str()).collect::<Vec<_>>().join(", ")
        };
        let responses = [Response::Accepted, Response::Tentative, Response::Declined, Response::None];
        let alike = responses.map(|it| (said(it).to_owned(), people(it)));
        let alike = alike.into_iter().filter(|(_, people)| !people.is_empty());
        let proposals = self.all.iter().filter_map(|it| {
            let Proposed { start, .. } = it.proposed?;
            Some(("proposed".to_owned(), format!("{} by {}", next.on_its_clock(start), it.address)))
        });
        let dates = self.dates.iter().map(|date| {
            let answers = date.answers.iter().map(|it| {
                let proposed = it.proposed.map(|it| format!(", proposes {}", next.on_its_clock(it.start)));
                format!("{} {}{}", it.address, said(it.response), proposed.unwrap_or_default())
            });
            (next.on_its_clock(date.start), answers.collect::<Vec<_>>().join("; "))
        });
        alike.chain(proposals).chain(dates).collect()
    }
}

fn of(event: View) -> Vec<Answer> {
    let answer = |it: Attendee| {
        let proposed = it.proposed().map(|(start, end)| Proposed { start, end });
        Some(Answer { address: it.address()?, resource: it.is_resource(), response: it.response(), proposed })
    };
    event.attendees().filter_map(answer).collect()
}

fn word<S: serde::Serializer>(response: &Response, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(match response {
        Response::None => "none",
        other => said(*other),
    })
}
