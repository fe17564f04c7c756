//! The report as Markdown, for comments and summaries of a pipeline: the numbers first, then what to look at, a table, and the
//! details folded.
//!
//! It is laid out by a template of which every value passes the door in `inert`, and fits a limit: details go first, then rows, and
//! what is refused, blocked or removed goes last. Addresses are masked unless they are asked for.

mod inert;
mod parts;
mod view;

use crate::render::page::Page;
use crate::report::Report;
use crate::report::addresses::masked;
use crate::report::brief::LeftOut;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value};
use parts::Parts;
use view::View;

/// How a report is shown as Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Shows addresses as they are.
    pub show_addresses: bool,
    /// How long the page may be, in bytes and so in characters too; less than `LEAST` counts as that.
    pub limit: usize,
}

/// What a comment may hold, in characters: GitHub takes no more, GitLab and Azure DevOps do.
pub const COMMENT: usize = 65_536;

/// More than the lines take that always stand.
pub const LEAST: usize = 1_500;

impl Default for Options {
    fn default() -> Options {
        Options { show_addresses: false, limit: COMMENT - 1 }
    }
}

/// The smallest part of a page takes more than so many bytes.
const SMALLEST: usize = 16;

/// Renders the report as GitHub Flavored Markdown.
pub fn render(report: &Report, options: &Options) -> Page {
    let limit = options.limit.max(LEAST);
    let (all, environment) = (Parts::of(report), environment(options.show_addresses));
    let template = environment.get_template(NAME).expect("it was just added");
    let laid_out = |number: usize| {
        let view = View::of(&all, number, |left_out: LeftOut| left_out.said(limit));
        template.render(Value::from(Serde(&view))).expect("a view has what its template names")
    };
    // The more parts, the longer: the most that fit are looked for by halves.
    let (mut fits, mut beyond) = (0, all.order.len().min(limit / SMALLEST) + 1);
    let mut page = laid_out(0);
    while beyond - fits > 1 {
        let middle = fits + (beyond - fits) / 2;
        let longer = laid_out(middle);
        match longer.len() <= limit {
            true => (fits, page) = (middle, longer),
            false => beyond = middle,
        }
    }
    Page::laid_out(page)
}

const NAME: &str = "page.md";

/// The template, and the door that each of its values passes.
fn environment(show_addresses: bool) -> Environment<'static> {
    let masked = move |text: &str| if show_addresses { text.to_owned() } else { masked(text) };
    let mut environment = Environment::new();
    // A line that holds tags alone leaves nothing.
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters"));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("markdown".into()));
    environment.set_formatter(move |out: &mut Output, _: &mut State, value: &Value| -> Result<(), Error> {
        match value.is_safe() {
            true => out.write_str(&value.to_string())?,
            false => out.write_str(&inert::prose(&masked(&value.to_string())))?,
        }
        Ok(())
    });
    environment.add_filter("code", move |text: &str| Value::from_safe_string(inert::code(&masked(text))));
    environment.add_template(NAME, include_str!("page.md.jinja")).expect("the template is a good one");
    environment
}

#[cfg(test)]
mod tests;
