//! Who is not in the directory any more, and who has the address now: asked only where a mailbox or a meeting says that nobody
//! has the name.
//!
//! A mailbox may be missing for many reasons; that its owner is gone is the directory's to say, and it is asked by the object id
//! where that is known, since an address outlives its user.

use crate::graph::observe::meetings::Nobodys;
use crate::graph::{Client, Failure, Get};
use crate::model::Live;
use crate::route;
use serde_json::Value;
use std::collections::BTreeSet;

/// Finds out which of the mailboxes that nobody seems to have lost their owner.
pub(super) async fn look_up(client: &Client, live: &mut Live) {
    let suspects = live.mailboxes.iter().filter(|(name, mailbox)| mailbox.nobody && *name != "me");
    let suspects: Vec<(String, String)> =
        suspects.map(|(name, mailbox)| (name.clone(), mailbox.id.clone().unwrap_or_else(|| name.clone()))).collect();
    let answers = users(client, suspects.iter().map(|(name, id)| (name, id))).await;
    for ((name, _), answer) in suspects.into_iter().zip(answers) {
        let mailbox = live.mailboxes.entry(name).or_default();
        match answer {
            Ok(user) => mailbox.id = id_of(&user).or(mailbox.id.take()),
            Err(failure) => mailbox.gone = is_unknown(&failure),
        }
    }
}

/// Looks up once more whose names led to object ids that nobody has; returns those that lead to somebody else now. What the one
/// of before had is gone with them.
pub(super) async fn look_up_again(client: &Client, live: &mut Live, nobodys: Nobodys) -> BTreeSet<String> {
    let names: BTreeSet<String> = nobodys.iter().map(|(_, organizer, _)| organizer.clone()).collect();
    let answers = users(client, names.iter().map(|name| (name, name))).await;
    let mut others = BTreeSet::new();
    for (name, answer) in names.into_iter().zip(answers) {
        let mailbox = live.mailboxes.entry(name.clone()).or_default();
        match answer {
            Ok(user) => {
                let now = id_of(&user);
                if now.is_some() && now != mailbox.id {
                    mailbox.id = now;
                    others.insert(name);
                }
            }
            Err(failure) => mailbox.gone = is_unknown(&failure),
        }
    }
    for (key, organizer, why) in nobodys {
        let mailbox = live.mailboxes.entry(organizer.clone()).or_default();
        if mailbox.gone {
            mailbox.no_id = Some(why);
        } else if !others.contains(&organizer) {
            live.unknown.insert(key, why);
        }
    }
    others
}

async fn users<'a>(
    client: &Client,
    names: impl Iterator<Item = (&'a String, &'a String)>,
) -> Vec<Result<Value, Failure>> {
    let get = |(mailbox, name): (&String, &String)| Get {
        mailbox: mailbox.clone(),
        path: format!("{}?$select=id,userPrincipalName", route::mailbox(name)),
        prefer: None,
    };
    client.read(names.map(get).collect()).await
}

fn id_of(user: &Value) -> Option<String> {
    user["id"].as_str().map(str::to_lowercase)
}

/// Whether the directory itself says that there is no such user.
fn is_unknown(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused { status: 404, code, .. } if code.eq_ignore_ascii_case("Request_ResourceNotFound"))
}
