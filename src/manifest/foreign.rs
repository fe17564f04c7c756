//! Tells what other programs keep in the folders that are read from a manifest that was misspelt.
//!
//! A manifest that is passed over is one whose event is removed, so what is in doubt is ours, and what is wrong with it is told.
//!
//! ```text
//! apiVersion and kind          | in its spec          | it is
//! -----------------------------+----------------------+------------------
//! apiVersion reads like ours   | –                    | ours
//! kind does, no apiVersion     | –                    | ours
//! kind does, another version   | one property of ours | ours
//! one of them is missing       | one property of ours | ours
//! both are another program's   | three                | ours
//! anything else                | –                    | another program's
//! ```

use crate::kind::schema::{self, API_VERSION};
use crate::kind::{Home, KindId, Writable};
use crate::manifest::doorman::misspelt;
use crate::manifest::yaml::Document;
use crate::problem::Problem;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// So many properties of ours in one place are no chance.
const MANY: usize = 3;

/// What one file holds of another program's.
#[derive(Debug, Clone)]
pub struct Foreign {
    /// The file.
    pub file: String,
    /// How many documents of it.
    pub documents: usize,
    /// What is named in them: no removal of ours rests on such a name being in no manifest.
    pub names: BTreeSet<String>,
}

/// Takes out of a file that nobody named what is another program's. What such a file has wrong is none of our business either, as
/// long as nothing in its text reads like ours.
#[derive(Default)]
pub struct Sieve {
    theirs: Vec<Document>,
    /// Whether some document was ours.
    ours: bool,
}

impl Sieve {
    /// Returns those of some documents that are ours.
    pub fn sift(&mut self, documents: Vec<Document>) -> Vec<Document> {
        let (ours, theirs): (Vec<_>, Vec<_>) = documents.into_iter().partition(|it| reads_like_ours(&it.value));
        self.ours |= !ours.is_empty();
        self.theirs.extend(theirs);
        ours
    }

    /// Returns what is known at the end of the file: the documents that have to be taken for ours after all, what is wrong with the
    /// file, and what of it is another program's.
    pub fn end(self, file: &str, text: &str, problems: Vec<Problem>) -> (Vec<Document>, Vec<Problem>, Option<Foreign>) {
        let theirs = self.theirs;
        let foreign = |names| Foreign { file: file.to_owned(), documents: theirs.len().max(1), names };
        if problems.is_empty() {
            let names = theirs.iter().flat_map(|it| named(&it.value)).collect();
            return (vec![], problems, (!theirs.is_empty()).then(|| foreign(names)));
        }
        if !self.ours && !text_reads_like_ours(text) {
            return (vec![], vec![], Some(foreign(values(text, "name").collect())));
        }
        (theirs, problems, None)
    }
}

fn reads_like_ours(document: &Value) -> bool {
    match document {
        Value::Object(own) => {
            mapping_reads_like_ours(own) || own.get("items").is_some_and(|it| it.is_array() && reads_like_ours(it))
        }
        Value::Array(items) => items.iter().any(|it| it.is_object() && reads_like_ours(it)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn mapping_reads_like_ours(own: &Map<String, Value>) -> bool {
    let said = |name: &str| own.get(name).and_then(Value::as_str);
    let (version, kind) = (said("apiVersion"), said("kind"));
    let spec = own.get("spec").and_then(Value::as_object);
    // What a set makes stands in its template.
    let made = spec.and_then(|it| it.get("template")?.get("spec")?.as_object());
    let known = spec.into_iter().chain(made).map(count_properties).sum::<usize>();
    if own.values().filter_map(Value::as_str).any(is_version) || count_properties(own) >= MANY {
        return true;
    }
    match (version, kind.map(is_kind)) {
        (None, Some(true)) => true,
        (Some(_), Some(true)) | (None, _) | (_, None) => known > 0,
        (Some(_), Some(false)) => known >= MANY,
    }
}

/// The same of a text that cannot be read as YAML.
fn text_reads_like_ours(text: &str) -> bool {
    let has = |name: &str| values(text, name).next().is_some();
    let known = PROPERTIES.iter().filter(|name| has(name));
    let is_whole = has("apiVersion") && has("kind");
    text.to_lowercase().contains("convoke")
        || values(text, "kind").any(|it| is_kind(&it))
        || values(text, "apiVersion").any(|it| is_version(&it))
        || (!is_whole && has("spec"))
        || known.count() >= MANY
}

/// What stands behind each `name:` of a text.
fn values(text: &str, name: &str) -> impl Iterator<Item = String> {
    text.match_indices(name).filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + name.len()..].trim_start_matches(['"', '\'']).strip_prefix(':')?;
        let value = behind.lines().next().unwrap_or_default().trim_start().trim_start_matches(['"', '\'']);
        let value: String = value.chars().take_while(|it| it.is_ascii_alphanumeric() || "-./".contains(*it)).collect();
        before.is_none_or(|it| !it.is_alphanumeric() && it != '_').then_some(value)
    })
}

fn is_version(text: &str) -> bool {
    let low = text.to_lowercase();
    low.contains("convoke.dev") || low.starts_with("convoke/") || misspelt(&low, API_VERSION)
}

