//! Whose event it is: of all live events with the mark of one key, the one that is ours.
//!
//! Anybody who writes to the mailbox may write a mark, and a copy of an event takes it along. So a mark makes a candidate, and
//! what confirms one is the state's id, or a `transactionId` that derives from the key. Against whoever may both write the
//! mailbox and read the repository nothing of this helps; it guards against accidents.

use crate::kind::event::{Claim, View};
use crate::model::{Have, Key};
use crate::plan::requests::claim;
use crate::plan::{One, Policy, Step, live_texts};
use crate::reason::Reason;

/// The live events that carry the mark of one key, or have its id in the state.
#[derive(Default)]
pub(super) struct Candidates<'a> {
    pub ours: Option<&'a Have>,
    /// Ours too, and left behind by a replacement.
    pub duplicates: Vec<&'a Have>,
    /// They carry the mark, and are not ours.
    pub copies: Vec<&'a Have>,
    /// One of them is ours, and nothing says which.
    pub doubtful: Vec<&'a Have>,
}

/// Tells whose the live events of one key are.
///
/// ```text
/// confirmed          | ours                                           | the others
/// -------------------+------------------------------------------------+-------------------------------------------
/// one                | it                                             | copies
/// several            | what was to take the place of the state's one, | confirmed of a lower incarnation:
///                    | else the state's, else the highest incarnation | duplicates; else copies
/// several, all equal | none                                           | doubtful
/// none               | a single candidate                             | several: doubtful
/// ```
pub(super) fn candidates<'a>(one: &One, haves: Vec<&'a Have>) -> Candidates<'a> {
    // What is settled is what the state says: alone it is the only candidate.
    if let [have] = haves[..]
        && have.settled
    {
        return Candidates { ours: Some(have), ..Candidates::default() };
    }
    // What somebody else organizes was never made by us, whatever is written on it; what the state knows is spoken of.
    let foreign = |have: &&Have| have.event().and_then(View::is_organizer) == Some(false) && !is_states(one, have);
    let (mut copies, own): (Vec<_>, Vec<_>) = haves.into_iter().partition(foreign);
    let (confirmed, rest): (Vec<_>, Vec<_>) = own.into_iter().partition(|have| is_confirmed(one, have));
    if confirmed.is_empty() {
        return match rest[..] {
            [single] => Candidates { ours: Some(single), copies, ..Candidates::default() },
            _ => Candidates { copies, doubtful: rest, ..Candidates::default() },
        };
    }
    copies.extend(rest);
    let Some(ours) = chosen(one, &confirmed) else {
        return Candidates { copies, doubtful: confirmed, ..Candidates::default() };
    };
    let others = confirmed.into_iter().filter(|have| have.id != ours.id);
    // What has a name that the workspace had before may be that of whoever has it now.
    let lower = |have: &Have| have.owner.is_none() && incarnation(have) < incarnation(ours);
    let left = |have: &&Have| lower(have) || is_replaced(one, have);
    let (duplicates, more): (Vec<_>, Vec<_>) = others.partition(left);
    copies.extend(more);
    Candidates { ours: Some(ours), duplicates, copies, doubtful: vec![] }
}

/// The one that counts of those that are confirmed.
fn chosen<'a>(one: &One, confirmed: &[&'a Have]) -> Option<&'a Have> {
    // A replacement that was stopped after its create: the state still has the old id, and knows what was to come.
    let intended = one.record.and_then(|record| record.intended);
    let follows = |have: &&&Have| intended == incarnation(have) && intended.is_some() && !is_states(one, have);
    let states = |have: &&&Have| is_states(one, have);
    if let Some(have) = confirmed.iter().find(follows).or_else(|| confirmed.iter().find(states)) {
        return Some(have);
    }
    let highest = confirmed.iter().map(|have| incarnation(have)).max()?;
    let mut highest = confirmed.iter().filter(|have| incarnation(have) == highest);
    match (highest.next(), highest.next()) {
        (Some(have), None) => Some(have),
        (_, Some(_)) | (None, _) => None,
    }
}

