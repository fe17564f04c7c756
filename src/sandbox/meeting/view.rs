//! Shows an online meeting: members hidden without their header, join information in the reader's language.

use serde_json::{Map, Value, json};

use crate::sandbox::{
    answer::{Outcome, refuse},
    ask::Ask,
    meeting::old_names,
    odata,
    records::Meeting,
    when,
};

/// Enum members that only `Prefer: include-unknown-enum-members` shows (lobbybypasssettings.md, meetingparticipantinfo.md).
const HIDDEN: [&str; 4] = ["invited", "organizationExcludingGuests", "coorganizer", "producer"];

/// Writes a meeting. `single` adds the context of an entity; a member of a collection goes without.
pub fn show(ask: &Ask, meeting: &Meeting, single: bool) -> Outcome<Value> {
    let select = odata::select(ask);
    let mut out = Map::new();
    if single {
        let context = format!("{}/$metadata#users('{}')/onlineMeetings/$entity", ask.root, meeting.user);
        out.insert("@odata.context".into(), context.into());
    }
    let mut props = meeting.props.clone();
    if let Some(external) = &meeting.external {
        props.insert("externalId".into(), external.as_str().into());
    }
    props.insert("expiryDateTime".into(), meeting.expires.map(when::offset).into());
    props.insert("joinInformation".into(), join_information(ask, &props));
    if let Some(names) = &select
        && let Some(unknown) =
            names.iter().find(|it| *it != "id" && *it != "externalId" && !props.contains_key(it.as_str()))
    {
        let message = format!("Could not find a property named '{unknown}' on type 'microsoft.graph.onlineMeeting'.");
        return refuse(400, "BadRequest", message);
    }
    out.insert("id".into(), meeting.id.as_str().into());
    for (name, value) in props {
        if select.as_ref().is_none_or(|names| names.contains(&name)) {
            out.insert(name, if ask.prefer.hidden_members { value } else { hide(value) });
        }
    }
    if ask.beta && select.is_none() {
        old_names::add(&mut out);
    }
    Ok(out.into())
}

fn hide(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let hide_one = |(name, value): (String, Value)| {
                let closed =
                    matches!(name.as_str(), "scope" | "role") && value.as_str().is_some_and(|it| HIDDEN.contains(&it));
                let value = if closed { json!("unknownFutureValue") } else { hide(value) };
                (name, value)
            };
            map.into_iter().map(hide_one).collect::<Map<_, _>>().into()
        }
        Value::Array(list) => list.into_iter().map(hide).collect::<Vec<_>>().into(),
        other => other,
    }
}

/// URL-encoded HTML behind `data:text/html,`, in the language of `Accept-Language` (onlinemeeting.md).
fn join_information(ask: &Ask, props: &Map<String, Value>) -> Value {
    let words = match ask.language.as_deref().map(|it| it.get(..2).unwrap_or(it).to_ascii_lowercase()).as_deref() {
        Some("de") => "Microsoft Teams-Besprechung beitreten",
        Some("fr") => "Rejoindre la réunion Microsoft Teams",
        _ => "Join Microsoft Teams Meeting",
    };
    let url = props.get("joinWebUrl").and_then(Value::as_str).unwrap_or_default();
    let html = format!("<div><a href=\"{url}\">{words}</a></div>");
    let encoded = percent_encoding::utf8_percent_encode(&html, percent_encoding::NON_ALPHANUMERIC);
    json!({"content": format!("data:text/html,{encoded}"), "contentType": "html"})
}
