//! The set: many events or meetings from one template and a row for each.
//!
//! It never becomes a live object itself, so it has no table. What its template may hold is what its kind may hold; that stands in
//! the schema. Reading rows and filling the template in happen elsewhere.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// As manifests spell it.
pub const NAME: &str = "EventSet";

/// The file of its published schema.
pub const FILE: &str = "event-set.schema.json";

/// Many events or meetings that are made from rows: a document like the template for each.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "EventSetSpec")]
pub struct EventSet {
    /// The rows: a list of mappings, or the name of a CSV, JSON or YAML file beside this one. A file of CSV names the columns in its
    /// first line; its values are all text.
    #[schemars(example = &"classes.csv")]
    pub rows: Rows,
    /// An expression that says which rows count, such as `row.active == "yes"`. All of them, if left out.
    #[serde(default)]
    #[schemars(example = &"row.room != \"\"", length(max = 4096))]
    pub when: Option<String>,
    /// What is made of each row. `{{ row.teacher }}` stands for what the row says, `{{ values.domain }}` for a value of the workspace;
    /// a text that is one expression keeps the type of its value.
    #[schemars(with = "Value")]
    pub template: Value,
}

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Rows {
    /// The name of a file.
    File(String),
    /// The rows themselves.
    Listed(Vec<Value>),
}

impl JsonSchema for Rows {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rows".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                {"type": "string", "pattern": FILE_NAME},
                {"type": "array", "items": {"type": "object", "additionalProperties": true}},
            ],
            "x-hint": "write a list of mappings, or the name of a `.csv`, `.json` or `.yaml` file beside this one",
        })
    }
}

/// A path below the folder of the manifest: no part is empty, `.`, `..` or hidden.
const FILE_NAME: &str = r"^([^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069/\\:.][^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069/\\:]*/)*[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069/\\:.][^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069/\\:]*\.([Cc][Ss][Vv]|[Jj][Ss][Oo][Nn]|[Yy][Aa]?[Mm][Ll])$";
