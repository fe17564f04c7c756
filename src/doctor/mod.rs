//! Checks of sign-in, permissions, policies, mailboxes, calendars and zones, before anything is planned.
//!
//! Reads only. Every finding is one line, and what fails comes with what mends it. It knows what a plan would need, not what
//! it would do.

mod calendars;
mod expiry;
mod mailboxes;
mod zones;

use crate::doctor::calendars::of_calendars;
use crate::graph::{Client, Failure, Get};
use crate::model::{Desired, Records};
use crate::plural::count;
use crate::redact;
use crate::route;
use crate::trouble::{Hint, Trouble};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What was looked at: `sign-in`, `mailbox`, `calendar`, `provider`, `time zones`, `online meetings`, `expiry`.
    pub check: &'static str,
    /// Whose or which.
    pub of: String,
    pub ok: bool,
    /// What was found.
    pub found: String,
    /// What to do about it, where something is wrong or will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<Hint>,
}

impl Check {
    /// Returns the word for how it went.
    pub fn word(&self) -> &'static str {
        match (self.ok, &self.mend) {
            (true, None) => "ok",
            (true, Some(_)) => "note",
            (false, _) => "failed",
        }
    }
}

/// Says how many checks there were and how many of them failed.
pub fn summary(findings: &[Check]) -> String {
    let checks = count(findings.len(), "check");
    let number = |word: &str| findings.iter().filter(|finding| finding.word() == word).count();
    let notes = match number("note") {
        0 => String::new(),
        notes => format!(", {}", count(notes, "note")),
    };
    match number("failed") {
        0 => format!("{checks}, all well{notes}"),
        failed => format!("{checks}, {failed} failed{notes}"),
    }
}

/// The name of the checks of calendars.
const CALENDAR: &str = "calendar";

/// A join link that no meeting has: looking it up tells whether online meetings may be read, and finds nothing.
const NO_MEETING: &str = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_convoke%40thread.v2/0";

/// What is known before anything is asked.
pub struct Known<'a> {
    /// What the manifests declare.
    pub desired: &'a [Desired],
    /// Mailboxes that the workspace and the state name.
    pub mailboxes: &'a BTreeSet<String>,
    /// Object ids that the state knows, by organizer.
    pub ids: &'a BTreeMap<String, String>,
    /// What was applied before.
    pub records: &'a Records,
    pub now: Timestamp,
}

/// Checks every mailbox that the manifests, the workspace and the state name; sorted by mailbox.
///
/// Names of calendars and answers of Graph may hold what opens a meeting: it is hidden.
pub async fn examine(client: &Client, known: &Known<'_>) -> Vec<Check> {
    let mut findings = examined(client, known).await;
    let secrets = redact::Known::default();
    for Check { found, mend, .. } in &mut findings {
        secrets.hide_in(found);
        mend.iter_mut().for_each(|mend| secrets.hide_in_hint(mend));
    }
    findings
}

async fn examined(client: &Client, known: &Known<'_>) -> Vec<Check> {
    let desired = known.desired;
    let grants = match client.grants().await {
        Ok(grants) => grants,
        Err(error) => {
            let Trouble { what: found, hint: mend, .. } = Trouble::of(&error);
            let of = client.host().to_owned();
            return vec![Check { check: "sign-in", of, ok: false, found, mend }];
        }
    };
    let organizers: BTreeSet<&String> =
        desired.iter().map(|want| &want.spec.organizer).chain(known.mailboxes).collect();
    let organizers: Vec<&String> = organizers.into_iter().collect();
    let lists = organizers.iter().map(|it| Get {
        mailbox: it.to_string(),
        path: route::mailbox(it) + "/calendars",
        prefer: None,
    });
    let (owners, calendars, mut zones) = tokio::join!(
        mailboxes::owners(client, known, &organizers),
        client.list(lists.collect()),
        zones::zones(client, desired),
    );
    let ids = organizers.iter().zip(&owners);
    let ids: BTreeMap<&String, String> = ids.filter_map(|(it, owner)| Some((*it, owner.id()?.to_owned()))).collect();
    let (mut meetings, expiring) = tokio::join!(meetings(client, desired, &ids), expiry::expiring(client, known, &ids));

    let mut findings = granted(client, desired, grants.as_deref());
    for ((organizer, owner), calendars) in organizers.iter().zip(&owners).zip(&calendars) {
        let mine: Vec<&Desired> = desired.iter().filter(|want| want.spec.organizer == **organizer).collect();
        findings.push(mailboxes::check(client, organizer, owner));
        // Online meetings stand in no calendar: who has nothing else needs none.
        let events = mine.is_empty() || mine.iter().any(|want| want.key.kind().in_calendar);
        match calendars {
            Ok(all) => findings.extend(of_calendars(organizer, &mine, all)),
            Err(_) if !events => {}
            Err(failure) => findings.push(seen(client, CALENDAR, organizer, "", Err(failure))),
        }
        findings.extend(zones.remove(*organizer));
        let answer = meetings.remove(*organizer).map(|answer| match answer {
            Err(failure) if failure.is_absent() => Ok(()),
            other => other.map(|_| ()),
        });
        findings.extend(
            answer.map(|it| seen(client, "online meetings", organizer, "may be read", it.as_ref().map(|_| ()))),
        );
    }
    findings.extend(expiring);
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
                .into()
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
