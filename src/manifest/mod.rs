//! From manifest text to desired resources, and to every problem in it with its place.
//!
//! `stream` takes the files one after the other: `yaml` turns text into located documents, `doorman` holds a document against
//! the schema of its kind, and the kind itself expands short forms and checks across properties. One bad document does not
//! hide the next.

mod bounded;
mod days_off;
pub mod doorman;
mod expression;
pub mod files;
mod foreign;
pub mod format;
mod ics;
mod ignored;
pub mod lock;
mod names;
mod rosters;
mod rows;
mod set;
mod shared;
mod stream;
mod workspace;
pub mod yaml;

pub use foreign::Foreign;
pub use workspace::Owner;

use crate::kind::roster::Rosters;
use crate::kind::schema::{self, API_VERSION, Adopt, Declared, Invite, Lifecycle, Metadata, OnImmutable};
use crate::kind::workspace::{Defaults, Graph, Pins, refused_in};
use crate::kind::{Fault, KindId};
use crate::manifest::doorman::{Checked, Doorman};
use crate::manifest::files::Source;
use crate::manifest::yaml::Document;
use crate::model::{Desired, Key};
use crate::problem::{Place, Problem, Rule};
use crate::reason::Reason;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::string::FromUtf8Error;
use std::sync::{LazyLock, OnceLock};

/// Everything that a set of files declares.
#[derive(Debug, Default)]
pub struct Manifests {
    /// Sorted by key.
    pub desired: Vec<Desired>,
    /// The one document of `kind: Workspace`.
    pub workspace: Option<Owner>,
    /// What stands in the document of each resource, if that is to be kept.
    pub kept: Option<BTreeMap<Key, Value>>,
    /// Which of them sets have made, or are kept with the people of rosters and the days off in them that they name, if what stands in
    /// documents is kept.
    pub written_out: Vec<Key>,
    /// Whether resources are kept without what they declare: enough for whoever only wants to know what is wrong.
    pub bare: bool,
    /// The days off that are declared.
    pub days_off: crate::kind::days_off::Named,
    /// How many documents were read, with problems or without.
    pub documents: usize,
    /// In the order of files, lines and columns.
    pub problems: Vec<Problem>,
    /// How many files were read that hold manifests, or what those name.
    pub files: usize,
    /// The text of the workspace's file and of those with problems, for showing them.
    pub texts: BTreeMap<String, String>,
    /// What was found beside manifests and is another program's, by file.
    pub foreign: Vec<Foreign>,
    /// Linked folders, which are not looked into.
    pub linked: Vec<String>,
    /// Files and folders that an ignore file names.
    pub ignored: Vec<String>,
    /// The groups of the directory that rosters name.
    pub groups: BTreeSet<String>,
}

/// Reads every document. `outside` is the workspace from a file that is not among the sources, if there is one: its
/// defaults hold where the sources have no workspace of their own.
pub fn read(sources: Vec<Source>, outside: Option<Owner>) -> Manifests {
    read_pinned(sources, outside, &Pins::default())
}

/// The same, with what lies outside of what the environment pins among the problems.
pub fn read_pinned(sources: Vec<Source>, outside: Option<Owner>, pins: &Pins) -> Manifests {
    stream::read(Manifests::default(), sources, outside, pins)
}

/// The same, to know what is wrong: of each resource only its names and notes are kept.
pub fn check(sources: Vec<Source>, outside: Option<Owner>, pins: &Pins) -> Manifests {
    stream::read(Manifests { bare: true, ..Manifests::default() }, sources, outside, pins)
}

/// The same, and keeps what stands in the documents.
pub fn read_keeping(sources: Vec<Source>, outside: Option<Owner>, pins: &Pins) -> Manifests {
    stream::read(Manifests { kept: Some(BTreeMap::new()), ..Manifests::default() }, sources, outside, pins)
}

/// What holds for every resource.
struct Given<'a> {
    defaults: &'a Defaults,
    graph: &'a Graph,
    pins: &'a Pins,
    values: &'a Value,
    rosters: &'a Rosters,
}

/// A resource's document, with what its schema finds wrong with it, if anything: it waits for the defaults of the workspace.
type Waiting = (KindId, Document, Option<Checked>);

impl Manifests {
    /// Returns what is named in documents that were passed over, with the file.
    pub fn passed_over(&self) -> BTreeMap<String, String> {
        let names = |it: &Foreign| it.names.iter().map(|name| (name.clone(), it.file.clone())).collect::<Vec<_>>();
        self.foreign.iter().flat_map(names).collect()
    }
}

