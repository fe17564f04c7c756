//! What the state remembers, for people: a resource a line, or what is asked for as JSON.

use crate::inert;
use crate::model::{Key, Record};
use crate::plural::count;
use crate::render::page::Page;
use std::collections::BTreeMap;

/// How wide a key and an organizer may be; a longer key has a line of its own, and a longer organizer is cut.
const KEY: usize = 32;
const ORGANIZER: usize = 26;

/// Renders a table of all resources that are remembered.
pub fn list(resources: &BTreeMap<Key, Record>) -> Page {
    if resources.is_empty() {
        return Page::line("the state remembers no resource");
    }
    let wide =
        |all: &mut dyn Iterator<Item = usize>, least: usize, most: usize| all.max().unwrap_or(0).clamp(least, most);
    let key = wide(&mut resources.keys().map(|key| key.to_string().chars().count()), 3, KEY);
    let organizer = wide(&mut resources.values().map(|it| it.organizer.chars().count()), 9, ORGANIZER);
    let indent = " ".repeat(key + organizer + 4);
    let rows = resources.iter().map(|(name, record)| {
        let name = name.to_string();
        let (own, name) = match name.chars().count() > key {
            true => (Page::line(&name), String::new()),
            false => (Page::default(), name),
        };
        let first = format!("{name:<key$}  {:<organizer$}  ", cut(&record.organizer, organizer));
        own + Page::filled(&first, &indent, &known(record))
    });
    Page::line(&format!("{:<key$}  {:<organizer$}  known", "key", "organizer")) + rows.sum()
}

/// Renders what is remembered of one resource, without what opens a meeting.
pub fn show(key: &Key, record: &Record) -> Page {
    let mut record = Record { join_web_url: None, ..record.clone() };
    // The id of an online meeting holds what its link does.
    if key.kind().is_meeting {
        let hide = |id: &mut String| {
            if !id.is_empty() {
                *id = "…".into();
            }
        };
        hide(&mut record.id);
        record.replaced.iter_mut().for_each(|old| hide(&mut old.id));
    }
    Page::json(&record)
}

fn cut(text: &str, most: usize) -> String {
    let text = inert::line(text);
    match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.into_owned(),
    }
}

/// What is known of a resource, in words.
fn known(record: &Record) -> String {
    let stands = match () {
        () if record.unanswered.is_some() => "asked: was it made?",
        () if record.id.is_empty() => "about to be made",
        () if record.intended.is_some() => "an apply of it has not ended",
        () if record.applied.fields.is_empty() => "its id",
        () => "as applied",
    };
    let protect = record.applied.protect.then(|| "protected".to_owned());
    let left = Some(record.replaced.len()).filter(|left| *left > 0).map(|left| count(left, "old one") + " to remove");
    let before = record.previously.first().map(|before| format!("moved from {before}"));
    let expires = record.expiry_date_time.map(|at| format!("expires {}", at.strftime("%Y-%m-%d")));
    let more = [protect, left, before, expires].into_iter().flatten();
    std::iter::once(stands.to_owned()).chain(more).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::model::{Applied, Replaced, Unanswered};
    use crate::render::lines::WIDTH;

    #[test]
    fn a_list_fits_a_terminal_and_shows_what_opens_no_meeting() {
        let event = |name: &str| Key::new(KindId::Event, name);
        let meeting = |name: &str| Key::new(KindId::OnlineMeeting, name);
        let of = |organizer: &str, id: &str| Record {
            organizer: organizer.into(),
            id: id.into(),
            join_web_url: Some("https://teams.example/secret".into()),
            applied: Applied { fields: [("subject".to_owned(), "1".to_owned())].into(), ..Applied::default() },
            ..Record::default()
        };
        let mut open = of("alex@contoso.example", "");
        open.unanswered = Some(Unanswered { since: None, subject: None, start: None }.into());
        let mut moved = of("a-very-long-name-indeed@contoso.example", "secret");
        moved.applied.protect = true;
        moved.expiry_date_time = "2026-04-03T10:00:00Z".parse().ok();
        moved.replaced = vec![Replaced { organizer: "x".into(), id: "secret".into() }];
        moved.previously = vec![event("weekly")];
        let all: BTreeMap<Key, Record> = [
            (event("weekly"), of("alex@contoso.example", "E")),
            (meeting("a-name-that-is-as-long-as-names-of-documents-may-be-in-kubernetes"), moved.clone()),
            (meeting("open"), open),
            (meeting("sent"), Record { intended: Some(0), ..of("al\u{1b}ex@contoso.example", "") }),
        ]
        .into();
        let expect = "\
key                               organizer                   known
Event/weekly                      alex@contoso.example        as applied
OnlineMeeting/a-name-that-is-as-long-as-names-of-documents-may-be-in-kubernetes
                                  a-very-long-name-indeed@c…  as applied,
                                                              protected, 1 old
                                                              one to remove,
                                                              moved from
                                                              Event/weekly,
                                                              expires 2026-04-03
OnlineMeeting/open                alex@contoso.example        asked: was it
                                                              made?
OnlineMeeting/sent                al\\u{1b}ex@contoso.example  about to be made
";
        let page = list(&all);
        assert_eq!(&*page, expect);
        assert!(page.lines().all(|line| line.chars().count() <= WIDTH), "{}", &*page);
        assert_eq!(&*list(&BTreeMap::new()), "the state remembers no resource\n");
        assert!(!show(&meeting("a"), &moved).contains("secret"));
        assert!(show(&event("weekly"), &of("x", "E")).contains("\"E\""));
    }
}
