//! Standalone meetings that expire soon. What was applied is read, since only the state leads to it.

use crate::doctor::{Check, Known};
use crate::graph::{Client, Get};
use crate::kind::online_meeting::{View, expiry};
use crate::model::{Key, Record};
use crate::route;
use std::collections::BTreeMap;

/// Names the meetings that expire soon; `ids` are the object ids by organizer. What cannot be read is a plan's to tell.
pub(super) async fn expiring(client: &Client, known: &Known<'_>, ids: &BTreeMap<&String, String>) -> Vec<Check> {
    let meetings: Vec<(&Key, &Record)> = known
        .records
        .resources
        .iter()
        .filter(|(key, record)| key.kind().is_meeting && !record.id.is_empty() && ids.contains_key(&record.organizer))
        .collect();
    let gets = meetings.iter().map(|(_, record)| Get {
        mailbox: record.organizer.clone(),
        path: format!("{}/{}", route::meetings(&record.organizer, &ids[&record.organizer]), route::encoded(&record.id)),
        prefer: Some(route::MEETING_PREFER.into()),
    });
    let answers = client.read(gets.collect()).await;
    let soon = meetings.into_iter().zip(&answers).filter_map(|((key, _), answer)| {
        let expires = View::of(answer.as_ref().ok()?.as_object()?).expires()?;
        let when = expiry::soon(expires, known.now)?;
        let found = format!("expires on {when}: Graph then deletes it, and {}", expiry::NEW_LINK);
        Some(Check { check: "expiry", of: key.to_string(), ok: true, found, mend: Some(expiry::WAY_OUT.into()) })
    });
    soon.collect()
}
