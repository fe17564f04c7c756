//! OData filters: the part of the language that Outlook and Teams routes answer, evaluated on JSON.
//!
//! `and`, `or`, `not`, comparisons, `startswith`, `endswith`, `contains` and `any` (query-parameters.md). It does not know which
//! properties may be filtered on: `paths` tells, and each route decides.

mod parse;

use std::borrow::Cow;

use serde_json::Value;

pub use self::parse::parse;
use crate::sandbox::when;

/// A parsed filter.
#[derive(Clone, Debug)]
pub enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    /// `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `startswith`, `endswith` or `contains`.
    Test(String, Term, Term),
    /// A collection, the name of its variable, and what one of its members must meet.
    Any(Vec<String>, String, Box<Filter>),
}

/// A side of a comparison.
#[derive(Clone, Debug)]
pub enum Term {
    Path(Vec<String>),
    Is(Value),
}

/// Returns the first segments of all paths that a filter names, collections included.
pub fn paths(filter: &Filter) -> Vec<Vec<String>> {
    fn walk(filter: &Filter, bound: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
        match filter {
            Filter::And(a, b) | Filter::Or(a, b) => {
                walk(a, bound, out);
                walk(b, bound, out);
            }
            Filter::Not(a) => walk(a, bound, out),
            Filter::Test(_, a, b) => {
                for term in [a, b] {
                    if let Term::Path(path) = term
                        && !bound.contains(&path[0])
                    {
                        out.push(path.clone());
                    }
                }
            }
            Filter::Any(path, name, inner) => {
                out.push(path.clone());
                bound.push(name.clone());
                walk(inner, bound, out);
                bound.pop();
            }
        }
    }
    let mut out = Vec::new();
    walk(filter, &mut Vec::new(), &mut out);
    out
}

/// Tells whether an object meets the filter; `look` finds the value at a path, null where there is none.
///
/// `fold` compares strings without case: values of extended properties match so
/// (singlevaluelegacyextendedproperty-get.md).
pub fn meets<'a>(filter: &Filter, look: &dyn Fn(&[String]) -> Cow<'a, Value>, fold: bool) -> bool {
    match filter {
        Filter::And(a, b) => meets(a, look, fold) && meets(b, look, fold),
        Filter::Or(a, b) => meets(a, look, fold) || meets(b, look, fold),
        Filter::Not(a) => !meets(a, look, fold),
        Filter::Test(op, a, b) => {
            let named = |term: &Term| matches!(term, Term::Path(path) if path.last().is_some_and(|it| it == "value"));
            test(op, &side(a, look), &side(b, look), fold && (named(a) || named(b)))
        }
        Filter::Any(path, name, inner) => {
            let list = look(path);
            let members = list.as_array().map(Vec::as_slice).unwrap_or_default();
            let fold = path[0].eq_ignore_ascii_case("singleValueExtendedProperties");
            members.iter().any(|member| {
                let inside = |path: &[String]| match path.split_first() {
                    Some((first, rest)) if first == name => walk(member, rest),
                    _ => look(path),
                };
                meets(inner, &inside, fold)
            })
        }
    }
}

fn side<'t, 'a: 't>(term: &'t Term, look: &dyn Fn(&[String]) -> Cow<'a, Value>) -> Cow<'t, Value> {
    match term {
        Term::Path(path) => look(path),
        Term::Is(value) => Cow::Borrowed(value),
    }
}

/// Follows a path through nested objects; the first letter of a name may be of either case.
pub fn walk<'a>(value: &'a Value, path: &[String]) -> Cow<'a, Value> {
    let mut value = value;
    for name in path {
        let Some(next) = value.as_object().and_then(|it| it.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)))
        else {
            return Cow::Owned(Value::Null);
        };
        value = next.1;
    }
    Cow::Borrowed(value)
}

fn test(op: &str, a: &Value, b: &Value, fold: bool) -> bool {
    if let (Value::String(a), Value::String(b)) = (a, b) {
        let (x, y) = (folded(a, fold), folded(b, fold));
        return match op {
            "startswith" => x.starts_with(&*y),
            "endswith" => x.ends_with(&*y),
            "contains" => x.contains(&*y),
            _ => match (moment(a), moment(b)) {
                (Some(a), Some(b)) => ordered(op, a.cmp(&b)),
                _ => ordered(op, x.cmp(&y)),
            },
        };
    }
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.partial_cmp(&b).is_some_and(|it| ordered(op, it)),
        _ if op == "ne" => a != b,
        _ => op == "eq" && a == b,
    }
}

/// A text as it is compared.
fn folded(text: &str, fold: bool) -> Cow<'_, str> {
    if fold { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) }
}

fn ordered(op: &str, order: std::cmp::Ordering) -> bool {
    match op {
        "eq" => order.is_eq(),
        "ne" => order.is_ne(),
        "gt" => order.is_gt(),
        "ge" => order.is_ge(),
        "lt" => order.is_lt(),
        "le" => order.is_le(),
        _ => false,
    }
}

/// Times compare as instants: a filter may leave out the zone, the seconds' digits or both.
fn moment(text: &str) -> Option<jiff::Timestamp> {
    let dated = text.len() >= 16 && text.as_bytes()[4] == b'-' && text.as_bytes()[10] == b'T';
    dated.then(|| when::instant("", text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_mean_what_they_say() {
        let event = json!({
            "subject": "It's on", "n": 3, "start": {"dateTime": "2026-12-01T09:00:00.0000000"},
            "singleValueExtendedProperties": [{"id": "String {0A} Name k", "value": "ws/Weekly"}, {"id": "String {0A} Name o", "value": "x"}],
        });
        let cases = [
            ("subject eq 'It''s on'", true),
            ("subject eq 'it''s on'", false),
            ("startswith(subject,'It') and n gt 2", true),
            ("n lt 2 or not (n eq 3)", false),
            ("start/dateTime ge '2026-12-01T09:00'", true),
            ("start/dateTime lt '2026-12-01T09:00:00Z'", false),
            ("singleValueExtendedProperties/Any(ep: ep/id eq 'String {0A} Name k' and ep/value eq 'WS/weekly')", true),
            (
                "singleValueExtendedProperties/any(ep:ep/id eq 'String {0A} Name k' and startswith(ep/value,'ws/'))",
                true,
            ),
            (
                "singleValueExtendedProperties/any(ep: ep/id eq 'String {0A} Name o' and startswith(ep/value,'ws/'))",
                false,
            ),
            ("singleValueExtendedProperties/any(ep: ep/id eq 'String {0A} Name K' and ep/value ne 'a')", false),
        ];
        for (text, expected) in cases {
            let filter = parse(text).unwrap_or_else(|it| panic!("{text}: {}", it.message));
            assert_eq!(meets(&filter, &|path| walk(&event, path), false), expected, "{text}");
        }
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        for text in [
            "",
            "subject",
            "subject eq",
            "subject eq 'open",
            "subject is 'x'",
            "(subject eq 'x'",
            "lower(subject) eq 'x'",
            "a eq 1 b",
        ] {
            assert_eq!(parse(text).expect_err(text).status, 400);
        }
        for text in ["(".repeat(60_000), "not ".repeat(60_000), "a eq 1 or ".repeat(60_000)] {
            assert_eq!(parse(&format!("{text}a eq 1")).expect_err("too much").status, 400);
        }
    }
}
