//! Rounds without end: what a workspace declares is held against Graph again and again, with nobody beside it.
//!
//! A round is a plan and its apply by the order of `reconcile`; when the next one is, what of it needs a person, and what is answered to
//! whoever asks over HTTP stands here. Where manifests come from and where lines go, the caller knows.

mod board;
mod files;
mod guard;
mod http;
mod metrics;
mod round;
mod settled;
mod timing;
mod watch;
mod words;

pub use board::{Board, Boards};
pub use files::{stamp, undisturbed};
pub use http::{serve, serve_several};
pub use round::{Approving, Ended, Round, look, round};
pub use watch::Watch;
pub use words::Line;
