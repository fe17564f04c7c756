//! The body of an event, and the join block that Graph appends to it.
//!
//! A PATCH of `body` without the block that Graph put there turns the online meeting off or gives it a new link
//! (event-update.md). So the block is found with certainty or not at all, and a new text is put around it. The words
//! of the block are localised and change; its rule line and its join link do not.

mod html;
mod join_block;
mod markdown;

pub use join_block::join_block;
pub use markdown::Refused;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// The property of an event that this is about.
const PROPERTY: &str = "body";

/// The most bytes that a text may have: a body is read by people.
pub const MOST_BYTES: usize = 1 << 20;

/// Renders CommonMark with tables to HTML; raw HTML in it is shown as text, not passed on.
///
/// # Errors
/// A text that is too large or nests too deep, and links that lead elsewhere than to pages, mailboxes and telephones.
pub fn html(markdown: &str) -> Result<String, Refused> {
    fits(markdown)?;
    let html = markdown::html(markdown)?;
    fits(&html)?;
    Ok(html)
}

/// Refuses a declared text that is too large.
///
/// # Errors
/// A text of more than `MOST_BYTES`.
pub fn fits(text: &str) -> Result<(), Refused> {
    match text.len() > MOST_BYTES {
        true => Err(Refused {
            message: format!("`{PROPERTY}` is larger than {} MB", MOST_BYTES >> 20),
            hint: "write less, or put a link to the document into it",
        }),
        false => Ok(()),
    }
}

/// Closes what the HTML of a declared body (Graph's itemBody) leaves open; returns what its author should know of it.
pub fn close(body: &mut Value) -> Vec<String> {
    let Some(content) = body["content"].as_str().filter(|content| !content.is_empty()) else { return vec![] };
    let silent = || format!("`{PROPERTY}` has no visible words");
    if body["contentType"].as_str() == Some("text") {
        return if content.trim().is_empty() { vec![silent()] } else { vec![] };
    }
    let ends = html::ends(content);
    let swallows = ends.swallows.map(|what| {
        format!("the HTML of `{PROPERTY}` ends within {what}, which would swallow what the service writes below it: it is closed there")
    });
    let notes = swallows.into_iter().chain((!ends.has_words).then(silent)).collect();
    if !ends.closing.is_empty() {
        body["content"] = json!(format!("{content}{}", ends.closing));
    }
    notes
}

/// Returns the live HTML with the author's text replaced by `body` (Graph's itemBody) and the join block kept.
///
/// Fails when the block of `join_url` cannot be found with certainty; the text says why.
pub fn splice(live: &str, join_url: &str, body: &Value) -> Result<Value, String> {
    let block = join_block(live, join_url)?;
    let content = body["content"].as_str().unwrap_or_default();
    let text = match body["contentType"].as_str() {
        Some("text") => format!("<pre style=\"font-family:inherit\">{}</pre>", escaped(content)),
        // What is open at the end of it would swallow the block.
        _ => html::closed(inner(content)).into_owned(),
    };
    let html = format!("{}\r\n{text}\r\n{}", &live[..opened(&live[..block])], &live[block..]);
    Ok(json!({"contentType": "html", "content": html}))
}

/// Puts the declared body in a request's own body around the live one's join block; see `splice`.
pub fn splice_into(request: &mut Value, live: &str, join_url: &str) -> Result<(), String> {
    let spliced = splice(live, join_url, &request[PROPERTY])?;
    request[PROPERTY] = spliced;
    Ok(())
}

/// Returns the body of an event in an answer, if the answer tells it.
pub fn answered(event: &Value) -> Option<&Value> {
    event.get(PROPERTY).filter(|body| body["content"].is_string())
}

/// Tells whether the live body says what the desired one says, both as plain text with white space folded.
///
/// `join_url` is that of an online event; what stands in its join block is not compared. A live body whose block
/// cannot be found is taken whole.
pub fn same_text(want: &Value, have: &Value, join_url: Option<&str>) -> bool {
    text(want, None) == text(have, join_url)
}

