//! Markdown as authors write it, as HTML that does nothing when it is read.
//!
//! Raw HTML is shown as text; links lead to pages, mailboxes and telephones alone; pictures become links, so that nothing is
//! fetched when somebody opens the event. What is refused is so before it is rendered.

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

/// Why a text is refused, and the way out.
#[derive(Debug, PartialEq)]
pub struct Refused {
    /// Lower case, no full stop.
    pub message: String,
    /// The way out.
    pub hint: &'static str,
}

/// What a link may lead to: everything else may run something where it is read, or leads nowhere there.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// How deep lists, quotes and emphases may nest in each other.
const MOST_DEPTH: usize = 100;

/// Renders CommonMark with tables to HTML.
///
/// # Errors
/// What nests too deep, and the first link that leads elsewhere than `SCHEMES`.
pub fn html(markdown: &str) -> Result<String, Refused> {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut reader = Reader::default();
    let safe = events.map_while(|event| reader.take(event)).flatten();
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, safe);
    html.truncate(html.trim_end().len());
    reader.refused.map_or(Ok(html), Err)
}

/// Where in the text the reading is.
#[derive(Default)]
struct Reader<'a> {
    depth: usize,
    links: usize,
    /// Within a picture: where it leads to, and how many are open around this place.
    picture: Option<(CowStr<'a>, usize)>,
    /// Whether the picture has words of its own.
    named: bool,
    refused: Option<Refused>,
}

impl<'a> Reader<'a> {
    /// Returns what an event becomes; nothing once something is refused.
    fn take(&mut self, event: Event<'a>) -> Option<Vec<Event<'a>>> {
        let shown = match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Html(raw) | Event::InlineHtml(raw) => vec![Event::Text(raw)],
            other => vec![other],
        };
        self.named |= matches!(shown.first(), Some(Event::Text(_) | Event::Code(_)));
        self.refused.is_none().then_some(shown)
    }

