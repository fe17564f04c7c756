//! Expressions in texts: `{{ row.teacher }}` and what they stand for.
//!
//! The language is Jinja's, without its statements and comments: nothing is read, and nothing goes round. An unknown name is wrong,
//! not empty. Work and output are bounded by fuel, which the engine takes for every step and every byte.

use crate::manifest::doorman::{list, near};
use crate::problem::cut;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{
    Environment, Error, ErrorKind, Expression, Output, State, Template, UndefinedBehavior, Value, escape_formatter,
    filters, tests,
};
use serde_json::Value as Json;

/// What begins an expression in a text.
pub const OPENS: &str = "{{";

/// The names that the expressions of a set know.
pub const IN_SET: &[&str] = &[ROW, VALUES];

/// The names that those of a workspace know.
pub const IN_WORKSPACE: &[&str] = &[VALUES];

const ROW: &str = "row";
const VALUES: &str = "values";

/// What is wrong with an expression, or with what it gives.
#[derive(Debug, PartialEq)]
pub struct Wrong {
    pub message: String,
    pub hint: String,
    /// Whether it is the expression that asks for too much, whatever it is given.
    pub endless: bool,
}

impl Wrong {
    /// Says what is wrong, and the way out.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Wrong {
        Wrong { message: message.into(), hint: hint.into(), endless: false }
    }
}

/// Returns what expressions are read with. Each may take so much fuel: one for a step or for 64 bytes.
pub fn environment<'t>(fuel: u64) -> Environment<'t> {
    let mut all = Environment::empty();
    all.set_undefined_behavior(UndefinedBehavior::Strict);
    all.set_fuel(Some(fuel));
    all.set_formatter(written);
    // No text of a manifest holds what begins a statement or a comment here, so that `{%` and `{#` are what they are.
    let syntax = SyntaxConfig::builder()
        .block_delimiters("\u{1}%", "%\u{1}")
        .comment_delimiters("\u{1}#", "#\u{1}")
        .keep_trailing_newline(true)
        .build();
    all.set_syntax(syntax.expect("the delimiters differ"));
    all.add_filter("bool", filters::bool);
    all.add_filter("capitalize", filters::capitalize);
    all.add_filter("default", filters::default);
    all.add_filter("first", filters::first);
    all.add_filter("float", filters::float);
    all.add_filter("int", filters::int);
    all.add_filter("join", filters::join);
    all.add_filter("last", filters::last);
    all.add_filter("length", filters::length);
    all.add_filter("lower", filters::lower);
    all.add_filter("replace", filters::replace);
    all.add_filter("round", filters::round);
    all.add_filter("split", filters::split);
    all.add_filter("string", filters::string);
    all.add_filter("title", filters::title);
    all.add_filter("trim", filters::trim);
    all.add_filter("upper", filters::upper);
    all.add_test("defined", tests::is_defined);
    all.add_test("none", tests::is_none);
    all
}

const FILTERS: [&str; 17] = [
    "bool",
    "capitalize",
    "default",
    "first",
    "float",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "round",
    "split",
    "string",
    "title",
    "trim",
    "upper",
];

/// Writes a value into a text: what is no single value has no form there.
fn written(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.kind() {
        // As manifests spell it.
        ValueKind::Bool => out.write_str(if value.is_true() { "true" } else { "false" }).map_err(Error::from),
        ValueKind::String | ValueKind::Number | ValueKind::Undefined => escape_formatter(out, state, value),
        _ => Err(Error::new(ErrorKind::InvalidOperation, format!("{} has no form within a text", value.kind()))),
    }
}

/// A text with expressions.
pub enum Filled<'e, 't> {
    /// One expression, whose value keeps its type.
    Whole(Expression<'e, 't>),
    /// Text with expressions in it.
    Mixed(Template<'e, 't>),
}

