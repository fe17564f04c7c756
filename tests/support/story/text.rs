//! What stands in the file of a story.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// What the tenant is like (twin's description), if it matters.
    pub tenant: Option<String>,
    /// What the twin does besides, as `convoke sandbox --quirk` takes it.
    #[serde(default)]
    pub quirks: String,
    /// Manifests that were applied earlier.
    pub before: Option<String>,
    /// What somebody else did since.
    #[serde(default)]
    pub meanwhile: Vec<Deed>,
    /// The manifests now; as before if left out.
    pub now: Option<String>,
    /// Another workspace document than the usual one.
    pub workspace: Option<String>,
    #[serde(default)]
    pub flags: Vec<String>,
    /// Exit code of apply.
    #[serde(default)]
    pub exit: i32,
    /// What apply says, with white space folded; lines of it, perhaps.
    #[serde(default)]
    pub said: Vec<String>,
    /// The mail that was sent where a step failed, since the forecast is of all of it.
    pub mailed: Option<BTreeMap<String, usize>>,
    /// What somebody does then, so that the second plan can be applied and settles.
    #[serde(default)]
    pub later: Vec<Deed>,
    /// What those read whose event or date was cancelled.
    #[serde(default)]
    pub comments: BTreeSet<String>,
    /// Requests that apply sends to write, by method.
    pub writes: BTreeMap<String, u64>,
    /// Properties of live events and meetings afterwards, by key.
    #[serde(default)]
    pub then: BTreeMap<String, Map<String, Value>>,
    /// What the join link of an event does: `kept` or `new`.
    #[serde(default)]
    pub link: BTreeMap<String, String>,
    /// Starts of a series in UTC, as the twin lists them: these, and none between the first and the last but these.
    #[serde(default)]
    pub occurrences: BTreeMap<String, Vec<String>>,
    /// The second plan's first word instead of `nothing`.
    #[serde(default = "nothing")]
    pub second: String,
    /// The plan as a person reads it.
    #[serde(default)]
    pub plan: String,
}

pub fn nothing() -> String {
    "nothing to do".into()
}

/// Something that somebody else does to the tenant, or that happens to the state.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Deed {
    EditEvent {
        name: String,
        with: Map<String, Value>,
    },
    /// Replaces a piece of the live body, so that the rest of it stays as it is; `{join}` is the event's join link, `{rule}` a
    /// rule line.
    EditText {
        name: String,
        from: String,
        to: String,
    },
    /// One occurrence of a series, by the date that the series gives it.
    EditOccurrence {
        name: String,
        date: String,
        with: Map<String, Value>,
    },
    SkipOccurrence {
        name: String,
        date: String,
    },
    MoveEvent {
        name: String,
        to: String,
    },
    DeleteEvent {
        name: String,
    },
    DeleteMeeting {
        key: String,
    },
    EditMeeting {
        key: String,
        with: Map<String, Value>,
    },
    /// The Teams meeting behind an event.
    EditBehind {
        name: String,
        with: Map<String, Value>,
    },
    /// A second event with the same mark, made later.
    CopyEvent {
        name: String,
    },
    Answer {
        event: String,
        attendee: String,
        response: String,
    },
    Post {
        path: String,
        body: Value,
    },
    /// Gives or takes an access policy or a licence.
    EditUser {
        upn: String,
        with: Map<String, Value>,
    },
    /// Switches quirks of the twin from now on.
    Quirks {
        list: String,
    },
    LoseState {},
    /// Another workspace document from now on.
    Workspace {
        text: String,
    },
}

impl Story {
    /// Reads a story; fails with its name where it is none.
    pub fn read(path: &Path) -> Result<Story, String> {
        let text = std::fs::read_to_string(path).unwrap();
        serde_yaml::from_str(&text).map_err(|error| format!("{}: {error}", name(path)))
    }

    /// Whether a second plan is to find nothing.
    pub fn is_settled(&self) -> bool {
        self.second == nothing()
    }
}

/// The name of a story: that of its file.
pub fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// Writes the plan of a story anew.
pub fn update(path: &Path, plan: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    let head = text.split("\nplan: |").next().unwrap().trim_end();
    let lines = plan.lines().map(|line| if line.is_empty() { String::new() } else { format!("  {line}") });
    // The first line may begin with a blank, so the indentation is said outright.
    std::fs::write(path, format!("{head}\nplan: |2\n{}\n", lines.collect::<Vec<_>>().join("\n"))).unwrap();
}