/// Returns the doorman of a kind. It is made when the first document of its kind comes: what makes that of a set takes is more than a
/// small project has.
fn doorman_of(kind: Declared) -> &'static Doorman {
    static DOORMEN: LazyLock<HashMap<Declared, OnceLock<Doorman>>> =
        LazyLock::new(|| Declared::all().map(|kind| (kind, OnceLock::new())).collect());
    DOORMEN[&kind].get_or_init(|| Doorman::new(&schema::of(kind)))
}

/// Reads the kind of a document, which says which schema holds for the rest.
fn kind_of(document: &Document) -> Result<Declared, Box<Problem>> {
    let names = schema::names;
    let listed = || names().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let Some(kind) = document.value.get("kind") else {
        let hint = format!("every document begins with `apiVersion: {API_VERSION}` and a `kind`: {}", listed());
        return Err(Problem::new(Reason::UnknownKind, document.key_place(""), "`kind` is missing").hint(hint).into());
    };
    kind.as_str().and_then(Declared::named).ok_or_else(|| {
        let typed = kind.as_str().map_or_else(|| kind.to_string(), str::to_owned);
        let near = || doorman::near(&typed, names().into_iter()).map(|near| format!("did you mean `{near}`?"));
        let hint =
            elsewhere(&typed).map(str::to_owned).or_else(near).unwrap_or_else(|| format!("the kinds are {}", listed()));
        let message = format!("unknown kind `{}`", crate::problem::cut(&typed));
        Problem::new(Reason::UnknownKind, document.place("/kind"), message).hint(hint).into()
    })
}

/// What Graph has beside events and meetings that people look for here: why it is not managed, and what is instead.
fn elsewhere(kind: &str) -> Option<&'static str> {
    let kind = kind.to_ascii_lowercase();
    match () {
        () if ["webinar", "townhall", "virtualevent"].iter().any(|it| kind.contains(it)) => Some(
            "webinars and town halls are other resources of Graph (virtualEventWebinar), which convoke does not manage: make them \
             in Teams, or without registration write an `Event` with `isOnlineMeeting: true`",
        ),
        () if kind.contains("group") => Some(
            "Graph gives no app access to a group's calendar (group-post-events.md); write an `Event` in a shared mailbox with the \
             group's address among its `attendees`",
        ),
        () if kind == "mailboxgrant" => Some(
            "a `MailboxGrant` is an object of a cluster, for the operator: keep it out of the folders that are read here",
        ),
        () => None,
    }
}

/// A resource, and its spec with the members of rosters in it, if it names any.
type Resource = (Desired, Option<Map<String, Value>>);

/// Makes a resource of its document.
fn desired(id: KindId, document: &Document, given: &Given) -> Result<Resource, Vec<Problem>> {
    let Metadata { name, labels, namespace: _, annotations: _ } = typed(document, "/metadata");
    let lifecycle = document.value.get("lifecycle").map(|_| typed(document, "/lifecycle"));
    let lifecycle: Lifecycle = lifecycle.unwrap_or_default();
    let Lifecycle { protect, on_immutable, on_drift, invite, previously, cancel_comment, adopt } = lifecycle;
    let written = document.value["spec"].as_object().expect("the schema asks for a mapping");
    let (filled, unknown) = rosters::filled(id, written, given).unzip();
    let written = filled.as_ref().map_or(written, |it| &it.spec);
    let (mut spec, mut faults) = (id.kind().expand)(written, given.defaults);
    if matches!(adopt, Some(Adopt::JoinWebUrl(_))) {
        let at = document.place("/lifecycle/adopt");
        spec.notes.push(format!(
            "{}:{}: a join link is a secret, and everybody who reads this file can join: `adopt: {{id: …}}` is none",
            at.file, at.line
        ));
    }
    faults.extend(refused_in(given.graph, id.kind(), &spec));
    faults.extend(given.pins.refused(id.kind(), written, &spec));
    faults = faults.into_iter().map(|it| rosters::in_text(filled.as_ref(), it)).collect();
    faults.extend(unknown.into_iter().flatten());
    let linked = adopt.as_ref().filter(|adopt| id.kind().is_listed && matches!(adopt, Adopt::JoinWebUrl(_)));
    if !faults.is_empty() || linked.is_some() {
        let problems = faults.into_iter().map(|fault| located(document, fault));
        return Err(problems.chain(linked.map(|_| no_list_by_link(document))).collect());
    }
    let previously = previously.0.into_iter().map(|name| Key::new(id, name)).collect();
    let (replace, invite_first) = (on_immutable == OnImmutable::Replace, invite == Invite::First);
    let key = Key::new(id, name);
    let written = filled.map(|filled| {
        spec.through = filled.through;
        spec.notes.extend(filled.notes);
        filled.spec
    });
    let want =
        Desired { key, labels, protect, replace, on_drift, invite_first, previously, cancel_comment, adopt, spec };
    Ok((want, written))
}

