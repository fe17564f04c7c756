//! Live bodies with a join block, and what is put around it.

use convoke::face::kind::body;
use serde_json::{Value, json};

/// What stands for the join link and for a rule line, so that neither has to be guessed.
const LINK: &str = "{link}";
const RULE: &str = "{rule}";

/// Takes the first line of bytes for a join link, the second for a declared text, and the rest for a live body.
///
/// Where a block is found it holds the link, is not part of the text above it, and outlives every splice whole, while nothing of
/// the text does.
pub fn join_block(data: &[u8]) -> bool {
    let Some((link, declared, live)) = std::str::from_utf8(data).ok().and_then(parts) else { return false };
    let text = |html: &str, link: Option<&str>| body::text(&json!({"contentType": "html", "content": html}), link);
    let Ok(at) = body::join_block(&live, link) else {
        assert!(body::splice(&live, link, &json!({"content": declared})).is_err(), "{live:?}");
        assert_eq!(text(&live, Some(link)), text(&live, None), "{live:?}");
        return false;
    };
    let block = &live[at..];
    let holds = |html: &str| html.contains(link) || html.contains(&escaped(link));
    assert!(holds(block), "{live:?} {at}");
    assert_eq!(text(&live, Some(link)), text(&live[..at], None), "{live:?} {at}");
    for kind in ["html", "text"] {
        let put = |live: &str, text: &str| body::splice(live, link, &json!({"contentType": kind, "content": text}));
        let spliced = content(put(&live, declared).expect("the block was found"));
        assert!(spliced.ends_with(block), "{live:?} {declared:?} {spliced:?}");
        let above = &spliced[..spliced.len() - block.len()];
        assert!(!holds(above) || holds(declared) || holds(&live[..at]), "{live:?} {declared:?} {spliced:?}");
        assert!(spliced.len() <= live.len() + 16 * declared.len() + 100, "{live:?} {declared:?} {spliced:?}");
        // A text that holds the link is refused before. Where Graph's own `<body>` is missing, one in a text is taken for it; its
        // block stands in an element.
        if !holds(declared) && live[..at].contains("<body>") && block.starts_with("<div") {
            let new = put(&spliced, "New").expect("the block is as it was");
            assert_eq!(new, put(&live, "New").expect("the block was found"), "{live:?} {declared:?} {spliced:?}");
        }
    }
    true
}

fn parts(text: &str) -> Option<(&str, &str, String)> {
    let (link, rest) = text.split_once('\n')?;
    let (declared, live) = rest.split_once('\n')?;
    let live = live.replace(LINK, &escaped(link)).replace(RULE, &"_".repeat(80));
    // Any text holds a link of one letter.
    (link.starts_with("https://") && link.len() > 12).then_some((link, declared, live))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn content(body: Value) -> String {
    body["content"].as_str().expect("a body has a content").to_owned()
}
