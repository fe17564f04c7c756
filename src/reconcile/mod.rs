//! The order of a reconcile: read, observe, plan, look closer, hold against the limits, apply, look again.
//!
//! One door for every caller, be it the command line or a test. Values in, values out: no flag, no printing, and no clock of
//! its own.

mod apply;
mod connect;
mod import;
mod place;
mod plan;
mod policy;
mod project;
mod rebuild;
mod saved;
mod session;
mod shard;
mod snapshot;
mod status;

pub use apply::{Done, Going, JOIN_LINK_WAITS, LOOK_FOR, UNATTENDED_WAITS, Verdict, apply};
pub use connect::{Connection, Ways, agreed, connect};
pub use import::{Imported, Wanted, import};
pub use place::store;
pub use plan::{Planned, plan};
pub use project::{Given, Project, no_manifest};
pub use rebuild::{Rebuilt, rebuild};
pub use saved::{Approval, Terms, outline, plan_saved, policy_of, saved};
pub use session::{Adopted, Session};
pub use shard::Sharded;
pub use snapshot::{plan_against, plan_widely, snapshot};
pub use status::{Look, look};
