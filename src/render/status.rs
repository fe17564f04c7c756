//! What is managed, for people: a table with a row for each resource and its link beneath, or a block for each.
//!
//! Keys and links are there to be copied and never cut, so that they alone may be longer than the terminal is wide.

use crate::inert;
use crate::render::lines::columns;
use crate::render::page::Page;
use crate::status::{INFORMATION, Joining, NOTHING};
use unicode_width::UnicodeWidthStr;

/// The most columns that keys take in the table; a longer one stands on a line of its own.
const KEYS: usize = 32;

/// The most columns of a place.
const PLACES: usize = 30;

/// On a narrower terminal each key stands on a line of its own.
const WIDE: usize = 70;

/// Renders a table: what it is, when it takes place next, where, and the link on a line of its own.
pub fn table(rows: &[Joining]) -> Page {
    if rows.is_empty() {
        return Page::line(NOTHING);
    }
    let words: Vec<_> = rows.iter().map(|row| (row, row.next.words(), cut(&row.place()))).collect();
    let fits = |width: &usize| *width <= KEYS;
    let keys = match columns() >= WIDE {
        true => rows.iter().map(|row| row.key.width()).filter(fits).max().unwrap_or(2),
        false => 2,
    };
    let most = columns().saturating_sub(keys + 4 + PLACES.min(12));
    let whens = words.iter().map(|(_, when, _)| when.width()).filter(|width| *width <= most).max().unwrap_or_default();
    let line = |(row, when, place): &(&Joining, String, String)| {
        let (when, place) = (inert::line(when), inert::line(place));
        let rest = " ".repeat(keys + 2);
        let text = format!("{when}{}  {place}", " ".repeat(whens.saturating_sub(when.width())));
        let text = text.trim_end();
        let lines = match row.key.width() <= keys {
            true => Page::filled(&format!("{}{}", row.key, " ".repeat(keys + 2 - row.key.width())), &rest, text),
            false => Page::line(&row.key) + Page::filled(&rest, &rest, text),
        };
        let expires = row.expires.as_ref().map(|it| Page::filled("  expires ", "    ", it));
        let link = row.link().map(|link| Page::line(&format!("  {link}")));
        lines + link.unwrap_or_default() + expires.unwrap_or_default()
    };
    words.iter().map(line).sum()
}

/// Renders all that is known, a block for each resource.
pub fn blocks(rows: &[Joining]) -> Page {
    match rows {
        [] => Page::line(NOTHING),
        [first, others @ ..] => block(first) + others.iter().map(|row| Page::empty_line() + block(row)).sum(),
    }
}

fn block(row: &Joining) -> Page {
    let title = Page::filled(&format!("{}  ", row.key), "    ", row.subject.as_str().unwrap_or_default());
    let line = |(title, text): (String, String)| Page::filled(&format!("    {title}: "), "      ", &text);
    let information = row.join_information.iter().map(|text| match text.trim_end().contains('\n') {
        true => Page::line(&format!("    {INFORMATION}:")) + Page::block("      ", text),
        false => Page::line(&format!("    {INFORMATION}: {text}")),
    });
    title + row.lines().into_iter().map(line).chain(information).sum()
}

/// A place as far as there is room for it.
fn cut(place: &str) -> String {
    if place.width() <= PLACES {
        return place.to_owned();
    }
    let mut cut = String::new();
    for sign in place.chars() {
        if cut.width() + 2 > PLACES {
            break;
        }
        cut.push(sign);
    }
    cut + "…"
}
