//! A part of a plan that one of several runs sends: the steps of some mailboxes. Every run plans and judges the whole.
//!
//! A mailbox is of one shard for ever, by a hash of its object id that is the same in every version and on every machine. What waits
//! for something goes with it: a chain of steps is sent by the shard of the first of them.

use crate::model::{Key, Live};
use crate::plan::{Action, Plan, Step};
use crate::plural::count;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

/// More parts than that no plan needs.
const MOST: u16 = 256;

/// Which part of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shard {
    /// From 1 on.
    number: u16,
    of: u16,
}

impl Shard {
    /// Whether it sends the steps of a mailbox, which is called by its object id, or by its address where that is not known.
    fn has(self, mailbox: &str) -> bool {
        let digest = Sha256::digest(mailbox.to_lowercase().as_bytes());
        let first = digest.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        first % u64::from(self.of) == u64::from(self.number - 1)
    }

    /// Marks the steps of a plan that other shards send; blocked ones are everybody's.
    pub fn keep_to(self, plan: &mut Plan, live: &Live) {
        let firsts = firsts(&plan.steps);
        let mut organizers: HashMap<&Key, &str> = HashMap::new();
        for step in &plan.steps {
            organizers.entry(&step.key).or_insert(&step.organizer);
        }
        let mailbox = |key: &Key| {
            let organizer = organizers.get(firsts.get(key)?).copied()?;
            Some(live.mailboxes.get(organizer).and_then(|it| it.id.as_deref()).unwrap_or(organizer))
        };
        let elsewhere = |step: &Step| is_sent(step) && mailbox(&step.key).is_some_and(|mailbox| !self.has(mailbox));
        let elsewhere: Vec<bool> = plan.steps.iter().map(elsewhere).collect();
        plan.steps.iter_mut().zip(elsewhere).for_each(|(step, elsewhere)| step.elsewhere = elsewhere);
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} of {}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let plain = |part: &str| part.bytes().all(|it| it.is_ascii_digit()) && !part.starts_with('0');
        let number = |part: &str| part.parse::<u16>().ok().filter(|_| plain(part));
        let parts = text.split_once('/').and_then(|(part, of)| Some((number(part)?, number(of)?)));
        let fits = parts.filter(|(number, of)| (1..=*of).contains(number) && *of <= MOST);
        let shard = fits.map(|(number, of)| Shard { number, of });
        shard.ok_or_else(|| format!("not a shard such as `2/8`, with at most {MOST} of them: `{text}`"))
    }
}

/// What a shard sends of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Which one.
    #[serde(flatten)]
    pub shard: Shard,
    /// How many steps it sends.
    pub sends: usize,
    /// How many steps all of them send.
    pub steps: usize,
}

impl Part {
    /// Counts what a plan is to send that was kept to a shard.
    pub fn of(shard: Shard, plan: &Plan) -> Part {
        let all = || plan.steps.iter().filter(|step| is_sent(step));
        Part { shard, sends: all().filter(|step| !step.elsewhere).count(), steps: all().count() }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} sends {} of {}", self.shard, self.sends, count(self.steps, "step"))
    }
}

fn is_sent(step: &Step) -> bool {
    match step.action {
        Action::NoOp | Action::Blocked => false,
        Action::Create | Action::Update | Action::Replace | Action::Cancel | Action::Adopt => true,
    }
}

/// The first of those that each step goes with, by their keys.
fn firsts(steps: &[Step]) -> HashMap<&Key, &Key> {
    let sent = || steps.iter().filter(|step| is_sent(step));
    let mut first: HashMap<&Key, &Key> = sent().map(|step| (&step.key, &step.key)).collect();
    for step in sent() {
        for other in &step.after {
            if let (Some(one), Some(other)) = (root(&mut first, &step.key), root(&mut first, other)) {
                first.insert(one.max(other), one.min(other));
            }
        }
    }
    let keys: Vec<&Key> = first.keys().copied().collect();
    keys.into_iter().filter_map(|key| Some((key, root(&mut first, key)?))).collect()
}

/// Goes up to the first one, and makes the way shorter for those who come after.
fn root<'a>(first: &mut HashMap<&'a Key, &'a Key>, key: &Key) -> Option<&'a Key> {
    let mut at = *first.get(key)?;
    loop {
        let next = *first.get(at)?;
        if next == at {
            return Some(at);
        }
        let further = *first.get(next)?;
        first.insert(at, further);
        at = further;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;

    #[test]
    fn a_shard_is_one_of_so_many() {
        for text in ["1/1", "2/8", "8/8", "256/256"] {
            assert_eq!(text.parse::<Shard>().map(|it| it.to_string()), Ok(text.replace('/', " of ")));
        }
        for text in ["", "2", "0/8", "9/8", "1/0", "1/257", "+1/8", "01/8", "1/8/8", "a/b", " 1/8", "1/99999"] {
            let wrong = text.parse::<Shard>().unwrap_err();
            assert!(wrong.contains("not a shard such as `2/8`"), "{text}: {wrong}");
        }
    }

    /// Whoever changes this sends some steps twice a night, or none: runs of two versions would not agree.
    #[test]
    fn a_mailbox_is_of_the_same_shard_for_ever() {
        let shard_of =
            |mailbox: &str, of: u16| (1..=of).filter(|number| Shard { number: *number, of }.has(mailbox)).collect();
        let cases: [(&str, [u16; 3]); 4] = [
            ("6f1d7a52-0000-4000-8000-000000000001", [1, 7, 63]),
            ("6F1D7A52-0000-4000-8000-000000000001", [1, 7, 63]),
            ("00000000-0000-0000-0000-000000000000", [1, 5, 149]),
            ("alex@contoso.example", [1, 6, 62]),
        ];
        for (mailbox, expect) in cases {
            let found: Vec<Vec<u16>> = [1, 8, 256].into_iter().map(|of| shard_of(mailbox, of)).collect();
            assert_eq!(found, expect.map(|number| vec![number]), "{mailbox}");
        }
    }

    #[test]
    fn what_waits_goes_with_what_it_waits_for() {
        let key = |name: &str| Key::new(KindId::Event, name);
        let step = |(name, action, after): &(&str, Action, &[&str])| Step {
            after: after.iter().map(|it| key(it)).collect(),
            ..Step::new(key(name), "o@contoso.example", *action)
        };
        let steps: Vec<Step> = [
            ("a", Action::Update, &[][..]),
            ("b", Action::Create, &["d", "gone"]),
            ("c", Action::Cancel, &[]),
            ("d", Action::Update, &["c", "n"]),
            ("e", Action::Update, &["n"]),
            ("n", Action::NoOp, &[]),
        ]
        .iter()
        .map(step)
        .collect();
        let firsts = firsts(&steps);
        let of = |name: &str| firsts.get(&key(name)).map(|it| it.name());
        let found = ["a", "b", "c", "d", "e", "n"].map(of);
        assert_eq!(found, [Some("a"), Some("b"), Some("b"), Some("b"), Some("e"), None]);
    }
}