fn is_states(one: &One, have: &Have) -> bool {
    one.record.is_some_and(|record| record.id == have.id)
}

fn is_replaced(one: &One, have: &Have) -> bool {
    one.record.is_some_and(|record| record.replaced.iter().any(|old| old.id == have.id))
}

fn is_confirmed(one: &One, have: &Have) -> bool {
    is_states(one, have) || is_replaced(one, have) || derives(one, have).unwrap_or_default()
}

/// Whether its `transactionId` derives from the key, or from a name that the key or the workspace had before.
fn derives(one: &One, have: &Have) -> Option<bool> {
    let (id, incarnation) = (have.event()?.transaction_id()?, incarnation(have)?);
    let before = one.want.into_iter().flat_map(|want| &want.previously).chain(one.was);
    let now = claim(one, &have.organizer, incarnation);
    let names = before.map(Key::name).chain([now.name.as_str()]);
    let Policy { workspace, previously, .. } = one.input.policy;
    let mut claims = names.flat_map(|name| {
        let called = [workspace].into_iter().chain(previously);
        called.map(|it| Claim { workspace: it.clone(), name: name.into(), ..now.clone() })
    });
    Some(claims.any(|claim| claim.transaction_id() == id))
}

/// The how manieth of its key it is, as far as its mark can be read.
pub(super) fn incarnation(have: &Have) -> Option<u64> {
    let read = have.applied.as_ref().map(|applied| applied.incarnation);
    read.or(have.unread.as_ref().and_then(|unread| unread.incarnation))
}

/// The step of a key of which several events are live and nothing says which is ours.
pub(super) fn doubt(one: &One, doubtful: &[&Have]) -> Step {
    let organizer = one.want.map_or(&doubtful[0].organizer, |want| &want.spec.organizer);
    let number = doubtful.len();
    let what = format!("{number} live events carry its mark, and nothing says which of them convoke made");
    Step {
        notes: doubtful.iter().map(|have| format!("one of them is {}", named(one, have))).collect(),
        hint: Some("delete those that are not it in Outlook, then plan again".into()),
        ..one.blocked(organizer, Reason::SeveralLive.why(what))
    }
}

/// What there is to say of copies.
pub(super) fn notes(one: &One, copies: &[&Have]) -> Vec<String> {
    let note = |have: &&Have| format!("another event carries its mark and is left alone: {}", named(one, have));
    copies.iter().map(note).collect()
}

