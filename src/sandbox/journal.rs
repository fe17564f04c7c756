//! The durable tenant: JSON Lines, a header and then one line per changed record.
//!
//! Each record is written and flushed to the system before its answer is sent, so a killed process loses nothing that
//! was answered. There is no fsync: a power cut is out of scope. A torn last line is dropped; any other damage is an error
//! that says how to go on. Opening writes the file anew when most of it was overwritten.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::sandbox::{
    records::{Calendar, Event, Meeting},
    user::User,
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
    /// Whether the file ends with a whole line.
    whole: bool,
    /// How many records it holds, overwritten ones included.
    lines: usize,
}

impl Journal {
    /// Reads the file; one that does not exist is an empty tenant. Returns the last serial number and the records in order.
    pub fn open(path: &Path) -> anyhow::Result<(Journal, u64, Vec<Record>)> {
        let mut journal = Journal { path: path.to_path_buf(), file: None, whole: false, lines: 0 };
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
            let record: Record = serde_json::from_slice(line).map_err(torn)?;
            if let Some(name) = missing(&record) {
                bail!(damaged(place + 1, &format!("`{name}` is missing")));
            }
            records.push(record);
        }
        journal.whole = text.ends_with(b"\n");
        journal.lines = records.len();
        Ok((journal, serial, records))
    }

    /// Makes the file ready for more: as it is, or anew when it is torn, or when less than half of it still counts.
    ///
    /// `count` is how many records are alive, `records` are they.
    pub fn ready(
        mut self,
        serial: u64,
        count: usize,
        records: impl Iterator<Item = Record>,
    ) -> anyhow::Result<Journal> {
        if !self.whole || self.lines > 2 * count + 100 {
            return self.compact(serial, records);
        }
        let file = File::options().append(true).open(&self.path);
        self.file = Some(file.with_context(|| format!("cannot write `{}`", self.path.display()))?);
        Ok(self)
    }

    /// Writes the file anew with these records only, by an atomic rename, and leaves it open for more.
    fn compact(mut self, serial: u64, records: impl Iterator<Item = Record>) -> anyhow::Result<Journal> {
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

/// Returns a property that every record of its kind has and this one lacks: routes rely on them.
fn missing(record: &Record) -> Option<&'static str> {
    const EVENT: [&str; 10] = [
        "subject",
        "start",
        "end",
        "isAllDay",
        "body",
        "attendees",
        "recurrence",
        "isOnlineMeeting",
        "onlineMeetingProvider",
        "onlineMeeting",
    ];
    const MEETING: [&str; 10] = [
        "subject",
        "startDateTime",
        "endDateTime",
        "joinWebUrl",
        "meetingType",
        "meetingOptionsWebUrl",
        "allowedPresenters",
        "joinMeetingIdSettings",
        "participants",
        "videoTeleconferenceId",
    ];
    match record {
        Record::Event(event) => EVENT.into_iter().find(|it| !event.props.contains_key(*it)),
        Record::Meeting(meeting) => MEETING.into_iter().find(|it| !meeting.props.contains_key(*it)),
        Record::User(_) | Record::Calendar(_) => None,
        Record::EventGone { .. } | Record::CalendarGone { .. } | Record::MeetingGone { .. } => None,
    }
}