    fn start(&mut self, tag: Tag<'a>) -> Vec<Event<'a>> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            let message = format!("`body` nests more than {MOST_DEPTH} deep");
            self.refused = Some(Refused { message, hint: "flatten this part" });
        }
        if let Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. } = &tag {
            self.refuse_link(*link_type, dest_url);
        }
        match tag {
            Tag::Link { .. } if self.picture.is_some() => vec![],
            Tag::Link { .. } => {
                self.links += 1;
                vec![Event::Start(tag)]
            }
            Tag::Image { link_type, dest_url, title, id } => match &mut self.picture {
                Some((_, open)) => {
                    *open += 1;
                    vec![]
                }
                None => {
                    self.picture = Some((dest_url.clone(), 0));
                    self.named = false;
                    let link = Event::Start(Tag::Link { link_type, dest_url, title, id });
                    if self.links == 0 { vec![link] } else { vec![] }
                }
            },
            other => vec![Event::Start(other)],
        }
    }

    fn end(&mut self, tag: TagEnd) -> Vec<Event<'a>> {
        self.depth = self.depth.saturating_sub(1);
        match (tag, self.picture.take()) {
            (TagEnd::Image, Some((address, 0))) => {
                let words = (!self.named).then_some(Event::Text(address));
                let link = (self.links == 0).then_some(Event::End(TagEnd::Link));
                words.into_iter().chain(link).collect()
            }
            (TagEnd::Image, Some((address, open))) => {
                self.picture = Some((address, open - 1));
                vec![]
            }
            (TagEnd::Link, Some(picture)) => {
                self.picture = Some(picture);
                vec![]
            }
            (tag, picture) => {
                self.picture = picture;
                self.links = self.links.saturating_sub(usize::from(tag == TagEnd::Link));
                vec![Event::End(tag)]
            }
        }
    }

    fn refuse_link(&mut self, kind: LinkType, to: &str) {
        let scheme = to.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        if kind == LinkType::Email || scheme.as_deref().is_some_and(|it| SCHEMES.contains(&it)) {
            return;
        }
        let message =
            format!("`body` has a link that is none of {}: `{}`", SCHEMES.join(", "), crate::problem::cut(to));
        let hint = "write the whole address, such as `https://wiki.contoso.example`, or put backticks around it to show it as text";
        self.refused.get_or_insert(Refused { message, hint });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::body::html::{Piece, pieces};

    #[test]
    fn markdown_passes_no_raw_html_on() {
        let html = html("a **b** <script>x</script>\n\n<iframe src=x>\n").unwrap();
        assert_eq!(html, "<p>a <strong>b</strong> &lt;script&gt;x&lt;/script&gt;</p>\n&lt;iframe src=x&gt;");
    }

    #[test]
    fn links_lead_to_pages_mailboxes_and_telephones_alone() {
        for link in ["http://a.example", "HTTPS://a.example/?q=a:b", "mailto:a@b.example", "tel:+49-30-1"] {
            let html = html(&format!("[x]({link})")).unwrap();
            assert_eq!(html, format!("<p><a href=\"{link}\">x</a></p>"));
        }
        assert_eq!(html("<a@b.example>").unwrap(), "<p><a href=\"mailto:a@b.example\">a@b.example</a></p>");
        for text in [
            "[x](javascript:alert(1))",
            "[x](JaVaScript:alert(1))",
            "[x](<java\tscript:alert(1)>)",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html,x)",
            "[x][1]\n\n[1]: vbscript:x",
            "<file:///etc/passwd>",
            "[x](//a.example)",
            "[x](wiki/page)",
            "[x]()",
            "![x](data:image/png;base64,AA)",
            "![x [y](javascript:z)](https://a.example)",
        ] {
            let refused = html(text).unwrap_err();
            assert!(refused.message.contains("none of http, https, mailto, tel"), "{text}: {refused:?}");
        }
        assert_eq!(html("`javascript:alert(1)`").unwrap(), "<p><code>javascript:alert(1)</code></p>");
    }

    #[test]
    fn pictures_become_links() {
        for (markdown, expect) in [
            (
                "![a *b*](https://a.example/x.png \"t\")",
                "<a href=\"https://a.example/x.png\" title=\"t\">a <em>b</em></a>",
            ),
            ("![](https://a.example/x.png) c", "<a href=\"https://a.example/x.png\">https://a.example/x.png</a> c"),
            ("[![b](https://a.example/x.png)](https://a.example)", "<a href=\"https://a.example\">b</a>"),
            ("![a [b](https://b.example)](https://a.example)", "<a href=\"https://a.example\">a b</a>"),
            (
                "![a ![b](https://b.example) c](https://a.example) [d](tel:1)",
                "<a href=\"https://a.example\">a b c</a> <a href=\"tel:1\">d</a>",
            ),
        ] {
            assert_eq!(html(markdown).unwrap(), format!("<p>{expect}</p>"), "{markdown}");
        }
    }

    #[test]
    fn what_nests_too_deep_is_refused() {
        for deep in [">".repeat(50_000), "- ".repeat(50_000) + "x", "*a ".repeat(20_000) + &"b*".repeat(20_000)] {
            let refused = html(&deep).unwrap_err();
            assert_eq!(refused.message, "`body` nests more than 100 deep");
        }
        assert!(html(&(">".repeat(90) + "x")).is_ok());
    }

    /// Whatever Markdown is made of, what comes out has harmless elements alone.
    #[test]
    fn no_markdown_makes_an_element_that_does_something() {
        const PARTS: [&str; 28] = [
            "<script>",
            "</script>",
            "<img alt=x onerror=y>",
            "<style>",
            "<!--",
            "-->",
            "[x](",
            "![x](",
            ")",
            "](",
            "[",
            "]",
            "\n\n",
            "\n",
            "    ",
            "> ",
            "- ",
            "| a | b |\n|-|-|\n",
            "`",
            "```",
            "*",
            "\"",
            "javascript:x",
            "https://a.example",
            "&lt;",
            "\\",
            "<",
            ">",
        ];
        const HARMLESS: &str =
            "p a em strong del code pre blockquote ul ol li br hr h1 h2 h3 h4 table thead tbody tr th td h5";
        let mut random = fastrand::Rng::with_seed(11);
        for _ in 0..3_000 {
            let text: String = (0..random.usize(1..30)).map(|_| PARTS[random.usize(..PARTS.len())]).collect();
            let Ok(html) = html(&text) else { continue };
            pieces(&html.to_ascii_lowercase(), |piece| match piece {
                Piece::Start(name, _) | Piece::End(name) => {
                    assert!(HARMLESS.split(' ').any(|it| it == name), "{name}: {text:?}: {html}")
                }
                Piece::Text(_) => {}
                Piece::Unclosed { .. } => panic!("{text:?}: {html}"),
            });
            assert!(!html.contains("=\"javascript:") && !html.contains(" onerror=y>"), "{text:?}: {html}");
        }
    }
}
