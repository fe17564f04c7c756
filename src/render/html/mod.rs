//! The report as one HTML file: it asks nobody for anything, works offline, on paper, by keyboard and for a screen reader.
//!
//! Layout only. Every text passes the formatter of the templates: signs are made visible and markup is escaped, and no data
//! stand in a script. A policy in the page names the one style and the one script that may be used by their hashes.

mod view;
mod weeks;

use crate::inert;
use crate::render::page::Page;
use crate::report::Report;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, Output, State, UndefinedBehavior, Value, context, escape_formatter};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const PLAN: &str = concat!(include_str!("pieces.html"), include_str!("week.html"), include_str!("plan.html"));
const STYLE: &str = concat!(include_str!("style.css"), include_str!("calendar.css"));
const SCRIPT: &str = include_str!("script.js");

/// The templates, read once.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    let lines = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    templates.set_syntax(lines.expect("the syntax is the usual one"));
    templates.set_formatter(shown);
    // The name's ending turns escaping on.
    templates.add_template("plan.html", PLAN).expect("the template is a good one");
    templates
});

/// Renders the report. Steps that do nothing are shown only if they have something to say, or with `all`.
pub fn render(report: &Report, all: bool) -> Page {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let given = context! {
        policy,
        style => Value::from_safe_string(STYLE.into()),
        script => Value::from_safe_string(SCRIPT.into()),
        plan => Value::from(Serde(view::of(report, all))),
    };
    let page = TEMPLATES.get_template("plan.html").and_then(|plan| plan.render(given));
    Page::html(page.expect("the template asks for what it is given"))
}

/// Writes a value: of a text every sign is made visible, and what is markup is escaped.
fn shown(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str().filter(|_| !value.is_safe()) {
        Some(text) => escape_formatter(out, state, &Value::from(inert::line(text))),
        None => escape_formatter(out, state, value),
    }
}

/// A source of a content security policy.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inert::Escape;

    /// They are written as they stand, also where the runner of a pipeline listens: else their hashes would not be theirs.
    #[test]
    fn style_and_script_hold_nothing_that_would_be_made_visible() {
        for text in [STYLE, SCRIPT] {
            assert_eq!(inert::page(text), text);
            for line in text.lines() {
                assert_eq!(inert::unheard(line, Escape::Markup), line);
                assert_eq!(inert::unheard_first(line, Escape::Markup), line);
            }
        }
    }
}
