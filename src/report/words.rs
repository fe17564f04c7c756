//! Words and sentences that every renderer shares: actions, outcomes, mail, the numbers at the end.

use crate::apply::{Fate, Outcome};
use crate::plan::{Action, Cause, Gone, Step, approval};
use crate::report::{Fact, Summary};

/// The sign of an action. Sign and word say it all: colour only helps.
pub fn sign(action: Action) -> char {
    match action {
        Action::NoOp => ' ',
        Action::Create | Action::Adopt => '+',
        Action::Update => '~',
        Action::Replace => '±',
        Action::Cancel => '-',
        Action::Blocked => '!',
    }
}

/// What a step does and for whom; `aside` is what it may turn out to be.
pub fn does(action: Action, organizer: &str, aside: Option<&String>) -> String {
    let aside = aside.map(|aside| format!(" ({aside})")).unwrap_or_default();
    let of_whom = if action == Action::NoOp { String::new() } else { format!(" for {organizer}{aside}") };
    verb(action).to_owned() + &of_whom
}

/// What is said of something that somebody took away and that is left so.
pub fn lost(step: &Step) -> Option<String> {
    let gone = step.gone.filter(|_| step.action == Action::NoOp)?;
    Some(format!("drift: {}, left so", by_others(gone)))
}

/// What somebody did to an object.
pub fn by_others(gone: Gone) -> &'static str {
    match gone {
        Gone::Deleted => "deleted outside",
        Gone::Cancelled => "cancelled outside",
        Gone::GivenAway => "given to another organizer outside",
    }
}

/// Returns the word for an action.
pub fn verb(action: Action) -> &'static str {
    match action {
        Action::NoOp => "unchanged",
        Action::Create => "create",
        Action::Adopt => "adopt",
        Action::Update => "update",
        Action::Replace => "replace",
        Action::Cancel => "cancel",
        Action::Blocked => "blocked",
    }
}

/// The word for what became of a step; nothing for a step that had nothing to do.
pub fn fate(fate: Fate) -> Option<&'static str> {
    match fate {
        Fate::Nothing => None,
        Fate::Applied => Some("applied"),
        Fate::Failed => Some("failed"),
        Fate::Blocked => Some("blocked"),
        Fate::Unsettled => Some("unsettled"),
        Fate::Skipped => Some("skipped"),
    }
}

/// What became of the steps is behind this word.
pub(super) const RESULT: &str = "result";

/// What is said of a plan that has no id.
pub(super) const INCOMPLETE: &str = "incomplete, so it has no id: what could not be read is not known";

/// What is said of drift that is not put back.
pub const LEFT: &str = "drift: changed outside, left so";

/// Who made a property differ, where that was not the author alone.
pub fn blame(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::Manifest | Cause::Unknown => None,
        Cause::Drift => Some("drift: changed outside"),
        Cause::Both => Some("changed here and outside"),
    }
}

/// What there is to say of the whole: what is to do, who is mailed, and what became of it.
pub fn closing(workspace: &str, summary: &Summary, mailed: String, outcomes: Option<&[Outcome]>) -> Vec<Fact> {
    let Some(counts) = counts(summary) else {
        let unchanged = if summary.noop > 0 { format!(", {} unchanged", summary.noop) } else { String::new() };
        return vec![Fact::new(workspace, format!("nothing to do{unchanged}"))];
    };
    let result = outcomes.map(|outcomes| Fact::new(RESULT, result(outcomes)));
    let all = [Fact::new(workspace, counts), Fact::new("mail", mailed)];
    all.into_iter().chain(result).collect()
}

/// Which plan it is: what a person approves by.
pub fn which_plan(id: Option<&str>, incomplete: bool) -> Option<Fact> {
    let told = match (id, incomplete) {
        (_, true) => INCOMPLETE.to_owned(),
        (Some(id), false) => approval::short(id).to_owned(),
        (None, false) => return None,
    };
    Some(Fact::new("plan", told))
}

/// How many steps there are of each action; nothing where nothing is to do.
pub(super) fn counts(summary: &Summary) -> Option<String> {
    let Summary { create, update, replace, cancel, adopt, noop, blocked, mails: _ } = *summary;
    let something = create + update + replace + cancel + adopt + blocked > 0;
    let counts = [
        (create, "to create"),
        (adopt, "to adopt"),
        (update, "to update"),
        (replace, "to replace"),
        (cancel, "to cancel"),
        (blocked, "blocked"),
        (noop, "unchanged"),
    ];
    something.then(|| numbers(counts.into_iter()))
}

fn numbers<'a>(counts: impl Iterator<Item = (usize, &'a str)>) -> String {
    let some = counts.filter(|(number, _)| *number > 0);
    some.map(|(number, word)| format!("{number} {word}")).collect::<Vec<_>>().join(", ")
}

fn result(outcomes: &[Outcome]) -> String {
    let fates = [Fate::Applied, Fate::Failed, Fate::Blocked, Fate::Unsettled, Fate::Skipped];
    let of = |it: Fate| outcomes.iter().filter(|outcome| outcome.fate == it).count();
    numbers(fates.into_iter().filter_map(|it| Some((of(it), fate(it)?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(summary: Summary, outcomes: Option<&[Outcome]>) -> Vec<String> {
        let facts = closing("contoso", &summary, "nobody is mailed".into(), outcomes).into_iter();
        facts.map(|fact| format!("{}: {}", fact.label, fact.said)).collect()
    }

    #[test]
    fn the_whole_is_said_in_good_english() {
        let none = Summary::default();
        for (summary, expect) in [
            (none, vec!["contoso: nothing to do"]),
            (Summary { noop: 1, ..none }, vec!["contoso: nothing to do, 1 unchanged"]),
            (
                Summary { create: 1, noop: 2, ..none },
                vec!["contoso: 1 to create, 2 unchanged", "mail: nobody is mailed"],
            ),
        ] {
            assert_eq!(said(summary, None), expect);
        }
    }

    #[test]
    fn outcomes_are_counted() {
        let outcomes = [Fate::Applied, Fate::Nothing, Fate::Failed, Fate::Applied].map(Outcome::new);
        let summary = Summary { create: 3, noop: 1, ..Summary::default() };
        assert_eq!(said(summary, Some(&outcomes))[2], "result: 2 applied, 1 failed");
    }
}
