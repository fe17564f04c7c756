//! Open extensions of an event: whatever an app keeps with it under a name of its own (opentypeextension.md).
//!
//! They are read with `$expand=extensions`, or one by one; nothing filters events by them.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::sandbox::{
    answer::{Answer, Outcome, item_not_found, no_method, refuse},
    ask::Ask,
    event::{copies, find},
    filter::{self, Filter},
    journal::Record,
    mail,
    records::Event,
    user::User,
    world::World,
};

/// What stands before the name in an id that is read (known of the service).
const PREFIX: &str = "Microsoft.OutlookServices.OpenTypeExtension.";

/// Answers `…/events/{id}/extensions` and one of them by `name`.
pub fn route(world: &mut World, ask: &Ask, user: &User, id: &str, name: Option<&str>) -> Outcome {
    let face = find(world, user, id)?;
    if face.id.copy || face.id.date.is_some() {
        return copies::unchanged();
    }
    let mut event = Event::clone(&face.event);
    let name = name.map(|it| it.strip_prefix(PREFIX).unwrap_or(it));
    let known = name.and_then(|name| event.open.get(name).cloned());
    match (ask.method.as_str(), name) {
        ("POST", None) => {
            let name = put(&mut event, ask.object()?)?;
            save(world, user, event.clone())?;
            Ok(Answer::json(201, show(&name, &event.open[&name])))
        }
        ("GET", Some(name)) => Ok(Answer::json(200, show(name, &known.ok_or_else(item_not_found)?))),
        ("PATCH", Some(name)) => {
            let mut values = known.ok_or_else(item_not_found)?;
            values.extend(own(ask.object()?));
            event.open.insert(name.to_string(), values.clone());
            save(world, user, event)?;
            Ok(Answer::json(200, show(name, &values)))
        }
        ("DELETE", Some(name)) => {
            event.open.remove(name).ok_or_else(item_not_found)?;
            save(world, user, event)?;
            Ok(Answer::empty(204))
        }
        (method, _) => Err(no_method(method)),
    }
}

/// Puts an extension into an event; returns its name.
pub fn put(event: &mut Event, body: &Map<String, Value>) -> Outcome<String> {
    let Some(name) = body.get("extensionName").and_then(Value::as_str).filter(|it| !it.is_empty()) else {
        return refuse(400, "BadRequest", "The property 'extensionName' is required.");
    };
    event.open.insert(name.to_string(), own(body).collect());
    Ok(name.to_string())
}

/// Returns the extensions that a filter on their ids lets through, named with or without what is put before them.
pub fn all(event: &Event, filter: Option<&Filter>) -> Vec<Value> {
    let named = |id: &str| serde_json::json!({ "id": id });
    let meets = |id: &str| {
        filter.is_none_or(|it| filter::meets(it, &|path| Cow::Owned(filter::walk(&named(id), path).into_owned()), true))
    };
    let hits = event.open.iter().filter(|(name, _)| meets(name) || meets(&format!("{PREFIX}{name}")));
    hits.map(|(name, values)| show(name, values)).collect()
}

fn own(body: &Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    let own = body.iter().filter(|(name, _)| !name.contains('@') && *name != "extensionName" && *name != "id");
    own.map(|(name, value)| (name.clone(), value.clone()))
}

fn show(name: &str, values: &Map<String, Value>) -> Value {
    let mut out = Map::new();
    out.insert("@odata.type".into(), "#microsoft.graph.openTypeExtension".into());
    out.insert("id".into(), format!("{PREFIX}{name}").into());
    out.insert("extensionName".into(), name.into());
    out.extend(values.clone());
    out.into()
}

/// Keeps a change that nobody invited sees.
fn save(world: &mut World, user: &User, mut event: Event) -> Outcome<()> {
    event.version += 1;
    event.modified = world.now();
    let people = mail::people(&event.props["attendees"], &user.upn);
    let sent = Map::from_iter([("extensions".to_string(), Value::Null)]);
    let mails = mail::after_patch(&sent, &people, &people);
    let (subject, key) = (event.props["subject"].as_str().unwrap_or_default().to_string(), event.key);
    world.save(Record::Event(Box::new(event)))?;
    world.post(mails, &user.upn, &subject, crate::sandbox::ids::EventId { key, date: None, copy: false });
    Ok(())
}
