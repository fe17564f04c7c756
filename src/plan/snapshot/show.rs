//! Words that whoever plans declares shown again, and what a snapshot does not hold told.

use crate::kind::compare::{self, Compare};
use crate::kind::event::View;
use crate::kind::{Exception, Home, KindId, Read, body, keepsake};
use crate::model::{Ask, Desired, Have, Key, Live, Mailbox};
use crate::plan::snapshot::hide::{self, HIDDEN, SOMEBODY};
use crate::plan::{Input, Plan, clash, unread_series, unsure_times};
use crate::plural::count;
use crate::reason::Reason;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Shows what is hidden and declared: who knows words learns that they are the same.
pub(super) fn shown(live: &mut Live, desired: &[Desired]) {
    let wants: BTreeMap<&Key, &Desired> =
        desired.iter().flat_map(|want| want.keys().map(move |key| (key, want))).collect();
    let own: BTreeMap<&Key, &Desired> = desired.iter().map(|want| (&want.key, want)).collect();
    for have in &mut live.objects {
        let Some(want) = own.get(&have.key).or_else(|| wants.get(&have.key)) else { continue };
        let want = &want.opened();
        properties(&want.spec.own, &mut have.own);
        link(want, have);
        have.meeting.iter_mut().for_each(|meeting| properties(&want.spec.meeting, meeting));
        if have.key.kind().is_meeting {
            properties(&want.spec.meeting, &mut have.own);
        }
        text(want, have);
        for (date, occurrence) in have.occurrences.iter_mut().flat_map(|it| it.changed.iter_mut()) {
            properties(&want.spec.own, &mut occurrence.own);
            if let Some(Exception::Changed(own)) = want.spec.exceptions.get(date) {
                properties(own, &mut occurrence.own);
                text_of_date(own, &mut occurrence.own);
            }
        }
    }
}

fn properties(want: &Map<String, Value>, live: &mut Map<String, Value>) {
    for (name, want) in want {
        live.get_mut(name).into_iter().for_each(|live| words(want, live));
    }
    let mut declared = BTreeMap::new();
    let mut list = want.clone();
    keepsake::people(&mut list, |name| _ = declared.insert(compare::hash(&name.to_lowercase()), name.clone()));
    keepsake::people(live, |name| {
        let digest = name.strip_prefix(SOMEBODY).and_then(|it| it.split('@').next());
        if let Some(known) = digest.and_then(|digest| declared.get(digest)) {
            name.clone_from(known);
        }
    });
}

fn words(want: &Value, live: &mut Value) {
    match (want, live) {
        (Value::String(want), Value::String(live))
            if live.strip_prefix(HIDDEN).is_some_and(|digest| digest == compare::hash(want)) =>
        {
            live.clone_from(want);
        }
        // Lists have no order to rely on.
        (Value::Array(want), Value::Array(live)) => {
            live.iter_mut().for_each(|live| want.iter().for_each(|want| words(want, live)));
        }
        (Value::Object(want), Value::Object(live)) => {
            for (name, live) in live {
                want.get(name).into_iter().for_each(|want| words(want, live));
            }
        }
        _ => {}
    }
}

/// Puts the join link back that the declared text itself holds.
fn link(want: &Desired, have: &mut Have) {
    let (Some(declared), Some(hidden)) = (want.event(), have.event().and_then(View::join_url).map(str::to_owned))
    else {
        return;
    };
    let content = declared.content().replace("&amp;", "&");
    let mut words = content.split(|it: char| it.is_whitespace() || "\"'<>()".contains(it));
    if let Some(link) = words.find(|it| hide::link(it) == hidden) {
        keepsake::put_back(&mut have.own, &hidden, link);
    }
}

fn text(want: &Desired, have: &mut Have) {
    let Some(field) = have.key.kind().compared(Compare::Text) else { return };
    let (Some(want), Some(live)) = (want.spec.own.get(field.name), have.own.get(field.name)) else { return };
    let url = View::of(&have.own).join_url();
    let (hidden, said) = (body::text(live, url), body::text(want, None));
    if hidden.strip_prefix(HIDDEN).is_some_and(|digest| digest == compare::hash(&said)) {
        let shown = body::stand_in(live, Some(&said), url, url);
        have.own.insert(field.name.into(), shown);
    }
}

fn text_of_date(want: &Map<String, Value>, live: &mut Map<String, Value>) {
    let Some(field) = KindId::Event.kind().compared(Compare::Text) else { return };
    let (Some(want), Some(live)) = (want.get(field.name), live.get_mut(field.name)) else { return };
    let said = body::words(want, None);
    if said["content"].as_str().is_some_and(|it| live["content"] == format!("{HIDDEN}{}", compare::hash(it))) {
        *live = said;
    }
}

