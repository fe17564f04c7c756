//! A plan as a file: what was approved, and the manifests that it was made from.
//!
//! Nothing of the file is sent. Whoever applies it plans again from its manifests, and what comes of that must be what the file
//! says: so it holds no requests but those that a planner makes, and needs no trust.

mod first;
mod moved;

pub use first::first_start;
pub use moved::leave_out;

use crate::kind::workspace::Defaults;
use crate::model::{Desired, Key};
use crate::plan::approval::{Approved, Scope, approved, id};
use crate::plan::{Action, Input, Plan, comment, fits};
use crate::problem::cut;
use crate::reason::Reason;
use crate::redact;
use anyhow::{Result, bail};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Counts up when a reader could break; a plan of another one is not applied.
const FORMAT: u32 = 1;

/// Who is in one resource through each roster, by the roster's name.
type Through = BTreeMap<String, BTreeSet<String>>;

/// A plan that was saved to be applied as it was approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "A saved plan")]
pub struct Saved {
    /// Which format it has. Another one is not applied: plan again.
    pub format_version: u32,
    /// The version of convoke that made it.
    pub version: String,
    /// When it was made.
    #[schemars(with = "String")]
    pub made: Timestamp,
    /// The workspace's name.
    pub workspace: String,
    /// How often the state had been written that it was made against.
    pub state_serial: u64,
    /// The commit that the manifests were checked out of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_revision: Option<String>,
    /// Stands for what would be done: SHA-256 in 64 hexadecimal digits.
    pub plan_id: String,
    /// The only resources that were planned, where flags chose them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<String>>")]
    pub only: Option<BTreeSet<Key>>,
    /// The resources that flags left out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(with = "BTreeSet<String>")]
    pub except: BTreeSet<Key>,
    /// Whether events that carried no mark were to get it at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mark_now: bool,
    /// The workspace's defaults that the manifests were read with.
    pub defaults: Defaults,
    /// The manifests of what it makes and changes.
    pub manifests: Vec<Value>,
    /// Who is in them through which roster, by the names of both: what the state remembers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Through>")]
    pub rosters: BTreeMap<Key, Through>,
    /// What is done with each resource for which something is sent, in the order of keys.
    pub steps: Vec<Approved>,
}

/// What is saved with a plan besides what it says itself.
pub struct Around {
    /// The commit that the manifests were checked out of.
    pub revision: Option<String>,
    /// The workspace's defaults.
    pub defaults: Defaults,
    /// What stands in the manifests.
    pub documents: BTreeMap<Key, Value>,
}

impl Saved {
    /// Makes the document of a plan; `input` is what it was made from.
    ///
    /// Fails where it cannot be approved: it is incomplete, or what it sends would open a meeting to whoever reads the file.
    pub fn of(plan: &Plan, input: &Input, around: Around) -> Result<Saved> {
        let (Some(steps), Some(plan_id)) = (approved(plan, input), plan.id.clone()) else {
            let cannot = Reason::NotSaved
                .trouble("the plan is incomplete, so it was not saved: what could not be read is not known");
            bail!(cannot.hint("the plan says what could not be read, and why"));
        };
        if !input.policy.absent.is_empty() {
            let answer =
                Reason::NotSaved.trouble("the answer to a question is not saved: the plan holds one for --absent");
            bail!(answer.hint("apply it at once, without saving it"));
        }
        let Around { revision, defaults, mut documents } = around;
        let keys = with_namesakes(steps.iter().map(|step| step.key.clone()).collect(), input.desired);
        documents.retain(|key, _| keys.contains(key));
        let people = |want: &Desired| (want.key.clone(), want.spec.through.clone());
        let named = input.desired.iter().filter(|want| documents.contains_key(&want.key));
        let rosters = named.map(people).filter(|(_, through)| !through.is_empty()).collect();
        for (key, document) in &mut documents {
            let mut shown = document.clone();
            plan.secrets.hide_in_value(&mut shown);
            if shown != *document {
                let secret = format!(
                    "the manifest of {key} holds what looks like a join link, a passcode or a meeting id, so the plan was not saved"
                );
                bail!(
                    Reason::NotSaved
                        .trouble(secret)
                        .hint("take it out, or apply with --plan-id, for which nothing is saved")
                );
            }
            *document = only_what_counts(key, document);
        }
        refuse_secrets(plan, &steps)?;
        let Scope { workspace, only, except } = Scope::of(input.policy);
        let (version, made, state_serial) = (env!("CARGO_PKG_VERSION").into(), plan.made, input.records.serial);
        Ok(Saved {
            format_version: FORMAT,
            version,
            made,
            workspace,
            state_serial,
            source_revision: revision,
            plan_id,
            only,
            except,
            mark_now: input.policy.mark_now,
            defaults,
            manifests: documents.into_values().collect(),
            rosters,
            steps,
        })
    }

