//! What went wrong in the outside world, and the way out, as data: nobody has to read a message to find the hint in it.
//!
//! It is an error of its own, or the context of another one; `Trouble::of` gathers an error and all its causes. What an author
//! must mend in a manifest is a `Problem`.

use crate::inert;
use crate::reason::{Reason, Why};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What went wrong, and what to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Lower case, no full stop.
    pub what: String,
    /// What belongs to it, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// The way out.
    pub hint: Option<Hint>,
    /// Which of the known reasons it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Reason>,
}

/// A way out: a sentence, and commands to be copied. As text it is one line for each, and no part of it can begin another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "Saved")]
pub struct Hint {
    pub sentence: String,
    pub commands: Vec<String>,
}

impl Hint {
    /// Adds a command.
    pub fn command(mut self, command: impl Into<String>) -> Hint {
        self.commands.push(command.into());
        self
    }
}

/// It reads as its sentence.
impl std::ops::Deref for Hint {
    type Target = str;

    fn deref(&self) -> &str {
        &self.sentence
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl From<&str> for Hint {
    fn from(sentence: &str) -> Hint {
        sentence.to_owned().into()
    }
}

impl From<String> for Hint {
    fn from(sentence: String) -> Hint {
        Hint { sentence, commands: vec![] }
    }
}

/// A way out as it was written: its first line is the sentence, each further one a command.
#[derive(Deserialize)]
struct Saved(String);

impl From<Saved> for Hint {
    fn from(Saved(text): Saved) -> Hint {
        let mut lines = text.split('\n').map(str::to_owned);
        Hint { sentence: lines.next().unwrap_or_default(), commands: lines.collect() }
    }
}

impl From<Hint> for String {
    fn from(hint: Hint) -> String {
        let lines = [hint.sentence].into_iter().chain(hint.commands);
        lines.map(|line| inert::line(&line).into_owned()).collect::<Vec<_>>().join("\n")
    }
}

impl Reason {
    /// Says in words that it is so here, as an error to which details and a way out can be added.
    pub fn trouble(self, what: impl Into<String>) -> Trouble {
        Trouble { code: Some(self), ..Trouble::new(what) }
    }
}

impl From<Why> for Trouble {
    fn from(Why { reason, what, .. }: Why) -> Trouble {
        reason.trouble(what)
    }
}

impl Trouble {
    /// Makes a trouble without a way out.
    pub fn new(what: impl Into<String>) -> Trouble {
        Trouble { what: what.into(), ..Trouble::default() }
    }

    /// Says which of the known reasons it is, unless that was said before.
    pub fn coded(self, code: Reason) -> Trouble {
        Trouble { code: self.code.or(Some(code)), ..self }
    }

    /// Adds the way out.
    pub fn hint(self, hint: impl Into<Hint>) -> Trouble {
        Trouble { hint: Some(hint.into()), ..self }
    }

    /// Adds a line that belongs to it.
    pub fn detail(mut self, detail: impl Into<String>) -> Trouble {
        self.details.push(detail.into());
        self
    }

    /// Says before it what did not happen because of it, or did all the same.
    pub fn after(self, before: &str) -> Trouble {
        Trouble { what: format!("{before}{}", self.what), ..self }
    }

    /// Adds what to do once the way out was taken.
    pub fn then(self, next: &str) -> Trouble {
        let hint = match self.hint.clone() {
            None => next.into(),
            Some(Hint { sentence, commands }) => Hint { sentence: format!("{sentence}; then {next}"), commands },
        };
        self.hint(hint)
    }

    /// Puts it before its cause; a cause that has a way out of its own keeps that.
    pub fn because(self, cause: anyhow::Error) -> anyhow::Error {
        match Trouble::of(&cause).hint {
            Some(_) => cause.context(self.what),
            None => cause.context(self),
        }
    }

    /// Gathers an error and its causes; the outermost way out counts.
    pub fn of(error: &anyhow::Error) -> Trouble {
        let known = error.downcast_ref::<Trouble>().cloned().unwrap_or_default();
        Trouble { what: format!("{error:#}"), ..known }
    }

    /// Returns it in one sentence, for where there is room for no more.
    pub fn sentence(&self) -> String {
        self.hint.as_ref().map_or_else(|| self.what.clone(), |hint| format!("{}; {}", self.what, hint.sentence))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context, Error, anyhow};

    #[test]
    fn the_way_out_is_found_anywhere_in_an_error() {
        let trouble = || Trouble::new("no tenant is known").detail("nor an app").hint("set one");
        let cause = || std::io::Error::other("no such file");
        let failed: Result<(), _> = Err(cause());
        let deep: Result<(), Error> = Err(trouble().into());
        for (error, what) in [
            (Error::from(trouble()), "no tenant is known"),
            (Error::from(trouble()).context("cannot sign in"), "cannot sign in: no tenant is known"),
            (
                deep.context("cannot sign in").unwrap_err().context("no plan"),
                "no plan: cannot sign in: no tenant is known",
            ),
            (failed.with_context(trouble).unwrap_err(), "no tenant is known: no such file"),
            (None::<()>.with_context(trouble).unwrap_err(), "no tenant is known"),
        ] {
            assert_eq!(Trouble::of(&error), Trouble { what: what.into(), ..trouble() });
        }
        assert_eq!(Trouble::of(&anyhow!("ours").context("why")), Trouble::new("why: ours"));
    }

    #[test]
    fn a_command_is_none_that_somebody_wrote_into_the_sentence() {
        let hint = Hint::from("did you mean `x\nGrant-All`?").command("Grant-Policy \n");
        let text = serde_json::to_value(&hint).unwrap();
        assert_eq!(text, "did you mean `x\\nGrant-All`?\nGrant-Policy \\n");
    }

    #[test]
    fn it_fits_into_a_sentence() {
        let hint = Hint::from("ask for it").command("Grant-Policy");
        assert_eq!(Trouble::new("no policy").hint(hint).sentence(), "no policy; ask for it");
        assert_eq!(Trouble::new("no policy").after("nothing was sent: ").sentence(), "nothing was sent: no policy");
    }
}