/// Subject, start and id of an event, so that a person finds it.
pub(super) fn named(one: &One, have: &Have) -> String {
    let event = View::of(&have.own);
    let start = event.begins().map(|start| format!(", {start}")).unwrap_or_default();
    let subject = live_texts::subject(one, have, event.subject().unwrap_or_default());
    format!("`{subject}`{start}, id {}", have.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::kind::workspace::{Limits, Prune};
    use crate::model::{Applied, Live, Record, Records, Replaced};
    use crate::plan::Input;
    use serde_json::{Value, json};
    use std::collections::HashSet;

    /// `id`, incarnation of the mark, and what its `transactionId` derives from: another incarnation, or nothing.
    type Seen<'a> = (&'a str, u64, Option<u64>);

    fn have(key: &Key, (id, incarnation, made): Seen) -> Have {
        let claim = |incarnation| Claim {
            workspace: "w".into(),
            name: "weekly".into(),
            mailbox: "alex@contoso.example".into(),
            incarnation,
        };
        let own = json!({"id": id, "transactionId": made.map(|made| claim(made).transaction_id())});
        let Value::Object(own) = own else { unreachable!("it is written as an object") };
        let applied = Some(Applied { incarnation, ..Applied::default() });
        Have { organizer: "alex@contoso.example".into(), own, applied, ..Have::new(key.clone(), id) }
    }

    /// The ids by what becomes of them: ours, duplicates, copies, doubtful ones.
    fn sorted(record: Option<Record>, haves: &[Have]) -> [String; 4] {
        let policy = Policy::of("w", Prune::Cancel, Limits::default());
        let objects = haves.iter().cloned().map(Box::new).collect();
        let (live, records) = (Live { objects, ..Live::default() }, Records::default());
        let now = jiff::Timestamp::UNIX_EPOCH;
        let input = Input { desired: &[], live: &live, records: &records, policy: &policy, now };
        let one = One {
            input: &input,
            run: "",
            all_read: true,
            left: &HashSet::new(),
            key: &haves[0].key,
            want: None,
            record: record.as_ref(),
            was: None,
        };
        let Candidates { ours, duplicates, copies, doubtful } = candidates(&one, haves.iter().collect());
        let ids = |haves: &[&Have]| haves.iter().map(|have| have.id.as_str()).collect::<Vec<_>>().join(" ");
        [ids(&ours.into_iter().collect::<Vec<_>>()), ids(&duplicates), ids(&copies), ids(&doubtful)]
    }

    #[test]
    fn what_is_ours_is_told_by_the_states_id_or_the_transaction_id() {
        let key = Key::new(KindId::Event, "weekly");
        let record = |id: &str, intended: Option<u64>| Some(Record { id: id.into(), intended, ..Record::default() });
        let cases: [(Option<Record>, &[Seen], [&str; 4]); 12] = [
            // One candidate counts, whatever confirms it.
            (None, &[("A", 0, None)], ["A", "", "", ""]),
            (None, &[("A", 0, None), ("B", 0, None)], ["", "", "", "A B"]),
            // What is confirmed is ours, and the rest is somebody's own.
            (record("B", None), &[("A", 0, None), ("B", 0, None)], ["B", "", "A", ""]),
            (None, &[("A", 0, None), ("B", 0, Some(0))], ["B", "", "A", ""]),
            // A mark that says another incarnation than the `transactionId` was written by somebody else.
            (None, &[("A", 9, Some(0)), ("B", 0, Some(0))], ["B", "", "A", ""]),
            // Several that we made: the highest, or the one of the state.
            (None, &[("A", 0, Some(0)), ("B", 1, Some(1))], ["B", "A", "", ""]),
            (record("A", None), &[("A", 0, Some(0)), ("B", 1, Some(1))], ["A", "", "B", ""]),
            (record("B", None), &[("A", 0, Some(0)), ("B", 1, Some(1))], ["B", "A", "", ""]),
            (None, &[("A", 1, Some(1)), ("B", 1, Some(1))], ["", "", "", "A B"]),
            (record("B", None), &[("A", 1, Some(1)), ("B", 1, Some(1))], ["B", "", "A", ""]),
            // A replacement that was stopped after its create, with and without its new mark.
            (record("A", Some(1)), &[("A", 0, Some(0)), ("B", 1, Some(1))], ["B", "A", "", ""]),
            (record("A", Some(1)), &[("A", 0, Some(0)), ("B", 1, None)], ["A", "", "B", ""]),
        ];
        for (record, seen, expect) in cases {
            let haves: Vec<Have> = seen.iter().map(|it| have(&key, *it)).collect();
            assert_eq!(sorted(record.clone(), &haves), expect, "{record:?} {seen:?}");
        }
        // What the state knows as replaced needs nothing else to go.
        let old = Replaced { organizer: "alex@contoso.example".into(), id: "A".into() };
        let record = record("B", None).map(|record| Record { replaced: vec![old], ..record });
        let haves = [have(&key, ("A", 0, None)), have(&key, ("B", 0, None))];
        assert_eq!(sorted(record, &haves), ["B", "A", "", ""]);
    }

    #[test]
    fn what_somebody_else_organizes_is_a_copy_unless_the_state_knows_it() {
        let key = Key::new(KindId::Event, "weekly");
        let mut theirs = have(&key, ("A", 0, Some(0)));
        theirs.own.insert("isOrganizer".into(), json!(false));
        assert_eq!(sorted(None, &[theirs.clone()]), ["", "", "A", ""]);
        let record = Record { id: "A".into(), ..Record::default() };
        assert_eq!(sorted(Some(record), &[theirs]), ["A", "", "", ""]);
    }
}
