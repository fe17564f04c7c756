//! The codes of what is refused, blocked or failed: the table by subject, and one of it.

use crate::manifest::doorman::near;
use crate::reason::{About, Reason, SUBJECTS, all};
use crate::trouble::Trouble;
use serde::Serialize;

/// Codes that are about one subject.
#[derive(Debug, Serialize)]
pub struct Subject {
    /// What they are about.
    pub subject: &'static str,
    /// In order.
    pub codes: Vec<&'static About>,
}

/// Returns all codes by subject, in their order.
pub fn reasons() -> Vec<Subject> {
    let of = |(hundred, subject)| {
        let codes = all().filter(|about| about.reason as u16 / 100 == hundred).collect();
        Subject { subject, codes }
    };
    SUBJECTS.into_iter().map(of).collect()
}

/// Whether somebody means a code by this.
pub fn is_code(text: &str) -> bool {
    text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("CVK"))
}

/// Explains one code.
///
/// Fails for one that there is not, with the nearest.
pub fn reason(code: &str) -> Result<&'static About, Trouble> {
    Reason::named(code).map(Reason::about).ok_or_else(|| {
        let known: Vec<String> = Reason::ALL.iter().map(ToString::to_string).collect();
        let hint = near(code, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        Reason::NamesNothing
            .trouble(format!("unknown code `{code}`"))
            .hint(hint.unwrap_or_else(|| "`convoke explain codes` lists them".into()))
    })
}