impl<'e, 't> Filled<'e, 't> {
    /// Reads a text that holds `{{`. Fails where an expression cannot be read, or names what no expression knows.
    pub fn read(all: &'e Environment<'t>, text: &'t str, known: &[&str]) -> Result<Filled<'e, 't>, Wrong> {
        bounded(text)?;
        let inner = text.trim().strip_prefix(OPENS).and_then(|it| it.strip_suffix("}}"));
        let trims = |it: &&str| it.starts_with(['-', '+']) || it.ends_with(['-', '+']);
        let whole = inner.filter(|it| !trims(it)).and_then(|it| all.compile_expression(it.trim()).ok());
        let filled = match whole {
            Some(whole) => Filled::Whole(whole),
            None => Filled::Mixed(all.template_from_str(text).map_err(|error| worded(&error, &[], None))?),
        };
        filled.asks_for(known)
    }

    /// Reads an expression that stands alone, without `{{`. Fails as `read` does.
    pub fn alone(all: &'e Environment<'t>, text: &'t str) -> Result<Filled<'e, 't>, Wrong> {
        ends(text)?;
        let whole = all.compile_expression(text).map_err(|error| match text.contains(OPENS) {
            true => {
                Wrong::new("an expression stands alone here", "leave the braces out, as in `row.active == \"yes\"`")
            }
            false => worded(&error, &[], None),
        });
        Filled::Whole(whole?).asks_for(IN_SET)
    }

    /// Fails where it asks for something else than what is known.
    fn asks_for(self, known: &[&str]) -> Result<Filled<'e, 't>, Wrong> {
        let names = self.names();
        let mut heads = names.iter().map(|it| it.split('.').next().unwrap_or_default());
        match heads.find(|it| !known.contains(it)) {
            Some(name) => Err(Wrong::new(
                format!("unknown name `{}`", cut(name)),
                match known.contains(&ROW) {
                    true => {
                        "write `row.` and the name of a column, or `values.` and the name of a value of the workspace"
                    }
                    false => "write `values.` and the name of one of the `values` beside",
                },
            )),
            None => Ok(self),
        }
    }

    /// Returns the names that it asks for, such as `row.teacher`, in order.
    pub fn names(&self) -> Vec<String> {
        let names = match self {
            Filled::Whole(it) => it.undeclared_variables(true),
            Filled::Mixed(it) => it.undeclared_variables(true),
        };
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort();
        names
    }

    /// Returns what it stands for. Fails where a name is not there, where a value does not fit, and where it takes too much.
    pub fn value(&self, given: &Given) -> Result<Json, Wrong> {
        let context = given.context.clone();
        let value = match self {
            Filled::Whole(it) => it.eval(context).and_then(|value| match value.is_undefined() {
                true => Err(ErrorKind::UndefinedError.into()),
                false => plain(&value, &mut 0, 0),
            }),
            Filled::Mixed(it) => it.render(context).map(Json::String),
        };
        value.map_err(|error| worded(&error, &self.names(), Some(given)))
    }
}

/// How many bytes one expression may have, without the texts that stand in it in quotes. The engine goes into an expression as deep as
/// it nests, and a minus is enough for one more level: what is longer could take the whole stack, which is 1 MB on Windows.
const MOST_BYTES: usize = 400;

/// Fails where an expression of a text is too long.
fn bounded(mut text: &str) -> Result<(), Wrong> {
    while let Some((_, after)) = text.split_once(OPENS) {
        text = &after[ends(after)?..];
    }
    Ok(())
}

/// Returns where an expression ends, as it does for the engine: at `}}` outside of quotes and brackets. Fails where it is too long.
fn ends(text: &str) -> Result<usize, Wrong> {
    let (mut bytes, mut open, mut quote, mut escaped) = (0, 0, None, false);
    for (at, byte) in text.bytes().enumerate() {
        if quote.is_some() {
            quote = quote.filter(|it| escaped || *it != byte);
            escaped = !escaped && byte == b'\\';
            continue;
        }
        if open == 0 && text.as_bytes()[at..].starts_with(b"}}") {
            return Ok(at);
        }
        match byte {
            b'"' | b'\'' => quote = Some(byte),
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open -= 1,
            _ => {}
        }
        bytes += 1;
        if bytes > MOST_BYTES {
            let hint = "make it simpler, or put what it makes into a column of its own";
            return Err(Wrong::new(format!("this expression is longer than {MOST_BYTES} characters"), hint));
        }
    }
    Ok(text.len())
}

