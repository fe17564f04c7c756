//! HTML as an author wrote it: what it leaves open at its end, and whether it says anything.
//!
//! An open comment, quote or `<style>` swallows whatever comes after it, the join block of an online meeting among it. Only
//! where markup begins and ends is looked at, as browsers do (HTML standard, "Tokenization"); nothing is taken out, which is
//! Exchange's business. One pass, whatever the text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// What a text of HTML leaves open, and whether it has words.
#[derive(Debug, Default, PartialEq)]
pub struct Ends {
    /// What closes it; empty where nothing is open.
    pub closing: String,
    /// What would swallow everything that comes after it, in words.
    pub swallows: Option<String>,
    /// Whether a reader sees any sign of it: pictures have none.
    pub has_words: bool,
}

/// Elements whose content is no markup: it lasts until their own end tag.
const RAW: [&str; 8] = ["style", "script", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];

/// Elements that have no end tag, or whose end goes without saying.
const NO_END: [&str; 34] = [
    "area", "base", "basefont", "bgsound", "body", "br", "caption", "col", "colgroup", "dd", "dt", "embed", "frame",
    "head", "hr", "html", "img", "input", "keygen", "li", "link", "meta", "optgroup", "option", "p", "param", "source",
    "tbody", "td", "tfoot", "th", "thead", "tr", "wbr",
];

/// Elements that stand within a line. All others break it.
const INLINE: [&str; 35] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "nobr", "o:p", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "wbr",
];

/// Returns the text with what it leaves open closed at its end; as it is where nothing is.
pub fn closed(html: &str) -> Cow<'_, str> {
    let closing = ends(html).closing;
    if closing.is_empty() { Cow::Borrowed(html) } else { Cow::Owned(html.to_owned() + &closing) }
}

/// Reads a text to its end.
pub fn ends(html: &str) -> Ends {
    let lower = html.to_ascii_lowercase();
    let (mut ends, mut open) = (Ends::default(), Open::default());
    pieces(&lower, |piece| match piece {
        Piece::Text(at) => ends.has_words |= has_words(&lower[at]),
        Piece::Start(name, _) => open.start(name),
        Piece::End(name) => open.end(name),
        Piece::Unclosed { closing, what } => {
            ends.closing = closing.to_owned();
            ends.swallows = Some(what);
        }
    });
    ends.closing += &open.closing();
    ends
}

/// Returns the words of a text: what stands between its markup, with blanks where an element breaks the line. A `<` that is no
/// markup is written as a reference; references stay as they are. `links` adds where each link leads, as Markdown writes it.
pub fn words(html: &str, links: bool) -> String {
    let lower = html.to_ascii_lowercase();
    let (mut words, mut open) = (String::new(), vec![]);
    pieces(&lower, |piece| match piece {
        Piece::Text(at) => push_text(&mut words, &html[at]),
        Piece::Start("a", tag) if links => {
            open.extend(href(&html[tag.clone()], &lower[tag]).map(|to| (words.len(), to)))
        }
        Piece::End("a") if links => close(&mut words, open.pop()),
        Piece::Start(name, _) | Piece::End(name) => words.push_str(if INLINE.contains(&name) { "" } else { "\n" }),
        Piece::Unclosed { .. } => {}
    });
    while let Some(link) = open.pop() {
        close(&mut words, Some(link));
    }
    words
}

fn push_text(words: &mut String, text: &str) {
    words.extend(text.split_inclusive('<').flat_map(|it| match it.strip_suffix('<') {
        Some(before) => [before, "&lt;"],
        None => [it, ""],
    }));
}

/// Puts brackets around the words of a link, and where it leads behind them, unless the words say it themselves.
fn close(words: &mut String, link: Option<(usize, &str)>) {
    let Some((start, to)) = link else { return };
    if words[start..].trim() == to {
        return;
    }
    words.insert(start, '[');
    words.push_str("](");
    push_text(words, to);
    words.push(')');
}

