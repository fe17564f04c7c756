//! How far the requests of a step came: what was sent counts, not what was planned.

use crate::kind::compare::Compare;
use crate::model::{Purpose, Request};
use crate::plan::Step;

/// How far the requests of a step came, for certain or perhaps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nothing was written.
    #[default]
    Nothing,
    /// Something was written that mails nobody.
    Written,
    /// Something was written that mails people, if anybody is invited.
    Mailed,
}

impl Reach {
    /// Takes in a request that was carried out, or may have been.
    pub(super) fn add(&mut self, step: &Step, request: &Request) {
        *self = (*self).max(Reach::of(step, request));
    }

    fn of(step: &Step, request: &Request) -> Reach {
        let guests = || {
            let list = step.key.kind().compared(Compare::People)?.name;
            request.body.as_ref()?.member(list)?.as_array().map(|all| !all.is_empty())
        };
        match request.purpose {
            purpose if !purpose.writes() => Reach::Nothing,
            // Who is invited last is not on the list of the create.
            Purpose::CreateEvent if guests() != Some(true) => Reach::Written,
            Purpose::CreateEvent | Purpose::UpdateEvent | Purpose::CancelEvent => Reach::Mailed,
            Purpose::ChangeAttendees | Purpose::InviteAttendees => Reach::Mailed,
            Purpose::ChangeOccurrence | Purpose::SkipOccurrence => Reach::Mailed,
            _ => Reach::Written,
        }
    }
}
