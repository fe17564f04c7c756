//! Events that a manifest takes over by their id, as long as nothing of ours has its name. Only the id leads to them: they carry no mark
//! yet, or one of another workspace.

use crate::graph::adopt::Ids;
use crate::graph::observe::{Scope, events};
use crate::graph::{Client, Get};
use crate::kind::event::{View, read};
use crate::model::{Adopt, Desired, Have, Key, Live};
use crate::route::{self, EVENT_PREFER};
use crate::trouble::Trouble;
use serde_json::Value;
use std::collections::HashSet;

/// Reads what is to be taken over. What cannot be is refused, with the reason; it is never taken for absent.
pub(super) async fn look_up(client: &Client, scope: &Scope<'_>, live: &mut Live) {
    let wanted = wanted(scope, live);
    if wanted.is_empty() {
        return;
    }
    let large = events::with_large(scope);
    let gets = wanted.iter().map(|(want, id)| Get {
        mailbox: want.spec.organizer.clone(),
        path: format!(
            "{}/events/{}?{}",
            route::mailbox(&want.spec.organizer),
            route::encoded(id),
            events::selected_with(&large, &want.spec.organizer, read::MASTER)
        ),
        prefer: Some(EVENT_PREFER.into()),
    });
    let answers = client.read(gets.collect()).await;
    let mut ids = Ids::of(live);
    for ((want, _), answer) in wanted.iter().zip(answers) {
        match answer {
            Ok(event) => {
                if let Err(why) = taken(scope, want, event).and_then(|have| ids.add(live, have)) {
                    live.refuse(&want.key, why);
                }
            }
            Err(failure) if failure.is_absent() => {
                let none = Trouble::new(format!("no event of {} has the id that it adopts", want.spec.organizer));
                live.refuse(
                    &want.key,
                    none.hint("see that id and organizer are right; without `adopt` it is made anew"),
                );
            }
            Err(failure) => _ = live.unknown.insert(want.key.clone(), client.trouble(&failure)),
        }
    }
}

/// The events that are to be taken over, and the ids of them.
fn wanted<'a>(scope: &Scope<'a>, live: &Live) -> Vec<(&'a Desired, String)> {
    let wanted = || scope.desired.iter().filter(|want| want.adopt.is_some());
    if wanted().next().is_none() {
        return vec![];
    }
    let there: HashSet<&Key> = live.objects.iter().map(|have| &have.key).collect();
    let known = |key: &Key| scope.records.resources.get(key).is_some_and(|record| !record.id.is_empty());
    let open = |key: &Key| !there.contains(key) && !known(key) && !live.unknown.contains_key(key);
    let readable = |want: &Desired| live.mailboxes.get(&want.spec.organizer).is_some_and(|it| it.failure.is_none());
    let events = wanted().filter(|want| want.key.kind().is_listed && want.keys().all(open) && readable(want));
    let by_id = |want: &'a Desired| match &want.adopt {
        Some(Adopt::Id(id)) => Some((want, route::rest_id(id))),
        Some(Adopt::JoinWebUrl(_)) | None => None,
    };
    events.filter_map(by_id).collect()
}

/// The event, if it can be the manifest's.
fn taken(scope: &Scope, want: &Desired, event: Value) -> Result<Have, Trouble> {
    let have = events::have(want.key.clone(), &want.spec.organizer, want.spec.calendar.as_ref(), event);
    let mut have = have.ok_or_else(|| Trouble::new("the answer is not the event that it adopts"))?;
    let view = View::of(&have.own);
    if view.is_organizer() == Some(false) {
        let theirs =
            Trouble::new("what it adopts is organized by somebody else, so it cannot be changed from this mailbox");
        return Err(theirs.hint("name the organizer's own event, in the organizer's mailbox"));
    }
    if view.is_of_series() {
        let date = Trouble::new("what it adopts is one date of a series");
        return Err(date.hint("adopt the series, and declare the date among its `exceptions`"));
    }
    if let Some((workspace, name)) = have.owner.as_deref().and_then(|owner| owner.split_once('/'))
        && !scope.names.has(workspace)
    {
        let theirs =
            Trouble::new(format!("what it adopts belongs to the workspace `{workspace}`, which calls it `{name}`"));
        return Err(theirs.hint("take its manifest out of that workspace first, with `prune: keep`, and its mark off"));
    }
    have.own.remove(read::MASTER);
    Ok(have)
}
