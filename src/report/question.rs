//! The question before an apply: what is at stake, and the word that agrees.

use crate::plan::Plan;
use crate::plural::{count, either};
use crate::report::{Report, Summary, mails};

impl Report {
    /// Returns the question whether a plan may be applied, and what is to be typed: `yes`, or for `destroy` the workspace's name.
    pub fn question(&self, plan: &Plan, destroy: bool) -> (String, String) {
        let word = if destroy { self.workspace.clone() } else { "yes".to_owned() };
        let mails = self.summary.mails.total + self.summary.mails.possible;
        let (workspace, domain) = (&self.workspace, mails::place(plan));
        let (done, mails) = (done(&self.summary), count(mails, "mail"));
        let what = match destroy {
            true => format!("Destroy {workspace}{domain}: {done}"),
            false => format!("Apply {done} to {workspace}{domain}"),
        };
        (format!("{what}, {mails}? Type {word}"), word)
    }
}

fn done(summary: &Summary) -> String {
    let Summary { create, update, replace, cancel, adopt, noop: _, blocked: _, mails: _ } = *summary;
    let all = [
        (create, "create", "creates"),
        (adopt, "adoption", "adoptions"),
        (update, "update", "updates"),
        (replace, "replacement", "replacements"),
        (cancel, "cancellation", "cancellations"),
    ];
    let some = all.into_iter().filter(|(number, ..)| *number > 0);
    let words: Vec<String> =
        some.map(|(number, one, many)| format!("{number} {}", either(number, one, many))).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::model::Key;
    use crate::plan::{Action, Step, mail};
    use crate::report::report;

    #[test]
    fn a_question_names_what_is_at_stake() {
        let step = |action| Step {
            mail: mail::of_create("alex@contoso.example", &["a@contoso.example".to_owned()].into()),
            ..Step::new(Key::new(KindId::Event, "weekly"), "alex@contoso.example", action)
        };
        let plan = Plan {
            run: "p".into(),
            id: None,
            workspace: "contoso-meetings".into(),
            made: jiff::Timestamp::UNIX_EPOCH,
            steps: vec![step(Action::Update), step(Action::Create), step(Action::Create)],
            notes: vec![],
            managed: 1,
            secrets: Default::default(),
        };
        for (destroy, expect, word) in [
            (false, "Apply 2 creates, 1 update to contoso-meetings in contoso.example, 3 mails? Type yes", "yes"),
            (
                true,
                "Destroy contoso-meetings in contoso.example: 2 creates, 1 update, 3 mails? Type contoso-meetings",
                "contoso-meetings",
            ),
        ] {
            assert_eq!(report(&plan, None, vec![]).question(&plan, destroy), (expect.to_owned(), word.to_owned()));
        }
    }
}
