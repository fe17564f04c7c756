//! The members of a mapping in another order, as text: in block style whole lines with the comments above them, in flow style what
//! stands between the commas.

use crate::manifest::yaml::tree::{Member, Node, What};
use std::collections::HashMap;
use std::ops::Range;

/// A piece of a text, and what is to stand there.
pub struct Edit {
    pub at: Range<usize>,
    pub text: String,
}

/// Puts the members of a mapping into an order, if that can be done by moving text alone. What stands above the first member of a
/// document is about the document, and stays.
pub fn moved(text: &str, members: &[Member], flow: bool, order: &[usize], is_root: bool) -> Option<Edit> {
    if !anchors_stay_first(members, order) || members.iter().any(|it| keeps(&it.value)) {
        return None;
    }
    match flow {
        true => in_flow(text, members, order),
        false => in_block(text, members, order, is_root),
    }
}

/// Whether each anchor still stands before its aliases.
fn anchors_stay_first(members: &[Member], order: &[usize]) -> bool {
    let mut defined = HashMap::new();
    let places: Vec<usize> =
        (0..members.len()).filter_map(|it| order.iter().position(|number| *number == it)).collect();
    for (member, place) in members.iter().zip(&places) {
        let mut note = |node: &Node| _ = node.anchor.map(|it| defined.insert(it, *place));
        member.key.each(&mut note);
        member.value.each(&mut note);
    }
    members.iter().zip(&places).all(|(member, place)| {
        let mut stays = true;
        let mut look = |node: &Node| {
            if let What::Alias(of) = node.what {
                stays &= defined.get(&of).is_none_or(|it| it <= place);
            }
        };
        member.key.each(&mut look);
        member.value.each(&mut look);
        stays
    })
}

/// Whether the empty lines below are part of what it says.
fn keeps(node: &Node) -> bool {
    let mut found = false;
    node.each(&mut |it| found |= matches!(it.what, What::Scalar { keeps: true, .. }));
    found
}

fn in_flow(text: &str, members: &[Member], order: &[usize]) -> Option<Edit> {
    let range = |it: &Member| it.key.at.start..it.value.at.end.max(it.key.at.end);
    let between = |two: &[Member]| &text[range(&two[0]).end..range(&two[1]).start];
    // Comments, anchors and colons of empty values stand outside of the ranges.
    if members.windows(2).any(|two| between(two).trim() != ",") {
        return None;
    }
    let mut out = String::new();
    for (place, number) in order.iter().enumerate() {
        out.push_str(&text[range(&members[*number])]);
        out.push_str(members.get(place..place + 2).map_or("", between));
    }
    Some(Edit { at: range(&members[0]).start..range(&members[members.len() - 1]).end, text: out })
}

/// A member in block style: the comments above it, and its own lines from its key on.
struct Lines<'t> {
    above: &'t str,
    own: &'t str,
    /// Empty lines above its comments.
    gap: &'t str,
}

fn in_block(text: &str, members: &[Member], order: &[usize], is_root: bool) -> Option<Edit> {
    let first = line_start(text, members[0].key.at.start);
    let lead = &text[first..members[0].key.at.start];
    let column = lead.chars().count();
    let is_dashed = lead.contains('-');
    if !lead.chars().all(|it| it == ' ' || it == '-') {
        return None;
    }
    let mut lines: Vec<Lines> = vec![];
    let start = if is_root || is_dashed { first } else { comments_above(text, first) };
    let mut above = &text[start..first];
    // Elsewhere it would belong to what stands above it, or to a text there.
    if order[0] != 0 && above.len() - above.trim_start_matches(' ').len() > column {
        return None;
    }
    let (mut end, mut gap) = (0, "");
    for (number, member) in members.iter().enumerate() {
        let key = member.key.at.start;
        let indent = &text[line_start(text, key)..key];
        if number > 0 && !(indent.len() == column && indent.chars().all(|it| it == ' ')) {
            return None;
        }
        let last = line_end(text, member.value.at.end.max(member.key.at.end));
        let next = members.get(number + 1).map(|it| line_start(text, it.key.at.start));
        let below = Below::of(&text[last..next.unwrap_or(text.len())], column, next.is_none())?;
        end = last + below.own;
        lines.push(Lines { above, own: &text[key..end], gap });
        gap = &text[end..end + below.gap];
        above = &text[end + below.gap..next.unwrap_or(end + below.gap)];
    }
    if is_dashed && !lines[order[0]].above.is_empty() || lines.iter().any(|it| !it.own.ends_with('\n')) {
        return None;
    }
    let mut out = String::new();
    for (place, number) in order.iter().enumerate() {
        // What stood first has the lines of what stands there now.
        let gap = if *number == 0 { order[0] } else { *number };
        out.push_str(if place == 0 { "" } else { lines[gap].gap });
        out.push_str(lines[*number].above);
        out.push_str(if place == 0 { lead } else { "" });
        out.extend((place > 0).then(|| " ".repeat(column)));
        out.push_str(lines[*number].own);
    }
    Some(Edit { at: start..end, text: out })
}

/// What stands between a member and the next one, in bytes: comments that are indented more belong to the one above, empty lines to
/// nobody, and the rest to the one below.
struct Below {
    own: usize,
    gap: usize,
}

impl Below {
    /// `is_last` says that what follows the comments is no member. `None` where something else stands there.
    fn of(text: &str, column: usize, is_last: bool) -> Option<Below> {
        let (mut own, mut at) = (0, 0);
        let (mut gap, mut is_deeper) = (None, true);
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches(['\r', '\n']);
            let words = bare.trim_start_matches(' ');
            let is_comment = words.starts_with('#');
            if !is_comment && !words.trim().is_empty() {
                match is_last {
                    true => break,
                    false => return None,
                }
            }
            at += line.len();
            is_deeper &= !is_comment || bare.len() - words.len() > column;
            if is_comment && is_deeper {
                own = at;
                gap = None;
            } else if is_comment && gap.is_none() {
                gap = Some(at - line.len() - own);
            }
        }
        let gap = if is_last { 0 } else { gap.unwrap_or(at - own) };
        Some(Below { own, gap })
    }
}

/// Where the comments begin that stand right above a line.
fn comments_above(text: &str, mut start: usize) -> usize {
    while start > 0 {
        let before = line_start(text, start - 1);
        if !text[before..start].trim_start().starts_with('#') {
            break;
        }
        start = before;
    }
    start
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |it| it + 1)
}

/// Where the line ends that holds what ends at `at`, behind its line feed.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |it| at + it + 1)
}