    /// Takes the bytes of a file for a saved plan.
    ///
    /// Fails where it is none, is cut off, has another format, or was changed since it was made.
    pub fn parse(bytes: &[u8]) -> Result<Saved> {
        let again = "plan again with --out";
        let value: Value = serde_json::from_slice(bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let what = if error.is_eof() { "it ends too early" } else { "it is no JSON" };
            Reason::NotASavedPlan.trouble(format!("not a saved plan: line {line} column {column}: {what}")).hint(again)
        })?;
        let Some(version) = value.get("formatVersion").and_then(Value::as_u64) else {
            bail!(Reason::NotASavedPlan.trouble("not a saved plan: it has no `formatVersion`").hint(again));
        };
        if version != u64::from(FORMAT) {
            let other = format!("the saved plan has format version {version}, and this convoke knows {FORMAT}");
            bail!(Reason::NotASavedPlan.trouble(other).hint("apply it with the convoke that made it, or plan again"));
        }
        let saved: Saved = serde_json::from_value(value).map_err(|error| {
            // The parser's own words quote the file, and it may be anything.
            let word = redact::hide(&error.to_string(), &Default::default()).into_owned();
            Reason::NotASavedPlan.trouble(format!("the saved plan is damaged: {}", cut(&word))).hint(again)
        })?;
        saved.is_whole()?;
        Ok(saved)
    }

    /// Returns it as it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("it is plain data with text keys") + "\n"
    }

    /// Fails where it does not hold together.
    fn is_whole(&self) -> Result<()> {
        let scope = Scope { workspace: self.workspace.clone(), only: self.only.clone(), except: self.except.clone() };
        let again = "it was changed since it was made: plan again";
        if id(&scope, &self.steps) != self.plan_id {
            bail!(Reason::NotASavedPlan.trouble("the id of the saved plan is not that of its content").hint(again));
        }
        for step in &self.steps {
            let chosen =
                self.only.as_ref().is_none_or(|only| only.contains(&step.key)) && !self.except.contains(&step.key);
            // What is taken over needs no request: the state alone says so.
            let silent = step.requests.is_empty() && step.action != Action::Adopt;
            if !chosen || silent || matches!(step.action, Action::NoOp | Action::Blocked) {
                bail!(
                    Reason::NotASavedPlan
                        .trouble(format!("the saved plan holds a step for {} that no plan has", step.key))
                        .hint(again)
                );
            }
            for ask in &step.requests {
                if !fits(ask.purpose, ask.method, &ask.path) {
                    let other = format!("the saved plan holds a request for {} that no plan sends", step.key);
                    bail!(Reason::NotASavedPlan.trouble(other).hint(again));
                }
            }
        }
        Ok(())
    }

    /// Fails where it is another workspace's.
    pub fn is_of(&self, workspace: &str) -> Result<()> {
        if self.workspace != workspace {
            let (own, here) = (cut(&self.workspace), workspace);
            let other = Reason::SavedElsewhere
                .trouble(format!("the saved plan is of the workspace `{own}`, and this is `{here}`"));
            bail!(other.hint("pass the workspace file that it was made with: --workspace FILE"));
        }
        Ok(())
    }

    /// Fails where its manifests are not those of what it makes and changes.
    pub fn is_about(&self, desired: &[Desired]) -> Result<()> {
        let wrong = |key: &Key| {
            let wrong = format!("the manifests in the saved plan are not those of its steps: {key}");
            Reason::NotASavedPlan.trouble(wrong).hint("it was changed since it was made: plan again")
        };
        let declared: BTreeSet<&Key> = desired.iter().map(|want| &want.key).collect();
        let keys = with_namesakes(self.keys(), desired);
        let needed = self.steps.iter().filter(|step| step.action != Action::Cancel).map(|step| &step.key);
        if let Some(key) = needed
            .filter(|key| !declared.contains(key))
            .chain(declared.iter().copied().filter(|key| !keys.contains(key)))
            .next()
        {
            bail!(wrong(key));
        }
        Ok(())
    }

    /// Returns its manifests as the text of one file.
    pub fn manifests(&self) -> String {
        self.manifests.iter().map(|it| format!("---\n{it}\n")).collect()
    }

    /// Returns the resources for which it sends something.
    pub fn keys(&self) -> BTreeSet<Key> {
        self.steps.iter().map(|step| step.key.clone()).collect()
    }
}

/// Fails where what those would read who are told of a cancellation opens a meeting: it is no part of a manifest that is there.
fn refuse_secrets(plan: &Plan, steps: &[Approved]) -> Result<()> {
    for step in steps {
        let said = step.requests.iter().filter_map(|ask| comment::text(ask.body.as_ref()?));
        for text in said {
            let mut shown = text.to_owned();
            plan.secrets.hide_in(&mut shown);
            if shown != text {
                let key = &step.key;
                let secret = format!(
                    "what is said with the cancellation of {key} holds what looks like a join link, a passcode or a meeting id, so \
                     the plan was not saved"
                );
                bail!(
                    Reason::NotSaved
                        .trouble(secret)
                        .hint("take it out, or apply with --plan-id, for which nothing is saved")
                );
            }
        }
    }
    Ok(())
}

/// Adds the resources whose names are other ones' former names, or the other way round: whose a live object is depends on them.
fn with_namesakes(mut keys: BTreeSet<Key>, desired: &[Desired]) -> BTreeSet<Key> {
    loop {
        let before = keys.len();
        for want in desired.iter().filter(|want| !want.previously.is_empty()) {
            if want.keys().any(|key| keys.contains(key)) {
                keys.extend(want.keys().cloned());
            }
        }
        if keys.len() == before {
            return keys;
        }
    }
}

/// A manifest without what only other programs read.
fn only_what_counts(key: &Key, document: &Value) -> Value {
    let mut document = document.clone();
    document["metadata"] = serde_json::json!({"name": key.name()});
    document
}

/// Returns the JSON Schema of a saved plan.
pub fn schema() -> Value {
    schemars::schema_for!(Saved).to_value()
}
