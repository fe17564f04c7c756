//! The step of an event that is there already: what of it differs, and what mending that sends and says.

mod mailing;
mod standing;

pub(super) use standing::stands;
pub(in crate::plan) use standing::{digest, is_plain};

use crate::kind::compare::Compare;
use crate::kind::event::View;
use crate::kind::{Field, Home, Kind};
use crate::model::{Applied, Desired, Have, Landed, Record};
use crate::plan::diff::{self, Compared, Difference};
use crate::plan::drift;
use crate::plan::event::Exceptions;
use crate::plan::event::invite::{self, Order};
use crate::plan::event::link::Fault;
use crate::plan::event::merged::{merged, unsendable};
use crate::plan::event::occurrence::Series;
use crate::plan::event::refuse::{refused_change, refused_text};
use crate::plan::event::replace::{fixed, immutable, price, replace};
use crate::plan::event::{UNREAD, beyond_window, is_marked_protected, past, people, record, series, text};
use crate::plan::last::{Last, last};
use crate::plan::mail::{Mail, People};
use crate::plan::requests::{self, Patch};
use crate::plan::times::comparable;
use crate::plan::{Action, Cause, Change, One, Step, ahead};
use crate::plural::{count, either};
use crate::reason::Why;
use crate::route;
use crate::trouble::Hint;
use serde_json::Map;
use std::borrow::Cow;
use std::sync::Arc;

/// What a live event needs to be as its manifest says.
struct Update<'a> {
    /// The manifest, with the list of attendees that is to be sent.
    want: Cow<'a, Desired>,
    have: &'a Have,
    last: Last<'a>,
    own: Vec<Difference>,
    meeting: Vec<Difference>,
    /// How what is not sent stands.
    landed: Landed,
    /// What only drifted and is left so.
    left: Vec<Change>,
    /// Attendees that cannot be sent again.
    odd: Vec<String>,
    notes: Vec<String>,
    /// Who is invited now, and who is then, without the organizer.
    before: People,
    after: People,
    /// How many stay among them whom nobody declared.
    stay: usize,
    /// It gets new times, which drop its exceptions.
    fresh: bool,
    /// Its mark is to say something else that no other change brings along.
    mark: bool,
}

/// Returns the step that makes a live event what its manifest says.
pub(super) fn settle(one: &One, want: &Desired, have: &Have) -> Step {
    let stands = |record| standing::stands(record, want, &want.spec.own, have);
    if one.was.is_some() || !one.record.is_some_and(stands) {
        return by_comparison(one, want, have);
    }
    let step = one.step(&want.spec.organizer, Action::NoOp);
    if cfg!(debug_assertions) {
        let mut long = by_comparison(one, want, have);
        let recorded = long.record.take().is_some_and(|record| one.is_recorded(&record));
        assert!(recorded && long == step, "the short way says what the long one says");
    }
    step
}

