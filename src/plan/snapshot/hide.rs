//! What opens a meeting taken out of what was observed, and words of others turned into digests.
//!
//! Words are ours where they stand as they were sent: then they stand in the repository too. A digest lets who declares the same
//! words see that they are the same, and lets nobody read others; who guesses words can tell whether the guess is right.

use crate::kind::compare::{self, Compare};
use crate::kind::event::View;
use crate::kind::landed::{self, Text};
use crate::kind::{Exception, Field, Home, body, fingerprint, keepsake};
use crate::model::{EXCEPTIONS, Have, Key, Live, Record, Records};
use crate::plan::last::{Last, last_of};
use crate::plan::{Input, Plan};
use crate::redact::Known;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stands before the digest of words.
pub(super) const HIDDEN: &str = "(not shown) ";

/// What stands before the digest of a person's name.
pub(super) const SOMEBODY: &str = "hidden-";

/// Returns what a plan was made from without what others must not see.
pub(super) fn hidden(plan: &Plan, input: &Input) -> (Live, Records) {
    let (mut live, mut records) = (input.live.clone(), input.records.clone());
    let mut resources = BTreeMap::clone(&records.resources);
    for have in &mut live.objects {
        let before = have.clone();
        let last = last_of(input.records.resources.get(&have.key), &before);
        let hiding = Hiding { known: &plan.secrets, last: &last };
        hiding.object(have);
        hiding.text(&before, have, resources.get_mut(&have.key).filter(|record| record.id == before.id));
    }
    resources.iter_mut().for_each(|(key, record)| record_of(key, record));
    records.resources = Arc::new(resources);
    let mailboxes = live.mailboxes.values_mut();
    let troubles = mailboxes.flat_map(|it| [&mut it.failure, &mut it.unsearched, &mut it.no_id]).flatten();
    let schedules = live.schedules.values_mut().filter_map(|it| it.failure.as_mut());
    troubles.chain(schedules).chain(live.unknown.values_mut()).for_each(|it| plan.secrets.hide_in_trouble(it));
    (live, records)
}

/// Whoever knows the id of a meeting is near its join link.
fn meeting_id(id: &str) -> String {
    if id.is_empty() { String::new() } else { format!("meeting-{}", compare::hash(id)) }
}

/// What stands for a join link.
pub(super) fn link(url: &str) -> String {
    format!("https://join.invalid/{}", compare::hash(url))
}

fn record_of(key: &Key, record: &mut Record) {
    record.join_web_url = record.join_web_url.as_deref().map(link);
    if key.kind().is_meeting {
        record.id = meeting_id(&record.id);
        record.replaced.iter_mut().for_each(|it| it.id = meeting_id(&it.id));
    }
}

struct Hiding<'a> {
    known: &'a Known,
    last: &'a Last<'a>,
}

impl Hiding<'_> {
    fn object(&self, have: &mut Have) {
        let kind = have.key.kind();
        self.properties(have, Home::Own);
        if kind.is_meeting {
            have.id = meeting_id(&have.id);
            have.own.entry("id").and_modify(|id| *id = json!(meeting_id(id.as_str().unwrap_or_default())));
        }
        self.properties(have, Home::Meeting);
        if let Some(meeting) = &mut have.meeting {
            meeting.entry("id").and_modify(|id| *id = json!(meeting_id(id.as_str().unwrap_or_default())));
        }
        let changed = have.occurrences.iter_mut().flat_map(|it| it.changed.iter_mut());
        for (date, occurrence) in changed {
            let name = format!("{EXCEPTIONS}{date}");
            let declared = [self.last.landed(&name), self.last.declared(&name)];
            let ours = declared.into_iter().flatten().any(|it| {
                it.contains(' ') && fingerprint::exception_still(it, kind, &Exception::Skipped, &occurrence.own)
            });
            keepsake::keep(kind, &mut occurrence.own, link);
            for name in keepsake::WORDS {
                let value = occurrence.own.get_mut(name);
                value.into_iter().for_each(|value| self.words(value, ours));
            }
            if let Some(words) =
                kind.compared(Compare::Text).and_then(|it| occurrence.own.get_mut(it.name)?.get_mut("content"))
            {
                self.words(words, ours);
            }
            self.people(&mut occurrence.own, self.last.declared(&name).unwrap_or_default());
        }
    }

    /// Hides the words and people of one home.
    fn properties(&self, have: &mut Have, home: Home) {
        let kind = have.key.kind();
        let own = if home == Home::Own { Some(&mut have.own) } else { have.meeting.as_deref_mut() };
        let Some(own) = own else { return };
        keepsake::keep(kind, own, link);
        for name in keepsake::WORDS {
            let Some(value) = own.get_mut(name) else { continue };
            let ours = kind.field(home, name).is_some_and(|field| self.is_ours(field, value));
            self.words(value, ours);
        }
        self.people(own, "");
    }

    /// Hides whom we did not invite; `date` is the fingerprint of what one date of a series declares, which may name some.
    fn people(&self, own: &mut Map<String, Value>, date: &str) {
        keepsake::people(own, |name| {
            let digest = compare::hash(&name.to_lowercase());
            if !self.last.is_ours(&digest) && !fingerprint::names(date, &digest) {
                let domain = name.rsplit_once('@').map(|(_, domain)| format!("@{domain}")).unwrap_or_default();
                *name = format!("{SOMEBODY}{digest}{domain}");
            }
        });
    }

    /// Whether a property stands as it was sent.
    fn is_ours(&self, field: &Field, live: &Value) -> bool {
        let name = field.label();
        let sent = [self.last.landed(&name), self.last.declared(&name)];
        sent.into_iter().flatten().any(|it| fingerprint::still(it, field.compare, live, live))
    }

    /// Turns words into digests, unless they are ours and open nothing.
    fn words(&self, value: &mut Value, ours: bool) {
        match value {
            Value::String(text) if !(text.is_empty() || ours && self.is_harmless(text)) => {
                *text = format!("{HIDDEN}{}", compare::hash(text));
            }
            Value::Array(items) => items.iter_mut().for_each(|it| self.words(it, ours)),
            Value::Object(members) => members.values_mut().for_each(|it| self.words(it, ours)),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn is_harmless(&self, text: &str) -> bool {
        let mut shown = text.to_owned();
        self.known.hide_in(&mut shown);
        shown == text
    }

    /// Hides the text of an event and its join block; how it landed is then told of what stands there instead.
    fn text(&self, before: &Have, have: &mut Have, record: Option<&mut Record>) {
        let Some(field) = have.key.kind().compared(Compare::Text) else { return };
        let Some(live) = before.own.get(field.name) else { return };
        let (name, url) = (field.label(), View::of(&before.own).join_url());
        let words = body::text(live, url);
        let landed = self.last.landed(&name).and_then(Text::read);
        let ours = landed.is_some_and(|landed| landed.words == compare::hash(&words));
        let certain = !View::of(&before.own).is_online() || body::author_text(live, url).is_some();
        let text = body::author_text(live, url).unwrap_or_default();
        let shown = match ours && certain && self.is_harmless(text) || words.is_empty() {
            true => None,
            false => Some(format!("{HIDDEN}{}", compare::hash(&words))),
        };
        let masked = body::stand_in(live, shown.as_deref(), url, url.map(link).as_deref());
        if let Some(record) = record
            && let Some(rest) = record.landed.fields.get(&name).and_then(|it| it.strip_prefix(&landed::whole(live)))
        {
            let masked = format!("{}{rest}", landed::whole(&masked));
            record.landed.fields.insert(name, masked);
        }
        have.own.insert(field.name.into(), masked);
    }
}
