//! What may be shown of requests and answers: no query, no token, no passcode, no join link, no page-long text.
//!
//! Everything that comes from outside passes here before it becomes part of a message. It does not judge what it
//! shows.

use crate::model::Method;
use crate::redact::{self, Known};

/// Says in a few words what an answer that is not JSON holds: the title of an HTML page, or its kind and size.
pub fn not_json(content_type: &str, body: &[u8]) -> String {
    let head = String::from_utf8_lossy(&body[..body.len().min(4096)]);
    let title = head.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    match (title, kind) {
        (Some((title, _)), _) if !title.trim().is_empty() => format!("a page `{}`", title.trim()),
        (_, "") => format!("{} bytes that are not JSON", body.len()),
        (_, kind) => format!("{} bytes of {kind}", body.len()),
    }
}

/// Returns method and path as they may be shown.
///
/// The query is cut, since it can hold a join link. Ids are cut after 12 characters, but addresses and GUIDs stay,
/// because they name people.
pub fn line(method: Method, path: &str) -> String {
    format!("{method} {}", short_path(path))
}

/// Returns a path as it may be shown; see `line`.
pub fn short_path(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split('/').map(short).collect::<Vec<_>>().join("/")
}

fn short(segment: &str) -> String {
    let segment = segment.replace("%40", "@").replace("%27", "'");
    let address = segment.contains('@') && !segment.contains(':') && !segment.contains('%');
    let word = segment.chars().all(|it| it.is_ascii_alphabetic() || it == '$') && segment.len() <= 24;
    let length = segment.chars().count();
    if length <= 16 || word || (address && length <= 113) || is_guid(&segment) {
        return segment;
    }
    segment.chars().take(12).chain(['…']).collect()
}

/// Whether it is a GUID: eight, four, four, four and twelve hexadecimal digits.
pub fn is_guid(text: &str) -> bool {
    text.len() == uuid::fmt::Hyphenated::LENGTH && uuid::Uuid::try_parse(text).is_ok()
}

/// Makes text from outside fit to be shown: on one line, not long, links cut after their host, and whatever could be
/// a token or an id cut after 12 characters.
pub fn scrub(text: &str) -> String {
    let mut words = text.split(|it: char| it.is_whitespace() || it.is_control()).map(word);
    let mut out = words.next().unwrap_or_default();
    for word in words.filter(|it| !it.is_empty()) {
        if out.chars().count() + word.chars().count() > 400 {
            out.push_str(" …");
            break;
        }
        out.push(' ');
        out.push_str(&word);
    }
    redact::hide(out.trim(), &Known::default()).into_owned()
}

fn word(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    if let Some(start) = lower.find("://") {
        let host = word[start + 3..].find(['/', '?', '#']).map(|it| start + 3 + it);
        return host.map_or_else(|| word.into(), |end| format!("{}/…", &word[..end]));
    }
    let short_link = ["teams.microsoft.", "teams.live.", "meetup-join", "%3a%2f%2f"];
    let cut = word.chars().count() > 60 || short_link.iter().any(|it| lower.contains(it));
    match cut {
        true => word.chars().take(12).chain(['…']).collect(),
        false => word.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::redact::{line, not_json, scrub};
    use crate::model::Method;

    #[test]
    fn a_request_line_names_people_and_neither_queries_nor_long_ids() {
        let guid = "11111111-2222-3333-4444-555555555555";
        for (path, expect) in [
            (
                "/users/ana%40contoso.example/events/AAMkAGI1AAAoZCfHAAA=",
                "/users/ana@contoso.example/events/AAMkAGI1AAAo…",
            ),
            (
                &format!("/users/{guid}/onlineMeetings?$filter=JoinWebUrl%20eq%20'x'"),
                &format!("/users/{guid}/onlineMeetings"),
            ),
            ("/me/onlineMeetings/19%3Ameeting_abc@thread.v2", "/me/onlineMeetings/19%3Ameeting…"),
            ("/users/a@b.example/calendar/getSchedule", "/users/a@b.example/calendar/getSchedule"),
            ("/users/a@b.example/events/x/permanentDelete", "/users/a@b.example/events/x/permanentDelete"),
            ("/$batch", "/$batch"),
        ] {
            assert_eq!(line(Method::Get, path), format!("GET {expect}"));
        }
    }

    #[test]
    fn text_from_outside_loses_links_tokens_and_line_breaks() {
        let token = "eyJ0eXAiOiJKV1QiLCJub25jZSI6IjEyMzQ1Njc4OTAiLCJhbGciOiJSUzI1NiIsIng1dCI6IjEyMzQifQ.x";
        for (text, expect) in [
            ("plain words\r\n\r\nhere", "plain words here"),
            ("see https://teams.microsoft.com/l/meetup-join/19%3a?p=1 now", "see https://teams.microsoft.com/… now"),
            ("'HTTPS://TEAMS.live.com/meet/12?p=abc'", "'HTTPS://TEAMS.live.com/…"),
            ("teams.microsoft.com/meet/123?p=abc", "teams.micros…"),
            ("https%3a%2f%2fteams.x%2fl%2f", "https%3a%2f%…"),
            (&format!("bad {token}"), "bad eyJ0eXAiOiJK…"),
            ("", ""),
        ] {
            assert_eq!(scrub(text), expect);
        }
        assert!(scrub(&"word ".repeat(500)).chars().count() < 410);
    }

    #[test]
    fn what_is_not_json_is_named_by_its_title_or_size() {
        assert_eq!(not_json("text/html", b"<html><title> Bad Gateway </title>"), "a page `Bad Gateway`");
        assert_eq!(not_json("text/html; charset=utf-8", b"<p>"), "3 bytes of text/html");
        assert_eq!(not_json("", b"\xff\xff"), "2 bytes that are not JSON");
    }
}