/// Tells whether the content of a declared body holds this link, however it is written there: encoded, or within another one.
pub fn mentions(content: &str, join_url: &str) -> bool {
    // Most texts hold no link at all.
    if join_url.contains("//") && !content.contains("//") && !content.contains('%') {
        return false;
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let plain = content.replace("&amp;", "&").to_lowercase();
    let url = join_url.to_lowercase();
    plain.contains(&url) || decoded(&plain).contains(&url) || decoded(&plain).contains(&decoded(&url))
}

/// Returns the text of a body (Graph's itemBody) above its join block, with white space folded. A text that is too large to be
/// read is told instead: a declared one never is.
pub fn text(body: &Value, join_url: Option<&str>) -> String {
    let content = body["content"].as_str().unwrap_or_default();
    if content.len() > MOST_BYTES {
        return left_out(content.len());
    }
    let end = join_url.and_then(|url| join_block(content, url).ok()).unwrap_or(content.len());
    match body["contentType"].as_str() {
        Some("text") => folded(content),
        _ => plain(&content[opened(&content[..end])..end], false),
    }
}

/// Returns a body that holds those words alone: what is compared of the text of one date of a series.
pub fn words(body: &Value, join_url: Option<&str>) -> Value {
    json!({"contentType": "text", "content": text(body, join_url)})
}

/// Leaves of the text of a live date of a series its words, so that no join link stands in what is remembered of it; null where it
/// is not certain which they are.
pub fn keep_words(date: &mut Map<String, Value>, is_online: bool, join_url: Option<&str>) {
    let Some(live) = date.remove(PROPERTY) else { return };
    let content = live["content"].as_str().unwrap_or_default();
    let certain = !is_online || join_url.is_some_and(|url| join_block(content, url).is_ok());
    date.insert(PROPERTY.into(), if certain { words(&live, join_url) } else { Value::Null });
}

/// Returns the same with where its links lead, so that people see it who read what changes.
pub fn text_with_links(body: &Value, join_url: Option<&str>) -> String {
    let content = body["content"].as_str().unwrap_or_default();
    if content.len() > MOST_BYTES || body["contentType"].as_str() == Some("text") {
        return text(body, join_url);
    }
    let end = join_url.and_then(|url| join_block(content, url).ok()).unwrap_or(content.len());
    plain(&content[opened(&content[..end])..end], true)
}

/// Returns the HTML of a live text above its join block; all of it where there is no link, nothing where the block is not certain.
pub fn author_text<'a>(live: &'a Value, join_url: Option<&str>) -> Option<&'a str> {
    let content = live["content"].as_str().unwrap_or_default();
    let end = join_url.map_or(Ok(content.len()), |url| join_block(content, url));
    end.ok().map(|end| &content[..end])
}

/// Returns a live text as a declared one that says the same, without the join block; nothing where there are no words.
///
/// Fails where it is too large or the block is not certain: the reason, in words.
pub fn collapse(event: &Map<String, Value>, join_url: Option<&str>) -> Result<Option<Value>, &'static str> {
    let Some(live) = event.get(PROPERTY).filter(|it| !text(it, join_url).is_empty()) else { return Ok(None) };
    let content = live["content"].as_str().unwrap_or_default();
    if is_too_large(content) {
        return Err("it is too large");
    }
    let author = author_text(live, join_url).ok_or("where the text for joining begins in it is not certain")?;
    let words = match live["contentType"].as_str() {
        Some("text") => return Ok(Some(json!({"contentType": "text", "content": author.trim()}))),
        _ => inner(author).trim(),
    };
    Ok(Some(json!({"contentType": "html", "content": words.replace("\r\n", "\n")})))
}

/// Returns a live text that says `words` where that is given, above a join block that leads to `link` where its own is certain.
pub fn stand_in(live: &Value, words: Option<&str>, join_url: Option<&str>, link: Option<&str>) -> Value {
    let content = live["content"].as_str().unwrap_or_default();
    if is_too_large(content) {
        return live.clone();
    }
    let author = author_text(live, join_url);
    let text = words.map(escaped).unwrap_or_else(|| author.unwrap_or_default().to_owned());
    let rule = "_".repeat(80);
    let block = link
        .filter(|_| author.is_some())
        .map(|link| format!("<div>{rule}</div>\r\n<div><a href=\"{}\">Join</a></div>", escaped(link)));
    json!({"contentType": live["contentType"], "content": format!("{text}\r\n{}", block.unwrap_or_default())})
}

