//! What was observed, kept to plan by it again where nobody may ask Graph.
//!
//! It is made where somebody may, and read by people who may see nothing but the manifests. So it holds no join link, passcode or
//! meeting id, and words of others as digests only. A plan by it names the steps and changes of the plan that was made with it; of
//! what it does not hold nothing is claimed, and nobody can approve it.

mod hide;
mod show;

use crate::model::{Ask, Desired, Live, Records};
use crate::plan::{Input, Plan, Policy, clash, plan};
use crate::reason::Reason;
use anyhow::{Result, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Counts up when a reader could break; one of another format is not read.
const FORMAT: u32 = 1;

/// What was observed of a workspace, fit for people who may not see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    format_version: u32,
    /// The version of convoke that made it.
    version: String,
    /// The time of the plan that it was made with.
    made: Timestamp,
    workspace: String,
    live: Live,
    records: Records,
    /// Whose free and busy times were read, and when.
    asked: Vec<Ask>,
}

impl Snapshot {
    /// Keeps what a plan was made from.
    pub fn of(plan: &Plan, input: &Input) -> Snapshot {
        let (live, records) = hide::hidden(plan, input);
        Snapshot {
            format_version: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            made: plan.made,
            workspace: plan.workspace.clone(),
            live,
            records,
            asked: clash::asks(plan, input),
        }
    }

    /// Takes the bytes of a file for a snapshot of a workspace.
    ///
    /// Fails where it is none, has another format, or is another workspace's.
    pub fn parse(bytes: &[u8], workspace: &str) -> Result<Snapshot> {
        let again = "make one with `convoke plan --snapshot-out FILE`";
        let value: Value = match serde_json::from_slice(bytes) {
            Ok(value) => value,
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let what = if error.is_eof() { "it ends too early" } else { "it is no JSON" };
                bail!(
                    Reason::Snapshot
                        .trouble(format!("not a snapshot: line {line} column {column}: {what}"))
                        .hint(again)
                )
            }
        };
        match value.get("formatVersion").and_then(Value::as_u64) {
            Some(version) if version == u64::from(FORMAT) => {}
            Some(version) => {
                let other = format!("the snapshot has format version {version}, and this convoke knows {FORMAT}");
                bail!(Reason::Snapshot.trouble(other).hint(again))
            }
            None => bail!(Reason::Snapshot.trouble("not a snapshot: it has no `formatVersion`").hint(again)),
        }
        let Ok(snapshot) = serde_json::from_value::<Snapshot>(value) else {
            bail!(Reason::Snapshot.trouble("not a snapshot: its members are not those of one").hint(again))
        };
        if snapshot.workspace != workspace {
            let (own, here) = (crate::problem::cut(&snapshot.workspace), workspace);
            let other =
                Reason::Snapshot.trouble(format!("the snapshot is of the workspace `{own}`, and this is `{here}`"));
            bail!(other.hint("pass the snapshot of this workspace"))
        }
        Ok(snapshot)
    }

    /// Returns it as it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("it is plain data with text keys") + "\n"
    }

    /// Returns the records of what was applied.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Plans what is declared by it, without an id: nobody can approve what may have changed since. Returns what it was planned
    /// against too.
    pub fn plan(self, desired: &[Desired], policy: &Policy, now: Timestamp) -> (Plan, Live) {
        let Snapshot { made, mut live, records, asked, .. } = self;
        show::shown(&mut live, desired);
        show::unknown(&mut live, desired);
        let input = Input { desired, live: &live, records: &records, policy, now };
        let mut plan = plan(&input);
        let notes = show::notes(&plan, &input, &asked);
        plan.notes.splice(0..0, [show::age(made, now)].into_iter().chain(notes));
        (plan, live)
    }
}
