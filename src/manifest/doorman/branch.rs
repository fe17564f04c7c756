//! Which of several branches an author meant, when none fits.
//!
//! By type first (a mapping is no attempt at the short form), then by the property that tells the branches apart, then by
//! what is least wrong. Only the chosen branch is worded.

use super::schema::names;
use super::{Teller, child};
use crate::kind::schema::EXPRESSION;
use crate::near::list;
use jsonschema::error::{ValidationError, ValidationErrorKind as Kind};
use serde_json::Value;

impl<'a> Teller<'a> {
    /// Words an `anyOf` or `oneOf` that nothing fits; `context` has the errors of each branch.
    pub(super) fn branches(&mut self, error: &ValidationError<'_>, context: &[Vec<ValidationError<'static>>]) {
        if let Some(value) = self.but_for_expressions(error) {
            return self.all(&context[value].iter().collect::<Vec<_>>());
        }
        let at = error.instance_path().as_str();
        let fit: Vec<usize> = (0..context.len()).filter(|it| !self.is_other_type(&context[*it], at)).collect();
        if fit.is_empty() {
            let mut wanted = vec![];
            for branch in context {
                self.wanted(branch, at, &mut wanted);
            }
            return self.wrong_type(error, &wanted);
        }
        let members: Option<Vec<Vec<&Value>>> = fit.iter().map(|it| self.listed(&context[*it], at)).collect();
        if let Some(members) = members {
            return self.no_member(error, at, &members.concat());
        }
        let schemas = self.schema.keyword(error).and_then(Value::as_array);
        if let Some(schemas) = schemas
            && let Some(chosen) = self.by_property(error, context, &fit, schemas)
        {
            if let Some(index) = chosen {
                self.all(&context[index].iter().collect::<Vec<_>>());
            }
            return;
        }
        if let Some(least) = fit.into_iter().min_by_key(|it| weight(&context[*it])) {
            self.all(&context[least].iter().collect::<Vec<_>>());
        }
    }

    /// Returns the branch that is left where the other one is for expressions: a value that is none fails for what it is.
    fn but_for_expressions(&self, error: &ValidationError<'_>) -> Option<usize> {
        let branches = self.schema.keyword(error)?.as_array()?;
        let expressions = branches.iter().position(|it| it.get(EXPRESSION).is_some())?;
        (branches.len() == 2).then_some(1 - expressions)
    }

    /// Chooses by the property that each branch fixes to a value of its own. `None`: there is no such property;
    /// `Some(None)`: there is, and what is wrong is the property itself, which has been told.
    fn by_property(
        &mut self,
        error: &ValidationError<'_>,
        context: &[Vec<ValidationError<'static>>],
        fit: &[usize],
        schemas: &'a [Value],
    ) -> Option<Option<usize>> {
        let at = error.instance_path().as_str();
        let value = self.document.value.pointer(at)?.as_object()?;
        let branches: Vec<&'a Value> = fit.iter().filter_map(|it| schemas.get(*it)).collect();
        let by = self.schema.names(&branches[..1]).into_iter().find(|name| {
            let fixed = |branch: &&'a Value| self.schema.fixed(branch, name);
            let values: Option<Vec<_>> = branches.iter().map(fixed).collect();
            branches.len() > 1 && values.is_some_and(|it| (1..it.len()).all(|index| !it[..index].contains(&it[index])))
        })?;
        let values: Vec<_> = branches.iter().filter_map(|it| self.schema.fixed(it, by)).collect();
        let pointer = child(at, by);
        if self.document.is_unknown(&pointer) {
            return Some(None);
        }
        let Some(given) = value.get(by) else {
            // It may only be misspelt: what no branch knows is told before it is called missing.
            for name in value.keys() {
                let strange = |it: &usize| context[*it].iter().any(|it| is_unexpected(it, at, name));
                if fit.iter().all(strange) {
                    self.unknown(error, name);
                }
            }
            if !self.meant.contains(&pointer) {
                let known = list(values.iter().filter_map(|it| it.as_str()));
                self.absent(at, by, Some(format!("one of {known}")));
            }
            return Some(None);
        };
        if let Some(position) = values.iter().position(|it| *it == given) {
            self.variants.insert(at.to_owned(), (by, branches));
            return Some(Some(fit[position]));
        }
        self.no_member(error, &pointer, &values);
        Some(None)
    }

    /// Tells whether a branch fails by the type of the value itself.
    fn is_other_type(&self, branch: &[ValidationError<'_>], at: &str) -> bool {
        branch.iter().filter(|it| it.instance_path().as_str() == at).any(|error| {
            let given = kind_of(error.instance());
            match error.kind() {
                Kind::Type { .. } => true,
                Kind::Constant { expected_value } => kind_of(expected_value) != given,
                Kind::Enum { options } => options.as_array().is_some_and(|it| it.iter().all(|it| kind_of(it) != given)),
                Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                    context.iter().all(|it| self.is_other_type(it, at))
                }
                _ => false,
            }
        })
    }

    /// Adds the types that a branch would take.
    fn wanted(&self, branch: &[ValidationError<'_>], at: &str, wanted: &mut Vec<&'a str>) {
        for error in branch.iter().filter(|it| it.instance_path().as_str() == at) {
            match error.kind() {
                Kind::Type { .. } => wanted.extend(names(self.schema.keyword(error))),
                Kind::Constant { .. } => wanted.extend(self.schema.keyword(error).map(kind_of)),
                Kind::Enum { .. } => {
                    let options = self.schema.keyword(error).and_then(Value::as_array);
                    for option in options.into_iter().flatten() {
                        wanted.push(kind_of(option));
                    }
                }
                Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                    for branch in context {
                        self.wanted(branch, at, wanted);
                    }
                }
                _ => {}
            }
        }
    }

    /// Returns the values that a branch lists, if not being one of them is all that is wrong.
    fn listed<'e>(&self, branch: &'e [ValidationError<'static>], at: &str) -> Option<Vec<&'e Value>> {
        let mut listed = vec![];
        for error in branch {
            if error.instance_path().as_str() != at {
                return None;
            }
            match error.kind() {
                Kind::Constant { expected_value } => listed.push(expected_value.as_ref()),
                Kind::Enum { options } => listed.extend(options.as_array()?),
                Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                    let fit = context.iter().filter(|it| !self.is_other_type(it, at));
                    for branch in fit {
                        listed.extend(self.listed(branch, at)?);
                    }
                }
                _ => return None,
            }
        }
        Some(listed)
    }
}

/// Tells whether a branch does not know a property of the value at `at`.
fn is_unexpected(error: &ValidationError<'_>, at: &str, name: &str) -> bool {
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            error.instance_path().as_str() == at && unexpected.iter().any(|it| it == name)
        }
        _ => false,
    }
}

/// Weighs how wrong a branch is: a property that it does not know speaks most against it.
fn weight(branch: &[ValidationError<'_>]) -> usize {
    let weigh = |error: &ValidationError<'_>| match error.kind() {
        Kind::AdditionalProperties { unexpected } => 3 * unexpected.len(),
        Kind::Required { .. } => 2,
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            context.iter().map(|it| weight(it)).min().unwrap_or(1)
        }
        _ => 1,
    };
    branch.iter().map(weigh).sum()
}

/// Returns the JSON Schema name of a value's type.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