/// How many values one expression may give, and how deep they may nest.
const MOST_VALUES: usize = 10_000;
const MOST_DEPTH: usize = 16;

/// Returns a value as manifests have it. A list may be one that is only made item by item, so that each is counted here: fuel does not.
fn plain(value: &Value, seen: &mut usize, depth: usize) -> Result<Json, Error> {
    *seen += 1;
    if *seen > MOST_VALUES || depth > MOST_DEPTH {
        return Err(ErrorKind::OutOfFuel.into());
    }
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter()?.map(|it| plain(&it, seen, depth + 1)).collect::<Result<_, _>>().map(Json::Array)
        }
        ValueKind::Map => {
            let member = |key: Value| Ok((key.to_string(), plain(&value.get_item(&key)?, seen, depth + 1)?));
            value.try_iter()?.map(member).collect::<Result<_, Error>>().map(Json::Object)
        }
        ValueKind::Undefined => Err(ErrorKind::UndefinedError.into()),
        _ => serde_json::to_value(value)
            .map_err(|_| Error::new(ErrorKind::BadSerialization, "it has no form in a manifest")),
    }
}

/// What expressions are given.
pub struct Given<'v> {
    context: Value,
    row: &'v Json,
    values: &'v Json,
}

impl<'v> Given<'v> {
    /// Gives a row, and the values of the workspace.
    pub fn of(row: &'v Json, values: &'v Json) -> Given<'v> {
        Given {
            context: minijinja::context! { row => Value::from(Serde(row)), values => Value::from(Serde(values)) },
            row,
            values,
        }
    }

    /// Says which of some names is not there.
    fn lacks(&self, names: &[String]) -> Option<Wrong> {
        let (of, name) = names.iter().filter_map(|it| it.split_once('.')).find_map(|(of, way)| {
            let name = way.split('.').next().unwrap_or(way);
            let there = if of == ROW { self.row } else { self.values };
            there.get(name).is_none().then_some((of, name))
        })?;
        let there = if of == ROW { self.row } else { self.values };
        let known: Vec<&str> = there.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let near = known
            .iter()
            .copied()
            .find(|it| it.eq_ignore_ascii_case(name))
            .or_else(|| near(name, known.iter().copied()));
        let (message, none) = match of == ROW {
            true => (format!("the row has no `{}`", cut(name)), "add it, or leave the row out with `when`"),
            false => {
                (format!("the workspace has no value `{}`", cut(name)), "add it to `spec.values` of the workspace")
            }
        };
        let hint = match near {
            Some(near) => format!("did you mean `{of}.{}`?", cut(near)),
            None if known.is_empty() || of != ROW => none.to_owned(),
            None => format!("it has {}", cut_list(&known)),
        };
        Some(Wrong::new(message, hint))
    }
}

fn cut_list(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(10).map(|it| cut(it)).collect();
    let more = if names.len() > shown.len() { " …" } else { "" };
    list(shown.iter().map(String::as_str)) + more
}

/// Says what the engine says in words.
fn worded(error: &Error, names: &[String], given: Option<&Given>) -> Wrong {
    let detail = || cut(error.detail().unwrap_or("it cannot be read"));
    match error.kind() {
        ErrorKind::OutOfFuel => Wrong {
            endless: true,
            ..Wrong::new(
                "this expression takes too much work or makes too long a text",
                "make it simpler: what a manifest holds is short",
            )
        },
        ErrorKind::UndefinedError => given.and_then(|it| it.lacks(names)).unwrap_or_else(|| {
            Wrong::new(
                "this expression asks for what is not there",
                "`| default(…)` gives a value where there may be none",
            )
        }),
        ErrorKind::UnknownFilter => {
            Wrong::new(format!("unknown filter: {}", detail()), format!("known are {}", list(FILTERS.into_iter())))
        }
        ErrorKind::SyntaxError => Wrong::new(
            format!("this expression cannot be read: {}", detail()),
            "write `{{ row.name }}`; for two braces as they are, `{{ \"{{\" }}`",
        ),
        _ => Wrong::new(
            format!("this expression gives nothing: {}", detail()),
            "`{{ row.size | int }}` makes a number of a text",
        ),
    }
}
