//! Marks that a list may have cut: read again by GET of the event, unless the state knows what they say.

use crate::graph::observe::Scope;
use crate::graph::{Client, Get};
use crate::kind::mark;
use crate::model::Live;
use crate::route::{self, EVENT_PREFER};

/// Reads again what was cut. What still cannot be read stays unread, which is not the same as absent.
pub(super) async fn whole(client: &Client, scope: &Scope<'_>, live: &mut Live) {
    let mut cut = vec![];
    for (place, have) in live.objects.iter_mut().enumerate().filter(|(_, have)| have.unread.is_some()) {
        let record = scope.records.resources.get(&have.key).filter(|record| record.id == have.id);
        match (&have.unread, record) {
            (Some(unread), Some(record)) if unread.is_known_by(&record.applied) => {
                (have.applied, have.unread) = (Some(record.applied.clone()), None);
            }
            _ => cut.push(place),
        }
    }
    let gets = cut.iter().map(|place| {
        let have = &live.objects[*place];
        let path = format!("{}/events/{}", route::mailbox(&have.organizer), route::encoded(&have.id));
        Get {
            mailbox: have.organizer.clone(),
            path: format!("{path}?$select=id&$expand={}", route::encoded(&mark::expand())),
            prefer: Some(EVENT_PREFER.into()),
        }
    });
    let answers = client.read(gets.collect()).await;
    for (place, answer) in cut.into_iter().zip(answers) {
        if let Some(mark) = answer.ok().and_then(|event| Some(mark::read_of(scope.names, &event, |_| None)?.1)) {
            let have = &mut live.objects[place];
            (have.applied, have.unread) = (mark.applied, mark.unread.map(Box::new));
        }
    }
}