/// The same, by a comparison of everything.
fn by_comparison(one: &One, want: &Desired, have: &Have) -> Step {
    let last = last(one, have);
    let (frozen, moved) = immutable(one, want, have, &last);
    if !frozen.is_empty() {
        return match past::has_ended(one, have) {
            true => past::left(one, have, frozen.iter()),
            false => replace(one, want, have, fixed(&frozen), frozen),
        };
    }
    // Fingerprints are of what the manifest declares, not of the merged list.
    let mut applied = diff::next(want, last.applied());
    let mut update = compare(one, want, have, last.clone(), &applied);
    update.left.extend(moved);
    let (order, exceptions) = update.shape(one);
    let own = update.own.iter().chain(&update.meeting).map(|it| &it.change);
    let changes: Vec<&Change> = own.chain(&exceptions.changes).collect();
    if !changes.is_empty() && past::has_ended(one, have) && past::ended(one, &want.spec.own) {
        return past::left(one, have, changes.into_iter());
    }
    let differs = !changes.is_empty() || update.mark;
    // A person says so of this very event: what somebody did to a text costs nobody an invitation by itself.
    let allowed = one.input.policy.allow_replace.contains(one.key);
    if let Some(why) = allowed.then(|| refused_text(have, &update.own)).flatten() {
        return replace(one, want, have, why, update.own.into_iter().map(|it| it.change).collect());
    }
    let link = Fault::of(View::of(&want.spec.own), View::of(&have.own));
    let reason = differs.then(|| update.refusal(one, link)).flatten();

    // An exception that is no longer declared does not stay as it is where the series loses its exceptions.
    let lost = update.fresh && reason.is_none();
    let mut notes = diff::let_go(want.key.kind(), &applied, last.applied(), (lost, one.today()));
    notes.append(&mut update.notes);
    notes.extend(update.kept());
    notes.extend(people::declined(View::of(&have.own)));
    notes.extend(link.map(|fault| fault.trouble().sentence()));
    notes.extend(have.unread.as_ref().map(|_| format!("{UNREAD}: nobody is removed from it")));
    let mut step = match reason {
        Some(Refusal { why, price, way_out }) => {
            notes.extend(price);
            Step { hint: way_out.map(Hint::from), ..one.blocked(&want.spec.organizer, why) }
        }
        None => update.step(one, (order, &exceptions), differs, &applied, &mut notes),
    };
    if step.requests.is_empty() && exceptions.requests.is_empty() {
        applied.counter = last.counter();
    }
    update.landed.fields.extend(exceptions.landed.clone());
    let now = Record { landed: std::mem::take(&mut update.landed), ..record(want, &have.id, applied) };
    step.intent = update.intent(order, &now).map(Box::new);
    (step.changes, step.drift, step.notes) = (update.changed_properties(), update.drift(), notes);
    (step.lacks, step.awaited) = (link.map(|it| it.trouble().into()), matches!(link, Some(Fault::Missing)));
    let after = step.add(exceptions);
    step.notes.extend(one.leaves_drift().filter(|_| !step.drift.is_empty()));
    if order == Order::Last && step.action != Action::Blocked {
        step.requests.extend(requests::invite(&update.want, Some(have), &step.requests, after));
    }
    // What is blocked was not applied: its fingerprints stay as they were.
    step.record = (step.action != Action::Blocked).then(|| now.into());
    step
}

/// Compares the two, once it is known which attendees are kept for others.
fn compare<'a>(one: &One, want: &'a Desired, have: &'a Have, last: Last<'a>, now: &Applied) -> Update<'a> {
    let kind = want.key.kind();
    let before = people::people(one, View::of(&have.own), Some(have), want);
    let list = kind.compared(Compare::People).expect("an event has a row for its attendees").name;
    let declared = want.spec.own.get(list);
    let mut merged = declared.map(|declared| merged(declared, have, want, &last));
    let mut want = Cow::Borrowed(want);
    let sent = merged.as_mut().and_then(|merged| merged.list.take()).map(|(compared, sent)| {
        want.to_mut().spec.own.insert(list.into(), compared);
        sent
    });
    let after = View::of(if declared.is_some() { &want.spec.own } else { &have.own });
    let mut after = people::people(one, after, Some(have), &want);

    let live = comparable(&want.spec.own, &have.own, have.clock.as_deref());
    let live = diff::Live { own: &live, read: &have.own };
    let Compared { differences: mut own, mut landed, mut notes } =
        diff::between(kind, Home::Own, &want.spec.own, live, Some(&last));
    for it in own.iter_mut().filter(|it| it.field.compare == Compare::People) {
        it.change.cause = people::people_cause(it, declared, have, &last);
    }
    // The organizer may appear in the live list or be dropped from it: neither is a change.
    own.retain(|it| it.field.compare != Compare::People || before != after || people::roles_differ(&it.change));
    let none = Map::new();
    let options = diff::Live::of(have.meeting.as_deref().unwrap_or(&none));
    let mut options = diff::between(kind, Home::Meeting, &want.spec.meeting, options, Some(&last));
    let text = text::change(&want, have, &last, now);
    own.extend(text.differences);
    [text.landed, options.landed].into_iter().for_each(|more| landed.add(more));
    notes.extend(text.notes.into_iter().chain(options.notes));
    let left = drift::left(one, &last, [&mut own, &mut options.differences], &mut landed);
    let left_list = left.iter().any(|it| it.field == list);
    if left_list {
        after = before.clone();
    }
    let (mut stay, mut odd) = (0, vec![]);
    if let Some(merged) = merged {
        // What is not known of the attendees stays so, as long as they are not sent.
        if merged.guess {
            landed.forget(list);
        }
        (stay, odd) = (merged.kept, merged.odd);
        // Whoever is missing from a list that is left so still is whom they stood for when they were sent.
        let known = last.people().filter(|_| left_list).cloned();
        landed.people = known.unwrap_or(merged.read_back);
        notes.extend(merged.notes);
    }
    if let Some(sent) = sent {
        want.to_mut().spec.own.insert(list.into(), sent);
    }
    if View::of(&want.spec.own).is_online() && !View::of(&have.own).is_online() {
        await_completion(kind, &mut landed);
    }
    let fresh = View::of(&have.own).is_series() && own.iter().any(|it| it.field.new_time);
    let mark = one.was.is_some() || is_marked_now(one, have) || protection(&want, have).is_some();
    let meeting = options.differences;
    Update { want, have, last, own, meeting, landed, left, odd, notes, before, after, stay, fresh, mark }
}

