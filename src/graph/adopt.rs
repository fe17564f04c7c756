//! Looks up online meetings that a person wants to be taken over, by the meeting id that Teams shows in them.
//!
//! The one way back to a meeting whose id and join link are not known: Graph has no list. It only reads; what taking over
//! means is the plan's business.

use crate::graph::observe::standalone_have;
use crate::graph::{Client, Get};
use crate::kind::online_meeting::by_meeting_id;
use crate::model::{Key, Live};
use crate::route::MEETING_PREFER;
use crate::trouble::Trouble;
use serde_json::Value;

/// A meeting to be taken over.
pub struct Wanted {
    pub key: Key,
    /// Whose meeting it is.
    pub organizer: String,
    /// Digits only.
    pub meeting_id: String,
}

/// Adds the meetings to what is live. One that is not found is unknown, never absent: the number may be mistyped.
pub async fn look_up(client: &Client, live: &mut Live, wanted: &[Wanted]) {
    let found: Vec<_> = wanted.iter().map(|it| (it, live.meetings(&it.organizer))).collect();
    let gets = found.iter().filter_map(|(it, path)| {
        let path = format!("{}?$filter={}", path.as_ref()?, by_meeting_id(&it.meeting_id));
        Some(Get { mailbox: it.organizer.clone(), path, prefer: Some(MEETING_PREFER.into()) })
    });
    let mut answers = client.read(gets.collect()).await.into_iter();
    for (it, path) in found {
        let answer = path.and_then(|_| answers.next());
        let why = match answer {
            Some(Ok(mut answer)) => match answer["value"].get_mut(0).map(Value::take) {
                Some(Value::Object(own)) => {
                    live.objects.push(standalone_have(it.key.clone(), it.organizer.clone(), own));
                    continue;
                }
                Some(_) | None => none_has(it),
            },
            Some(Err(failure)) if failure.is_absent() => none_has(it),
            Some(Err(failure)) => client.trouble(&failure),
            None => Trouble::new("the organizer's object id could not be found, and online meetings need it"),
        };
        live.unknown.insert(it.key.clone(), why);
    }
}

fn none_has(it: &Wanted) -> Trouble {
    Trouble::new(format!("no online meeting of {} has the meeting id `{}`", it.organizer, it.meeting_id))
}
