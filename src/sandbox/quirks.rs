//! What Graph does at times and not at others, each to be switched.
//!
//! `late-join-url=2,late-look-up,miss-is-404,silent-provider,body=rotate,moving-change-key=no`, or `all`, which is everything
//! that comes late or cut. Where it is not proven what Graph does, each reading has a name of its own.

use std::{str::FromStr, time::Duration};

use anyhow::bail;

/// What Graph does at times, and a correct client bears.
///
/// The default holds what costs a correct client nothing; what makes it wait or ask again is off, and on in `all`.
#[derive(Clone, Debug)]
pub struct Quirks {
    /// The change key moves by itself after a create, so the tag of its answer is stale.
    pub moving_change_key: bool,
    /// How many answers still show `onlineMeeting: null` after the create's own; 0 shows it at once, `NEVER` nowhere.
    pub late_join_url: u32,
    /// After a PATCH too, its own answer among them.
    pub late_after_patch: bool,
    /// As long as the link does not show, neither does what the service adds to body and places.
    pub late_block: bool,
    /// The service writes no join block into the body.
    pub no_block: bool,
    /// An event whose text holds a join link takes that for its own, and gets neither a meeting nor a block (unproven).
    pub borrowed_link: bool,
    /// How many look-ups by join URL miss a new meeting.
    pub late_look_up: u32,
    /// What happens to the link when a body comes without the join block.
    pub body: BodyQuirk,
    /// A look-up that finds nothing answers 404 instead of an empty list.
    pub miss_is_404: bool,
    /// A provider that the calendar does not allow gives an event without a link instead of an error.
    pub silent_provider: bool,
    /// Who is invited sees a copy of the event in their own calendar.
    pub copies: bool,
    /// Lists cut the values of extended properties at 255 characters; a GET of one event does not (MS-OXCDATA 2.8.2).
    pub cut_properties: bool,
    /// Rooms answer when their event is read for the second time.
    pub rooms_answer: bool,
    /// How an all-day event reads in another zone than its own.
    pub all_day: AllDay,
    /// An attendee's alias reads back as the person's own address (known of Exchange).
    pub aliases: bool,
    /// Attendees whose mailbox is gone read back as an Exchange name instead of an address (docs #13898, #7872).
    pub odd_addresses: bool,
    /// An online event has `Microsoft Teams Meeting` among its places (known of Exchange).
    pub teams_place: bool,
    /// The zone tables of a year ago: western Canada still changes its clocks, and the newest names are refused.
    pub old_zones: bool,
    /// A cancelled event stays: `isCancelled`, and a subject that begins with `Canceled: `.
    pub cancelled_kept: bool,
    /// So does a cancelled occurrence (MeetingCleanup guide, observed).
    pub cancelled_dates_kept: bool,
    /// A new time or pattern leaves the exceptions and skipped dates that the series still has.
    pub exceptions_kept: bool,
    /// Who joins a series is mailed once more for each date that stands apart (MeetingCleanup guide, observed).
    pub joiners_mailed_by_date: bool,
    /// A write whose If-Match is stale is refused (for DELETE unproven).
    pub if_match: bool,
    /// What is remembered of `transactionId`.
    pub transactions: Transactions,
}

/// `late-join-url=never`: the link does not come at all.
pub const NEVER: u32 = u32::MAX;

/// What a body without the join block does to an online event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyQuirk {
    /// The event is no longer online (event-update.md).
    #[default]
    Lose,
    /// It is not, until the next body brings a new link (docs #10618, observed).
    Flip,
    /// A new link takes the place of the old one (docs-contrib #311, observed).
    Rotate,
    /// Every body brings a new link, with the join block in it too (the worst reading of docs-contrib #311).
    Renew,
}

/// How an all-day event reads in another zone than its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AllDay {
    /// As midnight of its own zone, converted.
    Convert,
    /// As midnight in whatever zone the read asks for (docs #2804, #6003, observed).
    #[default]
    Float,
}

/// What is remembered of `transactionId`; nothing of it is documented but that there is such a property.
#[derive(Clone, Debug)]
pub struct Transactions {
    /// The status of `ErrorDuplicateTransactionId`.
    pub status: u16,
    /// The refusal names the event that has the id.
    pub existing_id: bool,
    /// What an id is worth whose event is gone.
    pub after_delete: AfterDelete,
    /// An id is known in its calendar only, not in the whole mailbox.
    pub per_calendar: bool,
    /// How long an id is known; `None` for ever.
    pub memory: Option<Duration>,
}

/// What the `transactionId` of a deleted event does to a create.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterDelete {
    /// It is refused, the same content too.
    #[default]
    Refused,
    /// It makes a new event.
    Forgotten,
    /// It answers 201 with the deleted event.
    Repeated,
}

impl Default for Transactions {
    fn default() -> Transactions {
        let after_delete = AfterDelete::default();
        Transactions { status: 400, existing_id: true, after_delete, per_calendar: false, memory: None }
    }
}

impl Default for Quirks {
    fn default() -> Quirks {
        Quirks {
            moving_change_key: true,
            late_join_url: 0,
            late_after_patch: false,
            late_block: false,
            no_block: false,
            borrowed_link: false,
            late_look_up: 0,
            body: BodyQuirk::default(),
            miss_is_404: false,
            silent_provider: false,
            copies: true,
            cut_properties: false,
            rooms_answer: true,
            all_day: AllDay::default(),
            aliases: false,
            odd_addresses: false,
            teams_place: false,
            old_zones: false,
            cancelled_kept: false,
            cancelled_dates_kept: false,
            exceptions_kept: false,
            joiners_mailed_by_date: true,
            if_match: true,
            transactions: Transactions::default(),
        }
    }
}