/// Whether a person wants it to get its mark at once, which it does not carry.
fn is_marked_now(one: &One, have: &Have) -> bool {
    one.input.policy.mark_now && !have.marked && !past::has_ended(one, have)
}

/// What is not sent is completed too once the event is online.
fn await_completion(kind: &Kind, landed: &mut Landed) {
    let completed = kind.fields().filter(|field| field.completed).map(|field| field.label().into_owned());
    landed.open.extend(completed.filter(|name| landed.fields.contains_key(name)));
}

impl Update<'_> {
    /// The step that sends it, without its exceptions.
    fn step(
        &self,
        one: &One,
        (order, exceptions): (Order, &Exceptions),
        differs: bool,
        applied: &Applied,
        notes: &mut Vec<String>,
    ) -> Step {
        let action = if differs { Action::Update } else { Action::NoOp };
        let changed = self.changed_dates(order, exceptions);
        let mail = self.mail(one, order, changed);
        self.tell(one, order, &mail, changed, notes);
        let requests = match differs {
            true => requests::update_event(one, &self.want, self.have, &self.patch(applied, order)),
            false => vec![],
        };
        Step { mail, requests, ..one.step(&self.want.spec.organizer, action) }
    }

    fn patch<'a>(&'a self, applied: &'a Applied, order: Order) -> Patch<'a> {
        Patch { own: &self.own, meeting: &self.meeting, applied, mark: self.mark, order }
    }

    fn changed_properties(&self) -> Vec<Arc<Change>> {
        let changed = self.own.iter().chain(&self.meeting).map(|it| it.change.clone());
        protection(&self.want, self.have).into_iter().chain(changed).map(Arc::new).collect()
    }

    /// What only drifted, once nothing else asks for it.
    fn drift(&mut self) -> Vec<Arc<Change>> {
        std::mem::take(&mut self.left).into_iter().map(Arc::new).collect()
    }

    /// What the state must hold before attendees are sent alone: no mark rides with them.
    fn intent(&self, order: Order, now: &Record) -> Option<Record> {
        let alone = self.changes(Compare::People) && (order != Order::Together || self.own.len() == 1);
        alone.then(|| Record { applied: union(&now.applied, self.last.applied()), ..now.clone() })
    }

    /// Whether a property differs that is compared in this way.
    fn changes(&self, compare: Compare) -> bool {
        self.changed(compare).is_some()
    }

    fn changed(&self, compare: Compare) -> Option<&'static Field> {
        self.own.iter().map(|it| it.field).find(|field| field.compare == compare)
    }

    fn series(&self) -> Series<'_> {
        let Update { want, have, last, left, before, after, fresh, .. } = self;
        let id = route::encoded(&have.id);
        Series { want, have: Some(have), left, id, before, after, later: None, fresh: *fresh, last: Some(last) }
    }

    /// Why what differs cannot be sent, and the way out.
    fn refusal(&self, one: &One, link: Option<Fault>) -> Option<Refusal> {
        let Update { want, have, .. } = self;
        let odd = || unsendable(&self.odd).filter(|_| self.changes(Compare::People));
        let other = people::too_many(&self.after, self.stay).or_else(odd).or_else(|| refused_change(one, want, have));
        let text = || {
            let why = refused_text(have, &self.own)?;
            Some(Refusal { why, price: Some(price(one, want, have)), way_out: Some(way_past(one)) })
        };
        let options = || link.and_then(Fault::refusal).filter(|_| !self.meeting.is_empty()).map(Refusal::of);
        other.map(Refusal::of).or_else(text).or_else(options)
    }

    /// Who is kept for others, where that is news.
    fn kept(&self) -> Option<String> {
        let news = self.stay > 0 && (!self.last.is_recorded() || self.changes(Compare::People));
        let who = match (self.last.is_known(), self.last.is_recorded()) {
            (true, true) => "whom others added",
            (true, false) => "whom others added, or an apply whose state is lost,",
            (false, _) => "live and not declared",
        };
        let stays = either(self.stay, "stays", "stay");
        news.then(|| format!("{} {who} {stays} (attendeePolicy: additive)", count(self.stay, "attendee")))
    }

    /// What the author should know of an update.
    fn tell(&self, one: &One, order: Order, mails: &[Mail], changed: usize, notes: &mut Vec<String>) {
        let Update { want, have, .. } = self;
        if order == Order::Last {
            notes.push(invite::LAST.into());
        }
        if !series::repeated(mails, changed).is_empty() {
            notes.push(series::once_more(changed));
        }
        if self.changes(Compare::Zoned) {
            notes.extend(people::resets(have));
        }
        if self.own.iter().any(|it| it.field.compare == Compare::Text && it.change.current == it.change.desired) {
            notes.push("the text reads the same: only its markup changes".into());
        }
        if let Some(field) = self.changed(Compare::Recurrence) {
            notes.extend(want.spec.own.get(field.name).and_then(ahead::extent));
        }
        if self.fresh {
            notes.extend(ahead::odd(View::of(&want.spec.own)));
            notes.extend(series::lost(one, want, have));
            notes.extend(past::rewritten(one, want, have));
        }
        let takes_time = |it: &Difference| it.field.new_time || it.field.invites;
        if self.own.iter().any(takes_time) {
            notes.extend(beyond_window(one, want));
        }
        if self.own.iter().any(|it| it.field.new_time) && past::ended(one, &want.spec.own) {
            notes.push("its new times lie in the past".into());
        }
    }
}

