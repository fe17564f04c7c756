//! What a step that stopped half-way has done, and what it has left undone, in words that name things, not requests.

use crate::model::{Method, Request};
use crate::plan::Step;
use crate::route;

/// Returns what the first `through` requests of a step did and what the others would have done; `None` where nothing was written.
pub fn partly(step: &Step, through: usize) -> Option<(String, String)> {
    let (before, after) = step.requests.split_at(through.min(step.requests.len()));
    let said = |requests: &[Request], done: bool| {
        let mut parts: Vec<(String, usize)> = vec![];
        for part in requests.iter().filter_map(|request| part(step, request, done)) {
            match parts.iter_mut().find(|(text, _)| *text == part) {
                Some((_, times)) => *times += 1,
                None => parts.push((part, 1)),
            }
        }
        let counted = |(text, times): (String, usize)| if times > 1 { format!("{text} ({times})") } else { text };
        parts.into_iter().map(counted).collect::<Vec<_>>().join(", ")
    };
    let (done, left) = (said(before, true), said(after, false));
    (!done.is_empty()).then_some((done, left))
}

/// What one request does; nothing for a read.
fn part(step: &Step, request: &Request, done: bool) -> Option<String> {
    let path = request.path.split('?').next().unwrap_or_default();
    let (event, meeting) = (step.key.is_event(), path.contains("/onlineMeetings/"));
    let invited = request.body.as_ref().and_then(|body| body["attendees"].as_array()).is_some_and(|it| !it.is_empty());
    Some(match request.method {
        Method::Get => return None,
        Method::Post if path.ends_with("/createOrGet") => word(done, "the meeting is there", "the meeting"),
        Method::Post if path.ends_with("/events") && invited => {
            word(done, "the event is there and its attendees are invited", "the event")
        }
        Method::Post if path.ends_with("/events") => word(done, "the event is there", "the event"),
        Method::Patch if meeting && event => word(done, "the options of its Teams meeting are set", OPTIONS),
        Method::Patch if meeting => word(done, "the meeting is as declared", "its properties and options"),
        Method::Delete if meeting => word(done, "the old meeting is deleted", "the old meeting, still there"),
        Method::Patch if occurrence(step, path) => word(done, "an occurrence is changed", "an occurrence to change"),
        Method::Patch => word(done, "the event is changed", "the event itself"),
        Method::Post | Method::Delete if occurrence(step, path) => {
            word(done, "an occurrence is skipped", "an occurrence to skip")
        }
        Method::Post | Method::Delete => word(done, "the old event is cancelled", "the old event, still there"),
    })
}

const OPTIONS: &str = "the options of its Teams meeting";

fn word(done: bool, yes: &str, no: &str) -> String {
    if done { yes.into() } else { no.into() }
}

/// Whether a path leads to an occurrence of the step's event: by a hole called like its date, or by an id of its own.
fn occurrence(step: &Step, path: &str) -> bool {
    let id = path.split("/events/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let own = step.record.as_ref().map(|record| route::encoded(&record.id)).unwrap_or_default();
    let dated = id.strip_prefix('{').is_some_and(|hole| hole.starts_with(|sign: char| sign.is_ascii_digit()));
    dated || (step.action == crate::plan::Action::Update && !own.is_empty() && id != own && id != "{id}")
}

/// Puts an error and what stands in spite of it together; the way out comes last.
pub fn told(step: &Step, through: usize, error: &str) -> String {
    let Some((done, left)) = partly(step, through) else { return error.into() };
    let (what, hint) = error.split_once("\n  hint: ").unwrap_or((error, ""));
    let then = if hint.is_empty() { String::new() } else { format!("{hint}; then ") };
    let left = if left.is_empty() { String::new() } else { format!("\n  left: {left}") };
    format!("{what}\n  done: {done}{left}\n  hint: {then}apply again: only what is left is sent")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::event;
    use crate::model::{Key, Record};
    use crate::plan::Action;
    use serde_json::json;

    fn step(action: Action, requests: &[(Method, &str)]) -> Step {
        let request = |(method, path): &(Method, &str)| Request {
            method: *method,
            path: format!("/users/alex/{path}"),
            body: Some(json!({"attendees": [{}]})),
            ..Request::default()
        };
        Step {
            key: Key::new(&event::KIND, "weekly"),
            organizer: "alex".into(),
            action,
            reason: None,
            changes: vec![],
            mail: vec![],
            notes: vec![],
            requests: requests.iter().map(request).collect(),
            record: Some(Record { id: "A1".into(), ..Record::default() }),
            intent: None,
            unknown: false,
            duplicate: false,
            clashes: vec![],
            lists: Default::default(),
        }
    }

    #[test]
    fn what_is_done_and_what_is_left_is_said_in_words() {
        use Method::{Delete, Get, Patch, Post};
        let series = [
            (Patch, "events/A1"),
            (Get, "events/A1/instances"),
            (Delete, "events/{2031-02-11}"),
            (Patch, "events/B2"),
            (Patch, "events/C3"),
        ];
        let replace =
            [(Post, "events"), (Get, "events/{id}"), (Patch, "onlineMeetings/{meeting}"), (Post, "events/A1/cancel")];
        for (step, through, expect) in [
            (step(Action::Update, &series), 0, None),
            (
                step(Action::Update, &series),
                2,
                Some(("the event is changed", "an occurrence to skip, an occurrence to change (2)")),
            ),
            (
                step(Action::Update, &series),
                4,
                Some((
                    "the event is changed, an occurrence is skipped, an occurrence is changed",
                    "an occurrence to change",
                )),
            ),
            (
                step(Action::Replace, &replace),
                2,
                Some((
                    "the event is there and its attendees are invited",
                    "the options of its Teams meeting, the old event, still there",
                )),
            ),
            (
                step(Action::Replace, &replace),
                3,
                Some((
                    "the event is there and its attendees are invited, the options of its Teams meeting are set",
                    "the old event, still there",
                )),
            ),
        ] {
            let got = partly(&step, through);
            assert_eq!(got.as_ref().map(|(done, left)| (done.as_str(), left.as_str())), expect, "{through}");
        }
    }

    #[test]
    fn the_way_out_comes_last() {
        let step = step(Action::Create, &[(Method::Post, "events"), (Method::Patch, "onlineMeetings/{meeting}")]);
        assert_eq!(told(&step, 0, "no\n  hint: ask"), "no\n  hint: ask");
        assert_eq!(
            told(&step, 1, "no\n  hint: ask"),
            "no\n  done: the event is there and its attendees are invited\n  left: the options of its Teams meeting\n  hint: ask; \
             then apply again: only what is left is sent"
        );
    }
}