fn is_kind(text: &str) -> bool {
    schema::names().into_iter().any(|name| misspelt(text, name))
}

/// What a document calls itself.
fn named(document: &Value) -> impl Iterator<Item = String> {
    let names = ["/metadata/name", "/name"].map(|it| document.pointer(it).and_then(Value::as_str));
    names.into_iter().flatten().map(str::to_owned)
}

fn count_properties(of: &Map<String, Value>) -> usize {
    of.keys().filter(|name| PROPERTIES.contains(name.as_str())).count()
}

/// What a manifest may say of an event or a meeting.
static PROPERTIES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let fields = KindId::ALL.into_iter().flat_map(|id| id.kind().fields());
    let written = fields.filter(|it| it.home != Home::Meeting && !matches!(it.writable, Writable::Never));
    written.map(|it| it.name).collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::yaml;

    /// What is ours of a text, and what is another program's.
    fn sift(text: &str) -> (usize, usize, Option<Foreign>) {
        let (mut sieve, (documents, problems)) = (Sieve::default(), yaml::documents("a.yaml", text));
        let ours = sieve.sift(documents);
        let (more, problems, foreign) = sieve.end("a.yaml", text, problems);
        (ours.len() + more.len(), problems.len(), foreign)
    }

    /// How many documents stay, how many problems are told, and how many documents are another program's.
    fn sifted(text: &str) -> (usize, usize, usize) {
        let (ours, problems, foreign) = sift(text);
        (ours, problems, foreign.map_or(0, |it| it.documents))
    }

    #[test]
    fn what_other_programs_keep_is_passed_over() {
        for text in [
            "services: {web: {image: nginx}}\nversion: '3'\n",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: weekly}\nspec: {replicas: 2}\n",
            "apiVersion: cert-manager.io/v1\nkind: Certificate\nspec: {subject: {}, duration: 2160h}\n",
            "apiVersion: v1\nkind: Event\nmetadata: {name: a}\nreason: Started\n",
            "apiVersion: argoproj.io/v1alpha1\nkind: EventSource\nspec: {webhook: {}}\n",
            "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [], subject: a}}}\n",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
            "name: build\non: push\njobs: {test: {runs-on: ubuntu, steps: [{run: convoke plan}]}}\n",
            "- hosts: all\n  tasks: [{name: one}]\n",
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n  labels: {{- include \"x\" . | nindent 4 }}\n",
            "Resources: {Bucket: {Type: S3, Name: !Sub '${A}-b'}}\n",
        ] {
            let (ours, problems, theirs) = sifted(text);
            assert_eq!((ours, problems, theirs), (0, 0, 1), "{text}");
        }
    }

    #[test]
    fn a_manifest_that_was_misspelt_is_never_another_programs() {
        for text in [
            "apiVersion: convoke.dev/v2\nkind: Event\nmetadata: {name: a}\n",
            "apiVersion: convok.dev/v1\nkind: Foo\n",
            "apiVersion: Convoke.dev/v1\nkind: Webinar\n",
            "apiVersoin: convoke.dev/v1\nknd: Event\n",
            "apiVersion: convoke.dev/v1\nkind: Evnt\nspec: {}\n",
            "apiVersion: v1\nkind: Evnt\nspec: {subject: A}\n",
            "kind: OnlineMeting\nmetadata: {name: a}\n",
            "kind: Event\nspec: {subject: A}\n",
            "metadata: {name: a}\nspec: {subject: A}\n",
            "apiVersion: other/v1\nkind: Meeting\nspec: {subject: A, start: 2031-01-01T10:00, duration: 1h}\n",
            "subject: A\nstart: 2031-01-01T10:00\nend: 2031-01-01T11:00\n",
            "apiVersion: v1\nkind: List\nitems: [{apiVersion: convoke.dev/v1, kind: Event}]\n",
            "apiVersion convoke.dev/v1\n",
            "apiVersion: v1\nkind: EventSet\nspec: {rows: a.csv, template: {kind: Event, spec: {subject: A}}}\n",
            "apiVersion: convoke.dev/v1\nkind: EventsSet\nspec: {rows: a.csv}\n",
            "spec: [",
            "apiVersion: convoke.dev/v1\nkind: Event\nspec: {subject: [}\n",
            "apiVersion: v1\nkind: 'Event'\nspec: {subject: [}\n",
            "metadata: {name: a}\nspec: {subject: A, start: [, end: b}\n",
        ] {
            let (ours, problems, theirs) = sifted(text);
            assert!(theirs == 0 && ours + problems > 0, "{text}");
        }
    }

    #[test]
    fn of_a_file_with_both_each_document_is_judged_alone_and_names_are_kept() {
        let text =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: weekly}\n---\napiVersion: convoke.dev/v1\nkind: Event\n";
        assert_eq!(sifted(text), (1, 0, 1));
        let names = |text: &str| sift(text).2.unwrap().names;
        assert_eq!(names("apiVersion: v1\nkind: Secret\nmetadata: {name: weekly}\n"), ["weekly".to_owned()].into());
        let broken = "metadata:\n  name: \"weekly\"\n  labels: {{- x }}\n  nickname: a\n";
        assert_eq!(names(broken), ["weekly".to_owned()].into());
    }
}
