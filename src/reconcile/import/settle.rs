//! Holds each manifest against what it was made from, until it plans to nothing.

use crate::manifest::files::Source;
use crate::manifest::{self, Owner};
use crate::model::{Have, Live, Records};
use crate::plan::{Action, Input, Policy, Step, plan};
use crate::problem::Problem;
use crate::reconcile::import::{Draft, Imported};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How often something is taken out of a manifest before it is given up.
const ROUNDS: usize = 8;

/// Takes out of each manifest what would make a plan differ, until none does; what still would is told instead. `live` knows the
/// mailboxes.
pub fn settle(mut drafts: Vec<Draft>, live: &Live, owner: &Owner, now: Timestamp, imported: &mut Imported) {
    for _ in 0..ROUNDS {
        let mut found = planned(&drafts, live, owner, now);
        let mut open = vec![];
        for mut draft in drafts {
            let (mended, why) = match found.remove(draft.key.name()) {
                Some(Ok(step)) if step.action == Action::Adopt && step.changes.is_empty() => {
                    imported.manifests.push((draft.key.name().to_owned(), draft.text()));
                    continue;
                }
                Some(Ok(step)) => {
                    let fields = step.changes.iter().map(|it| &*it.field);
                    let mended = draft.leave_out(fields, "it would not read back as it is");
                    (mended, step.reason.unwrap_or("it cannot be taken over".into()))
                }
                Some(Err(problem)) => {
                    let property = draft.property_at(problem.at.line);
                    (draft.leave_out(property.as_deref().into_iter(), &problem.message), problem.message)
                }
                None => (false, "no manifest can say what it is".into()),
            };
            match mended {
                true => open.push(draft),
                false => imported.others.push(draft.told(&why)),
            }
        }
        drafts = open;
        if drafts.is_empty() {
            break;
        }
    }
    imported.others.extend(drafts.iter().map(|draft| draft.told("no manifest reads back as it is")));
    imported.manifests.sort();
}

/// What a plan says of each manifest, by name; what is wrong with one that cannot be read.
fn planned(drafts: &[Draft], live: &Live, owner: &Owner, now: Timestamp) -> BTreeMap<String, Result<Step, Problem>> {
    let sources = drafts.iter().map(|draft| Source {
        file: draft.key.name().to_owned(),
        text: draft.text().into_bytes(),
        found: false,
    });
    let manifests = manifest::read(sources.collect(), Some(owner.clone()));
    let with_key = |draft: &Draft| Box::new(Have { key: draft.key.clone(), ..draft.have.clone() });
    let live =
        Live { objects: drafts.iter().map(with_key).collect(), mailboxes: live.mailboxes.clone(), ..Live::default() };
    let policy = Policy::of(owner.names(), owner.spec.prune, owner.spec.limits.clone());
    let records = Records::default();
    let plan = plan(&Input { desired: &manifests.desired, live: &live, records: &records, policy: &policy, now });
    let steps = plan.steps.into_iter().map(|step| (step.key.name().to_owned(), Ok(step)));
    let wrong = manifests.problems.into_iter().map(|it| (it.at.file.to_string(), Err(it)));
    steps.chain(wrong).collect()
}
