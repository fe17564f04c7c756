//! Directory look-ups: one user by id, name or alias, and `/me` (user-get.md).

use serde_json::{Map, Value, json};

use crate::sandbox::{
    answer::{Answer, Outcome, no_method, refuse},
    ask::Ask,
    filter, odata,
    user::User,
    world::World,
};

/// What a user shows when nothing is selected (user-get.md).
const DEFAULT: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// Answers a user.
pub fn one(world: &mut World, ask: &Ask, name: &str) -> Outcome {
    if ask.method != "GET" {
        return Err(no_method(&ask.method));
    }
    let user = world.user(name)?;
    let context = format!("{}/$metadata#users/$entity", ask.root);
    let mut out = Map::from_iter([("@odata.context".to_string(), Value::from(context))]);
    out.extend(show(ask, &user)?);
    Ok(Answer::json(200, out.into()))
}

/// Answers the users that the tenant has so far, with `$filter` on what `all` holds.
pub fn list(world: &World, ask: &Ask) -> Outcome {
    if ask.method != "GET" {
        return Err(no_method(&ask.method));
    }
    let filter = ask.option("$filter").map(filter::parse).transpose()?;
    let fits = |user: &User| {
        let value = Value::Object(all(user));
        // The directory compares without case (query-parameters.md).
        filter.as_ref().is_none_or(|it| filter::meets(it, &|path| filter::walk(&value, path), false))
    };
    let users: Vec<_> = world.directory.all().filter(|it| fits(it)).collect();
    odata::page(ask, "users", &users, |user| show(ask, user).map(Value::from))
}

fn show(ask: &Ask, user: &User) -> Outcome<Map<String, Value>> {
    let all = all(user);
    let select = odata::select(ask);
    if let Some(unknown) = select.iter().flatten().find(|it| !all.contains_key(it.as_str())) {
        let message = format!("Could not find a property named '{unknown}' on type 'microsoft.graph.user'.");
        return refuse(400, "Request_BadRequest", message);
    }
    let wanted = |name: &String| match &select {
        Some(names) => names.contains(name),
        None => DEFAULT.contains(&name.as_str()),
    };
    Ok(all.into_iter().filter(|(name, _)| wanted(name)).collect())
}

/// Everything that the directory knows of a user.
pub fn all(user: &User) -> Map<String, Value> {
    let (given, surname) = user.name.split_once(' ').unwrap_or((&user.name, ""));
    let mut addresses = vec![format!("SMTP:{}", user.upn)];
    addresses.extend(user.aliases.iter().map(|it| format!("smtp:{it}")));
    let value = json!({
        "businessPhones": [],
        "displayName": user.name,
        "givenName": given,
        "jobTitle": null,
        "mail": user.mailbox.then_some(&user.upn),
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "surname": surname,
        "userPrincipalName": user.upn,
        "id": user.id,
        "accountEnabled": true,
        "userType": "Member",
        "proxyAddresses": addresses,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