/// Why an update is not sent.
struct Refusal {
    why: Why,
    /// What the way out costs.
    price: Option<String>,
    way_out: Option<String>,
}

impl Refusal {
    fn of(why: Why) -> Refusal {
        Refusal { why, price: None, way_out: None }
    }
}

/// What can be done where a new text cannot be put around the join block.
fn way_past(one: &One) -> String {
    let text = one.key.kind().compared(Compare::Text).expect("an event has a row for its text").name;
    format!(
        "leave `{text}` out of its manifest, and the text stays as it is; or make the event anew: --allow-replace {}",
        one.key
    )
}

/// What the live event's mark says of protection, where the manifest says otherwise: the mark is what holds where no state is.
fn protection(want: &Desired, have: &Have) -> Option<Change> {
    let (now, wanted) = (is_marked_protected(have), want.protect);
    (have.unread.is_none() && now != wanted).then(|| Change {
        field: "lifecycle.protect".into(),
        current: now.into(),
        desired: wanted.into(),
        cause: Cause::Manifest,
    })
}

/// What may have been applied when a request's answer is lost: the attendees of before and after.
fn union(now: &Applied, last: Option<&Applied>) -> Applied {
    let before = last.map(|last| last.attendees.clone()).unwrap_or_default();
    Applied { attendees: &now.attendees | &before, ..now.clone() }
}
