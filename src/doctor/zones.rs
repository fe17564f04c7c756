//! Time zones: whether the mailbox server knows those that are sent. Each mailbox has a list of its own, which is asked once in
//! each style of names that it is sent (outlookuser-supportedtimezones.md).

use crate::doctor::Check;
use crate::graph::{Client, Get};
use crate::model::Desired;
use crate::route;
use crate::when;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The zones that the events of one mailbox are sent in.
struct Sent<'a> {
    organizer: &'a str,
    /// Whether they are names of Windows.
    windows: bool,
    names: BTreeSet<&'a str>,
}

/// Checks the zones of every mailbox that events are sent to; where a list cannot be read, nothing is said of it.
pub(super) async fn zones(client: &Client, desired: &[Desired]) -> BTreeMap<String, Check> {
    let sent = sent(desired);
    let gets = sent.iter().map(|it| {
        let style = if it.windows { "" } else { "(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')" };
        let path = format!("{}/outlook/supportedTimeZones{style}", route::mailbox(it.organizer));
        Get { mailbox: it.organizer.to_owned(), path, prefer: None }
    });
    let answers = client.read(gets.collect()).await;
    let mut unknown: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (it, answer) in sent.iter().zip(&answers) {
        let Ok(answer) = answer else { continue };
        let known: BTreeSet<String> = names(answer).map(str::to_lowercase).collect();
        let missing = it.names.iter().filter(|name| !known.contains(&name.to_lowercase()));
        unknown.entry(it.organizer).or_default().extend(missing);
    }
    unknown.into_iter().map(|(organizer, names)| (organizer.to_owned(), check(organizer, names))).collect()
}

fn sent(desired: &[Desired]) -> Vec<Sent<'_>> {
    let mut all: BTreeMap<(&str, bool), BTreeSet<&str>> = BTreeMap::new();
    for want in desired {
        let names = want.event().map(|event| [event.zone_name(), event.series_zone_name()]);
        for name in names.into_iter().flatten().flatten() {
            let windows = when::windows(name) == Some(name);
            all.entry((want.spec.organizer.as_str(), windows)).or_default().insert(name);
        }
    }
    all.into_iter().map(|((organizer, windows), names)| Sent { organizer, windows, names }).collect()
}

fn names(answer: &Value) -> impl Iterator<Item = &str> {
    answer["value"].as_array().into_iter().flatten().filter_map(|zone| zone["alias"].as_str())
}

fn check(organizer: &str, unknown: BTreeSet<&str>) -> Check {
    let names = unknown.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let ok = names.is_empty();
    let found = if ok { "all known to the mailbox".to_owned() } else { format!("not known to the mailbox: {names}") };
    let mend = (!ok).then(|| "write another zone with the same clock times".into());
    Check { check: "time zones", of: organizer.to_owned(), ok, found, mend }
}
