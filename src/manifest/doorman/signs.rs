//! Words for a string that must be one line of text and is not.

use super::Teller;
use crate::inert::is_sign;
use crate::problem::{Place, Problem};
use crate::reason::Reason;
use jsonschema::error::ValidationError;

impl Teller<'_> {
    /// A value that holds a sign.
    pub(super) fn sign(&mut self, error: &ValidationError<'_>) {
        let at = error.instance_path().as_str();
        let text = error.instance().as_str().unwrap_or_default().to_owned();
        self.say_sign(self.document.place(at), at, &text);
    }

    /// A name in an open mapping that holds a sign; `error` is about the name itself.
    pub(super) fn sign_in_name(&mut self, at: &str, error: &ValidationError<'_>) {
        let name = error.instance().as_str().unwrap_or_default().to_owned();
        self.say_sign(self.document.key_place(&super::child(at, &name)), at, &name);
    }

    fn say_sign(&mut self, place: Place, at: &str, text: &str) {
        let Some(sign) = text.chars().find(|it| is_sign(*it)) else { return };
        let named = at.rsplit('/').find(|name| name.parse::<usize>().is_err()).filter(|name| !name.is_empty());
        let name = named.map_or_else(|| "this document".to_owned(), |name| format!("`{}`", crate::problem::cut(name)));
        let (what, hint) = match sign {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => ("a line end", "write it on one line, without `|`"),
            '\t' => ("a tab", "write a space instead"),
            sign if sign.is_control() => ("a control sign", "remove it"),
            _ => ("a sign that turns the direction of text", "remove it"),
        };
        let message = format!("{name} holds {what}: U+{:04X}", u32::from(sign));
        self.problems.push(Problem::new(Reason::HiddenSign, place, message).hint(hint));
    }
}
