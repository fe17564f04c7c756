//! From the nodes of one document, as they were parsed, to its value and the places of everything in it.
//!
//! Aliases and merge keys are expanded here, against a budget; keys are checked here. A node that is reached through an
//! alias is not reported again: the place it was defined at has been.

use super::document::{Inside, Located, Member, Spot};
use super::raw::{Raw, RawNode, Tagged, What};
use super::scalar::{Unclear, plain};
use super::{MOST_DEPTH, MOST_PROBLEMS, Reader};
use crate::problem::{Problem, cut, is_secret};
use crate::reason::Reason;
use serde_json::{Map, Value};

/// How many values aliases may add to one text. Each 64 bytes of a text value count as one more.
pub const MOST_REPEATED: usize = 500_000;

/// What one text has used up, over all its documents.
#[derive(Default)]
pub struct Budget {
    pub values: usize,
    repeated: usize,
    /// Said once for a text.
    told_repeated: bool,
    /// Said once for a document.
    told_deep: bool,
}

/// Where the growing is.
#[derive(Clone, Copy, Default)]
struct Way {
    depth: usize,
    /// Inside a value that an alias repeats.
    repeats: bool,
    /// Below a key whose value no message may show.
    secret: bool,
}

impl Reader {
    /// Turns a document's nodes into its value and places; reports what cannot be meant.
    pub fn grow(&mut self, raw: &Raw<'_>) -> (Value, Located) {
        self.budget.told_deep = false;
        let mut path = vec![];
        self.value(raw, 0, Way::default(), &mut path)
    }

    /// `path` holds the lists and mappings around this node, to notice an alias that stands inside its own anchor.
    fn value(&mut self, raw: &Raw<'_>, index: usize, way: Way, path: &mut Vec<usize>) -> (Value, Located) {
        let node = &raw.nodes[index];
        if way.repeats && !self.afford(node) {
            return unknown(node.at);
        }
        if way.depth > MOST_DEPTH {
            if !std::mem::replace(&mut self.budget.told_deep, true) {
                let message = format!("values nest more than {MOST_DEPTH} deep");
                self.report(node.at, message, "flatten this part");
            }
            return unknown(node.at);
        }
        let below = Way { depth: way.depth + 1, ..way };
        let (value, inside) = match &node.what {
            What::Scalar { text, plain, tag, .. } => match self.scalar(text, *plain, *tag, node.at, way) {
                Some(value) => (value, Inside::Leaf),
                None => (Value::Null, Inside::Unknown),
            },
            What::Items(children) => {
                path.push(index);
                let (values, places) = children.iter().map(|child| self.value(raw, *child, below, path)).unzip();
                path.pop();
                (Value::Array(values), Inside::Items(places))
            }
            What::Members(children) => {
                path.push(index);
                let (map, members) = self.members(raw, children, below, path);
                path.pop();
                (Value::Object(map), Inside::Members(members))
            }
            What::Alias(target) if path.contains(target) => {
                if !way.repeats {
                    let message = "this alias stands inside its own anchor".to_owned();
                    self.report(node.at, message, "repeat the value without the alias");
                }
                return unknown(node.at);
            }
            What::Alias(target) => {
                let repeated = Way { repeats: true, ..below };
                let (value, located) = self.value(raw, *target, repeated, path);
                (value, located.inside)
            }
            What::Unknown => (Value::Null, Inside::Unknown),
        };
        let inside = if node.unknown { Inside::Unknown } else { inside };
        (value, Located { at: node.at, inside })
    }

    fn members(
        &mut self,
        raw: &Raw<'_>,
        children: &[usize],
        way: Way,
        path: &mut Vec<usize>,
    ) -> (Map<String, Value>, Vec<Member>) {
        let mut map = Map::with_capacity(children.len() / 2);
        let mut members: Vec<Member> = Vec::with_capacity(children.len() / 2);
        let (mut merges, mut again): (Vec<usize>, Vec<(&str, Spot)>) = (vec![], vec![]);
        for pair in children.chunks_exact(2) {
            let (key, at) = (pair[0], raw.nodes[pair[0]].at);
            if raw.nodes[key].is_merge() {
                merges.push(pair[1]);
                if merges.len() == 2 && !way.repeats {
                    self.report(
                        at,
                        "`<<` stands here twice".into(),
                        "merge several mappings with one list: `<<: [*a, *b]`",
                    );
                }
                continue;
            }
            let name = self.name(raw, key, way);
            let secret = way.secret || name.is_some_and(is_secret);
            let (value, place) = self.value(raw, pair[1], Way { secret, ..way }, path);
            let Some(name) = name else {
                continue;
            };
            if map.contains_key(name) {
                again.push((name, at));
                continue;
            }
            map.insert(name.to_owned(), value);
            members.push(Member { name: name.into(), key: at, value: place });
        }
        // Explicit members win over merged ones, earlier merged mappings over later ones.
        for merge in merges {
            self.merge(raw, merge, way, path, &mut map, &mut members);
        }
        members.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        if !way.repeats {
            self.twice(&members, &again);
        }
        (map, members)
    }