/// Marks what is declared and was not observed as unknown.
pub(super) fn unknown(live: &mut Live, desired: &[Desired]) {
    let nothing = |what: &str| {
        Reason::Snapshot
            .trouble(format!("the snapshot does not hold {what}"))
            .hint("who may read the mailboxes sees it in a plan without --against")
    };
    for want in desired {
        let organizer = &want.spec.organizer;
        let why = || nothing(&format!("the mailbox {organizer}"));
        let unread = || Mailbox { failure: Some(why()), no_id: Some(why()), ..Mailbox::default() };
        let mailbox = live.mailboxes.entry(organizer.clone()).or_insert_with(unread);
        if want.needs_meetings() && mailbox.id.is_none() && organizer != "me" {
            mailbox.no_id.get_or_insert_with(|| nothing(&format!("the object id of {organizer}")));
        }
        let calendar = want.spec.calendar.as_ref().filter(|name| !mailbox.calendars.contains_key(*name));
        if let (Some(name), None) = (calendar, &mailbox.failure) {
            live.unknown.insert(want.key.clone(), nothing(&format!("the calendar `{name}` of {organizer}")));
        }
    }
    let wants: BTreeMap<&Key, &Desired> = desired.iter().map(|want| (&want.key, want)).collect();
    for have in &live.objects {
        let Some(want) = wants.get(&have.key) else { continue };
        let declared = want.spec.own.look();
        let rows = have.key.kind().declared(Home::Own, &declared);
        let lacks =
            |field: &crate::kind::Field| field.read == Read::WhereDeclared && !have.own.contains_key(field.name);
        if let Some((field, _)) = rows.into_iter().find(|(field, _)| lacks(field)) {
            live.unknown.insert(have.key.clone(), nothing(&format!("`{}` of it", field.name)));
        }
    }
}

/// Says what the plan could not look at, though the snapshot holds the objects themselves.
pub(super) fn notes(plan: &Plan, input: &Input, asked: &[Ask]) -> Vec<String> {
    let was_asked = |ask: &Ask| {
        asked.iter().any(|it| {
            it.mailbox == ask.mailbox
                && it.addresses.is_superset(&ask.addresses)
                && it.from <= ask.from
                && it.until >= ask.until
        })
    };
    // A moment later the first slots may have passed, and the last ones come in.
    let asks = clash::asks(plan, input).into_iter().filter(|ask| !was_asked(ask));
    let rooms: BTreeSet<String> = asks.flat_map(|ask| ask.addresses).collect();
    let free = (!rooms.is_empty()).then(|| {
        format!(
            "the snapshot does not say whether {} {} free",
            list(&rooms),
            if rooms.len() == 1 { "is" } else { "are" }
        )
    });
    let series = named(unread_series(plan, input.live).iter());
    let dates =
        series.map(|keys| format!("the snapshot does not hold the single dates of {keys}: they may cost more mail"));
    let unsure = unsure_times(plan, input.desired, input.live);
    let unsure = named(unsure.keys());
    let times = unsure.map(|keys| format!("the times of {keys} may differ by zone tables alone"));
    free.into_iter().chain(dates).chain(times).collect()
}

fn named<'a>(keys: impl Iterator<Item = &'a Key>) -> Option<String> {
    let keys: BTreeSet<String> = keys.map(ToString::to_string).collect();
    (!keys.is_empty()).then(|| list(&keys))
}

fn list(names: &BTreeSet<String>) -> String {
    const TOLD: usize = 3;
    let told: Vec<&str> = names.iter().take(TOLD).map(String::as_str).collect();
    let more = names.len().saturating_sub(TOLD);
    if more == 0 { told.join(", ") } else { format!("{} and {more} more", told.join(", ")) }
}

/// Says how old the snapshot is and what that means.
pub(super) fn age(made: Timestamp, now: Timestamp) -> String {
    let minutes = usize::try_from(now.duration_since(made).as_mins()).unwrap_or_default();
    let old = match minutes {
        0 => "less than a minute".to_owned(),
        1..120 => count(minutes, "minute"),
        120..2880 => count(minutes / 60, "hour"),
        _ => count(minutes / 1440, "day"),
    };
    let at = made.strftime("%Y-%m-%d %H:%M UTC");
    format!(
        "planned against a snapshot of {at}, {old} old: nothing was asked of Graph, and this plan cannot be approved or applied"
    )
}
