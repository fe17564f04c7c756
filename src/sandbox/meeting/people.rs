//! Participants of online meetings: the directory's identities, and what the roles ask for.

use serde_json::{Value, json};

use crate::sandbox::{
    answer::{Outcome, refuse},
    user::{self, User},
    world::World,
};

/// Returns the attendee list as kept: each known person gets an identity and a upn (meetingparticipantinfo.md).
pub fn attendees(world: &World, list: &Value) -> Value {
    let tenant = &world.directory.tenant_id;
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let keep = |sent: &Value| {
        let upn = sent["upn"].as_str();
        let id = sent["identity"]["user"]["id"].as_str();
        let known = id.or(upn).and_then(|it| world.directory.find(it));
        let name = known.as_ref().map(|it| it.name.clone()).or_else(|| world.directory.display_name(upn?));
        let id = match (&known, id, &name) {
            (Some(user), _, _) => Some(user.id.clone()),
            (None, Some(id), _) => Some(id.to_string()),
            (None, None, Some(_)) => upn.map(user::id_for),
            (None, None, None) => None,
        };
        let upn = known.as_ref().map(|it| it.upn.as_str()).filter(|_| upn.is_none()).or(upn);
        let identity = id
            .map(|id| json!({"user": {"id": id, "displayName": name, "tenantId": tenant, "identityProvider": "AAD"}}));
        let role = if sent["role"].is_null() { json!("attendee") } else { sent["role"].clone() };
        json!({"upn": upn, "role": role, "identity": identity})
    };
    list.iter().map(keep).collect::<Vec<_>>().into()
}

/// Refuses an organizer other than the user in the path (onlinemeeting-update.md).
pub fn same_organizer(user: &User, participants: &Value) -> Outcome<()> {
    let organizer = &participants["organizer"];
    let names = [organizer["upn"].as_str(), organizer["identity"]["user"]["id"].as_str()];
    let mut names = names.into_iter().flatten().filter(|it| !it.is_empty());
    match names.all(|it| it.eq_ignore_ascii_case(&user.id) || it.eq_ignore_ascii_case(&user.upn)) {
        true => Ok(()),
        false => refuse(
            400,
            "BadRequest",
            "The property 'participants/organizer' cannot be set: it is the user in the request path.",
        ),
    }
}

/// Refuses presenters without the setting that makes them so, and the setting without the list (onlinemeeting-update.md).
///
/// `setting` is what allowedPresenters will be; `body` is the request.
pub fn presenters(setting: &Value, body: &serde_json::Map<String, Value>) -> Outcome<()> {
    let list = body.get("participants").map(|it| &it["attendees"]);
    let listed = list.and_then(Value::as_array);
    let presenting = listed.is_some_and(|it| it.iter().any(|it| it["role"] == "presenter"));
    let asked = body.get("allowedPresenters").is_some_and(|it| it == "roleIsPresenter");
    if asked && listed.is_none() {
        let message = "The property 'participants/attendees' must hold the full list with roles when 'allowedPresenters' is 'roleIsPresenter'.";
        return refuse(400, "BadRequest", message);
    }
    if presenting && setting != "roleIsPresenter" {
        let message =
            "The role 'presenter' in 'participants/attendees' needs 'allowedPresenters' to be 'roleIsPresenter'.";
        return refuse(400, "BadRequest", message);
    }
    Ok(())
}
