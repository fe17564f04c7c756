//! The Graph twin, asked over HTTP with literal requests.
//!
//! Each rule names the page it comes from in its module; `observed` means that no page says it.

mod batch;
mod copies;
mod events;
mod hostile;
mod limits;
mod mail;
mod meetings;
mod odata;
mod online;
mod quirks;
mod samples;
mod schedule;
mod series;
mod strictness;
mod support;
mod tenant;
