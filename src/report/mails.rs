//! Who is mailed, and why: one row for all mails of one sort that go to the same people, and one sentence for all together.

use crate::plan::mail::{Because, Mail, Sort, Total};
use crate::plan::{Action, Plan, Step};
use crate::plural::{count, either};
use crate::report::Fact;
use crate::report::order::natural;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many people are named; of more than these, only those outside the organizer's domain.
const NAMED: usize = 5;

/// Mails of one sort that a step sends to the same people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mails {
    /// What they are.
    pub kind: Sort,
    /// How many: each of `to` may get several.
    pub count: usize,
    /// Who gets them.
    pub to: Vec<String>,
    /// Those of them who are outside the organizer's domain.
    pub outside: Vec<String>,
    /// Those of them that are rooms or other resources, and no people.
    pub rooms: Vec<String>,
    /// Why they are sent.
    pub because: Vec<Because>,
    /// Those of them that are distribution lists, whose members are mailed too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<String>,
    /// The same in words, with everybody by name.
    #[serde(skip)]
    pub whole: Fact,
    /// Of more than a few people: the same with only those outside by name.
    #[serde(skip)]
    short: Option<Box<Fact>>,
}

/// Puts the mails of a step together that go to the same people.
pub(super) fn of(step: &Step) -> Vec<Mails> {
    let mut all: Vec<Mails> = Vec::with_capacity(step.mail.len());
    for Mail { kind, to, outside, rooms, because } in &step.mail {
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort_by(|one, other| natural(one, other));
            names
        };
        let named = sorted(to);
        match all.iter_mut().find(|mails| mails.kind == *kind && mails.to == named) {
            Some(mails) => {
                mails.count += to.len();
                mails.because.extend(because.iter().cloned());
            }
            None => all.push(Mails {
                kind: *kind,
                count: to.len(),
                outside: sorted(outside),
                rooms: sorted(rooms),
                because: because.clone(),
                lists: named.iter().filter(|it| step.lists.contains(*it)).cloned().collect(),
                to: named,
                whole: Fact::default(),
                short: None,
            }),
        }
    }
    for mails in &mut all {
        let fact = |all| Fact::new("mail", mails.said(all));
        (mails.whole, mails.short) = (fact(true), (mails.to.len() > NAMED).then(|| fact(false).into()));
    }
    all.sort_by_key(|mails| mails.kind);
    all
}

impl Mails {
    /// Returns the same in words; of more than a few people only those outside by name, unless all are to be.
    pub fn fact(&self, all: bool) -> &Fact {
        self.short.as_ref().filter(|_| !all).map_or(&self.whole, |short| short)
    }

    /// Who gets what, and why: `update to adele@contoso.example, because start changes`; past five people only with `all` each of
    /// them by name.
    fn said(&self, all: bool) -> String {
        let sort = match self.kind {
            Sort::Invitation => "invitation",
            Sort::Update => "update",
            Sort::Cancellation => "cancellation",
            Sort::Possible => "possible update",
        };
        let whom = match all || self.to.len() <= NAMED {
            true => names(&self.to, |it| self.named(it)),
            false => self.numbers(),
        };
        let what = match self.count.checked_div(self.to.len()) {
            None | Some(0 | 1) => sort.to_owned(),
            Some(times) if self.to.len() == 1 => count(times, sort),
            Some(times) => format!("{} each", count(times, sort)),
        };
        format!("{what} to {whom}, because {}", because(&self.because))
    }

    fn named(&self, address: &String) -> String {
        let marks = [(&self.rooms, "room"), (&self.lists, "list"), (&self.outside, "outside")];
        let marks: Vec<&str> = marks.iter().filter(|(them, _)| them.contains(address)).map(|(_, word)| *word).collect();
        if marks.is_empty() { address.clone() } else { format!("{address} ({})", marks.join(", ")) }
    }

    fn numbers(&self) -> String {
        let outside = match &self.outside[..] {
            [] => "nobody outside".to_owned(),
            some => format!("{} outside: {}", some.len(), few(some)),
        };
        format!("{} ({outside}; all with -v)", people(self.to.len() - self.rooms.len(), self.rooms.len()))
    }
}

/// Names the first few and counts the others.
fn few(all: &[String]) -> String {
    let (shown, more) = all.split_at(all.len().min(NAMED));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    shown.join(", ") + &more
}

