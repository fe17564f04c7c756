//! What of a plan's steps was approved, each in a few signs: enough to say later which of them became others, and no more.
//!
//! It names nobody and holds no text of a manifest. It decides nothing: whether two plans are the same their ids say.

use crate::model::Key;
use crate::plan::Action;
use crate::plan::approval::Approved;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// How many bytes stand for a key, and for what is sent: two thousand steps are to fit into a part of a comment.
const OF_KEY: usize = 4;
const OF_CONTENT: usize = 3;

/// How many signs a step has: one for its action, six for its key and four for what is sent.
const SIGNS: usize = 11;

/// The steps of a plan that send something, by a digest of their key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outline(BTreeMap<String, Item>);

#[derive(Debug, Clone, PartialEq)]
struct Item {
    action: Action,
    content: String,
}

/// How two plans differ in one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Which; nothing where nobody knows it any more.
    pub key: Option<Key>,
    /// What was to be done with it, if anything.
    pub before: Option<Action>,
    /// What is to be done with it now, if anything.
    pub now: Option<Action>,
}

impl Outline {
    /// Makes the outline of what is approved.
    pub fn of(steps: &[Approved]) -> Outline {
        let mut all = BTreeMap::<&Key, Vec<&Approved>>::new();
        steps.iter().for_each(|step| all.entry(&step.key).or_default().push(step));
        let item = |(key, steps): (&Key, Vec<&Approved>)| {
            let text = serde_json::to_string(&steps).expect("it is plain data with text keys");
            (digest(&key.to_string(), OF_KEY), Item { action: steps[0].action, content: digest(&text, OF_CONTENT) })
        };
        Outline(all.into_iter().map(item).collect())
    }

    /// Returns it as one word of letters, digits, `+` and `/`.
    pub fn text(&self) -> String {
        self.0.iter().map(|(key, item)| format!("{}{key}{}", sign(item.action), item.content)).collect()
    }

    /// Reads what `text` has written; none if it is something else.
    pub fn parse(text: &str) -> Option<Outline> {
        let fits = text.len().is_multiple_of(SIGNS)
            && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/'));
        let step = |at: usize| {
            let (action, key, content) = (&text[at..=at], &text[at + 1..at + 7], &text[at + 7..at + SIGNS]);
            Some((key.to_owned(), Item { action: action_of(action)?, content: content.into() }))
        };
        fits.then(|| (0..text.len()).step_by(SIGNS).map(step).collect::<Option<_>>()).flatten().map(Outline)
    }

    /// Returns how a later plan differs, in the order of keys; `known` are those that may be named.
    pub fn moved<'a>(&self, now: &Outline, known: impl Iterator<Item = &'a Key>) -> Vec<Moved> {
        let names: BTreeMap<String, &Key> = known.map(|key| (digest(&key.to_string(), OF_KEY), key)).collect();
        let all: BTreeSet<&String> = self.0.keys().chain(now.0.keys()).collect();
        let differ = all.into_iter().filter(|it| self.0.get(*it) != now.0.get(*it));
        let mut moved: Vec<Moved> = differ
            .map(|it| Moved {
                key: names.get(it).map(|key| (*key).clone()),
                before: self.0.get(it).map(|it| it.action),
                now: now.0.get(it).map(|it| it.action),
            })
            .collect();
        moved.sort_by(|one, other| one.key.cmp(&other.key));
        moved
    }
}

fn digest(text: &str, bytes: usize) -> String {
    STANDARD_NO_PAD.encode(&Sha256::digest(text.as_bytes())[..bytes])
}

/// Each action has a sign of its own.
fn sign(action: Action) -> char {
    match action {
        Action::NoOp => 'n',
        Action::Create => 'c',
        Action::Update => 'u',
        Action::Replace => 'r',
        Action::Cancel => 'x',
        Action::Adopt => 'a',
        Action::Blocked => 'b',
    }
}

fn action_of(text: &str) -> Option<Action> {
    use Action::{Adopt, Blocked, Cancel, Create, NoOp, Replace, Update};
    [NoOp, Create, Update, Replace, Cancel, Adopt, Blocked].into_iter().find(|it| text.starts_with(sign(*it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(key: &str, action: Action, protect: Option<bool>) -> Approved {
        Approved { key: key.parse().unwrap(), action, protect, requests: vec![], seen: BTreeMap::new() }
    }

    #[test]
    fn an_outline_says_later_which_steps_became_others() {
        let before = [
            step("Event/gone", Action::Update, None),
            step("Event/other", Action::Create, None),
            step("Event/same", Action::Create, None),
            step("Event/text", Action::Update, None),
        ];
        let now = [
            step("Event/new", Action::Cancel, None),
            step("Event/other", Action::Update, None),
            step("Event/same", Action::Create, None),
            step("Event/text", Action::Update, Some(true)),
        ];
        let outline = Outline::of(&before);
        let read = Outline::parse(&outline.text()).unwrap();
        assert_eq!(read, outline);
        let keys: Vec<Key> = now.iter().map(|it| it.key.clone()).collect();
        let moved = read.moved(&Outline::of(&now), keys.iter());
        let told: Vec<_> = moved.iter().map(|it| (it.key.as_ref().map(Key::to_string), it.before, it.now)).collect();
        use Action::{Cancel, Create, Update};
        assert_eq!(
            told,
            [
                (None, Some(Update), None),
                (Some("Event/new".into()), None, Some(Cancel)),
                (Some("Event/other".into()), Some(Create), Some(Update)),
                (Some("Event/text".into()), Some(Update), Some(Update)),
            ]
        );
        assert_eq!(outline.moved(&outline, keys.iter()), []);
    }

    #[test]
    fn what_somebody_else_wrote_is_no_outline() {
        for text in ["c", "cAAAAAABBB-", "zAAAAAABBBB", "cAAAAAABBé", "<!-- -->aaa"] {
            assert_eq!(Outline::parse(text), None, "{text}");
        }
        assert_eq!(Outline::parse(""), Some(Outline::default()));
    }
}
