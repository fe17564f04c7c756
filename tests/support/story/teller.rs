//! How the steps of a story are taken: in this process, or by the program.

use super::text::{Story, name};
use crate::support::{House, Run, inside};
use serde_json::Value;
use std::path::Path;

/// Told by the program: what only a process of its own shows is seen with these, beside all that have flags.
pub const BY_THE_PROGRAM: [&str; 5] = [
    "a_lost_state_makes_nothing_twice",
    "an_event_is_made",
    "meeting_options_are_set_behind_an_event",
    "too_many_mails_are_refused",
    "the_provider_is_fixed_once_online",
];

/// Whether a story is told by the program: flags are the program's, and so are the questions about meetings in channels.
pub fn by_the_program(path: &Path, story: &Story) -> bool {
    let mut texts = [&story.before, &story.now].into_iter().flatten();
    !story.flags.is_empty()
        || texts.any(|text| text.contains("chatInfo"))
        || BY_THE_PROGRAM.contains(&name(path).as_str())
}

/// Takes the steps of one story.
pub struct Teller<'a> {
    pub house: &'a House,
    pub by_the_program: bool,
}

impl Teller<'_> {
    /// Plans; the report for people, and the same for scripts.
    pub fn plan(&self, flags: &[&str]) -> (Run, Value) {
        if !self.by_the_program {
            assert!(flags.is_empty(), "flags are the program's");
            return inside::plan(self.house);
        }
        let command = [&["plan"], flags].concat();
        (self.house.run(&command), self.house.json(&command))
    }

    pub fn apply(&self, flags: &[&str]) -> Run {
        if !self.by_the_program {
            assert!(flags.is_empty(), "flags are the program's");
            return inside::apply(self.house);
        }
        self.house.run(&[&["apply", "--yes"], flags].concat())
    }

    /// Applies, and again as long as a lost answer is asked about, with what a person answers who has looked.
    pub fn apply_and_answer(&self, flags: &[&str]) -> Run {
        let mut run = self.apply(flags);
        for _ in 0..3 {
            let answers = self.house.answers();
            if run.code != 1 || answers.is_empty() {
                break;
            }
            let asked = self.house.run(&["plan"]);
            assert!(asked.out.contains("whether it was made is not known"), "{asked:?}");
            let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
            run = self.apply(&answers);
        }
        run
    }
}
