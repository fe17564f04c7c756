//! Addresses of people in a text, so that they are told apart and not given away: `a…e@contoso.example`.
//!
//! Whatever stands before an at sign is taken for a name, in links and with signs in it that nobody sees as well: a name too much
//! is hidden rather than one too few. The domain stays, for it says who is outside.

/// What ends a name to its left. Everything else may be part of one.
const ENDS: &str = "<>()[],;:\"/=?{}|\\`";

/// How an at sign is written: as itself, as in links, and wide.
const AT: [&str; 3] = ["@", "%40", "\u{ff20}"];

/// Hides the names of all addresses in a text.
///
/// A word that was cut may be the beginning of one: of it the first letter stays.
pub fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((place, sign)) = next(rest) {
        let name = name(&rest[..place]);
        shown.push_str(&rest[..name]);
        match sign {
            CUT => shown.extend(rest[name..place].chars().next()),
            _ => shown.push_str(&hidden(&rest[name..place])),
        }
        shown.push_str(sign);
        rest = &rest[place + sign.len()..];
    }
    shown + rest
}

/// What stands where a text was cut.
const CUT: &str = "…";

/// Finds the next at sign, or the next cut, that a name may stand before.
fn next(text: &str) -> Option<(usize, &'static str)> {
    let found = AT.into_iter().chain([CUT]).filter_map(|sign| Some((text.find(sign)?, sign)));
    found.min_by_key(|(place, _)| *place)
}

/// Where the name begins that a text ends with.
fn name(text: &str) -> usize {
    // A name in quotes may hold anything.
    if let Some(inner) = text.strip_suffix('"') {
        return inner.rfind('"').unwrap_or(inner.len());
    }
    let ends = |it: char| it.is_whitespace() || ENDS.contains(it);
    text.char_indices().rev().find(|(_, it)| ends(*it)).map_or(0, |(place, it)| place + it.len_utf8())
}

/// The first letter of a name and, if it has three or more, the last one.
fn hidden(name: &str) -> String {
    let mut letters = name.chars();
    let (first, last, long) = (letters.next(), letters.next_back(), letters.next().is_some());
    let first = first.filter(|_| last.is_some());
    [first, Some('…').filter(|_| !name.is_empty()), last.filter(|_| long)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_apart_and_not_given_away() {
        for (text, expect) in [
            ("adele@contoso.example", "a…e@contoso.example"),
            ("a@contoso.example, ab@x.example", "…@contoso.example, a…@x.example"),
            ("Room Baker <room-baker@contoso.example> +ana@x", "Room Baker <r…r@contoso.example> +…a@x"),
            ("mailto:o'brien@x?cc=zoë.q@y&bcc=m.n@z", "mailto:o…n@x?cc=z…q@y&bcc=m…n@z"),
            ("https://x/?to=adele%40contoso.example", "https://x/?to=a…e%40contoso.example"),
            ("\"john doe\"@x.example said \"hi\"", "\"…\"@x.example said \"hi\""),
            ("ade\u{200b}le\u{202e}@x, adele＠x", "a…\u{202e}@x, a…e＠x"),
            ("write to adele.van…", "write to a…"),
            ("… and @all", "… and @all"),
            ("nobody", "nobody"),
        ] {
            assert_eq!(masked(text), expect);
        }
    }
}
