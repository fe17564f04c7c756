//! Checks of sign-in, permissions, policies, mailboxes, calendars and zones, before anything is planned.
//!
//! Reads only. Every finding is one line, and what fails comes with what mends it. It knows what a plan would need, not what
//! it would do.

use crate::graph::{Client, Failure, Get};
use crate::model::Desired;
use crate::plural::count;
use crate::route;
use crate::trouble::Trouble;
use crate::when;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What was looked at: `sign-in`, `mailbox`, `calendar`, `provider`, `time zone`, `online meetings`.
    pub check: &'static str,
    /// Whose or which.
    pub of: String,
    pub ok: bool,
    /// What was found.
    pub found: String,
    /// What to do about it, only where something is wrong; further lines are commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Check {
    /// Returns the word for how it went.
    pub fn word(&self) -> &'static str {
        if self.ok { "ok" } else { "failed" }
    }
}

/// Says how many checks there were and how many of them failed.
pub fn summary(findings: &[Check]) -> String {
    let checks = count(findings.len(), "check");
    match findings.iter().filter(|finding| !finding.ok).count() {
        0 => format!("{checks}, all well"),
        failed => format!("{checks}, {failed} failed"),
    }
}

/// The name of the checks of calendars.
const CALENDAR: &str = "calendar";

/// A join link that no meeting has: looking it up tells whether online meetings may be read, and finds nothing.
const NO_MEETING: &str = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_convoke%40thread.v2/0";

/// Checks every mailbox that the manifests, the workspace and the state name; sorted by mailbox.
pub async fn examine(client: &Client, desired: &[Desired], mailboxes: &BTreeSet<String>) -> Vec<Check> {
    let grants = match client.grants().await {
        Ok(grants) => grants,
        Err(error) => {
            let Trouble { what: found, hint: mend, .. } = Trouble::of(&error);
            let of = client.host().to_owned();
            return vec![Check { check: "sign-in", of, ok: false, found, mend }];
        }
    };
    let organizers: BTreeSet<&String> = desired.iter().map(|want| &want.spec.organizer).chain(mailboxes).collect();
    let organizers: Vec<&String> = organizers.into_iter().collect();
    let get = |organizer: &str, path: String| Get { mailbox: organizer.into(), path, prefer: None };
    let below = |rest: &str| organizers.iter().map(|it| get(it, route::mailbox(it) + rest)).collect();
    let (users, calendars, zones) = tokio::join!(
        client.read(below("?$select=id,userPrincipalName")),
        client.list(below("/calendars")),
        client.read(below("/outlook/supportedTimeZones")),
    );
    let ids: BTreeMap<&String, String> = organizers
        .iter()
        .zip(&users)
        .filter_map(|(organizer, user)| Some((*organizer, user.as_ref().ok()?["id"].as_str()?.to_owned())))
        .collect();
    let meetings = meetings(client, desired, &ids).await;

    let mut findings = granted(client, desired, grants.as_deref());
    for (place, organizer) in organizers.iter().enumerate() {
        let mine: Vec<&Desired> = desired.iter().filter(|want| want.spec.organizer == **organizer).collect();
        findings.push(seen(client, "mailbox", organizer, "exists", users[place].as_ref().map(|_| ())));
        // Online meetings stand in no calendar: who has nothing else needs none.
        let events = mine.is_empty() || mine.iter().any(|want| want.key.kind().in_calendar);
        match &calendars[place] {
            Ok(all) => findings.extend(of_calendars(organizer, &mine, all)),
            Err(_) if !events => {}
            Err(failure) => findings.push(seen(client, CALENDAR, organizer, "", Err(failure))),
        }
        if let (Ok(known), true) = (&zones[place], !mine.is_empty()) {
            findings.extend(of_zones(organizer, &mine, known));
        }
        if let Some(answer) = meetings.get(organizer) {
            let answer = match answer {
                Err(failure) if failure.is_absent() => Ok(()),
                Ok(_) => Ok(()),
                Err(failure) => Err(failure),
            };
            findings.push(seen(client, "online meetings", organizer, "may be read", answer));
        }
    }
    findings
}

