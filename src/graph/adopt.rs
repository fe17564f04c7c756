//! Looks up online meetings that are to be taken over: by the meeting id that Teams shows in them, where a person answers a question, or
//! by what a manifest says.
//!
//! The one way back to a meeting whose id and join link are not known: Graph has no list. It only reads; what taking over
//! means is the plan's business.

use crate::graph::observe::standalone_have;
use crate::graph::{Client, Get};
use crate::kind::online_meeting::by_meeting_id;
use crate::model::{Adopt, Have, Key, Live};
use crate::route::{self, MEETING_PREFER};
use crate::trouble::Trouble;
use serde_json::Value;
use std::collections::HashMap;

/// A meeting to be taken over.
pub struct Wanted {
    pub key: Key,
    /// Whose meeting it is.
    pub organizer: String,
    pub by: By,
}

/// What leads to a meeting.
#[derive(Debug, Clone, PartialEq)]
pub enum By {
    /// As Teams shows it; digits only.
    MeetingId(String),
    /// What a manifest says.
    Manifest(Adopt),
}

/// Adds the meetings to what is live. One that is not found is unknown, never absent: the number may be mistyped.
pub async fn look_up(client: &Client, live: &mut Live, wanted: &[Wanted]) {
    if wanted.is_empty() {
        return;
    }
    let found: Vec<_> = wanted.iter().map(|it| (it, live.meetings(&it.organizer))).collect();
    let gets = found.iter().filter_map(|(it, path)| {
        let path = format!("{}{}", path.as_ref()?, it.by.query());
        Some(Get { mailbox: it.organizer.clone(), path, prefer: Some(MEETING_PREFER.into()) })
    });
    let mut answers = client.read(gets.collect()).await.into_iter();
    let mut ids = Ids::of(live);
    for (it, path) in found {
        let answer = path.and_then(|_| answers.next());
        match answer {
            Some(Ok(answer)) => match it.by.one_of(answer) {
                Some(Value::Object(own)) => {
                    let have = standalone_have(it.key.clone(), it.organizer.clone(), own);
                    if let Err(why) = ids.add(live, have) {
                        refuse(live, it, why);
                    }
                }
                Some(_) | None => none_has(live, it),
            },
            Some(Err(failure)) if failure.is_absent() => none_has(live, it),
            Some(Err(failure)) => _ = live.unknown.insert(it.key.clone(), client.trouble(&failure)),
            None => {
                let why = Trouble::new("the organizer's object id could not be found, and online meetings need it");
                live.unknown.insert(it.key.clone(), why);
            }
        }
    }
}

impl By {
    fn query(&self) -> String {
        match self {
            By::MeetingId(id) => format!("?$filter={}", by_meeting_id(id)),
            By::Manifest(Adopt::Id(id)) => format!("/{}", route::encoded(id)),
            By::Manifest(Adopt::JoinWebUrl(url)) => route::by_join_url(url),
        }
    }

    /// The meeting in the answer: alone, or the first of a list.
    fn one_of(&self, mut answer: Value) -> Option<Value> {
        match self {
            By::Manifest(Adopt::Id(_)) => Some(answer),
            By::MeetingId(_) | By::Manifest(Adopt::JoinWebUrl(_)) => answer["value"].get_mut(0).map(Value::take),
        }
    }
}

/// Nobody has the meeting.
fn none_has(live: &mut Live, it: &Wanted) {
    let none = |what: &str| Trouble::new(format!("no online meeting of {} has {what}", it.organizer));
    let refused = |what| none(what).hint("see that it and the organizer are right; without `adopt` it is made anew");
    let why = match &it.by {
        By::MeetingId(id) => none(&format!("the meeting id `{id}`")),
        By::Manifest(Adopt::Id(_)) => refused("the id that it adopts"),
        By::Manifest(Adopt::JoinWebUrl(_)) => refused("the join link that it adopts"),
    };
    refuse(live, it, why);
}

/// What a person says of a meeting may be mistyped, so that it is unknown then; what a manifest says is refused.
fn refuse(live: &mut Live, it: &Wanted, why: Trouble) {
    match it.by {
        By::MeetingId(_) => _ = live.unknown.insert(it.key.clone(), why),
        By::Manifest(_) => live.refuse(&it.key, why),
    }
}

/// Where among what is live an id is.
pub(super) struct Ids(HashMap<String, usize>);

impl Ids {
    pub fn of(live: &Live) -> Ids {
        // In this order the first one of an id counts.
        Ids(live.objects.iter().enumerate().rev().map(|(place, have)| (have.id.clone(), place)).collect())
    }

    /// Adds what is taken over to what is live.
    ///
    /// Fails where it is another resource's already: whoever removed the one would remove the other.
    pub fn add(&mut self, live: &mut Live, have: Have) -> Result<(), Trouble> {
        if let Some(place) = self.0.get(&have.id) {
            let key = &live.objects[*place].key;
            let ours = Trouble::new(format!("what it adopts is {key} of this workspace"));
            return Err(ours.hint("to rename it, write `lifecycle: {previously: …}` with its name of before"));
        }
        self.0.insert(have.id.clone(), live.objects.len());
        live.objects.push(have.into());
        Ok(())
    }
}
