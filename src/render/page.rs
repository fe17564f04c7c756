//! What is printed: the only thing that standard output and standard error take.
//!
//! Whatever becomes part of a page passes one of the doors here, and each makes the signs of strangers visible: a text cannot
//! end its line, move the cursor or choose a colour. Line ends, indents and styles are the layout's own.

use crate::inert::{self, Escape};
use crate::reason::Reason;
use crate::render::lines::options;
use anstyle::Style;
use jiff::Timestamp;
use serde::Serialize;
use std::borrow::Cow;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Deref};

/// A text that is ready to be printed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    text: String,
    form: Form,
}

/// Who reads it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Form {
    /// People.
    #[default]
    Text,
    /// Programs that read JSON.
    Json,
    /// Browsers.
    Html,
    /// Calendars: lines end with a carriage return and a line feed.
    Ics,
    /// The runner of GitHub Actions: lines that begin with a command are ours.
    Commands,
}

/// What begins a command to the agent of Azure Pipelines.
const AZURE: &str = "##vso[";

/// What begins a line of a page of commands.
const COMMAND: &str = "::error ";

impl Page {
    /// One line.
    pub fn line(text: &str) -> Page {
        Page { text: inert::line(text).into_owned() + "\n", form: Form::Text }
    }

    /// The time before a line of a log, to the second.
    pub fn stamp(at: Timestamp) -> Page {
        Page { text: format!("{at:.0} "), form: Form::Text }
    }

    /// An empty line.
    pub fn empty_line() -> Page {
        Page::line("")
    }

    /// A text in lines that fit a terminal: the first behind `first`, the others behind `rest`.
    pub fn filled(first: &str, rest: &str, text: &str) -> Page {
        let [first, rest, text] = [first, rest, text].map(inert::line);
        let text = match text.is_empty() {
            true => first.trim_end().to_owned(),
            false => textwrap::fill(&text, options(&first, &rest)),
        };
        Page { text: text + "\n", form: Form::Text }
    }

    /// The same with the code of a reason behind it, which stands back.
    pub fn coded(first: &str, rest: &str, text: &str, code: Option<Reason>) -> Page {
        let Some(code) = code else { return Page::filled(first, rest, text) };
        let dim = Style::new().dimmed();
        let [first, rest, text] = [first, rest, text].map(inert::line);
        let text = format!("{text} {dim}[{code}]{dim:#}");
        Page { text: textwrap::fill(&text, options(&first, &rest)) + "\n", form: Form::Text }
    }

    /// The same with a beginning that stands out.
    pub fn titled(style: Style, title: &str, rest: &str, text: &str) -> Page {
        let title = format!("{style}{}{style:#}", inert::line(title));
        let text = textwrap::fill(&format!("{title}{}", inert::line(text)), options("", rest));
        Page { text: text + "\n", form: Form::Text }
    }

    /// A text of several lines that are its own, each behind `indent`.
    pub fn block(indent: &str, text: &str) -> Page {
        text.trim_end().lines().map(|line| Page::line(&format!("{indent}{line}"))).sum()
    }

    /// A text whose layout is the program's own: every part of it that a stranger wrote has been made inert before.
    pub fn laid_out(text: String) -> Page {
        Page { text, form: Form::Text }
    }

    /// An HTML document whose values have been escaped, and their signs made visible.
    pub fn html(text: String) -> Page {
        Page { text, form: Form::Html }
    }

    /// A calendar file whose texts have been escaped, and their signs made visible.
    pub fn ics(text: String) -> Page {
        Page { text, form: Form::Ics }
    }

    /// An indented JSON document. Panics for what JSON cannot hold: our reports are plain data with text keys.
    pub fn json(data: &impl Serialize) -> Page {
        let text = serde_json::to_string_pretty(data).expect("a report is plain data with text keys");
        Page { text: inert::json(&text).into_owned() + "\n", form: Form::Json }
    }

    /// A JSON document on one line; see `json`.
    pub fn json_line(data: &impl Serialize) -> Page {
        let text = serde_json::to_string(data).expect("a log is plain data with text keys");
        Page { text: inert::json(&text).into_owned() + "\n", form: Form::Json }
    }

    /// One command to the runner of GitHub Actions: an error at a place, both escaped as its toolkit does.
    pub fn command(place: &str, text: &str) -> Page {
        Page { text: format!("{COMMAND}{}::{}\n", inert::line(place), inert::line(text)), form: Form::Commands }
    }

    /// One command to the agent of Azure Pipelines, escaped as its documentation has it.
    pub fn azure(command: &str, properties: &[(&str, &str)], text: &str) -> Page {
        let property = |(name, value): &(&str, &str)| {
            format!("{name}={};", azure_data(value).replace(']', "%5D").replace(';', "%3B"))
        };
        let properties: String = properties.iter().map(property).collect();
        let lead = format!("{AZURE}{command} {properties}").trim_end().to_owned();
        Page { text: format!("{lead}]{}\n", azure_data(text)), form: Form::Commands }
    }

    /// Whether programs read it as JSON.
    pub fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    /// Returns what is written: nothing but text, line ends and styles, and, where the runner of a pipeline `listens`, no command
    /// that is not ours.
    pub fn written(&self, listens: bool) -> Cow<'_, str> {
        let text = match self.form {
            Form::Text | Form::Html | Form::Commands => inert::page(&self.text),
            Form::Json => inert::json(&self.text),
            Form::Ics => self.text.split("\r\n").map(inert::page).collect::<Vec<_>>().join("\r\n").into(),
        };
        match listens {
            true => text.split_inclusive('\n').map(|line| self.unheard(line)).collect(),
            false => text,
        }
    }

    fn unheard(&self, line: &str) -> String {
        match self.form {
            Form::Json => inert::unheard(line, Escape::Json).into_owned(),
            Form::Commands if line.starts_with(AZURE) => {
                AZURE.to_owned() + &inert::unheard(&line[AZURE.len()..], Escape::Shown)
            }
            Form::Commands if line.starts_with(COMMAND) => inert::unheard(line, Escape::Shown).into_owned(),
            Form::Ics => unheard_anywhere(line, Escape::Wide),
            Form::Html => unheard_anywhere(line, Escape::Markup),
            Form::Text | Form::Commands => unheard_anywhere(line, Escape::Shown),
        }
    }
}

fn unheard_anywhere(line: &str, escape: Escape) -> String {
    inert::unheard_first(&inert::unheard(line, escape), escape).into_owned()
}

/// A text within a command to the agent of Azure Pipelines.
fn azure_data(text: &str) -> String {
    inert::line(&text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")).into_owned()
}

/// Pages of one form follow each other.
impl AddAssign for Page {
    fn add_assign(&mut self, other: Page) {
        if self.text.is_empty() {
            self.form = other.form;
        }
        self.text.push_str(&other.text);
    }
}

impl Add for Page {
    type Output = Page;

    fn add(mut self, other: Page) -> Page {
        self += other;
        self
    }
}

impl Sum for Page {
    fn sum<I: Iterator<Item = Page>>(pages: I) -> Page {
        let mut all = Page::default();
        pages.for_each(|page| all += page);
        all
    }
}

impl Deref for Page {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}
