//! What went wrong in the outside world, and the way out, as data: nobody has to read a message to find the hint in it.
//!
//! It is an error of its own, or the context of another one; `Trouble::of` gathers an error and all its causes. What an author
//! must mend in a manifest is a `Problem`.

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
    /// The way out; further lines are commands to be copied.
    pub hint: Option<String>,
}

impl Trouble {
    /// Makes a trouble without a way out.
    pub fn new(what: impl Into<String>) -> Trouble {
        Trouble { what: what.into(), ..Trouble::default() }
    }

    /// Adds the way out.
    pub fn hint(self, hint: impl Into<String>) -> Trouble {
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
        let hint = match &self.hint {
            None => next.to_owned(),
            Some(hint) => match hint.split_once('\n') {
                None => format!("{hint}; then {next}"),
                Some((hint, commands)) => format!("{hint}; then {next}\n{commands}"),
            },
        };
        self.hint(hint)
    }

    /// Gathers an error and its causes; the outermost way out counts.
    pub fn of(error: &anyhow::Error) -> Trouble {
        let known = error.downcast_ref::<Trouble>().cloned().unwrap_or_default();
        Trouble { what: format!("{error:#}"), ..known }
    }

    /// Returns it in one sentence, for where there is room for no more.
    pub fn sentence(&self) -> String {
        let hint = self.hint.as_ref().and_then(|hint| hint.lines().next());
        hint.map_or_else(|| self.what.clone(), |hint| format!("{}; {hint}", self.what))
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
    fn it_fits_into_a_sentence() {
        assert_eq!(Trouble::new("no policy").hint("ask for it\nGrant-Policy").sentence(), "no policy; ask for it");
        assert_eq!(Trouble::new("no policy").after("nothing was sent: ").sentence(), "nothing was sent: no policy");
    }
}