/// An event is found by its id alone: no filter of Graph's takes the join link of one.
fn no_list_by_link(document: &Document) -> Problem {
    let what = "Graph finds no event by its join link";
    Problem::new(Reason::Adoption, document.place("/lifecycle/adopt"), what)
        .hint("write `adopt: {id: …}` with the id of the event; `convoke import` prints it")
}

/// Looks across the properties of a document that has problems already, so that all are told at once. What only follows from
/// those, since it stands in the same place or speaks of a property in doubt, is not told.
fn more_faults(checked: &Checked, id: KindId, document: &Document, given: &Given) -> Vec<Problem> {
    let Some(spec) = document.value["spec"].as_object() else { return vec![] };
    let named = |at: &Place| checked.problems.iter().any(|it| overlap(&it.at, at));
    let in_doubt = |name: &str| {
        checked.meant.iter().any(|it| it.rsplit('/').next() == Some(name))
            || ["/spec", "/spec/meetingOptions"].into_iter().any(|above| {
                let pointer = format!("{above}/{name}");
                document.value.pointer(&pointer).is_some()
                    && (document.is_unknown(&pointer)
                        || named(&document.place(&pointer))
                        || named(&document.key_place(&pointer)))
            })
    };
    let speaks_of_doubt = |it: &Fault| {
        let places = it.at.iter().filter_map(|at| at.rsplit('/').next());
        places.chain(it.about.iter().copied()).any(in_doubt)
    };
    let (filled, unknown) = rosters::filled(id, spec, given).unzip();
    let (_, faults) = (id.kind().expand)(filled.as_ref().map_or(spec, |it| &it.spec), given.defaults);
    let faults = faults.into_iter().map(|it| rosters::in_text(filled.as_ref(), it));
    let problems = faults
        .chain(unknown.into_iter().flatten())
        .filter(|it| it.at.iter().all(|it| !document.is_unknown(&format!("/spec{it}"))));
    let problems = problems.filter(|it| !speaks_of_doubt(it));
    let problems = problems.map(|fault| located(document, fault));
    problems.filter(|it| !named(&it.at) && !it.also.iter().any(|(at, _)| named(at))).collect()
}

fn overlap(one: &Place, other: &Place) -> bool {
    one.file == other.file && one.range.start <= other.range.end && other.range.start <= one.range.end
}

/// Reads a part of a document that its schema has let through.
fn typed<T: DeserializeOwned>(document: &Document, pointer: &str) -> T {
    let part = document.value.pointer(pointer).cloned().unwrap_or(Value::Null);
    serde_json::from_value(part).expect("schema and reader come from one struct")
}

fn located(document: &Document, fault: Fault) -> Problem {
    let reason = fault.reason();
    let Fault { at, about: _, message, hint, reason: _, part } = fault;
    let place = |pointer: &str| document.place(&format!("/spec{pointer}"));
    let (first, others) = at.split_first().map_or(("", &[][..]), |(first, others)| (first.as_str(), others));
    let also = others.iter().map(|pointer| (place(pointer), other(pointer))).collect();
    let source = document.source(&format!("/spec{first}"));
    let whole = place(first);
    let at = part.and_then(|part| narrowed(&whole, source?, &part)).unwrap_or(whole);
    Problem { also, hint, ..Problem::new(reason, at, message) }
}

/// The place of a part of a text, if it stands in it as it is, on the first line.
fn narrowed(whole: &Place, source: &str, part: &str) -> Option<Place> {
    let before = &source[..source.find(part)?];
    let start = whole.range.start + before.len();
    let column = whole.column + before.chars().count();
    (!before.contains(['\n', '\r'])).then(|| Place { range: start..start + part.len(), column, ..whole.clone() })
}

/// Names a second place: the property, or the other item of a list.
fn other(pointer: &str) -> String {
    let in_list = pointer.split('/').any(|name| name.parse::<usize>().is_ok());
    match pointer.rsplit('/').next() {
        Some(name) if !in_list => format!("`{name}` is here"),
        Some(_) | None => "the other one".to_owned(),
    }
}

fn not_utf8(file: String, error: &FromUtf8Error) -> Problem {
    let (valid, line) = (error.utf8_error().valid_up_to(), |text: &[u8]| text.split(|byte| *byte == b'\n').count());
    let before = &error.as_bytes()[..valid];
    let column =
        String::from_utf8_lossy(before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default()).chars().count() + 1;
    let at = Place { file: file.into(), range: valid..valid, line: line(before), column };
    Problem::new(Reason::NotUtf8, at, "the file is not UTF-8 from here on").hint("save it as UTF-8").of(Rule::Syntax)
}
