//! How the document is written: what it holds a line each, so that a person can read it and compare two, and no larger than that.

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::io::{Result, Write};

/// Below this depth everything stands on one line: a record does, and an apply.
const LINES: usize = 2;

/// Returns a value as JSON.
pub(super) fn of(value: &impl Serialize) -> String {
    // Counted first: a text that grows through megabytes is there twice each time it moves.
    let mut size = Size(0);
    write(value, &mut size);
    let mut bytes = Vec::with_capacity(size.0 + 1);
    write(value, &mut bytes);
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is text")
}

fn write(value: &impl Serialize, to: &mut impl Write) {
    let mut serializer = Serializer::with_formatter(to, Lines::default());
    value.serialize(&mut serializer).expect("the state is plain data with text keys");
}

/// Counts what is written.
struct Size(usize);

impl Write for Size {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

#[derive(Default)]
struct Lines {
    depth: usize,
    /// Something stands in what is being written.
    filled: bool,
}

impl Lines {
    fn begin(&mut self, out: &mut (impl Write + ?Sized), sign: &[u8]) -> Result<()> {
        (self.depth, self.filled) = (self.depth + 1, false);
        out.write_all(sign)
    }

    fn end(&mut self, out: &mut (impl Write + ?Sized), sign: &[u8]) -> Result<()> {
        self.depth -= 1;
        if self.filled && self.depth < LINES {
            self.line(out)?;
        }
        self.filled = true;
        out.write_all(sign)
    }

    fn next(&mut self, out: &mut (impl Write + ?Sized), first: bool) -> Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        if self.depth <= LINES { self.line(out) } else { Ok(()) }
    }

    fn line(&self, out: &mut (impl Write + ?Sized)) -> Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for Lines {
    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.begin(out, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.next(out, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.begin(out, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.next(out, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        out.write_all(if self.depth <= LINES { b": " } else { b":" })
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn what_a_document_holds_stands_on_a_line_each() {
        let value =
            json!({"serial": 1, "mailboxes": ["a", "b"], "users": {}, "resources": {"x": {"id": "A", "f": [1, {}]}}});
        let expect = r#"{
  "serial": 1,
  "mailboxes": [
    "a",
    "b"
  ],
  "users": {},
  "resources": {
    "x": {"id":"A","f":[1,{}]}
  }
}
"#;
        assert_eq!(super::of(&value), expect);
        assert_eq!(super::of(&json!({})), "{}\n");
        assert_eq!(serde_json::from_str::<serde_json::Value>(expect).unwrap(), value);
    }
}
