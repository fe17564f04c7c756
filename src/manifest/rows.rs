//! The rows of a set: a list in its document, or a file of CSV, JSON or YAML beside it, each with the places of its cells.
//!
//! A file of CSV is text from the first cell to the last: what looks like a number or a date stays as it is written. What two readers
//! would take for different rows is refused.

use crate::disk;
use crate::manifest::files::shown;
use crate::manifest::not_utf8;
use crate::manifest::yaml::{self, Document};
use crate::problem::{Place, Problem, cut};
use crate::reason::Reason;
use crate::trouble::Trouble;
use csv::{ErrorKind, ReaderBuilder, StringRecord};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A file of rows larger than this is a mistake.
const MOST_BYTES: u64 = 16 << 20;

/// How many problems of one file of rows are told.
const MOST_PROBLEMS: usize = 100;

/// How many rows one set may have.
pub const MOST: usize = 50_000;

/// All rows of one set.
pub struct Rows {
    pub rows: Vec<Row>,
    /// What they were read from.
    held: Held,
    /// The file of their own with its text, if they have one.
    pub text: Option<Text>,
}

/// The name of a file, and its text.
pub type Text = (String, String);

/// One row.
pub struct Row {
    /// A mapping of columns to cells.
    pub value: Value,
    pub at: Place,
    /// Its number in the list.
    number: usize,
}

enum Held {
    /// A list at a pointer in a document.
    List(Box<Document>, &'static str),
    Table {
        columns: Vec<String>,
        between: u8,
    },
}

/// Where the rows stand in the document of a set.
pub const ROWS: &str = "/spec/rows";

/// Returns the file that the document of a set names, as messages name it.
pub fn file_of(document: &Document) -> Option<String> {
    let name = document.value.pointer(ROWS)?.as_str()?;
    Some(shown(&folder(document).join(name)))
}

/// Returns what messages call a file beside the document.
pub fn name_beside(document: &Document, name: &str) -> String {
    shown(&folder(document).join(name))
}

fn folder(document: &Document) -> PathBuf {
    let file = document.place("").file;
    Path::new(&*file).parent().unwrap_or(Path::new("")).to_owned()
}

/// Reads the rows of a set. Fails with what is wrong, and the text of the file that it is wrong in.
pub fn read(document: &Document) -> Result<Rows, (Vec<Problem>, Option<Text>)> {
    let Some(name) = document.value.pointer(ROWS).and_then(Value::as_str) else {
        let rows = listed(document, ROWS).map_err(|problems| (problems, None))?;
        return Ok(Rows { rows, held: Held::List(Box::new(document.part("")), ROWS), text: None });
    };
    let here =
        |what: String, hint: &str| (vec![Problem::new(Reason::File, document.place(ROWS), what).hint(hint)], None);
    let bytes = beside(document, name, MOST_BYTES, "write the rows as a list").map_err(|error| {
        let trouble = Trouble::of(&error);
        let hint = trouble.hint.map_or_else(|| "name a file beside this one".to_owned(), |it| it.sentence);
        here(format!("the rows in `{}` cannot be read: {}", cut(name), trouble.what), &hint)
    })?;
    let file = shown(&folder(document).join(name));
    let text = String::from_utf8(bytes).map_err(|error| (vec![not_utf8(file.clone(), &error)], None))?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let read = match name.to_ascii_lowercase().ends_with(".csv") {
        true => table(&file, &text),
        false => of_list(&file, &text),
    };
    match read {
        Ok((rows, _)) if rows.len() > MOST => {
            Err(here(format!("`{}` holds more than {MOST} rows", cut(name)), "make several sets of it"))
        }
        Ok((rows, held)) => Ok(Rows { rows, held, text: Some((file, text)) }),
        Err(problems) => Err((problems, Some((file, text)))),
    }
}

/// Reads a file of at most `most` bytes beside the document, no link leading out of their folder. `instead` is the way out where the
/// document stands in no folder.
pub fn beside(document: &Document, name: &str, most: u64, instead: &str) -> anyhow::Result<Vec<u8>> {
    let folder = folder(document);
    // What came from standard input stands nowhere.
    if !Path::new(&*document.place("").file).is_file() {
        anyhow::bail!(Reason::File.trouble("this manifest is no file of a folder").hint(instead));
    }
    disk::keep_inside(Some(&folder), Path::new(name))?;
    disk::read(&folder.join(name), most)
}

fn of_list(file: &str, text: &str) -> Result<(Vec<Row>, Held), Vec<Problem>> {
    let (mut documents, problems) = yaml::documents(file, text);
    if !problems.is_empty() {
        return Err(problems);
    }
    if let Some(second) = documents.get(1) {
        let at = second.place("");
        let at = Place { range: at.range.start..at.range.start, ..at };
        let problem =
            Problem::new(Reason::WrongForm, at, "a file of rows is one list, and here a second document begins");
        return Err(vec![problem.hint("keep one document in it")]);
    }
    match documents.pop() {
        None => Ok((vec![], Held::Table { columns: vec![], between: b',' })),
        Some(document) => Ok((listed(&document, "")?, Held::List(Box::new(document), ""))),
    }
}

fn too_many(at: Place) -> Problem {
    Problem::new(Reason::TooMuch, at, format!("more than {MOST} rows")).hint("make several sets of them")
}

/// Takes the rows out of a list in a document.
fn listed(document: &Document, pointer: &str) -> Result<Vec<Row>, Vec<Problem>> {
    let wrong = |at: &str, message: &str| {
        let hint = "write a list of mappings: `- {class: 5a, teacher: adele@contoso.example}`";
        Problem::new(Reason::WrongType, document.place(at), message).hint(hint)
    };
    let Some(Value::Array(items)) = document.value.pointer(pointer) else {
        return Err(vec![wrong(pointer, "rows are a list")]);
    };
    if items.len() > MOST {
        return Err(vec![too_many(document.place(pointer))]);
    }
    let (mut rows, mut problems) = (vec![], vec![]);
    for (number, value) in items.iter().enumerate() {
        let at = format!("{pointer}/{number}");
        match value.is_object() {
            true => rows.push(Row { value: value.clone(), at: document.place(&at), number }),
            false => problems.push(wrong(&at, "a row is a mapping of columns to values")),
        }
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

/// Reads a table. The sign between its cells is the one that its first line has most of: a comma, a semicolon or a tab.
fn table(file: &str, text: &str) -> Result<(Vec<Row>, Held), Vec<Problem>> {
    let head = text.lines().next().unwrap_or_default();
    let count = |sign: &u8| head.bytes().filter(|it| it == sign).count();
    let between = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
    let mut reader = ReaderBuilder::new().delimiter(between).from_reader(text.as_bytes());
    let columns: Vec<String> = reader.headers().into_iter().flatten().map(str::to_owned).collect();
    let mut lines = Lines { file, text, seen: 0, line: 1 };
    let mut seen = BTreeSet::new();
    let mut named = columns.iter().filter(|it| !it.trim().is_empty());
    if let Some(twice) = named.find(|it| !seen.insert(*it)) {
        let what = format!("two columns are called `{}`", cut(twice));
        let problem = Problem::new(Reason::DuplicateKey, lines.place(0), what);
        return Err(vec![problem.hint("give one of them another name, or take it out")]);
    }
    let (mut rows, mut problems, mut record) = (vec![], vec![], StringRecord::new());
    while rows.len() <= MOST && problems.len() < MOST_PROBLEMS {
        let start = byte(reader.position());
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let (at, end) = (lines.place(start), byte(reader.position()));
                problems.extend(unclosed(&text[start..end], &at));
                // Spreadsheets leave lines of empty cells where rows were cleared.
                if record.iter().any(|cell| !cell.trim().is_empty()) {
                    rows.push(Row { value: mapping(&columns, &record), at, number: 0 });
                }
            }
            Err(error) => problems.push(unequal(&error, lines.place(start))),
        }
    }
    if problems.is_empty() { Ok((rows, Held::Table { columns, between })) } else { Err(problems) }
}

fn byte(at: &csv::Position) -> usize {
    usize::try_from(at.byte()).unwrap_or(usize::MAX)
}

/// Counts the lines of a text on the way down.
struct Lines<'t> {
    file: &'t str,
    text: &'t str,
    seen: usize,
    line: usize,
}

