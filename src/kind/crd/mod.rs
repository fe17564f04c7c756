//! CustomResourceDefinitions: the same kinds as objects of a Kubernetes API server, made from the same tables as the JSON schemas.
//!
//! `structural` says what a schema says in the words of an API server, `asked` what only objects in a cluster say, `status` what an
//! operator answers, `object` makes an object a document again. Sets, rosters and days off are no objects: `convoke expand` writes out
//! what they make. A change of what Graph fixes is not refused here: it is one object's trouble, and the others go on.

mod asked;
mod object;
mod status;
mod structural;
#[cfg(test)]
mod tests;

pub use asked::{Above, Approval, MailboxGrant, OfGraph, OfLifecycle, OfWorkspace, OnDelete, SecretRef};
pub use object::{Asked, Object, read};
pub use status::{Condition, ConditionStatus, ConditionType, PendingPlan, Status, WorkspaceStatus};

use crate::kind::KindId;
use crate::kind::event::EXCEPTIONS;
use crate::kind::schema::{self, Declared, shape};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Lists what a spec clears, since a merge patch drops a `null`.
pub(in crate::kind) const CLEAR: &str = "clear";

/// What stands in a namespace as objects, and what their lists are called, in the order of publication.
pub const LISTS: [(Declared, &str); 3] = [
    (Declared::Resource(KindId::Event), "outlookevents"),
    (Declared::Resource(KindId::OnlineMeeting), "onlinemeetings"),
    (Declared::Workspace, "workspaces"),
];

/// What tells which mailboxes a namespace may use: the kind, and what its list is called.
pub const GRANTS: (&str, &str) = ("MailboxGrant", "mailboxgrants");

/// Returns the definitions, in the order of publication.
pub fn definitions() -> Vec<Value> {
    let namespaced = LISTS.into_iter().map(|(declared, plural)| {
        let names = |short| Names { kind: declared.name(), plural, short };
        match declared {
            Declared::Resource(id) => {
                let short = if id == KindId::Event { &["oe"] } else { &["om"] };
                names(short).definition("Namespaced", status::columns(true), of_resource(id))
            }
            _ => names(&[]).definition("Namespaced", status::columns(false), of_workspace()),
        }
    });
    let (kind, plural) = GRANTS;
    // What a namespace may do is not for those to say who may write in it.
    let grant = Names { kind, plural, short: &[] }.definition("Cluster", columns_of_grants(), of_grant());
    namespaced.chain([grant]).collect()
}

/// What the objects of a kind are called.
struct Names {
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
}

impl Names {
    fn definition(self, scope: &str, mut columns: Vec<Value>, schema: Value) -> Value {
        let (group, version) = schema::API_VERSION.split_once('/').expect("a group and a version");
        let Names { kind, plural, short } = self;
        let singular = plural.strip_suffix('s');
        columns.push(json!({"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}));
        let mut names = json!({
            "kind": kind, "listKind": format!("{kind}List"), "plural": plural, "singular": singular, "categories": ["convoke"],
        });
        if !short.is_empty() {
            names["shortNames"] = json!(short);
        }
        let mut version = json!({
            "name": version, "served": true, "storage": true, "additionalPrinterColumns": columns,
            "schema": {"openAPIV3Schema": schema},
        });
        if schema["properties"].get("status").is_some() {
            version["subresources"] = json!({"status": {}});
        }
        json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("{plural}.{group}")},
            "spec": {"group": group, "names": names, "scope": scope, "versions": [version]},
        })
    }
}

/// What is shown of a grant.
fn columns_of_grants() -> Vec<Value> {
    let column = |name: &str, path: &str| json!({"name": name, "type": "string", "jsonPath": path});
    vec![column("Namespaces", ".spec.namespaces"), column("Organizers", ".spec.organizers")]
}

fn of_resource(id: KindId) -> Value {
    let mut document = published(Declared::Resource(id));
    let clears = cleared(id);
    if !clears.is_empty() {
        document["properties"]["spec"]["properties"][CLEAR] = json!({
            "type": "array", "items": {"type": "string", "enum": clears}, "uniqueItems": true,
            "description": "The properties that are cleared: what `null` means, which a merge patch drops.",
        });
    }
    add(&mut document["properties"]["lifecycle"], OfLifecycle::json_schema);
    let mut root = root(&document, Some(Status::json_schema));
    if let Some(Value::Object(dates)) = root.pointer_mut(&format!("/properties/spec/properties/{EXCEPTIONS}")) {
        dates.insert("x-kubernetes-list-type".into(), "map".into());
        dates.insert("x-kubernetes-list-map-keys".into(), json!(["date"]));
    }
    root
}

fn of_workspace() -> Value {
    let mut document = published(Declared::Workspace);
    add(&mut document["properties"]["spec"], OfWorkspace::json_schema);
    add(&mut document["properties"]["spec"]["properties"]["graph"], OfGraph::json_schema);
    let mut root = root(&document, Some(WorkspaceStatus::json_schema));
    root["properties"]["spec"]["properties"]["graph"]["x-kubernetes-validations"] = json!([{
        "rule": "!has(self.serviceAccountName) || !has(self.secretRef)",
        "message": "both `serviceAccountName` and `secretRef`: leave one of them out",
    }]);
    root
}

fn of_grant() -> Value {
    let spec = shape(MailboxGrant::json_schema);
    let document = json!({"description": spec["description"], "properties": {"spec": spec}});
    root(&document, None)
}

/// What the kind's table lets a document clear.
fn cleared(id: KindId) -> Vec<&'static str> {
    id.kind().fields().filter(|field| field.clears).map(|field| field.name).collect()
}

/// The schema of a document with patterns for what has a form.
fn published(declared: Declared) -> Value {
    schema::document(declared.name()).expect("it is one of them")
}

/// Adds what only objects in a cluster say to an object of a document.
fn add(object: &mut Value, more: fn(&mut SchemaGenerator) -> Schema) {
    if let (Some(Value::Object(into)), Value::Object(more)) = (object.get_mut("properties"), &shape(more)["properties"])
    {
        into.extend(more.clone());
    }
}

/// The schema of a whole object: what a document says, and the status of it.
fn root(document: &Value, status: Option<fn(&mut SchemaGenerator) -> Schema>) -> Value {
    let described = |what: &str| json!({"type": "string", "description": what});
    let mut properties = Map::from_iter([
        ("apiVersion".to_owned(), described("The version of this form.")),
        ("kind".to_owned(), described("What this object declares.")),
    ]);
    // Of metadata a definition may restrict the name, and nothing else.
    let name = document.pointer("/properties/metadata/properties/name");
    let name = name.map(|it| json!({"properties": {"name": structural::node(it)}}));
    let mut metadata = name.unwrap_or_else(|| json!({}));
    metadata["type"] = "object".into();
    properties.insert("metadata".into(), metadata);
    for part in ["lifecycle", "spec"] {
        properties.extend(document["properties"].get(part).map(|it| (part.to_owned(), structural::node(it))));
    }
    properties.extend(status.map(|it| {
        let mut status = structural::node(&shape(it));
        status["properties"]["conditions"]["x-kubernetes-list-type"] = "map".into();
        status["properties"]["conditions"]["x-kubernetes-list-map-keys"] = json!(["type"]);
        ("status".to_owned(), status)
    }));
    json!({"description": document["description"], "type": "object", "required": ["spec"], "properties": properties})
}
