//! What sets make: their template filled in with each row, and from there on a document like any other.
//!
//! An expression is read once, not once a row. What is wrong with what was made stands in the template and in the row; the same
//! mistake in many rows is told once.

use crate::kind::KindId;
use crate::kind::schema::{API_VERSION, Declared};
use crate::manifest::bounded::{self, in_parts};
use crate::manifest::expression::{self, Filled, Wrong};
use crate::manifest::rows::{self, Row, Rows};
use crate::manifest::shared::Shared;
use crate::manifest::stream::{All, Keep, Kept, Made, made};
use crate::manifest::yaml::{Document, MOST_BYTES, MOST_VALUES};
use crate::manifest::{Given, Manifests, doorman_of};
use crate::problem::{Place, Problem, Rule};
use crate::reason::Reason;
use minijinja::Environment;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::ops::Range;

/// A set, and the number of the file it stands in.
pub(super) struct Set {
    pub number: usize,
    pub document: Document,
}

/// How much fuel all expressions of a set may take together, and one of them at least and at most.
const FUEL: u64 = 50_000_000;
const FUEL_OF_ONE: Range<u64> = 2_000..10_000;

/// Where the template stands in the document of a set, and where it says which rows count.
const TEMPLATE: &str = "/spec/template";
const WHEN: &str = "/spec/when";

impl Manifests {
    /// Makes the resources of all sets.
    pub(super) fn make(&mut self, shared: &Shared, given: &Given, all: &mut All) {
        for set in &shared.sets {
            if !self.goes_on() {
                return;
            }
            match rows::read(&set.document) {
                // A file that was emptied by mistake would cancel everything that it made.
                Ok(rows) if rows.rows.is_empty() => {
                    self.problems.push(makes_nothing(set.document.place(rows::ROWS), "this set has no rows"));
                }
                Ok(rows) => self.make_of(set, rows, given, all),
                Err((problems, text)) => {
                    self.problems.extend(problems);
                    all.texts.extend(text);
                }
            }
        }
    }

    fn make_of(&mut self, set: &Set, mut rows: Rows, given: &Given, all: &mut All) {
        let part = set.document.part(TEMPLATE);
        let evaluations = (rows.rows.len() as u64).saturating_mul(texts(&part.value).len() as u64 + 1);
        let fuel = (FUEL / evaluations.max(1)).clamp(FUEL_OF_ONE.start, FUEL_OF_ONE.end);
        let environment = expression::environment(fuel);
        let template = match Template::read(&environment, &set.document, &part) {
            Ok(template) => template,
            Err(problems) => return self.problems.extend(problems),
        };
        let mut list = std::mem::take(&mut rows.rows);
        if template.size.saturating_mul(list.len()) > MOST_VALUES {
            return self.problems.push(too_much(&set.document));
        }
        let keep = self.keep();
        let mut left_out = true;
        let (mut told, mut bytes) = (Told::default(), 0_usize);
        let work = |row: Row| (template.make(&row, &rows, given, keep), row);
        let mut take = |(result, row): (Outcome, Row)| {
            let fit = bytes <= MOST_BYTES;
            bytes = bytes.saturating_add(result.bytes);
            let in_place = |kept| Kept { written_out: true, ..kept };
            let made = result.made.map(|(it, kept)| (it.of_row(&row.at), kept.map(in_place)));
            left_out &= made.is_none() && result.problems.is_empty();
            all.made.push((set.number, made.into_iter().collect()));
            result.problems.into_iter().for_each(|it| told.add(it));
            if fit && bytes > MOST_BYTES {
                told.problems.push(too_much(&set.document));
            }
            !result.endless && bytes <= MOST_BYTES && bounded::goes_on(&told.problems)
        };
        // What asks for too much mostly does so in each row: the first one alone tells.
        let rest = list.split_off(list.len().min(1));
        if list.pop().is_none_or(|first| take(work(first))) {
            in_parts(rest, work, take);
        }
        if left_out {
            told.problems.push(makes_nothing(set.document.place(WHEN), "this leaves out every row"));
        }
        all.texts.extend(rows.text);
        self.problems.extend(told.problems);
    }
}

fn makes_nothing(at: Place, what: &str) -> Problem {
    let hint = "put a row in; to remove all that the set made, pass --allow-empty or remove the set";
    Problem::new(Reason::EmptySet, at, what).hint(hint)
}

fn too_much(document: &Document) -> Problem {
    let what = format!("this set makes more than {} MB", MOST_BYTES >> 20);
    Problem::new(Reason::TooMuch, document.place("/metadata/name"), what).hint("make several sets of it")
}

/// The problems of a set, the same mistake in many rows once.
#[derive(Default)]
struct Told {
    problems: Vec<Problem>,
    seen: HashMap<(Range<usize>, String), (usize, usize)>,
}

impl Told {
    fn add(&mut self, problem: Problem) {
        let key = (problem.at.range.clone(), problem.message.clone());
        match self.seen.get_mut(&key) {
            Some((place, rows)) => {
                *rows += 1;
                let label = self.problems[*place].also.last_mut().map(|(_, label)| label);
                label.into_iter().for_each(|it| *it = format!("in this row, and in {rows} more"));
            }
            None => {
                self.seen.insert(key, (self.problems.len(), 0));
                self.problems.push(problem);
            }
        }
    }
}

/// The template of a set, read.
struct Template<'e, 't> {
    id: KindId,
    /// Where everything in it stands.
    part: &'t Document,
    /// What of it is the same for all rows.
    plain: Value,
    /// The texts that are filled in, by pointer.
    filled: Vec<(String, Filled<'e, 't>)>,
    when: Option<(Place, Filled<'e, 't>)>,
    /// How many values it holds.
    size: usize,
}

