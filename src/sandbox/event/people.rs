//! Attendees and places: what the directory and the mailbox server add to what was sent.

use serde_json::{Map, Value, json};

use crate::sandbox::{
    answer::{Outcome, refuse},
    world::World,
};

/// Nobody answered yet, at no time (responsestatus.md).
pub const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// Refuses more than 500 attendees (event.md), and one without an address.
pub fn check(sent: &Value) -> Outcome<()> {
    let list = sent.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.len() > 500 {
        return refuse(400, "ErrorInvalidRequest", "The property 'attendees' holds more than 500 attendees.");
    }
    if list.iter().any(|it| !it["emailAddress"]["address"].as_str().is_some_and(|it| it.contains('@'))) {
        let message = "At least one recipient is not valid: 'attendees/emailAddress/address' is needed.";
        return refuse(400, "ErrorInvalidRecipients", message);
    }
    Ok(())
}

/// Returns attendees as kept: names from the directory, the type's default, one entry per address (event.md, attendee.md).
///
/// Who was on the list before keeps the answer, unless `reset` says that the time changed.
pub fn attendees(world: &World, sent: &Value, before: &Value, reset: bool) -> Value {
    let list = sent.as_array().map(Vec::as_slice).unwrap_or_default();
    let before = before.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut out: Vec<Value> = Vec::with_capacity(list.len());
    for entry in list {
        let address = own(world, entry["emailAddress"]["address"].as_str().unwrap_or_default().trim());
        let same =
            |it: &&Value| it["emailAddress"]["address"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(&address));
        if out.iter().any(|it| same(&it)) {
            continue;
        }
        let sent_name = entry["emailAddress"]["name"].as_str().filter(|it| !it.is_empty());
        let name = world.directory.display_name(&address).or(sent_name.map(str::to_string));
        let old = before.iter().find(same).filter(|_| !reset);
        let status = old.map_or_else(|| json!({"response": "none", "time": NO_TIME}), |it| it["status"].clone());
        let kind = if entry["type"].is_null() { json!("required") } else { entry["type"].clone() };
        let name = name.unwrap_or_else(|| address.clone());
        out.push(json!({"type": kind, "status": status, "emailAddress": {"name": name, "address": address}}));
    }
    out.into()
}

/// Returns the address under which somebody reads back.
fn own(world: &World, address: &str) -> String {
    let Some(user) = world.directory.find(address) else {
        return address.to_string();
    };
    if world.quirks.odd_addresses && !user.mailbox && !user.list {
        const GROUP: &str = "/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients";
        return format!("{GROUP}/cn={}-{}", user.id.replace('-', ""), address.split('@').next().unwrap_or_default());
    }
    let alias = user.aliases.iter().any(|it| it.eq_ignore_ascii_case(address));
    if alias && world.quirks.aliases { user.upn.clone() } else { address.to_string() }
}

/// Returns a place as kept, with what the service adds (location.md; outlook-calendar-online-meetings.md).
pub fn place(sent: &Value) -> Value {
    let mut out = Map::new();
    let name = sent["displayName"].as_str().unwrap_or_default();
    let mail = sent["locationEmailAddress"].as_str().or(sent["locationUri"].as_str()).filter(|it| it.contains('@'));
    out.insert("displayName".into(), name.into());
    for extra in ["locationEmailAddress", "locationUri"] {
        if let Some(text) = sent[extra].as_str() {
            out.insert(extra.into(), text.into());
        }
    }
    let room = mail.is_some();
    let given = sent["locationType"].as_str().filter(|it| *it != "default");
    out.insert("locationType".into(), given.unwrap_or(if room { "conferenceRoom" } else { "default" }).into());
    if !name.is_empty() || room {
        out.insert("uniqueId".into(), mail.unwrap_or(name).into());
        out.insert("uniqueIdType".into(), if room { "directory" } else { "private" }.into());
    } else {
        out.insert("uniqueIdType".into(), "unknown".into());
    }
    let full = sent["address"].as_object().is_some_and(|it| !it.is_empty());
    if room || full || sent["coordinates"].as_object().is_some_and(|it| !it.is_empty()) {
        let mut address =
            json!({"type": "unknown", "street": "", "city": "", "state": "", "countryOrRegion": "", "postalCode": ""});
        for (key, value) in sent["address"].as_object().into_iter().flatten() {
            address[key] = value.clone();
        }
        out.insert("address".into(), address);
        let coordinates = if sent["coordinates"].is_object() { sent["coordinates"].clone() } else { json!({}) };
        out.insert("coordinates".into(), coordinates);
    }
    out.into()
}

/// What the service calls the place of an online event (known of Exchange).
const TEAMS: &str = "Microsoft Teams Meeting";

/// Adds the online place to those of an online event.
pub fn add_teams(props: &mut Map<String, Value>) {
    let mut places = props["locations"].as_array().cloned().unwrap_or_default();
    if !places.iter().any(|it| it["displayName"].as_str().is_some_and(|it| it.ends_with(TEAMS))) {
        places.push(place(&json!({"displayName": TEAMS})));
        self::places(props, &Map::from_iter([("locations".to_string(), places.into())]));
    }
}

/// Takes the online place away again.
pub fn without_teams(props: &mut Map<String, Value>) {
    let mut places = props["locations"].as_array().cloned().unwrap_or_default();
    let all = places.len();
    places.retain(|it| it["displayName"] != TEAMS);
    if places.len() < all {
        self::places(props, &Map::from_iter([("locations".to_string(), places.into())]));
    }
}

/// Puts `location` and `locations` in step: the one that was sent rules, `location` wins over the list (location.md).
pub fn places(props: &mut Map<String, Value>, body: &Map<String, Value>) {
    if let Some(location) = body.get("location") {
        let kept = place(location);
        let empty = kept["displayName"] == "" && kept["uniqueIdType"] == "unknown";
        let list = if empty { json!([]) } else { json!([kept.clone()]) };
        props.insert("location".into(), kept);
        props.insert("locations".into(), list);
    } else if let Some(list) = body.get("locations") {
        let kept: Vec<Value> = list.as_array().into_iter().flatten().map(place).collect();
        // Several places read back as one, their names joined (event.md).
        let names: Vec<&str> = kept.iter().filter_map(|it| it["displayName"].as_str()).collect();
        let first = match kept.as_slice() {
            [one] => one.clone(),
            _ => place(&json!({"displayName": names.join("; ")})),
        };
        props.insert("location".into(), first);
        props.insert("locations".into(), kept.into());
    }
}
