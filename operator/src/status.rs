//! What a round comes to, as the status of its objects: codes and fixed sentences alone, so that no link, passcode or address can stand
//! in it, and written only where it differs from what stands there.

use crate::cluster::{Cluster, Seen};
use crate::namespace::There;
use crate::outcome::Outcome;
use anyhow::Result;
use convoke::face::kind::crd::{Condition, ConditionStatus, ConditionType, PendingPlan, Status, WorkspaceStatus};
use convoke::face::kind::schema::Declared;
use convoke::face::plan::Action;
use convoke::face::reason::Reason;
use convoke::face::report::Report;
use convoke::face::serve::{Ended, Round};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// How an object stands.
struct Standing {
    /// Whether it is as declared, why, and the same in a sentence.
    ready: bool,
    reason: String,
    message: String,
    /// It needs a person.
    stalled: bool,
    /// Nothing where that is not known.
    drifted: Option<bool>,
    pending: bool,
}

impl Standing {
    fn new(ready: bool, reason: impl Into<String>, message: impl Into<String>) -> Standing {
        let (reason, message) = (reason.into(), message.into());
        Standing { ready, reason, message, stalled: false, drifted: Some(false), pending: false }
    }

    /// What is known by its code.
    fn of(code: Option<Reason>, otherwise: &str) -> Standing {
        match code {
            Some(code) => {
                let said = format!("{}; `convoke explain {code}` says more", code.about().title);
                Standing::new(false, code.to_string(), said)
            }
            None => Standing::new(false, otherwise, "the operator's log says why"),
        }
    }

    /// It is on its way there: nobody has to do anything, and nothing is left as it is.
    fn is_tried_again(&self) -> bool {
        !self.ready && !self.stalled && !self.pending && self.drifted != Some(true)
    }

    fn stalled(self, stalled: bool) -> Standing {
        Standing { stalled, ..self }
    }

