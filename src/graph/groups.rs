//! Reads who is in groups of the directory, with those in the groups within them (group-list-transitivemembers.md).
//!
//! Users alone count: devices and contacts are left out, and groups stand for their members. Of a group that cannot be read whole,
//! nothing is returned but why: half a list would uninvite people. No plan asks this.

use crate::graph::{Client, Failure, Get};
use crate::kind::mailbox;
use crate::problem::cut;
use crate::reason::Reason;
use crate::route;
use crate::trouble::Trouble;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The least that an app needs (group-list-transitivemembers.md; limited-info.md: without the second one members come without
/// their addresses).
pub const PERMISSIONS: &str = "GroupMember.Read.All and User.ReadBasic.All";

/// Whose limit of requests in flight it counts against: the directory's, which is no mailbox.
const DIRECTORY: &str = "directory";

/// Returns the members of each group by address, sorted, or why they could not be read.
pub async fn members(client: &Client, groups: &BTreeSet<String>) -> BTreeMap<String, Result<Vec<String>, Trouble>> {
    let get = |path: String| Get { mailbox: DIRECTORY.into(), path, prefer: None };
    let by_address = |group: &String| get(format!("/groups?$filter=mail%20eq%20'{}'&$select=id,mail", quoted(group)));
    let found = client.list(groups.iter().map(by_address).collect()).await;
    let (mut all, mut known) = (BTreeMap::new(), vec![]);
    for (group, found) in groups.iter().zip(found) {
        match found.map_err(|it| unread(client, group, &it)).and_then(|it| id_of(group, &it)) {
            Ok(id) => known.push((group, id)),
            Err(why) => _ = all.insert(group.clone(), Err(why)),
        }
    }
    let list = |(_, id): &(&String, String)| {
        get(format!("/groups/{}/transitiveMembers?$select=id,mail,userPrincipalName&$top=999", route::encoded(id)))
    };
    let answers = client.list(known.iter().map(list).collect()).await;
    for ((group, _), answer) in known.into_iter().zip(answers) {
        let people = answer.map_err(|it| unread(client, group, &it)).and_then(|it| people(group, &it));
        all.insert(group.clone(), people);
    }
    all
}

/// A text between quotes of a filter.
fn quoted(text: &str) -> String {
    route::encoded(&text.replace('\'', "''"))
}

fn unread(client: &Client, group: &str, failure: &Failure) -> Trouble {
    client.trouble(failure).after(&format!("the group `{group}` could not be read: "))
}

fn id_of(group: &str, found: &[Value]) -> Result<String, Trouble> {
    let ids: Vec<&str> = found.iter().filter_map(|it| it["id"].as_str()).collect();
    match ids[..] {
        [id] => Ok(id.to_owned()),
        [] => Err(Reason::Group.trouble(format!("no group in the directory has the address `{group}`")).hint(
            "look at its address in the Entra admin center; its members keep what they have until this is mended",
        )),
        _ => Err(Reason::Group.trouble(format!("{} groups have the address `{group}`", ids.len()))),
    }
}

/// The addresses of the users among members.
fn people(group: &str, members: &[Value]) -> Result<Vec<String>, Trouble> {
    let mut people = BTreeSet::new();
    for member in members {
        let Some(kind) = member["@odata.type"].as_str() else {
            return Err(Reason::Group.trouble(format!("Graph does not say what the members of `{group}` are")));
        };
        if kind != "#microsoft.graph.user" {
            continue;
        }
        let said = |name: &str| member[name].as_str().filter(|it| !it.is_empty());
        let Some(address) = said("mail").or_else(|| said("userPrincipalName")) else {
            let what = format!("members of `{group}` came without their addresses");
            return Err(Reason::GraphForbidden.trouble(what).hint(format!("grant the app {PERMISSIONS}")));
        };
        if !mailbox::is_address(address) {
            let what =
                format!("a member of `{group}` has an address that nobody can be invited by: `{}`", cut(address));
            return Err(Reason::Group.trouble(what));
        }
        people.insert(address.to_lowercase());
    }
    Ok(people.into_iter().collect())
}