/// The sign-in went through; and what the token grants is enough, where it shows what it grants.
fn granted(client: &Client, desired: &[Desired], grants: Option<&[String]>) -> Vec<Check> {
    let of = client.host().to_owned();
    let mut findings =
        vec![Check { check: "sign-in", of: of.clone(), ok: true, found: "a token was issued".into(), mend: None }];
    let meetings = desired.iter().any(Desired::needs_meetings);
    let events = desired.iter().any(|want| want.key.kind().in_calendar);
    for (needed, name, app) in [
        (events, "Calendars.ReadWrite", "Calendars.ReadWrite"),
        (meetings, "OnlineMeetings.ReadWrite", "OnlineMeetings.ReadWrite.All"),
    ] {
        let Some(grants) = grants.filter(|_| needed) else { continue };
        let ok = grants.iter().any(|it| *it == name || *it == app || *it == format!("{name}.Shared"));
        let found = if ok {
            format!("`{name}` is granted")
        } else {
            format!("the token does not grant `{name}`: plan works, apply does not")
        };
        let mend = (!ok).then(|| {
            format!("add the application permission `{app}` (delegated: `{name}`) and have an administrator consent")
        });
        findings.push(Check { check: "permissions", of: of.clone(), ok, found, mend });
    }
    findings
}

/// Looks up a meeting that is not there, for each organizer whose manifests need online meetings.
async fn meetings<'a>(
    client: &Client,
    desired: &[Desired],
    ids: &BTreeMap<&'a String, String>,
) -> BTreeMap<&'a String, Result<Value, Failure>> {
    let needed: BTreeSet<&String> =
        desired.iter().filter(|want| want.needs_meetings()).map(|want| &want.spec.organizer).collect();
    let asked: Vec<(&&String, &String)> = ids.iter().filter(|(organizer, _)| needed.contains(*organizer)).collect();
    let gets = asked.iter().map(|(organizer, id)| Get {
        mailbox: organizer.to_string(),
        path: route::meetings(organizer, id) + &route::by_join_url(NO_MEETING),
        prefer: Some(route::MEETING_PREFER.into()),
    });
    let answers = client.read(gets.collect()).await;
    asked.into_iter().map(|(organizer, _)| *organizer).zip(answers).collect()
}

fn seen(client: &Client, check: &'static str, of: &str, good: &str, answer: Result<(), &Failure>) -> Check {
    let of = of.to_owned();
    match answer {
        Ok(()) => Check { check, of, ok: true, found: good.into(), mend: None },
        Err(failure) => {
            let Trouble { what: found, hint: mend, .. } = client.trouble(failure);
            Check { check, of, ok: false, found, mend }
        }
    }
}

/// Every declared calendar is there, may be edited, and allows the providers that its events want (calendar.md).
fn of_calendars(organizer: &str, mine: &[&Desired], all: &[Value]) -> Vec<Check> {
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
        let finding = |check, ok, found: String, mend: Option<String>| Check { check, of: of.clone(), ok, found, mend };
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

/// The zones that are sent are among those that the mailbox server knows (outlookuser-supportedtimezones.md).
fn of_zones(organizer: &str, mine: &[&Desired], known: &Value) -> Vec<Check> {
    let known: BTreeSet<&str> =
        known["value"].as_array().into_iter().flatten().filter_map(|zone| zone["alias"].as_str()).collect();
    let sent = mine.iter().filter_map(|want| want.event()?.zone_name()).collect::<BTreeSet<_>>();
    // A name that goes out as it is, because its Windows zone keeps other times, stands in no list of Windows names.
    let unknown =
        sent.iter().filter(|zone| !known.contains(**zone) && when::windows(zone).is_some_and(|it| it == **zone));
    let unknown: Vec<&str> = unknown.copied().collect();
    let (ok, of) = (unknown.is_empty(), organizer.to_owned());
    let found = if ok {
        "all known to the mailbox".to_owned()
    } else {
        format!("not known to the mailbox: {}", unknown.join(", "))
    };
    let mend = (!ok).then(|| "write another zone with the same clock times".to_owned());
    if sent.is_empty() { vec![] } else { vec![Check { check: "time zones", of, ok, found, mend }] }
}