    fn conditions(&self, before: &Value, generation: Option<i64>, now: Timestamp) -> Vec<Condition> {
        let is = |met: bool| if met { ConditionStatus::True } else { ConditionStatus::False };
        // What is not so is said for itself: why an object is not ready says nothing of that.
        let all = [
            (ConditionType::Ready, is(self.ready), &*self.message),
            (ConditionType::Reconciling, is(self.is_tried_again()), "nothing is under way"),
            (ConditionType::Stalled, is(self.stalled), "nothing has to be mended"),
            (ConditionType::Drifted, self.drifted.map_or(ConditionStatus::Unknown, is), "nobody else changed it"),
            (ConditionType::PlanPending, is(self.pending), "no plan waits"),
        ];
        let condition = |(r#type, status, otherwise): (ConditionType, ConditionStatus, &str)| Condition {
            r#type,
            status,
            observed_generation: generation,
            last_transition_time: since(before, r#type, status)
                .unwrap_or_else(|| now.round(jiff::Unit::Second).unwrap_or(now).to_string()),
            reason: self.reason.clone(),
            message: match status {
                ConditionStatus::False => otherwise.to_owned(),
                ConditionStatus::True | ConditionStatus::Unknown => self.message.clone(),
            },
        };
        all.into_iter().map(condition).collect()
    }
}

/// When a condition got the status that it still has.
fn since(before: &Value, r#type: ConditionType, status: ConditionStatus) -> Option<String> {
    let conditions = before.get("conditions")?.as_array()?;
    let same = |it: &&Value| it["type"] == json!(r#type) && it["status"] == json!(status);
    Some(conditions.iter().find(same)?["lastTransitionTime"].as_str()?.to_owned())
}

/// Writes what a round came to. Fails where the API server does not take something; the rest is written all the same.
pub async fn write(cluster: &Cluster, there: &There, round: &Round, outcome: &Outcome, now: Timestamp) -> Result<()> {
    // Somebody else writes the state, or it is to stop: nothing is known that was not known before.
    if matches!(round.ended, Ended::Busy | Ended::Stopped) {
        return Ok(());
    }
    let mut failed = None;
    let held = there.held.iter().filter(|it| !outcome.opened.contains(&it.key()));
    for it in there.declared.iter().filter(|it| it.declared != Declared::Workspace).chain(held) {
        if let Some(status) = of_object(it, round, outcome, now) {
            failed = change(cluster, it, &status).await.err().or(failed);
        }
    }
    for workspace in there.workspaces() {
        let mut status = serde_json::to_value(of_workspace(workspace, round, outcome, now))?;
        if round.report.is_none() {
            // A round that came to no plan says nothing of the one that waits.
            let before = before(workspace);
            for name in ["pendingPlan", "mailsPending", "orphans"] {
                status.as_object_mut().into_iter().for_each(|it| {
                    it.extend(before.get(name).map(|kept| (name.to_owned(), kept.clone())));
                });
            }
        }
        failed = change(cluster, workspace, &status).await.err().or(failed);
    }
    failed.map_or(Ok(()), Err)
}

/// Writes a status where it differs.
async fn change<T: Serialize>(cluster: &Cluster, seen: &Seen, status: &T) -> Result<()> {
    let before = before(seen);
    let now = serde_json::to_value(status)?;
    let Value::Object(mut wanted) = now else { return Ok(()) };
    let stands = before.as_object().cloned().unwrap_or_default();
    if same(&wanted, &stands) {
        return Ok(());
    }
    // What is not said any more goes, in a merge patch by `null`.
    for name in stands.keys().filter(|name| !wanted.contains_key(*name)).cloned().collect::<Vec<_>>() {
        wanted.insert(name, Value::Null);
    }
    cluster.write_status(seen, &Value::Object(wanted.clone())).await?;
    if ready(&before) != ready(&Value::Object(wanted.clone())) {
        // What it tells stands in the status, too, so that one that is not taken is no loss.
        let _ = tell(cluster, seen, &wanted).await;
    }
    Ok(())
}

/// Tells that an object stands otherwise than before.
async fn tell(cluster: &Cluster, seen: &Seen, status: &Map<String, Value>) -> Result<()> {
    let all = status.get("conditions").and_then(Value::as_array);
    let Some(ready) = all.and_then(|all| all.iter().find(|it| it["type"] == json!(ConditionType::Ready))) else {
        return Ok(());
    };
    let text = |name: &str| ready[name].as_str().unwrap_or_default();
    cluster.tell(seen, ready["status"] == json!(ConditionStatus::True), text("reason"), text("message")).await
}

/// Whether it is ready, and why.
fn ready(status: &Value) -> Option<(Value, Value)> {
    let conditions = status.get("conditions")?.as_array()?;
    let ready = conditions.iter().find(|it| it["type"] == json!(ConditionType::Ready))?;
    Some((ready["status"].clone(), ready["reason"].clone()))
}

fn same(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    one.len() == other.len() && one.iter().all(|(name, value)| other.get(name) == Some(value))
}

fn before(seen: &Seen) -> Value {
    seen.object.data.get("status").cloned().unwrap_or_default()
}

/// Nothing where the round says nothing of it.
fn of_object(seen: &Seen, round: &Round, outcome: &Outcome, now: Timestamp) -> Option<Status> {
    let key = seen.key();
    // Of what the state does not know, what was said before is all that is known.
    let kept = || Some(before(seen).get("id")?.as_str()?.to_owned()).filter(|_| !outcome.known.contains(&key));
    let id = outcome.ids.get(&key).cloned().or_else(kept);
    let (standing, mails) = match (outcome.invalid.get(&key), &round.report) {
        (Some(code), _) => (Standing::of(Some(*code), "Invalid").stalled(true), None),
        (None, _) if outcome.unfound.contains(&key) => {
            (Standing { drifted: None, ..Standing::of(Some(Reason::Unread), "Unread").stalled(true) }, None)
        }
        (None, Some(report)) => of_row(report, &key, round.ended)?,
        // What nobody governs, and what cannot go, needs to be told why.
        (None, None) if seen.is_leaving() || outcome.code == Some(Reason::NoWorkspace) => {
            (Standing::of(outcome.code, "Failed").stalled(true), None)
        }
        // What was said before is still what is known.
        (None, None) if ready(&before(seen)).is_some() => return None,
        (None, None) => {
            let why = "nothing is planned yet; the status of its Workspace says why";
            (Standing { drifted: None, ..Standing::new(false, "NotPlanned", why) }, None)
        }
    };
    let generation = seen.object.metadata.generation;
    let conditions = standing.conditions(&before(seen), generation, now);
    Some(Status {
        observed_generation: generation,
        conditions,
        id,
        next_start: outcome.next.get(&key).cloned(),
        mails_pending: mails,
    })
}

/// How a resource stands by its row, and how many mails wait for it.
fn of_row(report: &Report, key: &str, ended: Ended) -> Option<(Standing, Option<u32>)> {
    let row = report.steps.iter().find(|row| row.key == key)?;
    let mails = row.mail.iter().map(|it| it.count).sum::<usize>();
    let drifted = row.gone.is_some() || !row.drift.is_empty();
    let waits = row.outcome.is_none() && row.action != Action::NoOp;
    let standing = match (row.action, row.outcome) {
        (Action::Blocked, _) | (_, Some("blocked")) => Standing::of(row.code, "Blocked").stalled(true),
        (_, Some("applied")) => Standing::new(true, "AsDeclared", "it is as declared"),
        (Action::NoOp, _) if drifted => Standing::new(false, "Drifted", "somebody changed it, and it is left so"),
        (Action::NoOp, _) => Standing::new(true, "AsDeclared", "it is as declared"),
        (_, None) if matches!(ended, Ended::Pending | Ended::Void) => {
            Standing { pending: true, ..Standing::new(false, "PlanPending", "the plan of its Workspace waits") }
        }
        (_, None) if row.code.is_none() => {
            Standing::new(false, "NotSent", "the plan of its Workspace is not sent; the status of that says why")
        }
        (_, None) => Standing::of(row.code, "NotSent"),
        (_, Some(_)) => Standing::of(row.code, "Failed"),
    };
    Some((Standing { drifted: Some(drifted), ..standing }, waits.then_some(mails as u32)))
}

fn of_workspace(seen: &Seen, round: &Round, outcome: &Outcome, now: Timestamp) -> WorkspaceStatus {
    let (before, generation) = (before(seen), seen.object.metadata.generation);
    let pending = round.pending.as_ref().map(|it| {
        let of = |count: usize| count as u32;
        PendingPlan {
            id: it.plan_id.clone(),
            creates: of(it.summary.create),
            updates: of(it.summary.update),
            removals: of(it.summary.cancel + it.summary.replace),
            mails: of(it.summary.mails.total + it.summary.mails.possible),
            outside: of(it.summary.mails.outside),
        }
    });
    let standing = match round.ended {
        Ended::Settled | Ended::Applied | Ended::Blocked if !outcome.invalid.is_empty() => {
            Standing::of(outcome.code, "Invalid").stalled(true)
        }
        Ended::Settled | Ended::Applied => Standing::new(true, "AsDeclared", "all is as declared"),
        Ended::Pending | Ended::Void => Standing {
            pending: true,
            ..Standing::new(
                false,
                "PlanPending",
                "a plan waits: write the id in `status.pendingPlan` to `spec.approvedPlan`",
            )
        },
        Ended::Blocked => {
            Standing::new(false, "Blocked", "some objects need a person; their status says which").stalled(true)
        }
        Ended::Refused => {
            let said = round.lines.iter().find_map(|line| line.said.code);
            Standing::of(outcome.code.or(said), "Refused").stalled(true)
        }
        Ended::Failed | Ended::Busy | Ended::Stopped => {
            // What could not be remembered is told last.
            let code = outcome.code.or(round.lines.iter().rev().find_map(|line| line.said.code));
            let is_known = round.report.as_ref().is_none_or(|report| report.unsaved.is_some());
            Standing::of(code, "Failed").stalled(code.is_some() && is_known)
        }
    };
    let drifted = round.seen.as_ref().map(|it| it.drifted > 0);
    let standing = Standing { drifted, ..standing };
    let conditions = standing.conditions(&before, generation, now);
    let orphans = match &round.report {
        Some(report) => {
            let keys = report.steps.iter().map(|row| row.key.clone());
            keys.filter(|key| !outcome.declared.contains(key) && !outcome.leaving.contains(key)).collect()
        }
        None => vec![],
    };
    let mails_pending = pending.as_ref().map(|it| it.mails);
    let used_plan = used(seen, outcome);
    WorkspaceStatus {
        observed_generation: generation,
        conditions,
        pending_plan: pending,
        used_plan,
        mails_pending,
        orphans,
    }
}

/// The approval that was used, as long as it is not taken back: whoever takes it out and writes it again means it once more.
fn used(seen: &Seen, outcome: &Outcome) -> Option<String> {
    let member = |name: &str| seen.object.data.pointer(name).and_then(Value::as_str).map(str::to_owned);
    let approved = member("/spec/approvedPlan");
    outcome.used.clone().or_else(|| member("/status/usedPlan").filter(|used| approved.as_ref() == Some(used)))
}
