//! The doorman: holds a document against the JSON Schema of its kind and words whatever is wrong, each in its place.
//!
//! `jsonschema` alone decides what is wrong, with the very schema that editors use; the words, the hints and the choice of
//! the branch that an author meant are ours. Beyond JSON Schema it reads `readOnly` and `x-refused` on properties that are
//! never written (both with `not: {}`), `x-synonyms`, what people call a property instead, and `x-hint`, the way out when a property's value fails.
//! Deliberately knows no kind and no rule across fields.

mod branch;
mod schema;
mod signs;
mod value;

use self::schema::Schema;
use crate::manifest::yaml::Document;
pub use crate::near::{list, misspelt, near};
use crate::problem::{Problem, cut};
use crate::reason::Reason;
use jsonschema::error::{ValidationError, ValidationErrorKind as Kind};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// How many problems of one document are told.
pub const MOST_PROBLEMS: usize = 200;

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// In the order of the text.
    pub problems: Vec<Problem>,
    /// Properties, by pointer, that a misspelt one was taken for: not there, yet meant.
    pub meant: HashSet<String>,
}

/// Checks documents of one kind.
#[derive(Debug)]
pub struct Doorman {
    schema: Value,
    validator: jsonschema::Validator,
}

impl Doorman {
    /// Makes a doorman from the JSON Schema of one kind, draft-07 or 2020-12; references must stay inside the schema.
    pub fn new(schema: &Value) -> Doorman {
        let options = jsonschema::options().should_validate_formats(true).should_ignore_unknown_formats(true);
        let validator = options.build(schema).expect("the schemas of our kinds are valid and refer to nothing outside");
        Doorman { schema: schema.clone(), validator }
    }

    /// Returns everything that the schema finds wrong with a document.
    ///
    /// Values that could not be read are passed over, since that has been reported.
    pub fn check(&self, document: &Document) -> Checked {
        let errors: Vec<_> = self.validator.iter_errors(&document.value).take(MOST_PROBLEMS + 1).collect();
        let mut teller = Teller {
            schema: Schema(&self.schema),
            document,
            problems: vec![],
            meant: HashSet::new(),
            variants: HashMap::new(),
        };
        teller.all(&errors.iter().collect::<Vec<_>>());
        let Teller { mut problems, meant, .. } = teller;
        problems.sort_by_key(|it| (it.at.line, it.at.column));
        problems.dedup_by(|a, b| a.at == b.at && a.message == b.message);
        if problems.len() > MOST_PROBLEMS {
            problems.truncate(MOST_PROBLEMS);
            let message = format!("more than {MOST_PROBLEMS} problems in this document: the rest is not shown");
            problems.push(Problem::new(Reason::TooMuch, problems[MOST_PROBLEMS - 1].at.clone(), message));
        }
        Checked { problems, meant }
    }
}

/// Words the errors of one document.
struct Teller<'a> {
    schema: Schema<'a>,
    document: &'a Document,
    problems: Vec<Problem>,
    /// Properties that a misspelt one was taken for: not missing, then.
    meant: HashSet<String>,
    /// Where a property such as `type` chose between branches: that property, and all the branches.
    variants: HashMap<String, (&'a str, Vec<&'a Value>)>,
}

impl<'a> Teller<'a> {
    /// Words errors that hold together: all of a document, or all of the branch that was meant.
    fn all(&mut self, errors: &[&ValidationError<'_>]) {
        // One thing wrong with a value is enough: a number that is no string is no member of an enum of strings either.
        let mut worst: HashMap<&str, u8> = HashMap::new();
        for error in errors {
            let rank = worst.entry(error.instance_path().as_str()).or_insert(u8::MAX);
            *rank = rank_of(error.kind()).min(*rank);
        }
        let mut seen = HashSet::new();
        let mut later = vec![];
        for error in errors {
            let at = error.instance_path().as_str();
            let rank = rank_of(error.kind());
            if self.document.is_unknown(at) || self.problems.len() > MOST_PROBLEMS {
                continue;
            }
            match error.kind() {
                // Unknown properties first: they tell which of the missing ones are only misspelt.
                Kind::AdditionalProperties { unexpected } => {
                    let most = MOST_PROBLEMS + 1 - self.problems.len();
                    for name in unexpected.iter().take(most) {
                        self.unknown(error, name);
                    }
                }
                Kind::Required { .. } => later.push(*error),
                Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } if worst[at] >= rank => later.push(*error),
                _ if worst[at] == rank && seen.insert(at) => later.push(*error),
                _ => {}
            }
        }
        for error in later {
            match error.kind() {
                Kind::Required { property } => self.missing(error, property.as_str().unwrap_or_default()),
                Kind::AnyOf { context } | Kind::OneOfNotValid { context } => self.branches(error, context),
                _ => self.value(error),
            }
        }
    }

