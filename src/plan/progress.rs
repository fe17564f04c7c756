//! What a step that stopped half-way has done, and what it has left undone, in words that name things, not requests.

use crate::model::{Purpose, Request};
use crate::plan::Step;
use crate::plan::mail::Sort;
use crate::trouble::Trouble;

/// Returns what the first `through` requests of a step did and what the others would have done; `None` where nothing was written.
pub fn done_and_left(step: &Step, through: usize) -> Option<(String, String)> {
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

/// What one request does, once it is done and while it is left; nothing for a read.
fn part(step: &Step, request: &Request, done: bool) -> Option<String> {
    let later = step.requests.iter().any(|it| it.purpose == Purpose::InviteAttendees);
    let invited = !later && step.mail.iter().any(|mail| mail.kind == Sort::Invitation);
    let (yes, no) = match request.purpose {
        Purpose::Observe | Purpose::ReadSchedules | Purpose::ReadJoinLink | Purpose::CheckJoinLink => return None,
        Purpose::FindMeeting | Purpose::FindOccurrence | Purpose::ReadMeeting => return None,
        Purpose::CreateEvent if invited => ("the event is there and its attendees are invited", "the event"),
        Purpose::CreateEvent => ("the event is there", "the event"),
        Purpose::UpdateEvent => ("the event is changed", "the event itself"),
        Purpose::ChangeAttendees => ("who is invited is changed", "who is invited"),
        Purpose::InviteAttendees => ("its attendees are invited", "its attendees, of whom nobody is invited yet"),
        Purpose::CancelEvent => ("the old event is cancelled", "the old event, still there"),
        Purpose::SetOptions => ("the options of its Teams meeting are set", "the options of its Teams meeting"),
        Purpose::ChangeOccurrence => ("an occurrence is changed", "an occurrence to change"),
        Purpose::SkipOccurrence => ("an occurrence is skipped", "an occurrence to skip"),
        Purpose::CreateOrGetMeeting | Purpose::CreateMeeting => ("the meeting is there", "the meeting"),
        Purpose::UpdateMeeting => ("the meeting is as declared", "its properties and options"),
        Purpose::DeleteMeeting => ("the old meeting is deleted", "the old meeting, still there"),
    };
    Some(if done { yes } else { no }.into())
}

/// Adds to a trouble what stands in spite of it.
pub fn described(step: &Step, through: usize, trouble: Trouble) -> Trouble {
    let Some((done, left)) = done_and_left(step, through) else { return trouble };
    let trouble = trouble.detail(format!("done: {done}"));
    let trouble = if left.is_empty() { trouble } else { trouble.detail(format!("left: {left}")) };
    trouble.then("apply again: only what is left is sent")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::model::Key;
    use crate::plan::{Action, mail};
    use crate::trouble::Hint;

    fn step(action: Action, purposes: &[Purpose]) -> Step {
        let request = |purpose: &Purpose| Request { purpose: *purpose, ..Request::default() };
        let guest = ["adele@contoso.example".to_owned()].into();
        Step {
            mail: mail::of_create("alex@contoso.example", &guest),
            requests: purposes.iter().map(request).collect(),
            ..Step::new(Key::new(KindId::Event, "weekly"), "alex@contoso.example", action)
        }
    }

    #[test]
    fn what_is_done_and_what_is_left_is_said_in_words() {
        use Purpose::{
            CancelEvent, ChangeOccurrence, CreateEvent, FindMeeting, FindOccurrence, SetOptions, SkipOccurrence,
            UpdateEvent,
        };
        let series = [UpdateEvent, FindOccurrence, SkipOccurrence, ChangeOccurrence, ChangeOccurrence];
        let replace = [CreateEvent, FindMeeting, SetOptions, CancelEvent];
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
            let got = done_and_left(&step, through);
            assert_eq!(got.as_ref().map(|(done, left)| (done.as_str(), left.as_str())), expect, "{through}");
        }
    }

    #[test]
    fn the_way_out_comes_last() {
        let step = step(Action::Create, &[Purpose::CreateEvent, Purpose::SetOptions]);
        let refused = || Trouble::new("no").hint(Hint::from("ask").command("Grant-Policy"));
        assert_eq!(described(&step, 0, refused()), refused());
        let expect = Trouble::new("no")
            .detail("done: the event is there and its attendees are invited")
            .detail("left: the options of its Teams meeting")
            .hint(Hint::from("ask; then apply again: only what is left is sent").command("Grant-Policy"));
        assert_eq!(described(&step, 1, refused()), expect);
    }
}
