//! What is known of a kind, a property or a code, in words: `convoke explain Event.onlineMeetingProvider`.
//!
//! Of kinds and properties everything comes from the published schema, which holds table and struct alike; nothing is known here of any one field.
//! Layout is the renderer's.

mod codes;
mod environment;
pub mod exits;
mod node;

pub use codes::{Subject, is_code, reason, reasons};
pub use environment::{Variable, Variables, environment};

use crate::explain::node::{but_for_expression, child, children, forms, types, variants, words};
use crate::kind::schema::{self, Declared};
use crate::manifest::doorman::{list, near};
use crate::reason::Reason;
use crate::trouble::Trouble;
use serde::Serialize;
use serde_json::Value;

/// What is known of one kind or property.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// `Event`, `Event.start`, `Event.recurrence.pattern`.
    pub path: String,
    /// What may be written, in words.
    pub r#type: String,
    /// What it means, in a sentence or more.
    pub meaning: String,
    /// Whether a manifest must name it.
    pub required: bool,
    /// When it may be written; `None` for what is only a part of a property.
    pub writable: Option<String>,
    /// The licence it needs, if the ordinary one is not enough.
    pub licence: Option<String>,
    /// What else holds, a sentence each.
    pub notes: Vec<String>,
    /// A value that may stand there.
    pub example: Option<Value>,
    /// The values it takes, if they are listed.
    pub values: Vec<Entry>,
    /// What may stand below it.
    pub properties: Vec<Entry>,
    /// The page of Graph's documentation that says so.
    pub source: Option<String>,
}

/// One value or property in a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// As manifests spell it.
    pub name: String,
    /// What may be written, in words; empty for a value.
    pub r#type: String,
    /// What it means, in a sentence or more.
    pub meaning: String,
    /// Whether what it stands in must have it.
    pub required: bool,
    /// Graph sets it, or it is refused.
    pub closed: bool,
}

impl Explanation {
    /// Returns the first line: `Event.subject  string, required`.
    pub fn title(&self) -> String {
        let must = if self.required && self.path.contains('.') { ", required" } else { "" };
        let of = if self.r#type.is_empty() { String::new() } else { format!("  {}{must}", self.r#type) };
        format!("{}{of}", self.path)
    }

    /// Returns what is known besides its meaning, each with a word for what it is about.
    pub fn facts(&self) -> Vec<(&'static str, &str)> {
        let all = [("written", &self.writable), ("licence", &self.licence), ("source", &self.source)];
        all.into_iter().filter_map(|(about, fact)| Some((about, fact.as_deref()?))).collect()
    }

    /// Returns the lists of values and of properties that may be written, each with its title; empty ones are none.
    pub fn lists(&self) -> Vec<(&'static str, Vec<&Entry>)> {
        let open = self.properties.iter().filter(|it| !it.closed).collect();
        let all: [(_, Vec<_>); 2] = [("Values", self.values.iter().collect()), ("Properties", open)];
        all.into_iter().filter(|(_, entries)| !entries.is_empty()).collect()
    }

    /// Returns the names of properties that are not the author's to write.
    pub fn closed(&self) -> Vec<&str> {
        self.properties.iter().filter(|it| it.closed).map(|it| it.name.as_str()).collect()
    }
}

impl Entry {
    /// Returns its meaning, whether it is required, and its type, in one text.
    pub fn words(&self) -> String {
        let must = if self.required { "Required. " } else { "" };
        let of = if self.r#type.is_empty() { String::new() } else { format!(" ({})", self.r#type) };
        format!("{must}{}{of}", self.meaning)
    }
}

/// What can be explained.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Topics {
    /// The kinds; each has properties below it.
    pub kinds: Vec<&'static str>,
    /// The other topics, each with what it lists.
    pub lists: [(&'static str, &'static str); 3],
}

/// Returns what can be explained.
pub fn topics() -> Topics {
    let lists = [
        ("codes", "every code of a refusal or failure, such as CVK0301; each has cause and way out"),
        ("environment", "every variable that is read: flags, sign-in, pins, stores"),
        ("exit-codes", "what each command exits with"),
    ];
    Topics { kinds: schema::names(), lists }
}

/// Explains a kind, or a property by its dotted path; `spec` may be left out of it.
///
/// Fails for a path that leads nowhere, with the way out.
pub fn explain(path: &str) -> Result<Explanation, Trouble> {
    let mut names = path.split('.').map(|name| name.trim_end_matches("[]")).filter(|name| !name.is_empty());
    let kind = names.next().unwrap_or_default();
    let document = Declared::named(kind).map(schema::of).ok_or_else(|| unknown_kind(kind))?;
    let mut names = names.peekable();
    let of_document = names.peek().is_some_and(|name| child(&document, name).is_some());
    let (mut path, mut required, mut node) = (kind.to_owned(), true, &document);
    if !of_document && let Some((_, spec)) = child(node, "spec") {
        node = spec;
    }
    for name in names {
        let Some((needed, next)) = child(node, name) else {
            return Err(Reason::NamesNothing
                .trouble(format!("unknown property `{path}.{name}`"))
                .hint(way_out(&document, node, &path, name)));
        };
        (required, node) = (needed, next);
        path = format!("{path}.{name}");
    }
    Ok(explanation(path, required, node))
}