    /// A property that the schema does not have.
    fn unknown(&mut self, error: &ValidationError<'_>, name: &str) {
        let at = error.instance_path().as_str();
        let pointer = child(at, name);
        if self.document.is_unknown(&pointer) {
            return;
        }
        let object = self.schema.around(error);
        let known = self.schema.names(&object);
        let here = self.document.value.pointer(at);
        let set = |name: &str| here.is_some_and(|it| it.get(name).is_some());
        let slip = known.iter().find(|it| it.eq_ignore_ascii_case(name));
        let hint = if let Some(slip) = slip {
            self.meant.insert(child(at, slip));
            if set(slip) {
                format!("`{slip}` is here already: keep one of the two")
            } else {
                format!("did you mean `{slip}`? names are case-sensitive")
            }
        } else if let Some(meant) = self.schema.synonym(&object, name) {
            match set(meant) {
                true => format!("`{meant}` is here already, and Graph calls it so: keep one of the two"),
                false => {
                    self.meant.insert(child(at, meant));
                    format!("write `{meant}`: Graph calls it so")
                }
            }
        } else if let Some(variant) = self.variant_with(at, name) {
            variant
        } else if let Some(level) = self.level_with(at, &object, name) {
            level
        } else if let Some(close) = near(name, known.iter().copied().filter(|it| !set(it))) {
            self.meant.insert(child(at, close));
            format!("did you mean `{close}`?")
        } else if known.is_empty() {
            "nothing may stand here: remove it".to_owned()
        } else {
            format!("known here: {}", list(known.iter().copied()))
        };
        let message = format!("unknown property `{}`", cut(name));
        self.problems
            .push(Problem::new(Reason::UnknownProperty, self.document.key_place(&pointer), message).hint(hint));
    }

    /// Looks for a property in the branches that were not chosen: `dayOfMonth` with `type: weekly`.
    fn variant_with(&self, at: &str, name: &str) -> Option<String> {
        let (by, branches) = self.variants.get(at)?;
        let goes = branches.iter().filter(|it| self.schema.property(&[it], name).is_some());
        let values = goes.filter_map(|it| self.schema.fixed(it, by)).filter_map(Value::as_str);
        let values: Vec<_> = values.map(|it| format!("`{by}: {it}`")).collect();
        (!values.is_empty()).then(|| format!("`{name}` goes with {}", values.join(" or ")))
    }

    /// Looks for a property one level down, one level up, and under the neighbours.
    fn level_with(&self, at: &str, object: &[&'a Value], name: &str) -> Option<String> {
        let under = |objects: &[&'a Value], but: &str| {
            let mut names = self.schema.names(objects).into_iter();
            names.find(|it| {
                *it != but && self.schema.property(objects, it).is_some_and(|inner| self.schema.offers(&[inner], name))
            })
        };
        if let Some(down) = under(object, "") {
            return Some(format!("`{name}` belongs under `{down}`"));
        }
        let (parent, own) = at.rsplit_once('/')?;
        let around = self.schema.at(parent);
        if self.schema.offers(&around, name) {
            return Some(format!("`{name}` belongs one level up, beside `{own}`"));
        }
        under(&around, own).map(|beside| format!("`{name}` belongs under `{beside}`"))
    }

    /// A property that must be there. Stands at the key of its mapping, or at the first key where that has none.
    fn missing(&mut self, error: &ValidationError<'_>, name: &str) {
        let at = error.instance_path().as_str();
        if self.meant.contains(&child(at, name)) {
            return;
        }
        let object = self.schema.around(error);
        let property = self.schema.property(&object, name);
        let hint = property.and_then(|it| self.schema.hint(it)).map(str::to_owned);
        let hint = hint.or_else(|| {
            let members = self.schema.members(property?)?;
            Some(match members.as_slice() {
                [Value::String(only)] => format!("add `{name}: {only}`"),
                several => format!("add `{name}`: {}", list(several.iter().filter_map(|it| it.as_str()))),
            })
        });
        let hint = hint.or_else(|| Some(format!("add `{name}`: {}", value::types(&self.schema.types(property?))?)));
        self.absent(at, name, hint);
    }

    fn absent(&mut self, at: &str, name: &str, hint: Option<String>) {
        let message = match at {
            "" => format!("`{name}` is missing"),
            at => format!("`{name}` is missing in {}", self.called(at)),
        };
        let place = self.head(at);
        let hint = hint.unwrap_or_else(|| format!("add `{name}`"));
        self.problems.push(Problem::new(Reason::MissingProperty, place, message).hint(hint));
    }

    /// Returns the place that stands for a whole mapping or list: its key, else its first key.
    fn head(&self, at: &str) -> crate::problem::Place {
        let value = self.document.value.pointer(at);
        let item = at.rsplit_once('/').is_none_or(|(_, own)| own.parse::<usize>().is_ok());
        match value.and_then(Value::as_object).and_then(|it| it.keys().next()) {
            Some(first) if item => self.document.key_place(&child(at, first)),
            Some(_) | None => self.document.key_place(at),
        }
    }

    /// Names the value at a pointer as people would.
    fn called(&self, at: &str) -> String {
        let Some((parent, own)) = at.rsplit_once('/') else {
            return "this document".to_owned();
        };
        let list = self.document.value.pointer(parent).is_some_and(Value::is_array);
        match own.parse::<usize>() {
            Ok(index) if list => format!("item {} of {}", index.saturating_add(1), self.called(parent)),
            Ok(_) | Err(_) => format!("`{}`", cut(&own.replace("~1", "/").replace("~0", "~"))),
        }
    }
}

/// What of a value is told first; the same rank is told once. Unknown and missing properties have no rank.
fn rank_of(kind: &Kind) -> u8 {
    match kind {
        Kind::Not { .. } | Kind::FalseSchema => 0,
        Kind::Type { .. } => 1,
        Kind::Constant { .. } | Kind::Enum { .. } => 2,
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } => 3,
        Kind::AdditionalProperties { .. } | Kind::Required { .. } => u8::MAX,
        _ => 4,
    }
}

/// Returns the JSON pointer of a member.
fn child(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}
