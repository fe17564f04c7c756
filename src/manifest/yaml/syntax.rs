//! Words for what is not YAML: the parser's error kinds as messages with a way out.
//!
//! The parser stops a document at its first syntax error, so there is one of these per document at most.

use super::MOST_DEPTH;
use super::document::Spot;
use crate::problem::Problem;
use crate::reason::Reason;
use granit_parser::{ErrorKind, ScanError, Span};
use std::sync::Arc;

/// Words a syntax error and underlines the character it stands at.
pub fn problem(file: &Arc<str>, text: &str, error: &ScanError) -> Problem {
    let mut spot = Spot::of(&Span::empty(*error.marker()));
    // The parser stops behind tabs; they are what is wrong.
    let tabs = text.get(..spot.start as usize).map_or(0, |it| it.len() - it.trim_end_matches('\t').len());
    let tabs = u32::try_from(tabs).unwrap_or(0);
    spot = Spot { start: spot.start - tabs, column: spot.column.saturating_sub(tabs), ..spot };
    let rest = text.get(spot.start as usize..).unwrap_or_default();
    let before = text.get(..spot.start as usize).unwrap_or_default();
    let line = &before[before.rfind(['\n', '\r']).map_or(0, |it| it + 1)..];
    if let Some(next) = rest.chars().next().filter(|it| !matches!(it, '\n' | '\r')) {
        spot.end = spot.start + u32::try_from(next.len_utf8()).unwrap_or(1);
    }
    let (message, hint) = words(error, line);
    Problem::new(Reason::Syntax, spot.place(file), message).hint(hint)
}

/// `line` is the error's line up to the error.
fn words(error: &ScanError, line: &str) -> (String, String) {
    let kind = error.kind();
    let own = |(message, hint): (&str, &str)| (message.into(), hint.into());
    let fixed = of_quotes(kind).or_else(|| of_lines(kind, line)).or_else(|| of_marks(kind)).or_else(|| of_parts(kind));
    fixed.map(own).unwrap_or_else(|| of_signs(kind))
}

/// What names the sign that is wrong, and the rest.
fn of_signs(kind: &ErrorKind) -> (String, String) {
    let closing = |open: char| format!("close it with `{}`", if open == '[' { ']' } else { '}' });
    match kind {
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            let message = format!("control character U+{:04X} is not allowed", *character as u32);
            (message, "remove it; in double quotes it can be written as an escape".into())
        }
        ErrorKind::UnexpectedCharacter { character } => {
            (format!("a value cannot begin with `{character}`"), "put the value in quotes".into())
        }
        ErrorKind::UnclosedFlowCollection { open } => (format!("`{open}` is not closed"), closing(*open)),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            (format!("`{open}` is closed by `{close}`"), closing(*open))
        }
        ErrorKind::RecursionLimitExceeded => {
            (format!("values nest more than {MOST_DEPTH} deep"), "flatten this part".into())
        }
        // The rest are rare; the parser's own words are short and in lower case too.
        other => (format!("not YAML: {other}"), "put text with special characters in quotes".into()),
    }
}

/// Of quoted texts.
fn of_quotes(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        ErrorKind::UnclosedQuotedScalar => ("this quote is not closed", "add the closing quote"),
        ErrorKind::DocumentIndicatorInQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
            ("a quoted text is still open here", "close the quote above; lines inside quotes must be indented")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar => {
            ("text goes on behind the closing quote", "write `''` for a quote inside single quotes")
        }
        ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("text goes on behind the closing quote", "write `\\\"` for a quote inside double quotes")
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => {
            ("unknown escape in a double-quoted text", "write `\\\\` for a backslash, or use single quotes")
        }
        _ => return None,
    })
}

/// Of what a line begins with, and how far in. `line` is the error's line up to the error.
fn of_lines(kind: &ErrorKind, line: &str) -> Option<(&'static str, &'static str)> {
    let indent = "align it with the lines it belongs to; indent with spaces";
    Some(match kind {
        ErrorKind::MappingValueNotAllowed if line.contains(": ") => {
            ("a second `:` in one line", "put text that holds `: ` in quotes")
        }
        ErrorKind::MappingValueNotAllowed => ("a `:` is not allowed here", indent),
        ErrorKind::InvalidColonPlacement => {
            ("a `:` is not allowed here", "is a bracket not closed above? text that holds `: ` needs quotes")
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => ("a tab stands where only spaces may", "indent with spaces"),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            ("this line is no `key: value`", "put `: ` behind the key, or indent the line to continue the text above")
        }
        ErrorKind::ExpectedBlockSequenceEntry => {
            ("this line is no item of the list above", "begin it with `- `, or align it with the list's key")
        }
        ErrorKind::BlockSequenceEntryNotAllowed => {
            ("a list cannot begin here", "begin the list on its own line below the key")
        }
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::MappingKeyNotAllowed => ("this line is not indented as its neighbours are", indent),
        ErrorKind::ExpectedDocumentStart | ErrorKind::InvalidDocumentEnd => {
            ("a new document begins here without `---`", "put `---` on the line above")
        }
        _ => return None,
    })
}

/// Of signs between values: spaces, commas, brackets.
fn of_marks(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        ErrorKind::BlockEntryInFlowCollection => ("`-` is not allowed inside brackets", "separate items with commas"),
        ErrorKind::MisplacedFlowCollectionEnd => {
            ("this closing bracket has no opening one", "remove it, or put the text in quotes")
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => {
            ("a `,` or a closing bracket is missing", "separate entries with commas")
        }
        ErrorKind::InvalidBlockEntryWhitespace => ("a space is missing behind `-`", "write `- item`"),
        ErrorKind::InvalidMappingValueWhitespace | ErrorKind::FlowMappingValueAdjacentCollection => {
            ("a space is missing behind `:`", "write `key: value`")
        }
        ErrorKind::CommentNotSeparated => {
            ("a space is missing before `#`", "write ` #` to begin a comment, or put the text in quotes")
        }
        ErrorKind::CommentInterceptedScalar => ("a comment interrupts this text", "move the comment above the text"),
        _ => return None,
    })
}

/// Of tags, names and versions, and of values that are missing.
fn of_parts(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        ErrorKind::BomInsideDocument => {
            ("a byte order mark stands inside the file", "remove it; files that are joined keep theirs")
        }
        ErrorKind::UndeclaredTagHandle
        | ErrorKind::InvalidTagTerminator
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag => ("this is no tag", "put text that begins with `!` in quotes"),
        ErrorKind::MissingAnchorOrAliasName => {
            ("a name is missing here", "put text that begins with `*` or `&` in quotes")
        }
        ErrorKind::UnsupportedYamlMajorVersion => {
            ("this version of YAML is not known", "remove the directive; files are read as YAML 1.2")
        }
        ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEof
        | ErrorKind::ExpectedNodeContent => {
            ("a value is missing here", "put text that begins with punctuation in quotes")
        }
        _ => return None,
    })
}
