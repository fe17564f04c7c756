//! What Graph does at times and not at others, each to be switched.
//!
//! `late-join-url=2,late-look-up,miss-is-404,silent-provider,body=rotate,moving-change-key=no`, or `all`, which is everything
//! that comes late or cut.

use std::str::FromStr;

use anyhow::bail;

/// What Graph does at times, and a correct client bears.
///
/// The default holds what costs a correct client nothing; what makes it wait or ask again is off, and on in `all`.
#[derive(Clone, Debug)]
pub struct Quirks {
    /// The change key moves by itself after a create, so the tag of its answer is stale.
    pub moving_change_key: bool,
    /// How many answers still show `onlineMeeting: null` after the create's own; 0 shows it at once.
    pub late_join_url: u32,
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
}

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
}

impl Default for Quirks {
    fn default() -> Quirks {
        Quirks {
            moving_change_key: true,
            late_join_url: 0,
            late_look_up: 0,
            body: BodyQuirk::Lose,
            miss_is_404: false,
            silent_provider: false,
            copies: true,
            cut_properties: false,
            rooms_answer: true,
        }
    }
}

impl Quirks {
    /// Returns the quirks with everything that comes late or cut.
    pub fn all() -> Quirks {
        Quirks { late_join_url: 1, late_look_up: 1, miss_is_404: true, cut_properties: true, ..Quirks::default() }
    }
}

impl FromStr for Quirks {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Quirks> {
        let mut quirks = Quirks::default();
        for part in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, "yes"));
            let number = || match value {
                "yes" => Ok(1),
                "no" => Ok(0),
                value => value.parse().map_err(|_| anyhow::anyhow!("quirk `{part}` needs a whole number")),
            };
            let on = || match value {
                "yes" => Ok(true),
                "no" => Ok(false),
                _ => bail!("quirk `{part}` is `yes` or `no`"),
            };
            match name {
                "all" => quirks = Quirks::all(),
                "moving-change-key" => quirks.moving_change_key = on()?,
                "late-join-url" => quirks.late_join_url = number()?,
                "late-look-up" => quirks.late_look_up = number()?,
                "miss-is-404" => quirks.miss_is_404 = on()?,
                "silent-provider" => quirks.silent_provider = on()?,
                "copies" => quirks.copies = on()?,
                "cut-properties" => quirks.cut_properties = on()?,
                "rooms-answer" => quirks.rooms_answer = on()?,
                "body" => {
                    quirks.body = match value {
                        "lose" => BodyQuirk::Lose,
                        "flip" => BodyQuirk::Flip,
                        "rotate" => BodyQuirk::Rotate,
                        _ => bail!("quirk `{part}` is `body=lose`, `body=flip` or `body=rotate`"),
                    }
                }
                _ => bail!(
                    "unknown quirk `{part}`\n  hint: all, moving-change-key, late-join-url, late-look-up, miss-is-404, silent-provider, \
                     copies, cut-properties, rooms-answer, body"
                ),
            }
        }
        Ok(quirks)
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
        for wrong in ["late", "body=keep", "copies=2", "late-look-up=x"] {
            assert!(wrong.parse::<Quirks>().unwrap_err().to_string().contains(wrong), "{wrong}");
        }
    }
}
