//! Routes of calendars: the default one, all of them, and what is kept of each (calendar.md).
//!
//! Events inside a calendar are answered by `event`, free and busy times by `schedule`.

use serde_json::{Map, Value, json};

use crate::sandbox::{
    answer::{Answer, Outcome, item_not_found, no_method, refuse},
    ask::Ask,
    filter, ids,
    journal::Record,
    odata,
    records::Calendar,
    strict::{self, Mode},
    user::User,
    world::World,
};

/// Returns the default calendar, or the one with this id.
pub fn find(world: &mut World, user: &User, wanted: Option<&str>) -> Outcome<Calendar> {
    let all = &world.mailbox(&user.id)?.calendars;
    let hit = match wanted {
        None => all.iter().find(|it| it.default),
        Some(wanted) => all.iter().find(|it| id(it) == wanted),
    };
    hit.cloned().ok_or_else(item_not_found)
}

/// Answers `…/calendars`.
pub fn all(world: &mut World, ask: &Ask, user: &User) -> Outcome {
    match ask.method.as_str() {
        "GET" => {
            let filter = ask.option("$filter").map(filter::parse).transpose()?;
            let mut calendars = world.mailbox(&user.id)?.calendars.clone();
            calendars.retain(|it| {
                let value = Value::Object(show(user, it));
                filter.as_ref().is_none_or(|filter| filter::meets(filter, &|path| filter::walk(&value, path), false))
            });
            let context = format!("users('{}')/calendars", user.id);
            odata::page(ask, &context, &calendars, |it| selected(ask, show(user, it)).map(Value::from))
        }
        "POST" => {
            let body = strict::check("calendar", ask.object()?, Mode::Create)?;
            let Some(name) = body.get("name").and_then(Value::as_str).filter(|it| !it.is_empty()) else {
                return refuse(400, "ErrorInvalidRequest", "The property 'name' is required.");
            };
            let base = find(world, user, None)?;
            let color = body.get("color").and_then(Value::as_str).unwrap_or("auto").to_string();
            let (key, name) = (world.next(), name.to_string());
            let provider = body.get("defaultOnlineMeetingProvider").and_then(Value::as_str);
            let provider = provider.map_or(base.provider.clone(), str::to_string);
            let calendar = Calendar { key, name, color, default: false, version: 1, provider, ..base };
            world.save(Record::Calendar(calendar.clone()))?;
            single(ask, user, &calendar, 201)
        }
        method => Err(no_method(method)),
    }
}

/// Answers `…/calendar` and `…/calendars/{id}`.
pub fn one(world: &mut World, ask: &Ask, user: &User, mut calendar: Calendar) -> Outcome {
    match ask.method.as_str() {
        "GET" => single(ask, user, &calendar, 200),
        "PATCH" => {
            let body = strict::check("calendar", ask.object()?, Mode::Update)?;
            if let Some(name) = body.get("name").and_then(Value::as_str) {
                calendar.name = name.to_string();
            }
            if let Some(color) = body.get("color").and_then(Value::as_str) {
                calendar.color = color.to_string();
            }
            if body.get("isDefaultCalendar") == Some(&Value::Bool(true)) && !calendar.default {
                let mut old = find(world, user, None)?;
                old.default = false;
                world.save(Record::Calendar(old))?;
                calendar.default = true;
            }
            calendar.version += 1;
            world.save(Record::Calendar(calendar.clone()))?;
            single(ask, user, &calendar, 200)
        }
        "DELETE" if calendar.default => {
            refuse(400, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
        }
        "DELETE" => {
            let events = world.mailbox(&user.id)?.events.values();
            let keys: Vec<u64> = events.filter(|it| it.calendar == calendar.key).map(|it| it.key).collect();
            for key in keys {
                world.save(Record::EventGone { user: user.id.clone(), key })?;
            }
            world.save(Record::CalendarGone { user: user.id.clone(), key: calendar.key })?;
            Ok(Answer::empty(204))
        }
        method => Err(no_method(method)),
    }
}

/// Returns a calendar's id; calendar ids are constant, whatever kind of id is preferred (outlook-immutable-id.md).
pub fn id(calendar: &Calendar) -> String {
    let hash = ids::digest(&format!("calendar {} {}", calendar.user, calendar.key));
    format!("AQMkADAw{}", ids::rest(&ids::base64(&hash[..25])))
}

fn single(ask: &Ask, user: &User, calendar: &Calendar, status: u16) -> Outcome {
    let context = format!("{}/$metadata#users('{}')/calendar/$entity", ask.root, user.id);
    let mut out = Map::from_iter([("@odata.context".to_string(), Value::from(context))]);
    out.extend(selected(ask, show(user, calendar))?);
    Ok(Answer::json(status, out.into()))
}

fn selected(ask: &Ask, mut all: Map<String, Value>) -> Outcome<Map<String, Value>> {
    let Some(names) = odata::select(ask) else {
        return Ok(all);
    };
    if let Some(unknown) = names.iter().find(|it| !all.contains_key(it.as_str())) {
        let message = format!("Could not find a property named '{unknown}' on type 'microsoft.graph.calendar'.");
        return refuse(400, "RequestBroker--ParseUri", message);
    }
    all.retain(|name, _| name == "id" || names.contains(name));
    Ok(all)
}

fn show(user: &User, calendar: &Calendar) -> Map<String, Value> {
    let key = ids::base64(&ids::digest(&format!("calendar change {} {}", calendar.key, calendar.version))[..22]);
    let value = json!({
        "id": id(calendar),
        "name": calendar.name,
        "color": calendar.color,
        "hexColor": "",
        "isDefaultCalendar": calendar.default,
        "changeKey": key,
        "canShare": true,
        "canViewPrivateItems": true,
        "canEdit": calendar.can_edit,
        "allowedOnlineMeetingProviders": calendar.providers,
        "defaultOnlineMeetingProvider": calendar.provider,
        // Only the primary calendar tracks answers (calendar.md).
        "isTallyingResponses": calendar.default,
        "isRemovable": !calendar.default,
        "owner": {"name": user.name, "address": user.upn},
    });
    let mut map = match value {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    // Old names that samples still show (outlook-calendar-online-meetings.md).
    map.insert("isShared".into(), false.into());
    map.insert("isSharedWithMe".into(), false.into());
    map
}
