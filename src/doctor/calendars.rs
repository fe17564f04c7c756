//! Calendars: whether each that is declared is there, may be edited, and allows what its events want.

use crate::doctor::{CALENDAR, Check};
use crate::model::Desired;
use crate::trouble::Hint;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Every declared calendar is there, may be edited, and allows the providers that its events want (calendar.md).
pub(super) fn of_calendars(organizer: &str, mine: &[&Desired], all: &[Value]) -> Vec<Check> {
    let events = mine.iter().filter_map(|want| Some((want, want.event()?)));
    let mut wanted: BTreeMap<Option<&String>, BTreeSet<&str>> = BTreeMap::new();
    for (want, event) in events {
        let provider = event.provider().filter(|_| event.is_online());
        wanted.entry(want.spec.calendar.as_ref()).or_default().extend(provider);
    }
    let mut findings = vec![];
    for (name, providers) in wanted {
        let is = |value: &&Value| match name {
            Some(name) => value["name"] == name.as_str(),
            None => value["isDefaultCalendar"] == true,
        };
        let of =
            format!("{organizer}, {}", name.map_or("default calendar".into(), |name| format!("calendar `{name}`")));
        let finding = |check, ok, found: String, mend: Option<String>| Check {
            check,
            of: of.clone(),
            ok,
            found,
            mend: mend.map(Hint::from),
        };
        let Some(calendar) = all.iter().find(is) else {
            let names: Vec<_> = all.iter().filter_map(|it| it["name"].as_str()).map(|it| format!("`{it}`")).collect();
            let mend = format!("make it in Outlook, or name one of {}", names.join(", "));
            findings.push(finding(CALENDAR, false, "is not there".into(), Some(mend)));
            continue;
        };
        let editable = calendar["canEdit"] != false;
        let mend = (!editable).then(|| "share the calendar with the right to edit, or use another".to_owned());
        let found = if editable { "can be edited" } else { "cannot be edited with this sign-in" };
        findings.push(finding(CALENDAR, editable, found.into(), mend));
        let allowed: Vec<&str> = calendar["allowedOnlineMeetingProviders"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for provider in providers {
            let ok = allowed.contains(&provider);
            let found = format!("`{provider}` is {}allowed", if ok { "" } else { "not " });
            let mend = (!ok).then(|| {
                let others = if allowed.is_empty() { "none".into() } else { allowed.join(", ") };
                format!("give the organizer a Teams licence, or use an allowed provider: {others}")
            });
            findings.push(finding("provider", ok, found, mend));
        }
    }
    findings
}