/// What is said of a live text that is not read.
const TOO_LARGE: &str = "the live text is too large to compare";

/// What stands for a live text of so many bytes.
fn left_out(length: usize) -> String {
    format!("({TOO_LARGE}: {length} bytes)")
}

/// Tells whether a live text is not read: it is too large, or was left out for that.
fn is_too_large(live: &str) -> bool {
    live.len() > MOST_BYTES || live.starts_with('(') && live[1..].starts_with(TOO_LARGE)
}

/// Leaves a text that is too large to be read out of a live event: whoever may edit one event must not fill the memory of a
/// plan, which holds every event several times over.
pub fn leave_out(event: &mut Map<String, Value>) {
    if let Some(Value::String(content)) = event.get_mut(PROPERTY).and_then(|body| body.get_mut("content"))
        && content.len() > MOST_BYTES
    {
        *content = left_out(content.len());
    }
}

/// Returns where the text of a document begins: after its `<body …>` tag, if it has one.
fn opened(html: &str) -> usize {
    let tag = html.find("<body");
    tag.and_then(|tag| html[tag..].find('>').map(|end| tag + end + 1)).unwrap_or(0)
}

/// Returns what stands inside the body of a declared document, or the fragment as it is.
fn inner(html: &str) -> &str {
    let end = html.rfind("</body").unwrap_or(html.len());
    let start = opened(html);
    if start <= end { &html[start..end] } else { html }
}