impl Quirks {
    /// Returns the quirks with everything that comes late or cut.
    pub fn all() -> Quirks {
        Quirks { late_join_url: 1, late_look_up: 1, miss_is_404: true, cut_properties: true, ..Quirks::default() }
    }

    /// Returns these quirks with those of a list switched.
    ///
    /// Fails with the first name or value that there is not.
    pub fn with(mut self, list: &str) -> anyhow::Result<Quirks> {
        for part in list.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, "yes"));
            if name == "all" {
                self = Quirks::all();
                continue;
            }
            match self.flag(name) {
                Some(flag) => *flag = of(part, value, &YES_NO)?,
                None => self.choose(part, name, value)?,
            }
        }
        Ok(self)
    }

    /// What is `yes` or `no`.
    fn flag(&mut self, name: &str) -> Option<&mut bool> {
        Some(match name {
            "moving-change-key" => &mut self.moving_change_key,
            "late-after-patch" => &mut self.late_after_patch,
            "late-block" => &mut self.late_block,
            "no-block" => &mut self.no_block,
            "borrowed-link" => &mut self.borrowed_link,
            "miss-is-404" => &mut self.miss_is_404,
            "silent-provider" => &mut self.silent_provider,
            "copies" => &mut self.copies,
            "cut-properties" => &mut self.cut_properties,
            "rooms-answer" => &mut self.rooms_answer,
            "aliases" => &mut self.aliases,
            "odd-addresses" => &mut self.odd_addresses,
            "teams-place" => &mut self.teams_place,
            "old-zones" => &mut self.old_zones,
            "cancelled-kept" => &mut self.cancelled_kept,
            "cancelled-dates-kept" => &mut self.cancelled_dates_kept,
            "exceptions-kept" => &mut self.exceptions_kept,
            "joiners-mailed-by-date" => &mut self.joiners_mailed_by_date,
            "if-match" => &mut self.if_match,
            "transaction-existing-id" => &mut self.transactions.existing_id,
            "transaction-per-calendar" => &mut self.transactions.per_calendar,
            _ => return None,
        })
    }

    /// What is a number, or one of several.
    fn choose(&mut self, part: &str, name: &str, value: &str) -> anyhow::Result<()> {
        match name {
            "late-join-url" => self.late_join_url = if value == "never" { NEVER } else { number(part, value)? },
            "late-look-up" => self.late_look_up = number(part, value)?,
            "body" => {
                let all = [
                    ("lose", BodyQuirk::Lose),
                    ("flip", BodyQuirk::Flip),
                    ("rotate", BodyQuirk::Rotate),
                    ("renew", BodyQuirk::Renew),
                ];
                self.body = of(part, value, &all)?;
            }
            "all-day" => {
                self.all_day = of(part, value, &[("float", AllDay::Float), ("convert", AllDay::Convert)])?;
            }
            "transaction-status" => self.transactions.status = of(part, value, &[("400", 400), ("409", 409)])?,
            "transaction-after-delete" => {
                use AfterDelete::{Forgotten, Refused, Repeated};
                let all = [("refused", Refused), ("forgotten", Forgotten), ("repeated", Repeated)];
                self.transactions.after_delete = of(part, value, &all)?;
            }
            "transaction-minutes" => {
                self.transactions.memory = Some(Duration::from_secs(60 * u64::from(number(part, value)?)));
            }
            _ => bail!("unknown quirk `{part}`\n  hint: {NAMES}"),
        }
        Ok(())
    }
}

const YES_NO: [(&str, bool); 2] = [("yes", true), ("no", false)];

const NAMES: &str = "all, moving-change-key, late-join-url, late-after-patch, late-block, no-block, borrowed-link, late-look-up, miss-is-404, \
                     silent-provider, copies, cut-properties, rooms-answer, body, all-day, aliases, odd-addresses, teams-place, \
                     old-zones, cancelled-kept, cancelled-dates-kept, exceptions-kept, joiners-mailed-by-date, \
                     if-match, transaction-status, \
                     transaction-existing-id, transaction-after-delete, transaction-per-calendar, transaction-minutes";

/// Returns what a value names.
fn of<T: Copy>(part: &str, value: &str, all: &[(&str, T)]) -> anyhow::Result<T> {
    let names: Vec<String> = all.iter().map(|(name, _)| format!("`{name}`")).collect();
    match all.iter().find(|(name, _)| *name == value) {
        Some((_, it)) => Ok(*it),
        None => bail!("quirk `{part}` is {}", names.join(" or ")),
    }
}

fn number(part: &str, value: &str) -> anyhow::Result<u32> {
    match value {
        "yes" => Ok(1),
        "no" => Ok(0),
        value => value.parse().map_err(|_| anyhow::anyhow!("quirk `{part}` needs a whole number")),
    }
}

impl FromStr for Quirks {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Quirks> {
        Quirks::default().with(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quirks_are_switched_by_name() {
        let quirks: Quirks = "all,late-join-url=3,body=rotate,moving-change-key=no".parse().unwrap();
        assert_eq!((quirks.late_join_url, quirks.late_look_up, quirks.body), (3, 1, BodyQuirk::Rotate));
        assert!(!quirks.moving_change_key && quirks.miss_is_404);
        for wrong in ["late", "body=keep", "copies=2", "late-look-up=x", "transaction-status=404"] {
            assert!(wrong.parse::<Quirks>().unwrap_err().to_string().contains(wrong), "{wrong}");
        }
    }

    #[test]
    fn every_name_that_is_offered_can_be_switched() {
        for name in NAMES.split(',').map(str::trim) {
            let values = ["yes", "float", "lose", "400", "refused"];
            assert!(values.iter().any(|it| format!("{name}={it}").parse::<Quirks>().is_ok()), "{name}");
        }
    }
}
