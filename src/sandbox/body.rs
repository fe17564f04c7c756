//! Event bodies as Exchange keeps them: wrapped HTML, with the join block of an online meeting at the end.
//!
//! The block's shape is that of outlook-calendar-online-meetings.md. A body that comes without it takes the link away
//! (event-update.md). No HTML is parsed: scripts are cut, line feeds and the frame are made uniform.

use serde_json::{Value, json};

const HEAD: &str = "<html>\r\n<head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\r\n</head>\r\n<body>\r\n";
const FOOT: &str = "\r\n</body>\r\n</html>\r\n";
const RULE: &str = "<div style=\"width:100%; height:20px\"><span style=\"white-space:nowrap; color:gray; opacity:.36\">________________________________________________________________________________</span>\r\n</div>";

/// Makes the HTML that is kept of a body as sent.
pub fn keep(body: &Value) -> String {
    let content = body["content"].as_str().unwrap_or_default();
    // `text` is the default of itemBody's contentType when a client leaves it out (itembody.md).
    let html = body["contentType"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("html"));
    if html {
        return wrap(&without_scripts(inner(content)));
    }
    if content.is_empty() {
        return wrap("");
    }
    let lines: Vec<String> = content.lines().map(escape).collect();
    wrap(&format!("<div class=\"PlainText\">{}</div>", lines.join("<br>\r\n")))
}

/// Adds the join block of a meeting below what is kept.
pub fn with_block(kept: &str, block: &str) -> String {
    wrap(&format!("{}\r\n{block}", inner(kept).trim_end()))
}

/// Takes the join block away, as the body was before the service added it.
pub fn without_block(kept: &str) -> String {
    let mark = kept.find("me-email-text").unwrap_or_default();
    match kept[..mark].rfind(RULE) {
        Some(at) => wrap(inner(&format!("{}{FOOT}", &kept[..at]))),
        None => kept.to_string(),
    }
}

/// Tells whether the kept HTML still holds the join block with this link.
pub fn has_block(kept: &str, join_url: &str) -> bool {
    kept.contains("me-email-text") && kept.contains(&format!("href=\"{}\"", escape(join_url)))
}

/// Returns the first Teams join link that stands in a kept body.
pub fn join_link(kept: &str) -> Option<String> {
    let at = kept.find("https://teams.microsoft.com/l/meetup-join/")?;
    let end = kept[at..].find(|it: char| it.is_whitespace() || matches!(it, '"' | '<')).unwrap_or(kept.len() - at);
    Some(kept[at..at + end].replace("&amp;", "&"))
}

/// Writes the join block (outlook-calendar-online-meetings.md).
pub fn block(join_url: &str, conference: Option<&str>, options_url: &str) -> String {
    let style = "font-family:'Segoe UI','Helvetica Neue',Helvetica,Arial,sans-serif";
    let dial = conference.map_or_else(String::new, |id| {
        let spaced: Vec<&str> = [id.get(..3), id.get(3..6), id.get(6..)].into_iter().flatten().collect();
        format!(
            "<div>\r\n<div><a class=\"me-email-link\" href=\"tel:&#43;1 323-555-0166,,{id}# \" target=\"_blank\" rel=\"noreferrer noopener\" style=\"font-size:14px; text-decoration:none; color:#6264a7\">&#43;1 323-555-0166</a>\r\n<span style=\"font-size:12px\">&nbsp; United States, Los Angeles (Toll) </span></div>\r\n</div>\r\n<div style=\"margin-top:10px; margin-bottom:20px\"><span style=\"font-size:12px\">Conference ID:\r\n</span><span style=\"font-size:14px\">{}# </span></div>\r\n",
            spaced.join(" ")
        )
    });
    let (join_url, options_url) = (escape(join_url), escape(options_url));
    format!(
        "{RULE}\r\n<div class=\"me-email-text\" style=\"color:#252424; {style}\">\r\n<div style=\"margin-top:24px; margin-bottom:10px\"><a class=\"me-email-headline\" href=\"{join_url}\" target=\"_blank\" rel=\"noreferrer noopener\" style=\"font-size:18px; font-family:'Segoe UI Semibold','Segoe UI','Helvetica Neue',Helvetica,Arial,sans-serif; text-decoration:underline; color:#6264a7\">Join\r\n Microsoft Teams Meeting</a> </div>\r\n{dial}<div style=\"margin-bottom:24px\"><a class=\"me-email-link\" target=\"_blank\" href=\"https://aka.ms/JoinTeamsMeeting\" rel=\"noreferrer noopener\" style=\"font-size:12px; text-decoration:none; color:#6264a7\">\r\nLearn more about Teams</a> | <a class=\"me-email-link\" target=\"_blank\" href=\"{options_url}\" rel=\"noreferrer noopener\" style=\"font-size:12px; text-decoration:none; color:#6264a7\">\r\nMeeting options</a> </div>\r\n<div style=\"font-size:14px; margin-bottom:4px\"></div>\r\n<div style=\"font-size:12px\"></div>\r\n</div>\r\n{RULE}"
    )
}

