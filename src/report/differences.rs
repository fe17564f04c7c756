//! How two values of a property differ, as data: pieces of a text, members of a set, or one value and the other.
//!
//! No sign of a format stands in it, so that a text may hold any sign itself.

use crate::kind::compare::Compare;
use crate::plan::Clock;
use crate::report::order::natural;
use crate::report::values::{cut, value};
use crate::report::{series, times};
use serde_json::{Map, Value};
use similar::{DiffOp, TextDiff, group_diff_ops};
use std::collections::HashSet;

/// How a property differs.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// There was nothing before.
    Value(String),
    Values {
        current: String,
        desired: String,
    },
    Text(Vec<Segment>),
    /// Members of a set; a role that is not the usual one stands behind its member.
    Set {
        added: Vec<String>,
        removed: Vec<String>,
        /// With the role of before and the new one.
        changed: Vec<String>,
    },
}

/// A piece of a text and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Segment {
    Equal(String),
    Removed(String),
    Added(String),
    /// More of the same is left out here.
    Gap,
    /// So many more changes than can be shown are left out here.
    LeftOut(usize),
}

/// Shorter texts are shown whole, one after the other.
const LONG: usize = 40;

/// How many words and blanks are shown around what differs.
const CONTEXT: usize = 20;

/// How many bytes two texts may have to be compared word by word: the work may grow with the square of it.
const MOST_COMPARED: usize = 64 << 10;

/// How many characters of one piece are shown.
const MOST_OF_PIECE: usize = 600;

/// How many pieces are shown.
const MOST_PIECES: usize = 60;

/// How many characters of all pieces together are shown: some fifty lines.
const MOST_OF_TEXT: usize = 4000;

/// How many members of a set are named that come, and how many that go.
const MOST_MEMBERS: usize = 50;

/// Finds how a live value and the desired one differ.
///
/// Times are told on `clock`; `dates` adds which dates of a series they are about.
pub fn difference(
    compare: Compare,
    current: &Value,
    desired: &Value,
    (clock, dates): (Option<&Clock>, bool),
) -> Difference {
    let together = match compare {
        Compare::Zoned | Compare::Instant => times::change(current, desired, clock, dates),
        Compare::Recurrence => series::change(current, desired),
        _ => None,
    };
    if let Some((current, desired)) = together {
        return Difference::Values { current, desired };
    }
    match (current, desired) {
        (Value::String(old), Value::String(new)) if old != new && old.len().max(new.len()) > LONG => {
            Difference::Text(text(old, new))
        }
        (Value::Array(old), Value::Array(new)) if compare == Compare::Set => members(old, new),
        (Value::Object(old), Value::Object(new)) if compare.usual_role().is_some() => roles(compare, old, new),
        _ => Difference::Values { current: value(compare, current, clock), desired: value(compare, desired, clock) },
    }
}

/// Who is added, who is removed and whose role changes.
fn roles(compare: Compare, old: &Map<String, Value>, new: &Map<String, Value>) -> Difference {
    let role = |role: &Value| role.as_str().unwrap_or_default().to_owned();
    let named = |(name, it): (&String, &Value)| match role(it) {
        it if Some(it.as_str()) == compare.usual_role() => name.clone(),
        it => format!("{name} {it}"),
    };
    let sorted = |mut names: Vec<String>| {
        names.sort_by(|one, other| natural(one, other));
        names
    };
    Difference::Set {
        added: sorted(new.iter().filter(|(name, _)| !old.contains_key(*name)).map(named).collect()),
        removed: sorted(old.keys().filter(|name| !new.contains_key(*name)).cloned().collect()),
        changed: new
            .iter()
            .filter_map(|(name, it)| Some((name, old.get(name).filter(|old| *old != it)?, it)))
            .map(|(name, old, it)| format!("{name} {} -> {}", role(old), role(it)))
            .collect(),
    }
}

fn members(old: &[Value], new: &[Value]) -> Difference {
    let without = |some: &[Value], others: &[Value]| -> Vec<String> {
        let others: HashSet<&Value> = others.iter().collect();
        let differ: Vec<&Value> = some.iter().filter(|it| !others.contains(it)).collect();
        let more = differ.len().saturating_sub(MOST_MEMBERS);
        let named = differ.iter().take(MOST_MEMBERS).map(|it| value(Compare::Exact, it, None));
        named.chain((more > 0).then(|| format!("(and {more} more)"))).collect()
    };
    Difference::Set { added: without(new, old), removed: without(old, new), changed: vec![] }
}

/// The words that go and come, with some of what stands around them.
fn text(old: &str, new: &str) -> Vec<Segment> {
    if old.len().max(new.len()) > MOST_COMPARED {
        let (old, new) = (words(old), words(new));
        return segments(&old, &new, between_what_is_shared(&old, &new));
    }
    let (old, new) = (words(old), words(new));
    let ops = TextDiff::from_slices(&old, &new).ops().to_vec();
    segments(&old, &new, ops)
}

