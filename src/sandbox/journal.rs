//! The durable tenant: JSON Lines, a header and then one line per changed record.
//!
//! Each record is written and flushed to the system before its answer is sent, so a killed process loses nothing that
//! was answered. There is no fsync: a power cut is out of scope. A torn last line is dropped; any other damage is an error
//! that says how to go on. Opening writes the file anew without what was overwritten.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::sandbox::{
    directory::User,
    world::{Calendar, Event, Meeting},
};

const FORMAT: u64 = 1;

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Record {
    User(User),
    Calendar(Calendar),
    Event(Box<Event>),
    Meeting(Box<Meeting>),
    EventGone { user: String, key: u64 },
    CalendarGone { user: String, key: u64 },
    MeetingGone { user: String, key: u64 },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    format_version: u64,
    serial: u64,
}

/// An open tenant file.
pub struct Journal {
    path: PathBuf,
    file: Option<File>,
}

impl Journal {
    /// Reads the file; one that does not exist is an empty tenant. Returns the last serial number and the records in order.
    pub fn open(path: &Path) -> anyhow::Result<(Journal, u64, Vec<Record>)> {
        let journal = Journal { path: path.to_path_buf(), file: None };
        let text = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok((journal, 0, Vec::new()));
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
            }
        };
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let damaged = |line: usize, why: &str| {
            format!("{}:{line}: damaged tenant file: {why}\n  hint: delete the file to start anew", path.display())
        };
        let (mut serial, mut records) = (0, Vec::with_capacity(lines.len()));
        for (place, line) in lines.iter().enumerate() {
            // Only a write that was cut short lacks its line feed, and nobody was answered before it was whole.
            if !line.ends_with(b"\n") {
                break;
            }
            let torn = |error: serde_json::Error| anyhow::anyhow!(damaged(place + 1, &error.to_string()));
            if place == 0 {
                let header: Header = serde_json::from_slice(line).map_err(torn)?;
                if header.format_version != FORMAT {
                    bail!(damaged(1, &format!("formatVersion is {}, not {FORMAT}", header.format_version)));
                }
                serial = header.serial;
                continue;
            }
            records.push(serde_json::from_slice(line).map_err(torn)?);
        }
        Ok((journal, serial, records))
    }

    /// Writes the file anew with these records only, by an atomic rename, and leaves it open for more.
    pub fn compact(mut self, serial: u64, records: impl Iterator<Item = Record>) -> anyhow::Result<Journal> {
        let cannot = || format!("cannot write `{}`", self.path.display());
        let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder).with_context(cannot)?;
        let mut fresh = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
        let mut out = BufWriter::new(fresh.as_file_mut());
        serde_json::to_writer(&mut out, &Header { format_version: FORMAT, serial })?;
        out.write_all(b"\n").with_context(cannot)?;
        for record in records {
            serde_json::to_writer(&mut out, &record)?;
            out.write_all(b"\n").with_context(cannot)?;
        }
        out.flush().with_context(cannot)?;
        drop(out);
        let file = fresh.persist(&self.path).with_context(cannot)?;
        self.file = Some(file);
        Ok(self)
    }

    /// Appends one record in one write.
    pub fn write(&mut self, record: &Record) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        match &mut self.file {
            Some(file) => file.write_all(&line),
            None => Ok(()),
        }
    }
}