/// What became of a row.
#[derive(Default)]
struct Outcome {
    made: Option<Made>,
    problems: Vec<Problem>,
    bytes: usize,
    /// Whether no row would fare better.
    endless: bool,
}

impl<'e, 't> Template<'e, 't> {
    fn read(all: &'e Environment<'t>, document: &'t Document, part: &'t Document) -> Result<Self, Vec<Problem>> {
        let mut problems = vec![];
        let mut filled = vec![];
        for (pointer, text) in texts(&part.value) {
            match Filled::read(all, text, expression::IN_SET) {
                Ok(it) => filled.push((pointer, it)),
                Err(wrong) => problems.push(problem(part.place(&pointer), wrong)),
            }
        }
        let at = document.place(WHEN);
        let when = document.value.pointer(WHEN).and_then(Value::as_str).map(|text| Filled::alone(all, text));
        let when = when.transpose().unwrap_or_else(|wrong| {
            problems.push(problem(at.clone(), wrong));
            None
        });
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut plain = Map::from_iter([("apiVersion".to_owned(), json!(API_VERSION))]);
        plain.extend(part.value.as_object().cloned().unwrap_or_default());
        let id = part.value["kind"].as_str().and_then(KindId::named).expect("the schema asks for one of the kinds");
        let size = count(&part.value);
        Ok(Template { id, part, plain: Value::Object(plain), filled, when: when.map(|it| (at, it)), size })
    }

    /// Makes a resource of a row, unless that is left out.
    fn make(&self, row: &Row, rows: &Rows, given: &Given, keep: Keep) -> Outcome {
        let mut result = Outcome::default();
        let known = expression::Given::of(&row.value, given.values);
        let from = |problem: Problem| problem.also(row.at.clone(), "in this row");
        match self.when.as_ref().map(|(at, when)| (at, when.value(&known))) {
            None | Some((_, Ok(Value::Bool(true)))) => {}
            Some((_, Ok(Value::Bool(false)))) => return result,
            Some((at, Ok(_))) => {
                let what = "`when` must give true or false";
                let hint = "compare the value with another one: `row.active == \"yes\"`";
                result.problems.push(from(Problem::new(Reason::WrongType, at.clone(), what).hint(hint)));
                return result;
            }
            Some((at, Err(wrong))) => {
                result.endless = wrong.endless;
                result.problems.push(from(problem(at.clone(), wrong)));
                return result;
            }
        }
        let mut value = self.plain.clone();
        for (pointer, filled) in &self.filled {
            match filled.value(&known) {
                Ok(it) => {
                    result.bytes = result.bytes.saturating_add(it.as_str().map_or(64, str::len));
                    *value.pointer_mut(pointer).expect("it was found there") = it;
                }
                Err(wrong) => {
                    result.endless |= wrong.endless;
                    result.problems.push(from(problem(self.part.place(pointer), wrong)));
                }
            }
        }
        if result.problems.is_empty() {
            let (made, problems) = self.declare(self.part.saying(value), given, keep);
            result.made = made;
            result.problems = problems.into_iter().map(|it| self.in_row(it, row, rows)).collect();
        }
        result
    }

    /// Holds what was made against the schema of its kind, and makes a resource of it.
    fn declare(&self, document: Document, given: &Given, keep: Keep) -> (Option<Made>, Vec<Problem>) {
        let checked = doorman_of(Declared::Resource(self.id)).check(&document);
        let mut problems: Vec<Problem> = checked.problems.iter().cloned().map(|it| it.of(Rule::Schema)).collect();
        let wrong = (!checked.problems.is_empty()).then_some(checked);
        let (made, more) = made((self.id, document, wrong), given, keep);
        problems.extend(more);
        (made, problems)
    }

    /// Says in which cell of the row it is, where an expression with a column stands at its place.
    fn in_row(&self, problem: Problem, row: &Row, rows: &Rows) -> Problem {
        let here = |(pointer, _): &&(String, Filled)| self.part.place(pointer).range == problem.at.range;
        let names = self.filled.iter().find(here).map(|(_, it)| it.names()).unwrap_or_default();
        let column = names.iter().find_map(|it| it.strip_prefix("row."));
        let at = column.map_or_else(|| row.at.clone(), |it| rows.cell(row, it));
        problem.also(at, "in this row")
    }
}

fn problem(at: Place, Wrong { message, hint, endless }: Wrong) -> Problem {
    Problem::new(if endless { Reason::TooMuch } else { Reason::Meaning }, at, message).hint(hint)
}

/// Returns the texts with an expression below a value, by pointer.
fn texts(value: &Value) -> Vec<(String, &str)> {
    let mut all = vec![];
    collect(value, &mut String::new(), &mut all);
    all
}

fn collect<'v>(value: &'v Value, at: &mut String, all: &mut Vec<(String, &'v str)>) {
    let mut below = |name: &str, value: &'v Value, all: &mut Vec<(String, &'v str)>| {
        let length = at.len();
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        collect(value, at, all);
        at.truncate(length);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, it)| below(name, it, all)),
        Value::Array(items) => items.iter().enumerate().for_each(|(name, it)| below(&name.to_string(), it, all)),
        Value::String(text) if text.contains(expression::OPENS) => all.push((at.clone(), text)),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// How many values stand in a value, each 1000 bytes of a text as one.
fn count(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(count).sum::<usize>(),
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::String(text) => 1 + text.len() / 1000,
        Value::Number(_) | Value::Bool(_) | Value::Null => 1,
    }
}
