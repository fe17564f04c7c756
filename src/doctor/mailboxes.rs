//! Whose mailbox it is: who has left, whose address has changed, and who has the address of somebody else now.
//!
//! An address may change hands, an object id may not: where the state knows the id, both are asked.

use crate::doctor::{Check, Known};
use crate::graph::{Client, Failure, Get};
use crate::route;
use crate::trouble::{Hint, Trouble};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the directory says of one mailbox.
pub(super) struct Owner {
    /// By the name that is written.
    by_name: Result<User, Failure>,
    /// By the object id that the name had, where that is known.
    by_id: Option<(String, Result<User, Failure>)>,
}

struct User {
    id: String,
    address: String,
}

impl Owner {
    /// The object id that the name has now.
    pub fn id(&self) -> Option<&str> {
        self.by_name.as_ref().ok().map(|user| user.id.as_str())
    }
}

/// Looks up every organizer, in the same order.
pub(super) async fn owners(client: &Client, known: &Known<'_>, organizers: &[&String]) -> Vec<Owner> {
    let get = |organizer: &str, name: &str| Get {
        mailbox: organizer.to_owned(),
        path: format!("{}?$select=id,userPrincipalName", route::mailbox(name)),
        prefer: None,
    };
    let ids: Vec<(&String, &String)> = organizers
        .iter()
        .filter_map(|organizer| Some((*organizer, known.ids.get(*organizer)?)))
        .filter(|(organizer, id)| organizer.as_str() != "me" && !organizer.eq_ignore_ascii_case(id))
        .collect();
    let (by_name, by_id) = tokio::join!(
        client.read(organizers.iter().map(|it| get(it, it)).collect()),
        client.read(ids.iter().map(|(organizer, id)| get(organizer, id)).collect()),
    );
    let by_id =
        ids.into_iter().zip(by_id).map(|((organizer, id), answer)| (organizer, (id.to_lowercase(), answer.map(user))));
    let mut by_id: BTreeMap<&String, _> = by_id.collect();
    let all = organizers.iter().zip(by_name);
    all.map(|(organizer, answer)| Owner { by_name: answer.map(user), by_id: by_id.remove(*organizer) }).collect()
}

fn user(answer: Value) -> User {
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_lowercase();
    User { id: text("id"), address: text("userPrincipalName") }
}

/// Says whether the mailbox is whose it was.
pub(super) fn check(client: &Client, organizer: &str, owner: &Owner) -> Check {
    let said = |ok: bool, found: String, mend: Option<Hint>| Check {
        check: "mailbox",
        of: organizer.to_owned(),
        ok,
        found,
        mend,
    };
    let moved =
        |now: &User| Hint::from(format!("write `{}` in its manifests: what it has stays what it is", now.address));
    match (&owner.by_name, &owner.by_id) {
        (Ok(user), Some((id, before))) if user.id != *id => {
            let whose = match before {
                Ok(now) => format!("the one of before is `{}` now", now.address),
                Err(_) => "the one of before has left".to_owned(),
            };
            let mend = before.as_ref().ok().map(moved).unwrap_or_else(left);
            said(false, format!("the address belongs to somebody else than before; {whose}"), Some(mend))
        }
        (Ok(user), _) if organizer.contains('@') && user.address != organizer.to_lowercase() => {
            let found = format!("exists; `{}` is its address now", user.address);
            said(true, found, Some(moved(user)))
        }
        (Ok(_), _) => said(true, "exists".to_owned(), None),
        (Err(failure), Some((_, Ok(now)))) if failure.is_nobody() => {
            said(false, format!("its address has changed to `{}`", now.address), Some(moved(now)))
        }
        (Err(failure), Some((_, Err(_)))) if failure.is_nobody() => said(
            false,
            "its owner has left: nobody has the address, nor the object id that it had".to_owned(),
            Some(left()),
        ),
        (Err(failure), _) => {
            let Trouble { what, hint, .. } = client.trouble(failure);
            said(false, what, hint)
        }
    }
}

/// What can be done about what somebody had who left.
fn left() -> Hint {
    "give what its manifests declare to another organizer, or take it out; `spec.mailboxes` may name it too".into()
}