/// A kind that is not known, with the one that may be meant.
pub fn unknown_kind(name: &str) -> Trouble {
    let kinds = schema::names();
    let hint = match near(name, kinds.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the kinds are {}", list(kinds.into_iter())),
    };
    Reason::NamesNothing.trouble(format!("unknown kind `{name}`")).hint(hint)
}

/// Where the author may have meant to go.
fn way_out(document: &Value, node: &Value, path: &str, name: &str) -> String {
    let known: Vec<&str> = children(node).into_iter().map(|(name, ..)| name).collect();
    if let Some(slip) = known.iter().find(|it| it.eq_ignore_ascii_case(name)) {
        return format!("did you mean `{path}.{slip}`? names are case-sensitive");
    }
    let kind = path.split('.').next().unwrap_or(path);
    let within = |part: &str, path: &str| below(document.pointer(part)?, name, path);
    let below = within("/properties/spec", kind);
    let below = below.or_else(|| within("/properties/lifecycle", &format!("{kind}.lifecycle")));
    let near = near(name, known.iter().copied()).map(|near| format!("{path}.{near}"));
    match below.or(near) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => format!("nothing stands below `{path}`"),
        None => format!("known here: {}", list(known.into_iter())),
    }
}

/// Finds a property of that name anywhere below a node.
fn below(node: &Value, name: &str, path: &str) -> Option<String> {
    let all = children(node);
    if all.iter().any(|(it, ..)| *it == name) {
        return Some(format!("{path}.{name}"));
    }
    all.into_iter().find_map(|(it, _, next)| below(next, name, &format!("{path}.{it}")))
}

fn explanation(path: String, required: bool, node: &Value) -> Explanation {
    let text = |name: &str| node.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut notes = vec![];
    if node.get("x-not-in-us-gov").is_some() {
        notes.push("The US Government clouds do not have it.".to_owned());
    }
    let meaning = text("description").unwrap_or_default();
    if types(node).contains(&"null") && !meaning.contains("`null`") {
        notes.push("`null` clears it.".to_owned());
    }
    let values = values(node);
    let below = |(name, required, property)| {
        let entry = entry(name, required, property);
        match variants(node, name) {
            with if with.is_empty() => entry,
            _ if name == "type" => Entry { meaning: "One of the values above.".to_owned(), ..entry },
            with if with.len() == values.len() => entry,
            with => Entry { meaning: format!("{} With {}.", entry.meaning, with.join(", ")), ..entry },
        }
    };
    Explanation {
        r#type: if path.contains('.') { words(node) } else { "kind".to_owned() },
        meaning,
        required,
        writable: writable(node),
        licence: text("x-licence"),
        notes,
        example: node.pointer("/examples/0").cloned(),
        properties: children(node).into_iter().map(below).collect(),
        values,
        source: text("x-source").filter(|it| it != "ours"),
        path,
    }
}

fn writable(node: &Value) -> Option<String> {
    if node.get("x-refused").is_some() {
        return Some("never: convoke refuses it".to_owned());
    }
    if node.get("readOnly").is_some() {
        return Some("never: Graph sets it".to_owned());
    }
    Some(match node.get("x-writable")?.as_str()? {
        "always" => "at any time".to_owned(),
        "on create" => "when the object is made; to change it is to replace the object".to_owned(),
        other => match other.strip_prefix("until ") {
            Some(flag) => format!("until `{flag}` is true; to change it then is to replace the object"),
            None => other.to_owned(),
        },
    })
}

/// The values that a node lists, or the items of its list.
fn values(node: &Value) -> Vec<Entry> {
    if let Some(form) = but_for_expression(node) {
        return values(form);
    }
    let list = |name: &str| node.get(name).and_then(Value::as_array).into_iter().flatten();
    let listed = list("enum").zip(list("enumDescriptions"));
    let tagged = forms(node).filter_map(|form| form.pointer("/properties/type").filter(|it| it.get("const").is_some()));
    let tagged = tagged.map(|tag| (&tag["const"], &tag["description"]));
    let all: Vec<Entry> = listed.chain(tagged).map(|(value, meaning)| member(value, meaning)).collect();
    match (all.is_empty(), node.get("items")) {
        (true, Some(items)) if children(items).is_empty() => values(items),
        _ => all,
    }
}

fn member(value: &Value, meaning: &Value) -> Entry {
    let name = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let meaning = meaning.as_str().unwrap_or_default().to_owned();
    Entry { name, r#type: String::new(), meaning, required: false, closed: false }
}

fn entry(name: &str, required: bool, node: &Value) -> Entry {
    let meaning = node["description"].as_str().unwrap_or_default();
    // One sentence is enough in a list.
    let meaning = meaning.find(". ").map_or(meaning, |end| &meaning[..=end]).to_owned();
    let closed = node.get("readOnly").is_some() || node.get("x-refused").is_some();
    Entry { name: name.to_owned(), r#type: words(node), meaning, required, closed }
}
