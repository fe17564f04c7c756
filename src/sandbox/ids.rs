//! Identifiers that look like Graph's, made from a serial number so that a run repeats exactly.
//!
//! An event's id holds its key, for an occurrence also its day, and a check over both, so no index is kept. Ids are base64 with `-`
//! and `_` in place of `/` and `+`, and with `=` (docs #6069, observed). Change keys keep the plain alphabet.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// Which event an id names: the key of a single event or master, and the original date of an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventId {
    pub key: u64,
    pub date: Option<Date>,
    /// The copy of somebody invited, not the organizer's own.
    pub copy: bool,
}

/// Set in the number of a copy; no tenant has that many events.
const COPY: u64 = 1 << 63;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Returns a GUID that is always the same for the same words.
pub fn guid(words: &str) -> String {
    let hash = digest(words);
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

/// Returns 32 bytes that are always the same for the same words.
pub fn digest(words: &str) -> [u8; 32] {
    Sha256::digest(words.as_bytes()).into()
}

/// Returns an event's id; `immutable` as for `Prefer: IdType="ImmutableId"`.
pub fn event(id: EventId, immutable: bool) -> String {
    let days = id.date.map_or(0, |it| i32::from(it.year()) * 512 + i32::from(it.month()) * 32 + i32::from(it.day()));
    let mut bytes = Vec::with_capacity(60);
    let number = if id.copy { id.key | COPY } else { id.key };
    let check = digest(&format!("event {number} {days} {immutable}"));
    bytes.extend_from_slice(&check[..if immutable { 16 } else { 32 }]);
    bytes.extend_from_slice(&days.to_be_bytes());
    bytes.extend_from_slice(&number.to_be_bytes());
    format!("{}{}", if immutable { "AAkALgAAAAAA" } else { "AAMkADAw" }, rest(&base64(&bytes)))
}

/// Reads an event's id, in either form; `None` for what the twin never gave out.
pub fn read_event(text: &str) -> Option<EventId> {
    let rest = text.strip_prefix("AAkALgAAAAAA").map(|it| (it, true));
    let (rest, immutable) = rest.or_else(|| text.strip_prefix("AAMkADAw").map(|it| (it, false)))?;
    let bytes = unbase64(rest)?;
    let tail = bytes.len().checked_sub(12)?;
    let days = i32::from_be_bytes(bytes[tail..tail + 4].try_into().ok()?);
    let key = u64::from_be_bytes(bytes[tail + 4..].try_into().ok()?);
    let date = match days {
        0 => None,
        _ => Date::new((days >> 9) as i16, (days >> 5 & 15) as i8, (days & 31) as i8).ok(),
    };
    let (key, copy) = (key & !COPY, key & COPY != 0);
    let id = EventId { key, date, copy };
    (event(id, immutable) == text).then_some(id)
}

/// Returns an id in the form that paths take, whoever wrote it.
pub fn rest(id: &str) -> String {
    id.replace('/', "-").replace('+', "_")
}

/// Writes base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * place) & 63) as usize] as char;
            out.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    out
}

/// Reads base64, in the form of ids too; `None` for anything else.
pub fn unbase64(text: &str) -> Option<Vec<u8>> {
    let body = text.trim_end_matches('=');
    let (mut out, mut word, mut bits) = (Vec::new(), 0u32, 0);
    for digit in body.bytes() {
        let plain = match digit {
            b'-' => b'/',
            b'_' => b'+',
            digit => digit,
        };
        word = (word << 6 | ALPHABET.iter().position(|it| *it == plain)? as u32) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_reads_back_and_a_changed_one_does_not() {
        for (key, date) in [(1, None), (77_000, Date::new(2027, 1, 31).ok())] {
            for immutable in [true, false] {
                let id = EventId { key, date, copy: key == 1 };
                let text = event(id, immutable);
                assert_eq!(read_event(&text), Some(id), "{text}");
                assert_eq!(read_event(&text.to_lowercase()), None, "ids are case-sensitive");
            }
        }
        let all: String = (0..200).map(|key| event(EventId { key, date: None, copy: false }, false)).collect();
        assert!(all.contains('-') && all.contains('_') && !all.contains(['/', '+']), "{all}");
        assert_eq!(read_event("AAMkAGI1AAAt9AHjAAA="), None);
        assert_eq!(read_event("AAMkADAw"), None);
    }

    #[test]
    fn base64_pads_and_reads_back() {
        for (bytes, text) in [(&b""[..], ""), (b"M", "TQ=="), (b"Ma", "TWE="), (b"Man", "TWFu")] {
            assert_eq!(base64(bytes), text);
            assert_eq!(unbase64(text).as_deref(), Some(bytes));
        }
    }
}
