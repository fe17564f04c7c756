//! Whose mark an event carries that is not this workspace's by the name that it has now: another workspace's, which has it too, or
//! that of a name that this one had.
//!
//! A name of before makes an event ours where something besides the mark says so: the state, which was kept under that name or has
//! the event's id, or else, where the state is lost, a manifest. Where another workspace may still have that name nothing is written
//! and nothing removed.

use crate::model::{Have, Record};
use crate::plan::event::candidates::named;
use crate::plan::{Input, One, Step};
use crate::plural::count;
use crate::reason::{Reason, Why};

/// A blocked step, if another workspace has the event, or may have it.
pub(super) fn claimed(one: &One, have: &Have) -> Option<Step> {
    let (workspace, name) = have.owner.as_deref()?.split_once('/')?;
    let (reason, hint) = match one.input.policy.previously.iter().any(|it| it == workspace) {
        true => former(one, have, workspace)?,
        false => another(one, workspace, name),
    };
    let notes = vec![format!("it is {}", named(one, have))];
    Some(Step { hint: Some(hint.into()), notes, ..one.blocked(&have.organizer, reason) })
}

fn another(one: &One, workspace: &str, name: &str) -> (Why, String) {
    let reason = format!("the workspace `{workspace}` has it too and calls it `{name}`, as its mark says");
    let hint = format!(
        "one of the two lets go of it: here `convoke state rm {}`, and its manifest is taken out; is no workspace called \
         `{workspace}` any more, name that in `spec.previously`",
        one.key
    );
    (Reason::AnothersEvent.why(reason), hint)
}

/// Why an event with a name of before may be another workspace's, if so.
fn former(one: &One, have: &Have, workspace: &str) -> Option<(Why, String)> {
    let records = one.input.records;
    let known = one.record.filter(|record| is_of(record, have));
    let reason = match known {
        _ if records.names.contains(workspace) => return None,
        Some(record) if wrote_since(record, have) => {
            format!("somebody wrote it as `{workspace}`, which this workspace was called, since it was taken over")
        }
        Some(_) => return None,
        None if !records.found && one.want.is_some() => return None,
        None => format!(
            "nothing but its mark says that it is ours: that of `{workspace}`, which this workspace was called, while the state was \
             never kept under that name"
        ),
    };
    let hint = format!(
        "is no other workspace called `{workspace}`, `convoke state rebuild --yes` takes over what has that name; else take it out \
         of `spec.previously`"
    );
    Some((Reason::FormerName.why(reason), hint))
}

fn is_of(record: &Record, have: &Have) -> bool {
    record.id == have.id || record.replaced.iter().any(|old| old.id == have.id)
}

/// Whether the mark is newer than all that the state knows: our own writes have the new name.
fn wrote_since(record: &Record, have: &Have) -> bool {
    record.id == have.id && have.applied.as_ref().is_some_and(|mark| mark.counter > record.applied.counter)
}

/// What a plan says of a workspace that was renamed.
pub(in crate::plan) fn notes(input: &Input) -> Vec<String> {
    let Input { records, policy, .. } = input;
    let now = &policy.workspace;
    let state = records.kept_as.as_ref().map(|before| {
        format!(
            "the state is that of `{before}`, which this workspace was called: the next apply keeps it as `{now}`'s"
        )
    });
    let of = |before: &String| {
        let is_its = |owner: &String| owner.split_once('/').is_some_and(|(workspace, _)| workspace == before);
        let number = input.live.objects.iter().filter(|have| have.owner.as_ref().is_some_and(is_its)).count();
        (number > 0).then(|| {
            format!(
                "{} with the mark of `{before}`, which this workspace was called: what is declared is taken over, and the mark of \
                 `{now}` rides on its next change; is another workspace called `{before}`, take that out of `spec.previously`",
                count(number, "event")
            )
        })
    };
    let lost = !records.found;
    state.into_iter().chain(policy.previously.iter().filter(|_| lost).filter_map(of)).collect()
}