    fn merge(
        &mut self,
        raw: &Raw<'_>,
        index: usize,
        way: Way,
        path: &mut Vec<usize>,
        map: &mut Map<String, Value>,
        members: &mut Vec<Member>,
    ) {
        let at = raw.nodes[index].at;
        let (value, place) = self.value(raw, index, way, path);
        let sources = match (value, place.inside) {
            (_, Inside::Unknown) => return,
            (Value::Array(values), Inside::Items(places)) => {
                values.into_iter().zip(places.into_iter().map(|it| it.inside)).collect()
            }
            (value, inside) => vec![(value, inside)],
        };
        for source in sources {
            match source {
                (Value::Object(mut more), Inside::Members(places)) => {
                    for member in places {
                        // Both were grown together, so each place has its value.
                        if let Some(value) = more.remove(member.name.as_ref())
                            && !map.contains_key(member.name.as_ref())
                        {
                            map.insert(member.name.to_string(), value);
                            members.push(member);
                        }
                    }
                }
                (_, Inside::Unknown) => {}
                (
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Array(_)
                    | Value::Object(_),
                    _,
                ) => {
                    if !way.repeats {
                        self.report(
                            at,
                            "`<<` merges mappings only".into(),
                            "give it a mapping or a list of mappings: `<<: *name`",
                        );
                    }
                    return;
                }
            }
        }
    }

    /// Returns a key's text: JSON keys are text, so `1`, `on` and `2026-12-01` are taken as they are spelled.
    fn name<'r>(&mut self, raw: &'r Raw<'_>, index: usize, way: Way) -> Option<&'r str> {
        let node = &raw.nodes[index];
        let (message, hint) = match &node.what {
            What::Scalar { empty: true, .. } => ("a key is missing before `:`", "write a key, or remove the line"),
            // A key is copied with its mapping, so it counts as the mapping's value does.
            What::Scalar { .. } if way.repeats && !self.afford(node) => return None,
            What::Scalar { text, .. } => return Some(text),
            What::Alias(target) if self.afford(&raw.nodes[*target]) => {
                return self.name(raw, *target, way);
            }
            What::Alias(_) => return None,
            What::Items(_) => ("a key must be text, not a list", "put text that begins with `[` in quotes"),
            What::Members(_) => ("a key must be text, not a mapping", "put text that begins with `{` in quotes"),
            What::Unknown => return None,
        };
        if !way.repeats {
            self.report(node.at, message.into(), hint);
        }
        None
    }

    /// Reports the keys that a mapping has already; its `members` are sorted by name.
    fn twice(&mut self, members: &[Member], again: &[(&str, Spot)]) {
        // The one more brings the reading to its end.
        for (name, at) in again.iter().take(MOST_PROBLEMS + 1) {
            let mut problem =
                Problem::new(Reason::DuplicateKey, self.place(*at), format!("duplicate key `{}`", cut(name)));
            if let Ok(first) = members.binary_search_by(|it| it.name.as_ref().cmp(name)) {
                problem = problem.also(self.place(members[first].key), "first here");
            }
            self.push(problem.hint("keep one of the two"));
        }
    }

    fn scalar(&mut self, text: &str, is_plain: bool, tag: Tagged, at: Spot, way: Way) -> Option<Value> {
        let value = match tag {
            Tagged::Unknown => return None,
            Tagged::Text => return Some(Value::String(text.to_owned())),
            Tagged::No if !is_plain => return Some(Value::String(text.to_owned())),
            Tagged::No | Tagged::Null | Tagged::Bool | Tagged::Int | Tagged::Float => plain(text),
        };
        let shown = || if way.secret { "***".to_owned() } else { cut(text) };
        let (message, hint) = match value {
            Ok(value) => {
                let wanted = match tag {
                    Tagged::No | Tagged::Text | Tagged::Unknown => return Some(value),
                    Tagged::Null if value.is_null() => return Some(value),
                    Tagged::Bool if value.is_boolean() => return Some(value),
                    Tagged::Int if value.is_i64() || value.is_u64() => return Some(value),
                    Tagged::Float if value.is_number() => return Some(value),
                    Tagged::Null => "null",
                    Tagged::Bool => "a boolean",
                    Tagged::Int => "a whole number",
                    Tagged::Float => "a number",
                };
                (format!("`{}` is not {wanted}, as its tag says", shown()), "remove the tag".to_owned())
            }
            Err(Unclear::LeadingZero) => {
                let shown = shown();
                let bare = text.trim_start_matches(['+', '-', '0']);
                let bare = if bare.is_empty() { "0" } else { bare };
                let sign = if text.starts_with('-') { "-" } else { "" };
                let hint = if way.secret || shown != text {
                    "put it in quotes to keep the zeros".to_owned()
                } else {
                    format!("put it in quotes to keep the zeros: `\"{text}\"`, or write `{sign}{bare}`")
                };
                (format!("`{shown}` is octal to some readers and decimal to others"), hint)
            }
            Err(Unclear::TooLarge) => {
                (format!("number too large: `{}`", shown()), "put it in quotes if it is meant as text".to_owned())
            }
            Err(Unclear::NotFinite) => {
                (format!("`{}` is not a finite number", shown()), "put it in quotes if it is meant as text".to_owned())
            }
        };
        if !way.repeats {
            self.report(at, message, &hint);
        }
        None
    }

    /// Takes one repeated node from the budget. Without this a few lines of aliases fill any memory.
    fn afford(&mut self, node: &RawNode<'_>) -> bool {
        let bytes = match &node.what {
            What::Scalar { text, .. } => text.len(),
            What::Items(_) | What::Members(_) | What::Alias(_) | What::Unknown => 0,
        };
        self.budget.repeated += 1 + bytes / 64;
        if self.budget.repeated <= MOST_REPEATED {
            return true;
        }
        self.flawed = true;
        if !std::mem::replace(&mut self.budget.told_repeated, true) {
            self.report(
                node.at,
                format!("aliases repeat more than {MOST_REPEATED} values"),
                "use fewer aliases of this anchor, or split the file",
            );
        }
        false
    }
}

fn unknown(at: Spot) -> (Value, Located) {
    (Value::Null, Located { at, inside: Inside::Unknown })
}
