//! Where the join block begins in a live body.

use crate::kind::body::html;
use crate::kind::body::{MOST_BYTES, TOO_LARGE, escaped, is_too_large, plain};
use std::collections::BTreeSet;
use std::ops::Range;

/// Returns where the join block begins: at the element that holds its rule line.
///
/// Only one rule line may have the join link beneath it. Where somebody wrote a second one, nobody can tell which of the two the
/// service keeps, nor whose the words around them are.
pub fn join_block(live: &str, join_url: &str) -> Result<usize, String> {
    if is_too_large(live) {
        return Err(format!("{TOO_LARGE}: it has more than {} MB", MOST_BYTES >> 20));
    }
    let links = links(live, join_url);
    if links.is_empty() {
        return Err("the join link does not stand in the live body".into());
    }
    let rules = rules(live);
    let mut near = vec![];
    let mut far = false;
    for (place, rule) in rules.iter().enumerate() {
        let next = rules.get(place + 1).map_or(live.len(), |next| next.start);
        let first = links.partition_point(|link| *link < rule.end);
        let Some(link) = links.get(first).filter(|link| **link < next) else { continue };
        match plain(&live[rule.end..*link], false).chars().count() > HEADLINE {
            true => far = true,
            false => near.push(rule.start),
        }
        if near.len() > 1 {
            break;
        }
    }
    match near.as_slice() {
        [rule] => Ok(opening(live, *rule)),
        [] if far => Err("other text stands between the rule line and the join link".into()),
        [] => Err("no rule line stands above the join link".into()),
        [_, _, ..] => Err("the join link stands below more than one rule line".into()),
    }
}

/// Where the join link stands as one, in order.
fn links(live: &str, join_url: &str) -> Vec<usize> {
    let forms = BTreeSet::from([escaped(join_url), join_url.to_owned()]).into_iter();
    let found = forms.flat_map(|url| {
        let link = format!("href=\"{url}\"");
        live.match_indices(&link).map(|(at, _)| at).collect::<Vec<_>>()
    });
    let mut links: Vec<usize> = found.collect();
    links.sort_unstable();
    links
}

/// The rule lines: each is one run of underscores.
fn rules(live: &str) -> Vec<Range<usize>> {
    let mut rules = vec![];
    let mut from = 0;
    while let Some(at) = live[from..].find('_').map(|at| from + at) {
        let end = live[at..].find(|sign| sign != '_').map_or(live.len(), |end| at + end);
        if end - at >= RULE {
            rules.push(at..end);
        }
        from = end;
    }
    rules
}

/// Where the elements begin that are opened just around a rule line.
///
/// An element whose end goes without saying counts only if nothing but the line is in it: a picture or an empty paragraph that
/// ends the text above is the author's.
fn opening(live: &str, rule: usize) -> usize {
    let mut start = rule;
    while let Some(tag) = live[..start].trim_end().rfind('<') {
        let text = live[tag..start].trim_end();
        // What stands in another tag, or is read as text, begins nothing.
        let before = &live[live[..tag].rfind('>').map_or(0, |end| end + 1)..tag];
        let inside = before.match_indices('<').any(|(at, _)| html::is_markup(&before[at..]));
        let opens = text.ends_with('>') && text.matches('>').count() == 1 && html::begins(text) && !inside;
        let kept = ["<body", "<html", "<head", "<br", "<hr"].iter().any(|it| text.starts_with(it));
        let around = start == rule || html::has_end(text);
        if !opens || kept || !around {
            break;
        }
        start = tag;
    }
    start
}

/// Underscores that make a rule line: Graph writes 80 (sample in outlook-calendar-online-meetings.md).
const RULE: usize = 40;

/// The longest headline, in characters, that may stand between the rule line and the join link.
const HEADLINE: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::body::splice;
    use crate::kind::body::tests::{URL, live};
    use serde_json::json;

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
            assert_eq!(crate::kind::body::text(&have, Some(URL)), text, "{headline}");
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

    /// Somebody wrote a block of their own above the real one, or below it: which of the two is kept, nobody can tell.
    #[test]
    fn a_block_that_somebody_imitates_is_not_certain() {
        let (rule, link) = ("_".repeat(80), format!("<a href=\"{}\">Join</a>", escaped(URL)));
        let certain = "the join link stands below more than one rule line";
        for (html, expect) in [
            (live(&format!("<p>Agenda</p>{rule}<p>{link}</p><p>Send money</p>")), Err(certain)),
            (live("x").replace("</body>", &format!("<p>Send money</p>{rule}{link}</body>")), Err(certain)),
            // Neither alone makes a block.
            (live(&format!("<p>{link}</p>")), Ok(())),
            (live(&format!("<p>{rule}</p>")), Ok(())),
            (live(&format!("<p>{rule}{}{link}</p>", "word ".repeat(100))), Ok(())),
        ] {
            let found = join_block(&html, URL);
            assert_eq!(found.as_ref().map(|_| ()).map_err(String::as_str), expect, "{html}");
            if let Ok(at) = found {
                assert!(html[at..].starts_with("<div style=\"width:100%\">"), "{}", &html[at..]);
            }
        }
    }

    /// What ends a text was taken for the beginning of the block, and outlived every change of the text.
    #[test]
    fn what_ends_the_text_above_is_no_part_of_the_block() {
        let ends = ["New <img src=\"https://a.example/x.png\">", "New<p>", "New<P class=x>", "New<wbr>"];
        for text in ends.into_iter().chain([
            "New</divc<b>",
            "New<]iv class=x>",
            "New<3>",
            "New</div<<b>",
            "New <<? c>",
            "<div>New</div>",
        ]) {
            let html = live(text);
            assert!(html[join_block(&html, URL).unwrap()..].starts_with("<div style=\"width:100%\">"), "{html}");
        }
        let html = live("New").replace("<span style=\"color:gray\">", "<p>");
        assert!(html[join_block(&html, URL).unwrap()..].starts_with("<div style=\"width:100%\">"), "{html}");
    }

    #[test]
    fn an_empty_text_has_a_block_too() {
        let html = live("");
        assert!(html[join_block(&html, URL).unwrap()..].starts_with("<div style=\"width:100%\">"));
    }
}