impl Lines<'_> {
    /// The first line that is not empty from a byte on.
    fn place(&mut self, from: usize) -> Place {
        let rest = &self.text[from..];
        let start = from + rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        self.line += self.text[self.seen..start].matches('\n').count();
        self.seen = start;
        let length = self.text[start..].lines().next().unwrap_or_default().len();
        Place { file: self.file.into(), range: start..start + length, line: self.line, column: 1 }
    }
}

/// A quotation mark that nothing closes would take all rows that follow for one cell.
fn unclosed(row: &str, at: &Place) -> Option<Problem> {
    let what = "a quotation mark is not closed in this row";
    let hint = "put the cell in quotation marks, and write those within it twice: `\"5\"\" pipe\"`";
    let odd = row.bytes().filter(|it| *it == b'"').count() % 2 == 1;
    odd.then(|| Problem::new(Reason::Syntax, at.clone(), what).hint(hint))
}

fn mapping(columns: &[String], record: &StringRecord) -> Value {
    let cells = columns.iter().zip(record).filter(|(name, _)| !name.trim().is_empty());
    Value::Object(cells.map(|(name, cell)| (name.clone(), cell.into())).collect::<Map<_, _>>())
}

/// A row of another length than the first line.
fn unequal(error: &csv::Error, at: Place) -> Problem {
    let message = match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("this row has {len} cells, and the first line names {expected_len} columns")
        }
        _ => "this row cannot be read".to_owned(),
    };
    let hint = "leave no cell out; one with a comma in it stands in quotation marks";
    Problem::new(Reason::WrongForm, at, message).hint(hint)
}

impl Rows {
    /// Returns where the cell of a column stands, or the row where that cannot be told.
    pub fn cell(&self, row: &Row, column: &str) -> Place {
        match &self.held {
            Held::List(document, pointer) => {
                let column = column.replace('~', "~0").replace('/', "~1");
                document.place(&format!("{pointer}/{}/{column}", row.number))
            }
            Held::Table { columns, between } => {
                let text = self.text.as_ref().map_or("", |(_, text)| text.as_str());
                let number = columns.iter().position(|it| it == column);
                let line = &text[row.at.range.clone()];
                number.and_then(|it| cell(line, *between, it)).map_or_else(
                    || row.at.clone(),
                    |(start, end)| Place {
                        range: row.at.range.start + start..row.at.range.start + end,
                        column: line[..start].chars().count() + 1,
                        ..row.at.clone()
                    },
                )
            }
        }
    }
}

/// The bytes of a cell in the first line of its row.
fn cell(line: &str, between: u8, number: usize) -> Option<(usize, usize)> {
    let (mut quoted, mut cells, mut start) = (false, 0, 0);
    for (place, sign) in line.bytes().enumerate() {
        quoted ^= sign == b'"';
        if sign == between && !quoted {
            if cells == number {
                return Some((start, place));
            }
            (cells, start) = (cells + 1, place + 1);
        }
    }
    (cells == number).then_some((start, line.len()))
}