/// Words and blanks, and where a link leads as a word of its own.
fn words(text: &str) -> Vec<&str> {
    let apart = |it: &'_ str| it.trim_end().len();
    let both = text.split_inclusive(char::is_whitespace).map(|it| it.split_at(apart(it)));
    both.flat_map(|(word, blank)| link_apart(word).chain(Some(blank).filter(|it| !it.is_empty()))).collect()
}

fn link_apart(word: &str) -> impl Iterator<Item = &str> {
    let leads = word.find("](").map(|at| at + 2);
    let (before, rest) = word.split_at(leads.unwrap_or(word.len()));
    let (link, after) = rest.split_at(rest.rfind(')').unwrap_or(rest.len()));
    [before, link, after].into_iter().filter(|it| !it.is_empty())
}

/// All that stands between a common beginning and a common end, as one difference.
fn between_what_is_shared(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let rest = (&old[start..], &new[start..]);
    let end = rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old_len, new_len) = (rest.0.len() - end, rest.1.len() - end);
    vec![
        DiffOp::Equal { old_index: 0, new_index: 0, len: start },
        DiffOp::Replace { old_index: start, old_len, new_index: start, new_len },
        DiffOp::Equal { old_index: start + old_len, new_index: start + new_len, len: end },
    ]
}

fn segments(old: &[&str], new: &[&str], ops: Vec<DiffOp>) -> Vec<Segment> {
    let mut segments = vec![];
    let mut shown = 0;
    for group in group_diff_ops(ops, CONTEXT) {
        if group.first().is_some_and(|first| first.old_range().start > shown) {
            segments.push(Segment::Gap);
        }
        shown = group.last().map_or(shown, |last| last.old_range().end);
        let (mut removed, mut added) = (String::new(), String::new());
        for (place, op) in group.iter().enumerate() {
            let (before, after) = (old[op.old_range()].concat(), new[op.new_range()].concat());
            let last = place + 1 == group.len();
            match op {
                // Blanks between two words that differ belong to both.
                DiffOp::Equal { .. } if last || removed.is_empty() && added.is_empty() || !before.trim().is_empty() => {
                    push(&mut segments, &mut removed, &mut added);
                    segments.push(Segment::Equal(cut(&before, MOST_OF_PIECE)));
                }
                DiffOp::Equal { .. } | DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                    removed += &before;
                    added += &after;
                }
            }
        }
        push(&mut segments, &mut removed, &mut added);
    }
    if shown < old.len() {
        segments.push(Segment::Gap);
    }
    segments.retain(|segment| *segment != Segment::Equal(String::new()));
    bounded(segments)
}

/// As many pieces as can be shown, and how many changes are left out.
fn bounded(segments: Vec<Segment>) -> Vec<Segment> {
    let (mut shown, mut left_out, mut room) = (vec![], 0, MOST_OF_TEXT);
    for segment in segments {
        let (length, changes) = match &segment {
            Segment::Equal(text) => (text.chars().count(), 0),
            Segment::Removed(text) | Segment::Added(text) => (text.chars().count(), 1),
            Segment::Gap => (1, 0),
            Segment::LeftOut(more) => (0, *more),
        };
        // What does not fit ends it: a later piece without those before it would mislead.
        match left_out == 0 && shown.len() < MOST_PIECES && length <= room {
            true => {
                room -= length;
                shown.push(segment);
            }
            false => {
                (room, left_out) = (0, left_out + changes);
            }
        }
    }
    if left_out > 0 {
        shown.push(Segment::LeftOut(left_out));
    }
    shown
}

fn push(segments: &mut Vec<Segment>, removed: &mut String, added: &mut String) {
    let pieces =
        [(std::mem::take(removed), Segment::Removed as fn(String) -> Segment), (std::mem::take(added), Segment::Added)];
    segments.extend(
        pieces.into_iter().filter(|(text, _)| !text.is_empty()).map(|(text, piece)| piece(cut(&text, MOST_OF_PIECE))),
    );
}

#[cfg(test)]
mod tests {
    use super::Segment::{Added, Equal, Gap, Removed};
    use super::*;
    use serde_json::json;

    const NO: (Option<&Clock>, bool) = (None, false);