/// Returns the text of HTML, without decoration and with white space folded.
///
/// The markup is taken out first, since a tree is built of what is left: of elements that somebody nested or crossed on purpose
/// it grows with their square.
fn plain(html: &str, links: bool) -> String {
    let words = html::words(html, links);
    let text = html2text::config::with_decorator(html2text::render::TrivialDecorator::new())
        .no_table_borders()
        .string_from_read(words.as_bytes(), usize::MAX >> 8);
    folded(&text.unwrap_or(words))
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const URL: &str = "https://teams.example/l/meetup-join/19%3ameeting_A/0?context=%7b%22Tid%22%7d&x=1";

    pub(super) fn live(text: &str) -> String {
        let rule = "_".repeat(80);
        format!(
            "<html>\r\n<head>\r\n<meta charset=\"utf-8\">\r\n</head>\r\n<body>\r\n{text}\r\n<div style=\"width:100%\"><span \
             style=\"color:gray\">{rule}</span>\r\n</div>\r\n<div class=\"me-email-text\"><a href=\"{}\">An Besprechung \
             teilnehmen</a></div>\r\n</body>\r\n</html>\r\n",
            escaped(URL)
        )
    }

    #[test]
    fn a_new_text_is_put_around_the_join_block() {
        let spliced = splice(&live("<p>Old</p>"), URL, &json!({"contentType": "html", "content": "<p>New</p>"}));
        assert_eq!(spliced, Ok(json!({"contentType": "html", "content": live("<p>New</p>")})));
    }

    /// Somebody wrote a `<body>` below the block: nothing of the text was read any more, and a splice doubled the block.
    #[test]
    fn a_body_tag_below_the_block_opens_nothing() {
        let html = live("Agenda").replace("<body>", "").replace("</body>", "<body></body>");
        assert_eq!(text(&json!({"contentType": "html", "content": html}), Some(URL)), "Agenda");
        let spliced = splice(&html, URL, &json!({"contentType": "html", "content": "New"})).unwrap();
        assert_eq!(spliced["content"].as_str().unwrap().matches(&escaped(URL)).count(), 1, "{spliced}");
    }

    /// A plan held a text of megabytes eight times over, and read none of it.
    #[test]
    fn a_live_text_that_is_too_large_is_left_out_and_told_as_that() {
        let large = live(&"x".repeat(MOST_BYTES));
        let event = |content: &str| json!({"subject": "x", "body": {"contentType": "html", "content": content}});
        for (content, expect) in [(large.as_str(), true), (&live("Agenda"), false)] {
            let before = event(content);
            let mut after = before.as_object().unwrap().clone();
            leave_out(&mut after);
            let of = |event: &Map<String, Value>| text(&event["body"], Some(URL));
            assert_eq!(of(before.as_object().unwrap()), of(&after));
            assert_eq!(of(&after).starts_with("(the live text is too large to compare: "), expect);
            let block = join_block(after["body"]["content"].as_str().unwrap(), URL);
            assert_eq!(block, join_block(content, URL), "nothing of it is certain");
            assert_eq!(block.is_err(), expect, "{block:?}");
            assert!(after["body"]["content"].as_str().unwrap().len() < 1000 && after["subject"] == "x");
        }
    }

    #[test]
    fn plain_text_is_escaped_before_it_is_spliced() {
        let spliced = splice(&live("Old"), URL, &json!({"contentType": "text", "content": "a < b"})).unwrap();
        assert!(spliced["content"].as_str().unwrap().contains(">a &lt; b</pre>"), "{spliced}");
    }

    #[test]
    fn what_a_text_leaves_open_does_not_swallow_the_block() {
        for (content, sent) in [
            ("<b>New</b><!-- old", "<b>New</b><!-- old-->"),
            ("New<style>p {", "New<style>p {</style>"),
            ("<html><body><p title=\"New</body></html>", "<p title=\"New\">"),
        ] {
            let spliced = splice(&live("x"), URL, &json!({"contentType": "html", "content": content})).unwrap();
            assert_eq!(spliced["content"], live(sent), "{content}");
        }
    }

    #[test]
    fn a_link_in_a_text_is_found_however_it_is_written() {
        let wrapped = format!("https://safelinks.example/?url={}&data=x", crate::route::encoded(URL));
        for (content, expect) in [
            (format!("<a href=\"{}\">x</a>", escaped(URL)), true),
            (URL.to_owned(), true),
            (URL.replace("%3a", "%3A"), true),
            (URL.replace("%3a", ":"), true),
            (format!("<a href=\"{}\">x</a>", escaped(&wrapped)), true),
            (URL.replace("meeting_A", "meeting_B"), false),
            (String::new(), false),
        ] {
            assert_eq!(mentions(&content, URL), expect, "{content}");
        }
    }

    #[test]
    fn where_links_lead_is_told_with_the_words() {
        for (html, expect) in [
            (
                "<p>See <a href=\"https://a.example/?x=1&amp;y\">the <b>wiki</b></a>.</p>",
                "See [the wiki](https://a.example/?x=1&y).",
            ),
            ("<A class=x HREF='https://a.example'>wiki</A>", "[wiki](https://a.example)"),
            ("<a href=https://a.example>https://a.example</a>", "https://a.example"),
            ("<a data-href=x name=y>here</a> <a href = \"b<c\">open", "here [open](b<c)"),
            ("<a>x</a></a>", "x"),
        ] {
            let body = json!({"contentType": "html", "content": html});
            assert_eq!(text_with_links(&body, None), expect, "{html}");
        }
        let online = json!({"contentType": "html", "content": live("<a href=\"https://a.example\">wiki</a>")});
        assert_eq!(text_with_links(&online, Some(URL)), "[wiki](https://a.example)");
    }

    #[test]
    fn texts_are_the_same_whatever_outlook_made_of_their_markup() {
        let want = json!({"contentType": "html", "content": html("Agenda: **roadmap**").unwrap()});
        let cases = [
            (live("<div><p class=\"x\">Agenda:\r\n <b>roadmap</b></p></div>"), true),
            (live("<p>Agenda: budget</p>"), false),
        ];
        for (html, same) in cases {
            assert_eq!(same_text(&want, &json!({"contentType": "html", "content": html}), Some(URL)), same);
        }
    }
}
