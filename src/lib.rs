//! Meetings as code for Microsoft 365: a map of the house, in reading order.
//!
//! ```text
//! YAML ──manifest──▶ Desired ─┐
//!                             ├─plan─▶ Plan ──apply──▶ Outcomes ──report──▶ Report ──render──▶ text
//! Graph ──observe──▶ Live ────┘
//! ```
//!
//! Imports only point downwards in this list; `sandbox` stands apart on purpose and shares nothing with the rest but JSON.

#![deny(missing_docs)]

/// Flags, and one file for each command: the only place that prints.
mod cli;

/// Rounds without end, and what they answer over HTTP.
mod serve;

/// The order of a reconcile, for every caller.
mod reconcile;

/// A report as text: one function for each format.
mod render;

/// A plan, and what became of it, in words.
mod report;

/// What a check of manifests found, in order and counted.
mod findings;

/// Whether everything that a plan needs is there.
mod doctor;

/// Who is in the groups that rosters name.
mod membership;

/// The files of a new project.
mod init;

/// What is known of a kind, a property or a code, in words.
mod explain;

/// How to join what is managed.
mod status;

/// Sends a plan's requests and keeps the state.
mod apply;

/// Desired and live in, a plan out. Pure.
mod plan;

/// Manifest text in, desired resources and located problems out.
mod manifest;

/// Where pipelines run and reviews are held: GitHub, GitLab, Azure DevOps.
mod forge;

/// Graph over HTTP: the client, and reading what is live.
mod graph;

/// What was applied, remembered.
mod state;

/// What the floors hand to each other.
mod model;

/// Who runs the program, and out of which repository.
mod origin;

/// What an author must mend, and where.
mod problem;

/// What a git repository says of a file in it.
mod git;

/// Files that strangers may have put there.
mod disk;

/// What went wrong in the outside world, and the way out.
mod trouble;

/// JSON that is read no deeper than its members.
mod shallow;

/// JSON in no more room than it needs.
mod tight;

/// Why something is refused, blocked or failed: the codes, and what is known of each.
mod reason;

/// Text of strangers made fit to be shown.
mod inert;

/// What opens a meeting, hidden.
mod redact;

/// Numbers with the word for what is counted.
mod plural;

/// What we know of each kind of resource: tables, schemas, short forms, when two values mean the same.
mod kind;

/// The name that an author probably meant.
mod near;

/// Paths of Graph requests.
mod route;

/// Whether a pipeline runs the program.
mod pipeline;

/// Dates of a recurrence.
mod recurrence;

/// Graph's dates and zones.
mod when;

/// A Graph to try things on.
mod sandbox;

/// What tests, benches and fuzz targets use.
#[doc(hidden)]
pub mod face;

/// Runs the program.
#[doc(inline)]
pub use cli::main;

/// That of the program: with that of musl, threads wait for each other.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