    #[test]
    fn a_text_differs_in_words() {
        let text = |old: &str, new: &str| match difference(Compare::Text, &json!(old), &json!(new), NO) {
            Difference::Text(segments) => segments,
            other => panic!("no text: {other:?}"),
        };
        let s = str::to_owned;
        let many = |number: usize| (0..number).map(|it| format!("w{it} ")).collect::<String>();
        let far = format!("{}old {}", many(30), many(30));
        for (old, new, expect) in [
            (
                s("we meet in room four, as we did last week"),
                s("we meet in the lobby, as we did last week"),
                vec![
                    Equal(s("we meet in ")),
                    Removed(s("room four,")),
                    Added(s("the lobby,")),
                    Equal(s(" as we did last week")),
                ],
            ),
            (
                s("signs such as -][- and +}{+ stay as they are"),
                s("signs such as -][- and +}{+ stay what they are"),
                vec![
                    Equal(s("signs such as -][- and +}{+ stay ")),
                    Removed(s("as")),
                    Added(s("what")),
                    Equal(s(" they are")),
                ],
            ),
            (
                far.clone(),
                far.replace("old", "new"),
                vec![
                    Gap,
                    Equal((20..30).map(|it| format!("w{it} ")).collect()),
                    Removed(s("old")),
                    Added(s("new")),
                    Equal((0..10).map(|it| format!(" w{it}")).collect()),
                    Gap,
                ],
            ),
        ] {
            assert_eq!(text(&old, &new), expect);
        }
    }

    #[test]
    fn a_huge_text_is_cut_and_takes_no_time() {
        let numbers = |sign: &str, most: usize| {
            let all: Vec<String> = (0..most).map(|it| format!("{sign}{it}")).collect();
            all.join(" ")
        };
        for size in [10_000, 60_000] {
            let (old, new) = (numbers("a", size), numbers("b", size));
            let Difference::Text(segments) = difference(Compare::Text, &json!(old), &json!(new), NO) else {
                panic!("no text")
            };
            let [Removed(old), Added(new)] = &segments[..] else { panic!("{segments:?}") };
            assert!(old.starts_with("a0 a1 ") && old.ends_with('…') && old.chars().count() == MOST_OF_PIECE + 1);
            assert!(new.starts_with("b0 b1 "));
        }
        let (old, new) = (numbers("a", 60_000), numbers("a", 60_000).replace("a30000 ", "b "));
        let Difference::Text(segments) = difference(Compare::Text, &json!(old), &json!(new), NO) else {
            panic!("no text")
        };
        assert_eq!(segments.len(), 6, "{segments:?}");
        assert_eq!(segments[2..4], [Removed("a30000".into()), Added("b".into())]);
    }

    #[test]
    fn a_text_that_differs_everywhere_is_shown_in_part_and_the_rest_is_counted() {
        let old: Vec<String> = (0..3000).map(|it| format!("w{it}")).collect();
        let new: Vec<String> =
            old.iter().enumerate().map(|(at, it)| if at % 3 == 0 { format!("n{at}") } else { it.clone() }).collect();
        let difference = difference(Compare::Text, &json!(old.join(" ")), &json!(new.join(" ")), NO);
        let Difference::Text(segments) = difference else { panic!("no text") };
        let Some((Segment::LeftOut(more), shown)) = segments.split_last() else { panic!("{segments:?}") };
        let changes = shown.iter().filter(|it| matches!(it, Removed(_) | Added(_))).count();
        assert_eq!((shown.len(), changes + more), (MOST_PIECES, 2000));
        let long = ["a ".repeat(300), "b".repeat(300_000), "c ".repeat(300)].concat();
        let Difference::Text(segments) = super::difference(Compare::Text, &json!(long), &json!(format!("{long}d")), NO)
        else {
            panic!("no text")
        };
        assert!(format!("{segments:?}").len() < 2000, "{segments:?}");
        let many: Vec<Value> = (0..80).map(|it| json!(it)).collect();
        let Difference::Set { added, .. } = super::difference(Compare::Set, &json!([]), &json!(many), NO) else {
            panic!("no set")
        };
        assert_eq!((added.len(), added.last().map(String::as_str)), (51, Some("(and 30 more)")));
    }

    #[test]
    fn a_set_differs_in_its_members() {
        let set = |added: &[&str], removed: &[&str], changed: &[&str]| {
            let [added, removed, changed] =
                [added, removed, changed].map(|it| it.iter().map(|it| it.to_string()).collect());
            Difference::Set { added, removed, changed }
        };
        let people = |text: &str| -> Value {
            let pairs = text.split_whitespace().map(|it| it.split_once('=').expect("a name and a role"));
            pairs.map(|(name, role)| (name.to_owned(), json!(role))).collect::<Map<_, _>>().into()
        };
        assert_eq!(
            difference(
                Compare::People,
                &people("a=required b=required c=required"),
                &people("b=optional c=required d=required e=resource"),
                NO
            ),
            set(&["d", "e resource"], &["a"], &["b required -> optional"])
        );
        assert_eq!(
            difference(
                Compare::Participants,
                &people("a=attendee"),
                &people("a=presenter b=attendee c=coorganizer"),
                NO
            ),
            set(&["b", "c coorganizer"], &[], &["a attendee -> presenter"])
        );
        assert_eq!(
            difference(Compare::Set, &json!(["red", "mine"]), &json!(["red", "blue"]), NO),
            set(&["\"blue\""], &["\"mine\""], &[])
        );
    }
}
