//! Digests of the live values that the requests of a step overwrite or remove.
//!
//! What others added and what stays as it is are left out: guests of theirs, and all that no request holds.

use super::{Told, addresses};
use crate::kind::compare::{self, Compare};
use crate::kind::event::View;
use crate::kind::{Exception, Field, Home, body, fingerprint};
use crate::model::{Body, EXCEPTIONS, Have, Occurrences, Purpose};
use crate::plan::diff;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Told<'_> {
    /// Digests of what the requests overwrite or remove.
    pub(super) fn seen(&self) -> BTreeMap<String, String> {
        let mut seen = BTreeMap::new();
        let Some(have) = self.have else { return seen };
        for request in &self.step.requests {
            let members = request.body.as_ref().map(Body::members);
            let body = members.as_ref();
            match request.purpose {
                Purpose::CancelEvent | Purpose::DeleteMeeting => seen.extend(self.removed(have)),
                Purpose::ChangeOccurrence => {
                    seen.extend(request.exception.iter().map(|name| (name.clone(), self.date(have, name, body))));
                }
                Purpose::SkipOccurrence => {
                    seen.extend(request.exception.iter().map(|name| (name.clone(), self.date(have, name, None))));
                }
                Purpose::SetOptions => {
                    let live = have.teams_meeting().cloned().unwrap_or_default();
                    seen.extend(body.into_iter().flat_map(|body| self.overwritten(Home::Meeting, body, &live)));
                }
                it if it.writes() => {
                    seen.extend(body.into_iter().flat_map(|body| self.overwritten(Home::Own, body, &have.own)));
                    let options =
                        |live| body.into_iter().flat_map(move |body| self.overwritten(Home::Meeting, body, live));
                    seen.extend(
                        have.teams_meeting().filter(|_| have.key.kind().is_meeting).into_iter().flat_map(options),
                    );
                }
                _ => {}
            }
        }
        // What is ours alone: protection, and where the object lives.
        let of_graph = |name: &str| name.starts_with(EXCEPTIONS) || diff::row(have.key.kind(), name).is_some();
        let ours = self.step.changes.iter().filter(|it| !of_graph(&it.field));
        seen.extend(ours.map(|it| (it.field.to_string(), compare::hash(&it.current.to_string()))));
        seen
    }

    /// What is live of the properties that a body holds.
    fn overwritten(&self, home: Home, body: &Map<String, Value>, live: &Map<String, Value>) -> Vec<(String, String)> {
        let kind = self.step.key.kind();
        let rows = kind.fields().filter(|field| field.home == home && field.is_declared());
        let value = |field: &Field| {
            let (want, have) = (body.get(field.name)?, live.get(field.name).unwrap_or(&Value::Null));
            Some((field.label().into_owned(), self.value(field, want, have, live)))
        };
        rows.filter_map(value).collect()
    }

    /// A digest of one live value, seen where the sent one says something.
    fn value(&self, field: &Field, want: &Value, have: &Value, live: &Map<String, Value>) -> String {
        match field.compare {
            Compare::People => {
                let sent = addresses(want);
                compare::hash(&people(have, live, |address| self.is_invited(address) || !sent.contains(address)))
            }
            Compare::Text => compare::hash(author_text(View::of(live))),
            other => compare::hash_of(other, &compare::reduced(want, have)),
        }
    }

    /// What was applied to an object that is removed, as it is live.
    fn removed(&self, have: &Have) -> Vec<(String, String)> {
        let kind = have.key.kind();
        let last = self.last(have);
        let Some(applied) = last.applied() else { return vec![] };
        let nothing = Map::new();
        let live = |field: &Field| match field.home {
            Home::Meeting => have.teams_meeting().unwrap_or(&nothing).get(field.name),
            _ => have.own.get(field.name),
        };
        let value = |(name, sent): (&str, &str)| {
            if name.starts_with(EXCEPTIONS) {
                return Some((name.to_owned(), self.date(have, name, None)));
            }
            let field = diff::row(kind, name)?;
            let value = live(field).unwrap_or(&Value::Null);
            let digest = match field.compare {
                Compare::People => {
                    compare::hash(&people(value, &have.own, |it| applied.attendees.contains(&compare::hash(it))))
                }
                // It is read only where one is declared.
                Compare::Text => return None,
                other => fingerprint::of_live(sent, other, value),
            };
            Some((name.to_owned(), digest))
        };
        applied.fields.iter().filter_map(value).collect()
    }

    /// Whether somebody on the list of a date is there by the manifest, or was by an earlier one of ours.
    pub(super) fn belongs(&self, date: &str, address: &str) -> bool {
        let day = date.strip_prefix(EXCEPTIONS).and_then(|date| date.parse().ok());
        let exception = self.want.zip(day).and_then(|(want, day)| want.spec.exceptions.get(&day));
        let list = self.step.key.kind().compared(Compare::People).map(|field| field.name);
        let named = list.is_some_and(|list| match exception {
            Some(Exception::Changed(own)) => own.get(list).is_some_and(|named| named.get(address).is_some()),
            Some(Exception::Skipped) | None => false,
        });
        let before =
            |have| self.last(have).declared(date).is_some_and(|it| fingerprint::names(it, &compare::hash(address)));
        named || self.is_ours(address) || self.have.is_some_and(before)
    }

    /// How one date of a series is live: skipped, changed in what `body` holds or at all, or as the series is.
    fn date(&self, have: &Have, name: &str, body: Option<&Map<String, Value>>) -> String {
        let (Some(Occurrences { skipped, changed }), Some(date)) =
            (have.occurrences.as_deref(), name.strip_prefix(EXCEPTIONS))
        else {
            return compare::hash(&Value::Null.to_string());
        };
        let date = date.parse().ok();
        let is_skipped = date.is_some_and(|date| skipped.contains(&date));
        let own = date.and_then(|date| changed.get(&date)).map(|it| {
            let rows = have.key.kind().fields().filter(|field| field.per_occurrence);
            let rows = rows.filter(|field| body.is_none_or(|body| body.contains_key(field.name)));
            Value::Object(rows.filter_map(|field| self.of_date(field, name, &it.own, body)).collect())
        });
        compare::hash(&json!([is_skipped, own]).to_string())
    }

    /// One property of a changed date, as far as it is ours or overwritten.
    fn of_date(
        &self,
        field: &Field,
        name: &str,
        live: &Map<String, Value>,
        body: Option<&Map<String, Value>>,
    ) -> Option<(String, Value)> {
        let value = live.get(field.name).unwrap_or(&Value::Null);
        let sent = body.and_then(|body| body.get(field.name)).map(addresses);
        let goes = |address: &str| sent.as_ref().is_some_and(|sent| !sent.contains(address));
        let value = match field.compare {
            Compare::People => people(value, live, |it| self.belongs(name, it) || goes(it)).into(),
            // It is read only where one is declared.
            Compare::Text if body.is_none() => return None,
            Compare::Text => author_text(View::of(live)).into(),
            other => compare::canonical(other, value).into_owned(),
        };
        Some((field.name.to_owned(), value))
    }
}

/// The people of a live list whom `counts` picks, without the organizer, who may stand on it or not.
fn people(list: &Value, live: &Map<String, Value>, counts: impl Fn(&str) -> bool) -> String {
    let organizer = View::of(live).organizer();
    let all = compare::canonical(Compare::People, list);
    let all = all.as_object().into_iter().flatten();
    let picked = all.filter(|(address, _)| organizer.as_ref() != Some(*address) && counts(address));
    Value::Object(picked.map(|(address, role)| (address.clone(), role.clone())).collect()).to_string()
}

/// The live text above its join block, which the service writes.
fn author_text<'a>(event: View<'a>) -> &'a str {
    let content = event.content();
    let block = event.join_url().and_then(|url| body::join_block(content, url).ok());
    &content[..block.unwrap_or(content.len())]
}
