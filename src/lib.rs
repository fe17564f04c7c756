//! Meetings as code for Microsoft 365: a map of the house, in reading order.
//!
//! ```text
//! YAML ──manifest──▶ Desired ─┐
//!                             ├─plan─▶ Plan ──apply──▶ Outcomes ──report──▶ Report ──render──▶ text
//! Graph ──observe──▶ Live ────┘
//! ```
//!
//! Imports only point downwards in this list; `sandbox` stands apart on purpose and shares nothing with the rest but JSON.

/// Flags, and one file for each command: the only place that prints.
pub mod cli;

/// The order of a reconcile, for every caller.
pub mod reconcile;

/// A report as text: one function for each format.
pub mod render;

/// A plan, and what became of it, in words.
pub mod report;

/// What a check of manifests found, in order and counted.
pub mod findings;

/// Whether everything that a plan needs is there.
pub mod doctor;

/// The files of a new project.
pub mod init;

/// What is known of a kind or property, in words.
pub mod explain;

/// How to join what is managed.
pub mod status;

/// Sends a plan's requests and keeps the state.
pub mod apply;

/// Desired and live in, a plan out. Pure.
pub mod plan;

/// Manifest text in, desired resources and located problems out.
pub mod manifest;

/// Graph over HTTP: the client, and reading what is live.
pub mod graph;

/// What was applied, remembered.
pub mod state;

/// What the floors hand to each other.
pub mod model;

/// What an author must mend, and where.
pub mod problem;

/// Numbers with the word for what is counted.
pub mod plural;

/// What we know of each kind of resource: tables, schemas, short forms, when two values mean the same.
pub mod kind;

/// Paths of Graph requests.
pub mod route;

/// Dates of a recurrence.
pub mod recurrence;

/// Graph's dates and zones.
pub mod when;

/// A Graph to try things on.
pub mod sandbox;
