//! Whether an online event has a join link, and one of its own.
//!
//! Nothing can be sent to mend either, so it is told: after an apply, where a second look finds it, and in every later plan.

use crate::kind::body;
use crate::kind::event::View;
use crate::reason::{Reason, Why};
use crate::trouble::Trouble;

/// What is wrong with the join link of a live event.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// It has none. It can be missing for some seconds after a write (observed), and for good where Teams makes no meeting.
    Missing,
    /// It stands in the event's own declared text, and no join block around it is certain: the service may have taken it from
    /// there, and it is that of another meeting.
    Borrowed,
}

impl Fault {
    /// Looks at the link of an event that is declared online, and is.
    pub fn of(declared: View, live: View) -> Option<Fault> {
        if !declared.is_online() || !live.is_teams() {
            return None;
        }
        let Some(url) = live.join_url() else { return Some(Fault::Missing) };
        let text = declared.content();
        let uncertain = || body::join_block(text, url).is_ok() || body::join_block(live.content(), url).is_err();
        (body::mentions(text, url) && uncertain()).then_some(Fault::Borrowed)
    }

    /// Returns what is wrong and the way out.
    pub fn trouble(self) -> Trouble {
        match self {
            Fault::Missing => Trouble::new("it has no join link, so nobody can join it online")
                .hint("if it stays so, see that its organizer has a licence for Teams"),
            Fault::Borrowed => Trouble::new("its join link stands in its own text, so it may be that of another meeting").hint(
                "take that link out of its text and give the event another `metadata.name`: it is then made anew, with a link of its \
                 own, and this one cancelled",
            ),
        }
    }

    /// Why options may not be set: they would be those of the other meeting.
    pub fn refusal(self) -> Option<Why> {
        match self {
            Fault::Missing => None,
            Fault::Borrowed => {
                Some(Reason::BorrowedLink.why(format!("{}, whose options are left alone", self.trouble())))
            }
        }
    }
}