/// Shows a kept body: HTML, or text for `Prefer: outlook.body-content-type="text"`.
pub fn show(kept: &str, as_text: bool) -> Value {
    match as_text {
        true => json!({"contentType": "text", "content": text(kept)}),
        false => json!({"contentType": "html", "content": kept}),
    }
}

/// Returns the first 255 characters of a kept body's text.
pub fn preview(kept: &str) -> String {
    text(kept).trim().chars().take(255).collect()
}

fn wrap(inner: &str) -> String {
    let inner = inner.replace("\r\n", "\n").replace('\n', "\r\n");
    format!("{HEAD}{}{FOOT}", inner.trim_end())
}

/// Returns what stands inside `<body>`, or everything when there is no frame.
fn inner(html: &str) -> &str {
    let lower = html.to_ascii_lowercase();
    let start = lower.find("<body").and_then(|at| lower[at..].find('>').map(|it| at + it + 1));
    let Some(start) = start else {
        return html.trim();
    };
    let end = lower.rfind("</body>").filter(|it| *it >= start).unwrap_or(html.len());
    html[start..end].trim()
}

/// Cuts scripts out, in one pass: bodies may be large and hostile.
fn without_scripts(html: &str) -> String {
    let (mut out, mut at) = (String::with_capacity(html.len()), 0);
    let lower = html.to_ascii_lowercase();
    while let Some(start) = lower[at..].find("<script").map(|it| at + it) {
        out.push_str(&html[at..start]);
        at = lower[start..].find("</script>").map_or(html.len(), |it| start + it + "</script>".len());
    }
    out + &html[at..]
}

/// Takes the tags away; blocks begin and end on lines of their own.
fn text(kept: &str) -> String {
    const BLOCKS: [&str; 11] = ["div", "p", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4"];
    let (mut out, mut rest) = (String::new(), inner(kept));
    let add = |out: &mut String, chunk: &str| {
        let fresh = out.is_empty() || out.ends_with('\n');
        if !(fresh && chunk.trim().is_empty()) {
            out.push_str(&chunk.replace("\r\n", " "));
        }
    };
    while let Some(at) = rest.find('<') {
        add(&mut out, &rest[..at]);
        let end = rest[at..].find('>').map_or(rest.len(), |it| at + it + 1);
        let tag = rest[at + 1..end].trim_start_matches('/').to_ascii_lowercase();
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let block = BLOCKS.contains(&name) && !out.is_empty() && !out.ends_with('\n');
        if block || name == "br" {
            out.push_str("\r\n");
        }
        rest = &rest[end..];
    }
    add(&mut out, rest);
    let lines = out.lines().map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
    let text = lines.collect::<Vec<_>>().join("\r\n");
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#43;", "+"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text, |text, (from, to)| text.replace(from, to))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_written_back_as_it_was_read_does_not_change() {
        let kept = with_block(
            &keep(&json!({"contentType": "html", "content": "<p>Agenda</p>\n<p>Two</p>"})),
            &block("https://x/?a=1&b=2", Some("291633251"), "https://o"),
        );
        assert_eq!(keep(&show(&kept, false)), kept);
        assert!(has_block(&kept, "https://x/?a=1&b=2"));
        assert!(!has_block(&kept, "https://x/?a=1"));
        let before = without_block(&kept);
        assert!(before.contains("<p>Two</p>") && !before.contains("___"), "{before}");
    }

    #[test]
    fn text_becomes_html_and_reads_back_as_text() {
        let kept = keep(&json!({"contentType": "text", "content": "one & <two>\nthree"}));
        assert_eq!(show(&kept, true)["content"], "one & <two>\r\nthree");
        assert!(kept.contains("one &amp; &lt;two&gt;<br>"));
    }

    #[test]
    fn scripts_are_cut() {
        let kept = keep(&json!({"contentType": "HTML", "content": "a<SCRIPT>alert(1)</SCRIPT>b"}));
        assert_eq!(inner(&kept), "ab");
    }
}
