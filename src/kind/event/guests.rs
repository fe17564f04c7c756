//! Who is invited to one date of a series besides everybody, who is not, and how that and the text of a date are held
//! against a live one.
//!
//! In an expanded exception this is an object: by address in lower case Graph's entry of whom the date adds, or null for whom it
//! leaves out. Who else is on the list of the date is no concern of the exception's.

use crate::kind::event::View;
use crate::kind::event::attendees::{self, Attendee};
use crate::kind::roster::RosterLeftOut;
use crate::kind::{Fault, body, compare, mailbox};
use schemars::JsonSchema;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Who is invited on one date, and who is not.
#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Guests {
    /// Who is invited on that date only, or in another way than to the series. Each gets an invitation.
    #[schemars(example = &["candidate@fabrikam.example"], length(min = 1))]
    pub add: Option<Vec<Attendee>>,
    /// Attendees of the series who are not invited on that date, or a roster of them. Each gets a cancellation.
    #[schemars(example = &["lee@contoso.example"], length(min = 1))]
    pub remove: Option<Vec<LeftOut>>,
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum LeftOut {
    /// The address of an attendee of the series.
    Address(#[schemars(extend("x-form" = "address"))] String),
    Roster(RosterLeftOut),
}

/// Turns what stands at `here` into its expanded form. `invited` are the attendees of the series in Graph's form, where it says
/// who they are.
pub(super) fn expand(value: &Value, here: &str, invited: Option<&Value>, faults: &mut Vec<Fault>) -> Option<Value> {
    let mut all = Map::new();
    let before = faults.len();
    let series = |address: &str| {
        let list = invited.and_then(Value::as_array);
        list.map(|list| list.iter().find(|it| compare::address(it).as_deref() == Some(address)))
    };
    if let Some(list) = value.get("add") {
        let at = format!("{here}/add");
        let entries = attendees::expand(list, &at, faults);
        for (index, entry) in entries.as_array().into_iter().flatten().enumerate() {
            let address = compare::address(entry)?;
            if series(&address).flatten().is_some_and(|it| it["type"] == entry["type"]) {
                let message = format!("`{address}` is invited to every date of the series");
                faults.push(Fault::new(&format!("{at}/{index}"), message, "leave it out").and("/attendees"));
            }
            all.insert(address, entry.clone());
        }
    }
    for (index, text) in value.get("remove").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let at = format!("{here}/remove/{index}");
        let Some(address) = text.as_str().and_then(|text| mailbox::address(text, &at, faults)) else { continue };
        match (all.get(&address), series(&address)) {
            (Some(Value::Null), _) => {
                faults.push(Fault::new(&at, format!("`{address}` is left out twice"), "leave it out once"))
            }
            (Some(_), _) => {
                let message = format!("`{address}` is added and left out on one date");
                faults.push(Fault::new(&at, message, "leave one of them out").and(&format!("{here}/add")));
            }
            (None, Some(None)) => {
                let message = format!("`{address}` is no attendee of the series");
                faults.push(Fault::new(&at, message, "write the address as `attendees` has it").and("/attendees"));
            }
            (None, Some(Some(_)) | None) => {}
        }
        all.insert(address, Value::Null);
    }
    if faults.len() > before {
        return None;
    }
    if all.is_empty() {
        faults.push(Fault::new(here, "nobody is added and nobody left out", "write `add` or `remove`"));
        return None;
    }
    Some(all.into())
}

/// Whom the expanded attendees of a date add.
pub(super) fn added(guests: &Value) -> impl Iterator<Item = &Value> {
    guests.as_object().into_iter().flat_map(Map::values).filter(|it| it.is_object())
}

/// Returns the properties of one date, declared or live, in a form in which the two can be compared: the text by its words, and
/// each attendee by a hash of the address with the part that they have, null for whom the date leaves out.
pub fn seen(own: &Map<String, Value>) -> Cow<'_, Map<String, Value>> {
    let (people, text) = (own.get("attendees"), own.get("body").filter(|it| it.is_object()));
    if people.is_none() && text.is_none() {
        return Cow::Borrowed(own);
    }
    let mut seen = own.clone();
    if let Some(people) = people {
        let part = |entry: &Value| entry["type"].as_str().unwrap_or("required").to_owned();
        let listed = people.as_array().into_iter().flatten().filter_map(|it| Some((compare::address(it)?, it)));
        let named = people.as_object().into_iter().flatten().map(|(address, it)| (address.clone(), it));
        let all = listed
            .chain(named)
            .map(|(address, it)| (compare::hash(&address), if it.is_null() { Value::Null } else { part(it).into() }));
        seen.insert("attendees".into(), Value::Object(all.collect()));
    }
    if let Some(text) = text {
        seen.insert("body".into(), body::words(text, View::of(own).join_url()));
    }
    Cow::Owned(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_date_says_of_guests_is_read_or_refused_in_its_place() {
        let invited = json!([{"emailAddress": {"address": "lee@a.example"}, "type": "required"}]);
        for (value, expect) in [
            (json!({"add": ["ann@b.example"], "remove": ["Lee@a.example"]}), "ann@b.example lee@a.example"),
            (json!({"add": [{"address": "lee@a.example", "type": "optional"}]}), "lee@a.example"),
            (json!({"add": ["lee@a.example"]}), "/x/add/0: `lee@a.example` is invited to every date of the series"),
            (json!({"remove": ["leo@a.example"]}), "/x/remove/0: `leo@a.example` is no attendee of the series"),
            (json!({"remove": ["lee@a.example", "lee@a.example"]}), "/x/remove/1: `lee@a.example` is left out twice"),
            (
                json!({"add": ["ann@b.example"], "remove": ["ann@b.example"]}),
                "/x/remove/0: `ann@b.example` is added and left out on one date",
            ),
            (json!({}), "/x: nobody is added and nobody left out"),
        ] {
            let mut faults = vec![];
            let got = match expand(&value, "/x", Some(&invited), &mut faults) {
                Some(all) => all.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" "),
                None => format!("{}: {}", faults[0].at[0], faults[0].message),
            };
            assert_eq!(got, expect, "{value}");
        }
    }
}
