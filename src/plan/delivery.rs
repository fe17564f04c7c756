//! What Exchange itself delivers for one mailbox: 30 messages a minute, 10,000 recipients a day (Exchange Online limits).
//!
//! Part of the forecast, since nobody can raise them. More recipients than a day holds are refused with the split that fits;
//! more messages than a minute holds only wait, and a note says how long. One message goes to all whom one request mails alike.

use crate::model::Key;
use crate::plan::Step;
use crate::plural::count;
use crate::reason::{Reason, Why};
use std::collections::BTreeMap;

/// The most recipients of one mailbox in a day.
const RECIPIENTS: usize = 10_000;

/// The most messages of one mailbox in a minute.
const MESSAGES: usize = 30;

/// Parts that are named one by one.
const NAMED: usize = 5;

/// Returns why what a plan mails cannot be delivered within a day, one text for each mailbox.
pub(super) fn refusals(steps: &[Step]) -> Vec<Why> {
    let over = |(mailbox, steps): (&str, Vec<&Step>)| {
        let all: usize = steps.iter().map(|step| recipients(step)).sum();
        (all > RECIPIENTS).then(|| {
            let within = format!(
                "this would mail {} for {mailbox}, and Exchange takes {} a day of one mailbox",
                grouped(all, "recipient"),
                thousands(RECIPIENTS)
            );
            Reason::DailyRecipients.why(match steps.iter().find(|step| recipients(step) > RECIPIENTS) {
                Some(step) => format!(
                    "{within}; {} alone mails {}: invite a distribution list instead",
                    step.key,
                    thousands(recipients(step))
                ),
                None => format!("{within}; what fits, one part a day with --only: {}", parts(&steps)),
            })
        })
    };
    by_mailbox(steps).into_iter().filter_map(over).collect()
}

/// Returns how long it takes at least until everything is delivered, where that is more than a minute.
pub(super) fn notes(steps: &[Step]) -> Vec<String> {
    let slow = |(mailbox, steps): (&str, Vec<&Step>)| {
        let messages: usize = steps.iter().map(|step| step.mail.len()).sum();
        let minutes = messages.saturating_sub(1) / MESSAGES;
        (minutes > 0).then(|| {
            format!(
                "{} leave the mailbox of {mailbox}, and Exchange takes {MESSAGES} a minute: the last waits {} at least",
                count(messages, "message"),
                count(minutes, "minute")
            )
        })
    };
    by_mailbox(steps).into_iter().filter_map(slow).collect()
}

/// The steps that mail somebody, by the mailbox that does.
fn by_mailbox(steps: &[Step]) -> BTreeMap<&str, Vec<&Step>> {
    let mut mailboxes: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
    for step in steps.iter().filter(|step| !step.mail.is_empty()) {
        mailboxes.entry(&step.organizer).or_default().push(step);
    }
    mailboxes
}

/// Whom a step mails, those among them who may be mailed.
fn recipients(step: &Step) -> usize {
    step.mail.iter().map(|mail| mail.to.len()).sum()
}

/// Steps in the order of their keys, as many in a part as a day holds.
fn parts(steps: &[&Step]) -> String {
    let mut parts: Vec<(&Key, &Key, usize)> = vec![];
    for step in steps {
        let number = recipients(step);
        match parts.last_mut() {
            // The steps of one key belong together.
            Some((_, last, sum)) if *sum + number <= RECIPIENTS || **last == step.key => {
                (*last, *sum) = (&step.key, *sum + number);
            }
            _ => parts.push((&step.key, &step.key, number)),
        }
    }
    let word = |(first, last, number): &(&Key, &Key, usize)| {
        let keys = if first == last { first.to_string() } else { format!("{first} to {last}") };
        format!("{keys} ({})", thousands(*number))
    };
    let more = parts.len().saturating_sub(NAMED);
    let words: Vec<String> = parts.iter().take(NAMED).map(word).collect();
    words.join(", ") + &if more > 0 { format!(", and {more} more") } else { String::new() }
}

fn grouped(number: usize, what: &str) -> String {
    format!("{} {what}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// A number with its thousands set apart.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let lead = digits.len() % 3;
    let mut parts = vec![&digits[..lead]];
    parts.extend((lead..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    parts.retain(|part| !part.is_empty());
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::plan::{Action, mail};

    /// The words of the refusals.
    fn refusals(steps: &[Step]) -> Vec<String> {
        super::refusals(steps).into_iter().map(|why| why.what).collect()
    }

    /// Creates for one mailbox, each with as many guests as it says.
    fn steps(guests: &[usize]) -> Vec<Step> {
        let step = |(place, guests): (usize, &usize)| {
            let people = (0..*guests).map(|number| format!("g{number}@contoso.example")).collect();
            let mail = mail::of_create("alex@contoso.example", &people);
            Step {
                mail,
                ..Step::new(Key::new(KindId::Event, format!("e{place:03}")), "alex@contoso.example", Action::Create)
            }
        };
        guests.iter().enumerate().map(step).collect()
    }

    #[test]
    fn more_recipients_than_a_day_holds_are_refused_with_the_split_that_fits() {
        assert_eq!(refusals(&steps(&[5000, 5000])), Vec::<String>::new());
        assert_eq!(
            refusals(&steps(&[30; 500])),
            [
                "this would mail 15,000 recipients for alex@contoso.example, and Exchange takes 10,000 a day of one mailbox; what \
              fits, one part a day with --only: Event/e000 to Event/e332 (9,990), Event/e333 to Event/e499 (5,010)"
            ]
        );
        assert_eq!(
            refusals(&steps(&[4, 10_001])),
            [
                "this would mail 10,005 recipients for alex@contoso.example, and Exchange takes 10,000 a day of one mailbox; \
              Event/e001 alone mails 10,001: invite a distribution list instead"
            ]
        );
        let many = refusals(&steps(&[6000; 7])).remove(0);
        assert!(many.ends_with("Event/e004 (6,000), and 2 more"), "{many}");
    }

    #[test]
    fn mail_that_is_only_possible_counts_and_other_mailboxes_do_not() {
        let mut two = steps(&[6000, 6000]);
        two[1].mail[0].kind = mail::Sort::Possible;
        assert_eq!(refusals(&two).len(), 1);
        two[1].organizer = "megan@contoso.example".into();
        assert_eq!(refusals(&two), Vec::<String>::new());
    }

    #[test]
    fn more_messages_than_a_minute_holds_wait() {
        for (messages, expect) in [(30, None), (31, Some("1 minute")), (500, Some("16 minutes"))] {
            let notes = notes(&steps(&vec![2; messages]));
            let expect = expect.map(|minutes| {
                format!(
                    "{messages} messages leave the mailbox of alex@contoso.example, and Exchange takes 30 a minute: the last waits \
                     {minutes} at least"
                )
            });
            assert_eq!(notes, expect.into_iter().collect::<Vec<_>>());
        }
    }
}