fn names(all: &[String], name: impl Fn(&String) -> String) -> String {
    all.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// `2 people and 1 room`.
pub(super) fn people(people: usize, rooms: usize) -> String {
    let persons = format!("{people} {}", either(people, "person", "people"));
    match (people, rooms) {
        (_, 0) => persons,
        (0, _) => count(rooms, "room"),
        (_, _) => format!("{persons} and {}", count(rooms, "room")),
    }
}

/// Why mails are sent: what changes, which dates do, and what happens to the whole.
fn because(all: &[Because]) -> String {
    let (mut changes, mut dates, mut skipped, mut other, mut again) = (vec![], vec![], vec![], vec![], 0);
    let mut off: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for one in all {
        match one {
            Because::Created => other.push("it is made"),
            Because::Cancelled => other.push("it is cancelled"),
            Because::Added => other.push("they are added"),
            Because::Removed => other.push("they are removed"),
            Because::Marked => other.push("its mark changes"),
            Because::Changed { property } => changes.push(property.clone()),
            Because::Date { date } => dates.push(date.clone()),
            Because::Skipped { date } => skipped.push(date.clone()),
            Because::DayOff { date, of } => off.entry(of).or_default().push(date.clone()),
            Because::Again => again += 1,
        }
    }
    other.dedup();
    let mut said: Vec<String> = other.into_iter().map(str::to_owned).collect();
    let are = |all: &[String], one: &'static str, many: &'static str| {
        Some(format!("{} {}", listed(all), either(all.len(), one, many))).filter(|_| !all.is_empty())
    };
    said.extend(are(&changes, "changes", "change"));
    said.extend(are(&dates, "changes", "change"));
    said.extend(are(&skipped, "is skipped", "are skipped"));
    for (of, dates) in &off {
        let words = are(dates, "is a day off", "are days off").map(|it| format!("{it} (DaysOff/{of})"));
        said.extend(words);
    }
    let more = if said.is_empty() { "Graph mails once more" } else { "once more" };
    said.extend((again > 0).then(|| format!("{more} for {}", count(again, "changed date"))));
    said.join("; ")
}

/// `start, end and subject`; the first few of many.
fn listed(all: &[String]) -> String {
    match all {
        [before @ .., last] if !before.is_empty() && all.len() <= NAMED => format!("{} and {last}", before.join(", ")),
        _ => few(all),
    }
}

/// How many mails a plan sends, to how many people, and who of them is outside the domain of the organizers.
pub(super) fn total(steps: &[&Step], sum: &Total) -> String {
    let Total { total, people: persons, rooms, outside: _, possible, at_least } = *sum;
    let mails = || steps.iter().flat_map(|step| &step.mail);
    let maybe = |more: &str| format!("{possible} {more}{} possible", either(possible, "mail is", "mails are"));
    if total == 0 {
        return if possible == 0 { "nobody is mailed".into() } else { format!("nobody for certain; {}", maybe("")) };
    }
    let least = if at_least { "at least " } else { "" };
    let outside: BTreeSet<&String> =
        mails().filter(|mail| mail.kind != Sort::Possible).flat_map(|mail| &mail.outside).collect();
    let mut outside: Vec<String> = outside.into_iter().cloned().collect();
    outside.sort_by(|one, other| natural(one, other));
    let (domain, outside) = (domain(steps), (outside.len(), few(&outside)));
    let outside = match outside {
        (0, _) => format!("nobody outside {domain}"),
        (number, names) => format!("{number} outside {domain}: {names}"),
    };
    let maybe = if possible > 0 { format!("; {}", maybe("more ")) } else { String::new() };
    format!("{least}{} to {}; {outside}{maybe}", count(total, "mail"), people(persons, rooms))
}

/// ` in contoso.example`, where all organizers of what is done are of one domain.
pub(super) fn place(plan: &Plan) -> String {
    let doing = plan.steps.iter().filter(|step| !matches!(step.action, Action::NoOp | Action::Blocked));
    let domains: BTreeSet<&str> =
        doing.filter_map(|step| step.organizer.split_once('@').map(|(_, domain)| domain)).collect();
    match domains.iter().collect::<Vec<_>>()[..] {
        [domain] => format!(" in {domain}"),
        _ => String::new(),
    }
}

/// The domain that people are inside of or outside.
fn domain(steps: &[&Step]) -> String {
    let mailing = steps.iter().filter(|step| !step.mail.is_empty());
    let domains: BTreeSet<Option<&str>> =
        mailing.map(|step| step.organizer.split_once('@').map(|(_, domain)| domain)).collect();
    match domains.iter().collect::<Vec<_>>()[..] {
        [Some(domain)] => (*domain).to_owned(),
        [None] => "the organizer's domain".into(),
        _ => "their organizer's domain".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::model::Key;
    use crate::plan::mail;

    fn addresses(names: &str) -> mail::People {
        let whole = |name: &str| if name.contains('@') { name.to_owned() } else { format!("{name}@contoso.example") };
        names.split_whitespace().map(whole).collect()
    }

    fn step(mails: Vec<Mail>) -> Step {
        let mut step = Step::new(Key::new(KindId::Event, "weekly"), "alex@contoso.example", Action::Update);
        step.mail = mails;
        mail::tell_rooms(&mut step.mail, &addresses("room"));
        step
    }

    fn update(to: &str, because: Because) -> Vec<Mail> {
        let to = addresses(to);
        mail::of_update("alex@contoso.example", &to, &to, &[because], &[])
    }

    fn said(mails: Vec<Mail>, all: bool) -> Vec<String> {
        of(&step(mails)).iter().map(|mails| mails.fact(all).said.what.clone()).collect()
    }

    #[test]
    fn a_mail_says_to_whom_it_goes_and_why() {
        let start = || Because::Changed { property: "start".into() };
        let date = |date: &str| Because::Date { date: date.into() };
        assert_eq!(
            said(update("room adele lidia@fabrikam.example", start()), false),
            [
                "update to adele@contoso.example, lidia@fabrikam.example (outside), room@contoso.example (room), because \
                 start changes"
            ]
        );
        let thrice = [update("adele", start()), update("adele", date("2031-01-07")), update("adele", Because::Again)];
        assert_eq!(
            said(thrice.concat(), false),
            [
                "3 updates to adele@contoso.example, because start changes; 2031-01-07 changes; once more for 1 changed date"
            ]
        );
        let two = [update("a b", date("2031-01-07")), update("a b", date("2031-01-14"))].concat();
        assert_eq!(
            said(two, false),
            ["2 updates each to a@contoso.example, b@contoso.example, because 2031-01-07 and 2031-01-14 change"]
        );
    }

    #[test]
    fn of_many_only_those_outside_are_named() {
        let many = "p1 p2 p3 p10 room x@else.example";
        let mails = || update(many, Because::Marked);
        assert_eq!(
            said(mails(), false),
            ["update to 5 people and 1 room (1 outside: x@else.example; all with -v), because its mark changes"]
        );
        let all = said(mails(), true).concat();
        assert!(all.contains("p3@contoso.example, p10@contoso.example, room@contoso.example (room), x@else"), "{all}");
    }

    #[test]
    fn all_mails_are_one_sentence() {
        let told = |mails: Vec<Mail>, at_least| {
            let steps = vec![step(mails)];
            let sum = Total { at_least, ..mail::total(steps.iter().flat_map(|step| &step.mail)) };
            let plan = Plan {
                run: "p".into(),
                id: None,
                workspace: "w".into(),
                made: jiff::Timestamp::UNIX_EPOCH,
                steps,
                notes: vec![],
                managed: 1,
                secrets: Default::default(),
            };
            total(&plan.steps.iter().collect::<Vec<_>>(), &sum)
        };
        let perhaps = |to: &str| {
            let to = addresses(to);
            mail::of_update("alex@contoso.example", &to, &to, &[], &[Because::Marked])
        };
        for (mails, at_least, expect) in [
            (vec![], false, "nobody is mailed"),
            (perhaps("a"), false, "nobody for certain; 1 mail is possible"),
            (perhaps("a b"), false, "nobody for certain; 2 mails are possible"),
            (update("a", Because::Again), false, "1 mail to 1 person; nobody outside contoso.example"),
            (
                [update("a x@else.example room", Because::Again), update("a", Because::Again), perhaps("a")].concat(),
                true,
                "at least 4 mails to 2 people and 1 room; 1 outside contoso.example: x@else.example; 1 more mail is \
                 possible",
            ),
        ] {
            assert_eq!(told(mails, at_least), expect);
        }
    }
}
