//! What a `transactionId` does to a create: the same request again makes no second event.
//!
//! Observed is that an identical retry answers 201 with the same event, and that other content is refused; status, scope, lifetime
//! and what becomes of the id of a deleted event are unproven, and switched by `Transactions`.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use crate::sandbox::{
    AfterDelete,
    answer::{Outcome, Refusal, refusal},
    ids::{self, EventId},
    records::{Calendar, Event},
    user::User,
    world::World,
};

/// What is remembered of one create.
#[derive(Clone, Debug)]
pub struct Made {
    pub key: u64,
    pub calendar: u64,
    pub print: String,
    pub at: jiff::Timestamp,
}

/// Returns the event that a create with this body made before; refuses what has the id of another one.
pub fn known(
    world: &mut World,
    user: &User,
    calendar: &Calendar,
    body: &Map<String, Value>,
) -> Outcome<Option<Arc<Event>>> {
    let (Some(id), Some(print)) = (body.get("transactionId").and_then(Value::as_str), print(body)) else {
        return Ok(None);
    };
    let (rules, now) = (world.quirks.transactions.clone(), world.now());
    let remembered = |it: &&Made| {
        let age = now.duration_since(it.at);
        rules.memory.is_none_or(|most| SignedDuration::try_from(most).is_ok_and(|most| age < most))
            && (!rules.per_calendar || it.calendar == calendar.key)
    };
    let all = world.mailbox(&user.id)?.by_transaction.get(id);
    let Some(made) = all.and_then(|all| all.iter().rev().find(remembered)).cloned() else {
        return Ok(None);
    };
    let (alive, same) = (world.event(&user.id, made.key), made.print == print);
    let again = match (alive, rules.after_delete) {
        (None, AfterDelete::Forgotten) => return Ok(None),
        (None, AfterDelete::Repeated) => world.mailbox(&user.id)?.gone.get(&made.key).cloned(),
        (alive, _) => alive,
    };
    match again.filter(|_| same) {
        Some(event) => Ok(Some(event)),
        None => Err(duplicate(rules.status, rules.existing_id.then_some(made.key))),
    }
}

/// Returns the hash of a body that has a `transactionId`.
pub fn print(body: &Map<String, Value>) -> Option<String> {
    body.get("transactionId").filter(|it| it.is_string())?;
    Some(ids::base64(&ids::digest(&sorted(&Value::Object(body.clone())))))
}

fn duplicate(status: u16, existing: Option<u64>) -> Refusal {
    let message = "Your request can't be completed. The TransactionId specified in the request has already been used to create a different event.";
    let id = existing.map(|key| ids::event(EventId { key, date: None, copy: false }, false));
    let extra = id.map(|id| Box::new(("@event.existingEventId", id.into())));
    Refusal { extra, ..refusal(status, "ErrorDuplicateTransactionId", message) }
}

/// Writes JSON with sorted keys, so that the same content has the same hash.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let parts: Vec<String> = keys.into_iter().map(|key| format!("{key:?}:{}", sorted(&map[key]))).collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(sorted).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}
