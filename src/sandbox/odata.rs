//! Query options that every collection shares: `$select`, `$expand`, `$orderby`, `$top`, `$skip` and next links.
//!
//! Options are read here; what they mean for a property, the routes know (query-parameters.md, paging.md).

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::sandbox::{
    answer::{Answer, Outcome, refuse},
    ask::Ask,
    filter::{self, Filter},
};

/// One `$expand`: a navigation property, with its own filter.
#[derive(Clone, Debug)]
pub struct Expand {
    pub name: String,
    pub filter: Option<Filter>,
    pub select: Option<Vec<String>>,
}

/// Returns the selected names; `None` without `$select`.
pub fn select(ask: &Ask) -> Option<Vec<String>> {
    ask.option("$select")
        .map(|it| it.split(',').map(|name| name.trim().to_string()).filter(|it| !it.is_empty()).collect())
}

/// Returns what is to be expanded.
pub fn expand(ask: &Ask) -> Outcome<Vec<Expand>> {
    let Some(text) = ask.option("$expand") else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    for part in top_level(text, ',') {
        let (name, inner) = match part.split_once('(') {
            Some((name, rest)) => match rest.strip_suffix(')') {
                Some(inner) => (name, inner),
                None => {
                    return refuse(400, "BadRequest", format!("Invalid expand clause: '{part}'."));
                }
            },
            None => (part.as_str(), ""),
        };
        let mut expand = Expand { name: name.trim().to_string(), filter: None, select: None };
        for option in top_level(inner, ';') {
            match option.split_once('=').map(|(name, value)| (name.trim().to_ascii_lowercase(), value)) {
                Some((name, value)) if name == "$filter" => expand.filter = Some(filter::parse(value)?),
                Some((name, value)) if name == "$select" => {
                    expand.select = Some(value.split(',').map(|it| it.trim().to_string()).collect());
                }
                _ => {
                    return refuse(400, "BadRequest", format!("Invalid expand clause: '{option}'."));
                }
            }
        }
        out.push(expand);
    }
    Ok(out)
}

/// Returns the sort orders: path and whether it descends.
pub fn order(ask: &Ask) -> Vec<(Vec<String>, bool)> {
    let parts = ask.option("$orderby").unwrap_or_default().split(',').map(str::trim).filter(|it| !it.is_empty());
    let read = |it: &str| {
        let (path, way) = it.split_once(' ').unwrap_or((it, "asc"));
        (path.split('/').map(str::to_string).collect(), way.trim().eq_ignore_ascii_case("desc"))
    };
    parts.map(read).collect()
}

/// Answers one page of a collection: `all` are the members in order, `show` makes the JSON of one.
///
/// A page holds `$top` members (1 to 1000), else `Prefer: odata.maxpagesize`, else ten; the next link carries all options
/// and a new `$skip` (paging.md).
pub fn page<T>(ask: &Ask, context: &str, all: &[T], show: impl FnMut(&T) -> Outcome<Value>) -> Outcome {
    page_of(ask, context, all, 10, show)
}

/// The same, with so many members on a page where nothing says how many.
pub fn page_of<T>(
    ask: &Ask,
    context: &str,
    all: &[T],
    usual: usize,
    mut show: impl FnMut(&T) -> Outcome<Value>,
) -> Outcome {
    let number = |name: &str| match ask.option(name).map(str::parse::<usize>) {
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => refuse(400, "BadRequest", format!("Invalid value for {name}: a whole number is expected.")),
        None => Ok(None),
    };
    let (top, skip) = (number("$top")?, number("$skip")?.unwrap_or(0));
    if top.is_some_and(|it| !(1..=1000).contains(&it)) {
        return refuse(400, "BadRequest", "Invalid value for $top: it must be between 1 and 1000.");
    }
    let size = top.or(ask.prefer.page.map(|it| it.clamp(1, 1000))).unwrap_or(usual);
    let members = all.iter().skip(skip).take(size).map(&mut show).collect::<Outcome<Vec<Value>>>()?;
    let mut body = Map::new();
    body.insert("@odata.context".into(), format!("{}/$metadata#{context}", ask.root).into());
    if ask.option("$count").is_some_and(|it| it.eq_ignore_ascii_case("true")) {
        body.insert("@odata.count".into(), all.len().into());
    }
    body.insert("value".into(), members.into());
    if skip + size < all.len() {
        body.insert("@odata.nextLink".into(), next(ask, skip + size).into());
    }
    Ok(Answer::json(200, body.into()))
}

fn next(ask: &Ask, skip: usize) -> String {
    let kept = ask.query.iter().filter(|(name, _)| !name.trim_start_matches('$').eq_ignore_ascii_case("skip"));
    let encode = |it: &str| utf8_percent_encode(it, NON_ALPHANUMERIC).to_string();
    let mut query: Vec<String> = kept.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    query.push(format!("%24skip={skip}"));
    format!("{}/{}?{}", ask.root, ask.raw_path, query.join("&"))
}

/// Splits at a mark that stands outside quotes and parentheses.
fn top_level(text: &str, mark: char) -> Vec<String> {
    let (mut out, mut part, mut depth, mut quoted) = (Vec::new(), String::new(), 0i32, false);
    for c in text.chars() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ if c == mark && depth == 0 && !quoted => {
                out.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    out.push(part);
    out.into_iter().map(|it| it.trim().to_string()).filter(|it| !it.is_empty()).collect()
}
