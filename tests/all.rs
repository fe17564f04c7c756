//! Every test that needs no server of others, in one program: they share what they stand on, and link once.
//!
//! `cargo test --test all quiet_hours::` runs one subject.

mod support;

mod adopt;
mod auth;
mod budget;
mod cancel_comment;
mod ceilings;
mod channel;
mod cli;
mod clock;
mod codes;
mod crash;
mod days_off;
mod diagnostics;
mod disk_full;
mod docs;
mod doctor;
mod drift;
mod editor;
mod edits;
mod examples;
mod expiry;
mod explain;
mod faults;
mod files;
mod folders;
mod forges;
mod format;
mod formats;
mod git;
mod graph;
mod hostile;
mod house;
mod html;
mod ics;
mod import;
mod inert;
mod init;
mod intents;
mod invite;
mod journal;
mod landed;
mod links;
mod lock;
mod marks;
mod names;
mod objects;
mod ownership;
mod packed;
mod plan_id;
mod published;
mod pull_request;
mod quiet;
mod quiet_hours;
mod release;
mod remembered;
mod rosters;
mod sandbox;
mod saved;
mod scenarios;
mod secrets;
mod serve;
mod sets;
mod shards;
mod snapshot;
mod state;
mod status;
mod stood;
mod templates;
mod told;
mod transactions;
mod two_actors;
mod unread;
mod workspaces;
mod zones;

/// That of the program: with that of musl, threads wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