/// Where a link leads, as its tag says; `lower` is the tag in lower case.
fn href<'a>(tag: &'a str, lower: &str) -> Option<&'a str> {
    let mut place = 0;
    loop {
        let at = place + lower[place..].find("href")?;
        place = at + "href".len();
        let apart = lower[..at].ends_with([' ', '\t', '\n', '\r', '/', '"', '\'']);
        let Some(value) = tag[place..].trim_start().strip_prefix('=').filter(|_| apart) else { continue };
        let value = value.trim_start();
        return Some(match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
            _ => value.split([' ', '\t', '\n', '\r', '>']).next().unwrap_or_default(),
        });
    }
}

/// A piece of a text.
pub enum Piece<'a> {
    /// What is no markup.
    Text(Range<usize>),
    /// An element begins, with the tag that does so.
    Start(&'a str, Range<usize>),
    /// An element ends.
    End(&'a str),
    /// The rest is within something that has no end.
    Unclosed { closing: &'static str, what: String },
}

/// Takes a text apart, in one pass; `lower` is in lower case. What stands in comments and in elements without markup is passed
/// over.
pub fn pieces<'a>(lower: &'a str, mut see: impl FnMut(Piece<'a>)) {
    let mut place = 0;
    while let Some(at) = lower[place..].find('<') {
        see(Piece::Text(place..place + at));
        place += at;
        let rest = &lower[place..];
        let name = name(rest);
        let end = match rest {
            _ if rest.starts_with("<!--") => comment(rest).ok_or(("-->", "a comment")),
            _ if rest.starts_with("<!") || rest.starts_with("<?") => sign(rest).ok_or((">", "a tag")),
            _ if name.is_empty() && rest.starts_with("</") => sign(rest).ok_or((">", "a tag")),
            // A sign, not markup.
            _ if name.is_empty() => Ok(1),
            _ => tag(rest),
        };
        let length = *end.as_ref().unwrap_or(&rest.len());
        if &rest[..length] == "<" {
            see(Piece::Text(place..place + 1));
        }
        place += length;
        match rest.starts_with("</") {
            _ if name.is_empty() => {}
            true => see(Piece::End(name)),
            false => see(Piece::Start(name, place - length..place)),
        }
        if RAW.contains(&name) && end.is_ok() && !rest.starts_with("</") {
            place = raw_end(name, &lower[place..]).map_or(lower.len(), |at| place + at);
            if place == lower.len() {
                // What looks like an open comment in a script hides its end tag too.
                let closing = if name == "script" { "-->" } else { "" };
                see(Piece::Unclosed { closing, what: format!("`<{name}>`") });
            }
        }
        if let Err((closing, what)) = end {
            see(Piece::Unclosed { closing, what: what.to_owned() });
        }
    }
    see(Piece::Text(place..lower.len()));
}

/// Tells whether what begins with `<` is read as markup, and not as text.
pub fn is_markup(text: &str) -> bool {
    begins(text) || ["</", "<!", "<?"].iter().any(|it| text.starts_with(it))
}

/// Tells whether what begins with `<` begins an element.
pub fn begins(text: &str) -> bool {
    !text.starts_with("</") && !name(text).is_empty()
}

/// Tells whether a tag begins an element that has an end tag, which must not be left out.
pub fn has_end(tag: &str) -> bool {
    !NO_END.contains(&name(&tag.to_ascii_lowercase()))
}

/// The elements that are open, the innermost last.
#[derive(Default)]
struct Open<'a> {
    names: Vec<&'a str>,
    /// How often each name stands in them, so that an end tag of nothing costs nothing.
    count: HashMap<&'a str, usize>,
}

impl<'a> Open<'a> {
    fn start(&mut self, name: &'a str) {
        if !name.is_empty() && !NO_END.contains(&name) {
            self.names.push(name);
            *self.count.entry(name).or_default() += 1;
        }
    }

    fn end(&mut self, name: &str) {
        while self.count.get(name).is_some_and(|count| *count > 0) {
            let Some(last) = self.names.pop() else { return };
            *self.count.entry(last).or_default() -= 1;
            if last == name {
                return;
            }
        }
    }

    fn closing(&self) -> String {
        self.names.iter().rev().map(|name| format!("</{name}>")).collect()
    }
}

/// The name of the element that a tag is of; nothing where it is no tag.
fn name(markup: &str) -> &str {
    let text = markup.strip_prefix("</").or_else(|| markup.strip_prefix('<')).unwrap_or_default();
    let end = text.find(|it: char| it.is_ascii_whitespace() || it == '/' || it == '>').unwrap_or(text.len());
    if text.starts_with(|it: char| it.is_ascii_alphabetic()) { &text[..end] } else { "" }
}

/// Where what begins with `<!` or `<?`, and is no comment, ends.
fn sign(markup: &str) -> Option<usize> {
    Some(markup.find('>')? + 1)
}

fn comment(markup: &str) -> Option<usize> {
    let text = &markup["<!--".len()..];
    let at = match text {
        _ if text.starts_with('>') => 1,
        _ if text.starts_with("->") => 2,
        // One search for both: looking to the end of the text for each comment would take the square of it.
        _ => {
            text.match_indices('>').map(|(at, _)| at).find(|at| {
                let before = &text[..*at];
                before.ends_with("--") || before.ends_with("--!")
            })? + 1
        }
    };
    Some("<!--".len() + at)
}

/// Where a tag ends, or what ends it: a `>` in a quoted value is none of its own.
fn tag(markup: &str) -> Result<usize, (&'static str, &'static str)> {
    #[derive(Clone, Copy)]
    enum At {
        TagName,
        Between,
        Name,
        AfterName,
        BeforeValue,
        Bare,
        Quoted(char),
    }
    let mut at = At::TagName;
    for (place, sign) in markup.char_indices().skip(1 + usize::from(markup.starts_with("</"))) {
        let blank = sign.is_ascii_whitespace();
        at = match (at, sign) {
            (At::Quoted(quote), _) if sign == quote => At::Between,
            (At::Quoted(_), _) => at,
            (_, '>') => return Ok(place + 1),
            (At::BeforeValue, '"' | '\'') => At::Quoted(sign),
            (At::BeforeValue, _) if blank => at,
            (At::BeforeValue, _) => At::Bare,
            (At::Bare, _) => {
                if blank {
                    At::Between
                } else {
                    at
                }
            }
            (At::TagName, _) => {
                if blank || sign == '/' {
                    At::Between
                } else {
                    at
                }
            }
            (At::Name | At::AfterName, '=') => At::BeforeValue,
            (At::Between | At::Name | At::AfterName, '/') => At::Between,
            (At::Name, _) if blank => At::AfterName,
            (At::Between | At::AfterName, _) if blank => at,
            (At::Between | At::Name | At::AfterName, _) => At::Name,
        };
    }
    Err(match at {
        At::Quoted('"') => ("\">", "a quote"),
        At::Quoted(_) => ("'>", "a quote"),
        _ => (">", "a tag"),
    })
}

/// Where the end tag of a raw element begins.
fn raw_end(name: &str, content: &str) -> Option<usize> {
    let tag = format!("</{name}");
    content.match_indices(&tag).map(|(at, _)| at).find(|at| {
        let after = content[at + tag.len()..].chars().next();
        after.is_some_and(|it| it.is_ascii_whitespace() || it == '/' || it == '>')
    })
}

/// Whether a text without markup shows any sign.
fn has_words(text: &str) -> bool {
    const BLANK: [&str; 12] =
        ["nbsp", "ensp", "emsp", "thinsp", "zwnj", "zwj", "lrm", "rlm", "shy", "#160", "#xa0", "#8203"];
    let shows = |it: char| {
        let hidden = matches!(it, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
        !it.is_whitespace() && !it.is_control() && !hidden
    };
    let mut parts = text.split('&');
    let first = parts.next().unwrap_or_default();
    let reference = |part: &str| match part.split_once(';') {
        Some((name, rest)) => !BLANK.contains(&name) || rest.contains(shows),
        None => true,
    };
    first.contains(shows) || parts.any(reference)
}

#[cfg(test)]
mod tests;
