//! Why something is refused, blocked or failed: a closed list, each with a code that stays.
//!
//! Scripts match on codes and people look them up; the words of a message may change, what a code means does not. A code is never
//! given to something else: `tests/data/codes.txt` holds every one that there was. Words about the case at hand stand where it is
//! found; here stands what holds of all such cases.

mod around;
mod manifests;
mod refusals;
mod steps;

use serde::{Deserialize, Serialize};
use std::fmt;

/// Makes the enum with the number of each, and the list of all.
macro_rules! reasons {
    ($($name:ident = $number:literal,)*) => {
        /// Why something is refused, blocked or failed. Its number is its code; hundreds are subjects.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        #[repr(u16)]
        #[allow(missing_docs, reason = "each has its row in a table")]
        pub enum Reason {
            $($name = $number,)*
        }

        impl Reason {
            /// All of them, in the order of their codes.
            pub const ALL: &[Reason] = &[$(Reason::$name,)*];
        }
    };
}

reasons! {
    Other = 1,
    CommandLine = 2,
    NobodyToAsk = 3,
    Stopped = 4,
    NamesNothing = 5,
    Flags = 6,
    Environment = 7,
    TimedOut = 8,

    Refused = 100,
    Syntax = 101,
    NotUtf8 = 102,
    DuplicateKey = 103,
    HiddenSign = 104,
    TooMuch = 105,
    UnknownKind = 106,
    UnknownProperty = 107,
    MissingProperty = 108,
    WrongType = 109,
    UnknownValue = 110,
    WrongForm = 111,
    NotYours = 112,
    Times = 120,
    Recurrence = 121,
    Exceptions = 122,
    People = 123,
    Online = 124,
    Text = 125,
    Cloud = 126,
    DaysOff = 127,
    Meaning = 129,
    DeclaredTwice = 130,
    Predecessors = 131,
    SecondWorkspace = 132,
    Adoption = 133,
    Pinned = 140,
    File = 150,
    NoWorkspace = 151,
    Roster = 160,
    Group = 161,
    EmptySet = 162,

    Fixed = 301,
    FixedWithMeeting = 302,
    ProtectedFromReplacement = 303,
    Protected = 304,
    JoinBlock = 305,
    NoCalendar = 306,
    CalendarReadOnly = 307,
    Provider = 308,
    NoObjectId = 309,
    TooManyAttendees = 310,
    Unsendable = 311,
    BorrowedLink = 312,

    SeveralLive = 401,
    GivenAway = 402,
    CancelledLive = 403,
    NotAdopted = 404,
    AdoptedAndReplaced = 405,
    NameWasTaken = 406,
    NameNotFree = 407,
    Lookalike = 408,
    Unanswered = 409,
    MarkUnread = 410,
    AnothersEvent = 411,
    FormerName = 412,

    Unread = 501,
    RemovalHeld = 502,
    QuietHours = 503,
    MinimumNotice = 504,
    LeftOut = 505,
    PassedOver = 506,

    NothingDeclared = 601,
    RemovalsLimit = 602,
    ChangesLimit = 603,
    MailsLimit = 604,
    OutsideLimit = 605,
    RemovalsCeiling = 606,
    ChangesCeiling = 607,
    MailsCeiling = 608,
    OutsideCeiling = 609,
    DailyRecipients = 610,
    Clashes = 611,
    MailboxCeiling = 612,

    NotApproved = 701,
    OtherPlan = 702,
    Moved = 703,
    Expired = 704,
    SavedUnread = 705,
    NotASavedPlan = 706,
    SavedElsewhere = 707,
    NotSaved = 708,
    Snapshot = 709,

    Locked = 801,
    LockLost = 802,
    StateUnreadable = 803,
    StateOfAnother = 804,
    StateMoved = 805,
    StateTracked = 806,
    Store = 807,
    StateKey = 808,

    NoSignIn = 901,
    SignInFailed = 902,
    SignInDiffers = 903,
    GraphAddress = 904,
    GraphRefused = 905,
    GraphForbidden = 906,
    GraphThrottled = 907,
    GraphUnreached = 908,
    GraphSignIn = 909,
}

/// What holds of a reason wherever it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// The reason, as its code.
    #[serde(rename = "code")]
    pub reason: Reason,
    /// What it is called: a few words.
    pub title: &'static str,
    /// How it comes about.
    pub cause: &'static str,
    /// What a person can do.
    pub way_out: &'static str,
}

/// One row of the tables.
const fn about(reason: Reason, title: &'static str, cause: &'static str, way_out: &'static str) -> About {
    About { reason, title, cause, way_out }
}

/// What the hundreds of codes are about.
pub const SUBJECTS: [(u16, &str); 9] = [
    (0, "The command line"),
    (1, "Manifests and the workspace"),
    (3, "What Graph does not let happen"),
    (4, "Whose an event or meeting is"),
    (5, "Not now"),
    (6, "Limits"),
    (7, "Plans that are approved or saved"),
    (8, "The state"),
    (9, "Signing in, and Graph"),
];

/// Returns what is known of every reason, in the order of their codes.
pub fn all() -> impl Iterator<Item = &'static About> {
    [around::GENERAL, manifests::ROWS, steps::ROWS, refusals::ROWS, around::ROWS].into_iter().flatten()
}

impl Reason {
    /// Returns what is known of it.
    pub fn about(self) -> &'static About {
        all().find(|about| about.reason == self).expect("every reason has its row, as a test sees to")
    }

    /// Finds a reason by its code, in any case.
    pub fn named(code: &str) -> Option<Reason> {
        Reason::ALL.iter().copied().find(|it| it.to_string().eq_ignore_ascii_case(code))
    }

    /// Says in words that it is so here: lower case, no full stop.
    pub fn why(self, what: impl Into<String>) -> Why {
        Why { reason: self, what: what.into(), allowed_by: None }
    }
}

/// It reads as its code: `CVK0301`.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "CVK{:04}", *self as u16)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> String {
        reason.to_string()
    }
}

impl TryFrom<String> for Reason {
    type Error = String;

    fn try_from(code: String) -> Result<Reason, String> {
        Reason::named(&code).ok_or_else(|| "no code of a reason".to_owned())
    }
}

/// A reason, and the words about the case at hand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Why {
    /// The reason, as its code.
    #[serde(rename = "code")]
    pub reason: Reason,
    /// Lower case, no full stop.
    #[serde(rename = "message")]
    pub what: String,
    /// The flag that lets it through, with its value, where one does; the words tell it too.
    #[serde(skip)]
    pub allowed_by: Option<String>,
}

impl Why {
    /// Says which flag lets it through.
    pub fn allowed_by(self, flag: String) -> Why {
        Why { allowed_by: Some(flag), ..self }
    }

    /// Says more in front of it.
    pub fn after(self, before: &str) -> Why {
        Why { what: format!("{before}{}", self.what), ..self }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.what)
    }
}
