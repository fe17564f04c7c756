//! The body of an event, and the join block that Graph appends to it.
//!
//! A PATCH of `body` without the block that Graph put there turns the online meeting off or gives it a new link
//! (event-update.md). So the block is found with certainty or not at all, and a new text is put around it. The words
//! of the block are localised and change; its rule line and its join link do not.

use pulldown_cmark::{Event, Options, Parser};
use serde_json::{Value, json};

/// The property of an event that this is about.
const PROPERTY: &str = "body";

/// Renders CommonMark with tables to HTML; raw HTML in it is shown as text, not passed on.
pub fn html(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let safe = events.map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        other => other,
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, safe);
    html.trim_end().to_owned()
}

/// Returns the live HTML with the author's text replaced by `body` (Graph's itemBody) and the join block kept.
///
/// Fails when the block of `join_url` cannot be found with certainty; the text says why.
pub fn splice(live: &str, join_url: &str, body: &Value) -> Result<Value, String> {
    let block = join_block(live, join_url)?;
    let content = body["content"].as_str().unwrap_or_default();
    let text = match body["contentType"].as_str() {
        Some("text") => format!("<pre style=\"font-family:inherit\">{}</pre>", escaped(content)),
        _ => inner(content).to_owned(),
    };
    let html = format!("{}\r\n{text}\r\n{}", &live[..opened(live)], &live[block..]);
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

/// Returns the text of a body (Graph's itemBody) above its join block, with white space folded.
pub fn text(body: &Value, join_url: Option<&str>) -> String {
    let content = body["content"].as_str().unwrap_or_default();
    let end = join_url.and_then(|url| join_block(content, url).ok()).unwrap_or(content.len());
    match body["contentType"].as_str() {
        Some("text") => folded(content),
        _ => plain(&content[opened(content).min(end)..end]),
    }
}

/// Returns where the join block begins: at the element that holds its rule line.
pub fn join_block(live: &str, join_url: &str) -> Result<usize, String> {
    let links = [escaped(join_url), join_url.to_owned()];
    let link = links.iter().filter_map(|url| live.find(&format!("href=\"{url}\""))).min();
    let link = link.ok_or("the join link does not stand in the live body")?;
    let rule = live[..link].rfind(&"_".repeat(RULE)).ok_or("no rule line stands above the join link")?;
    let between = plain(&live[rule..link]);
    if between.trim_start_matches('_').trim().chars().count() > HEADLINE {
        return Err("other text stands between the rule line and the join link".into());
    }
    // The rule line is one run of underscores: go back to its start, then out of the elements opened just around it.
    let mut start = rule - live[..rule].chars().rev().take_while(|&sign| sign == '_').count();
    while let Some(tag) = live[..start].trim_end().rfind('<') {
        let text = live[tag..start].trim_end();
        let opens = text.ends_with('>') && text.matches('>').count() == 1;
        let kept = ["</", "<body", "<html", "<head", "<br", "<hr", "<!"].iter().any(|it| text.starts_with(it));
        if !opens || kept {
            break;
        }
        start = tag;
    }
    Ok(start)
}

/// Underscores that make a rule line: Graph writes 80 (sample in outlook-calendar-online-meetings.md).
const RULE: usize = 40;

/// The longest headline, in characters, that may stand between the rule line and the join link.
const HEADLINE: usize = 200;

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
fn plain(html: &str) -> String {
    let text = html2text::config::with_decorator(html2text::render::TrivialDecorator::new())
        .no_table_borders()
        .string_from_read(html.as_bytes(), usize::MAX >> 8);
    folded(&text.unwrap_or_else(|_| html.to_owned()))
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

    const URL: &str = "https://teams.example/l/meetup-join/19%3ameeting_A/0?context=%7b%22Tid%22%7d&x=1";

    fn live(text: &str) -> String {
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

    #[test]
    fn plain_text_is_escaped_before_it_is_spliced() {
        let spliced = splice(&live("Old"), URL, &json!({"contentType": "text", "content": "a < b"})).unwrap();
        assert!(spliced["content"].as_str().unwrap().contains(">a &lt; b</pre>"), "{spliced}");
    }

    /// The block as Outlook writes it for organizers of other languages: other words around the same rule line and link.
    #[test]
    fn the_join_block_is_found_in_every_language() {
        let rule = "_".repeat(80);
        for (headline, help, join, meeting_id, text) in [
            (
                "Microsoft Teams-Besprechung",
                "Brauchen Sie Hilfe?",
                "Jetzt an der Besprechung teilnehmen",
                "Besprechungs-ID",
                "Grüße an alle",
            ),
            (
                "Réunion Microsoft Teams",
                "Besoin d’aide ?",
                "Rejoindre la réunion maintenant",
                "ID de réunion",
                "À l’ordre du jour",
            ),
            ("Microsoft Teams 会議", "ヘルプが必要ですか?", "今すぐ会議に参加する", "会議 ID", "議題: 予算"),
            ("Microsoft Teams 会议", "需要帮助?", "立即加入会议", "会议 ID", "议程:预算"),
        ] {
            let block = format!(
                "<div style=\"margin-bottom:24px; overflow:hidden; white-space:nowrap\">{rule}</div>\r\n<div \
                 style=\"margin-bottom:12px\"><span class=\"me-email-text\" style=\"font-size:24px\">{headline}</span> <a \
                 href=\"https://aka.ms/JoinTeamsMeeting?omkt=x\" class=\"me-email-link\">{help}</a></div>\r\n<div><a \
                 id=\"meet_invite_block.action.join_link\" href=\"{}\">{join}</a></div>\r\n<div>{meeting_id}: <span>312 000 \
                 000</span></div>\r\n<div>{rule}</div>",
                escaped(URL)
            );
            let live = |text: &str| format!("<html><body>\r\n<p>{text}</p>\r\n{block}\r\n</body></html>");
            let have = json!({"contentType": "html", "content": live(text)});
            assert_eq!(super::text(&have, Some(URL)), text, "{headline}");
            let spliced = splice(&live(text), URL, &json!({"contentType": "html", "content": "<p>New</p>"})).unwrap();
            let spliced = spliced["content"].as_str().unwrap();
            assert!(spliced.contains(&block) && spliced.contains("<p>New</p>") && !spliced.contains(text), "{spliced}");
            assert_eq!(spliced.matches(&rule).count(), 2, "{headline}");
        }
    }

    #[test]
    fn a_block_that_is_not_certain_is_refused() {
        let rule = "_".repeat(80);
        let far = format!("<body>{rule}<p>{}</p><a href=\"{}\">Join</a></body>", "word ".repeat(100), escaped(URL));
        let cases = [
            (
                live("x").replace(&escaped(URL), "https://elsewhere.example"),
                "the join link does not stand in the live body",
            ),
            (live("x").replace('_', "-"), "no rule line stands above the join link"),
            (far, "other text stands between the rule line and the join link"),
        ];
        for (html, why) in cases {
            let html = if why.starts_with("no rule") { html.replace("meeting-A", "meeting_A") } else { html };
            assert_eq!(join_block(&html, URL), Err(why.to_owned()));
        }
    }

    #[test]
    fn an_empty_text_has_a_block_too() {
        let html = live("");
        assert!(html[join_block(&html, URL).unwrap()..].starts_with("<div style=\"width:100%\">"));
    }

    #[test]
    fn texts_are_the_same_whatever_outlook_made_of_their_markup() {
        let want = json!({"contentType": "html", "content": html("Agenda: **roadmap**")});
        let cases = [
            (live("<div><p class=\"x\">Agenda:\r\n <b>roadmap</b></p></div>"), true),
            (live("<p>Agenda: budget</p>"), false),
        ];
        for (html, same) in cases {
            assert_eq!(same_text(&want, &json!({"contentType": "html", "content": html}), Some(URL)), same);
        }
    }

    #[test]
    fn markdown_passes_no_raw_html_on() {
        assert_eq!(html("a **b** <script>x</script>"), "<p>a <strong>b</strong> &lt;script&gt;x&lt;/script&gt;</p>");
    }
}
