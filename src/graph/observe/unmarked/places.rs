//! Which calendars are searched.

use crate::graph::Client;
use crate::graph::observe::mailboxes;
use crate::graph::observe::unmarked::Search;
use crate::route;
use crate::trouble::Trouble;

/// One calendar that is searched.
pub struct Found {
    /// The mailbox, in lower case.
    pub mailbox: String,
    /// The calendar's name; the default one has none.
    pub calendar: Option<String>,
    /// What leads to it, below the mailbox.
    pub path: String,
}

/// Returns the calendars that are searched: all of a mailbox where a link leads to what is looked for, since it may stand in any, else
/// the one that is named. A mailbox where that cannot be told is a failure.
pub async fn places(client: &Client, search: &Search<'_>, failures: &mut Vec<(String, Trouble)>) -> Vec<Found> {
    let mut found = vec![];
    for mailbox in search.mailboxes {
        let place = |calendar: Option<String>, path: String| Found { mailbox: mailbox.clone(), calendar, path };
        if search.links.is_empty() && search.calendar.is_none() {
            found.push(place(None, String::new()));
            continue;
        }
        match mailboxes::calendars_of(client, mailbox).await {
            Err(failure) => failures.push((mailbox.clone(), client.trouble(&failure))),
            Ok(all) => {
                let before = found.len();
                let all = all.into_iter().filter(|(name, _)| search.calendar.is_none_or(|it| name == it));
                found.extend(all.map(|(name, it)| {
                    place((!it.is_default).then_some(name), format!("/calendars/{}", route::encoded(&it.id)))
                }));
                if let (true, Some(name)) = (found.len() == before, search.calendar) {
                    let none = Trouble::new(format!("{mailbox} has no calendar called `{name}`"));
                    failures.push((mailbox.clone(), none));
                }
            }
        }
    }
    found
}
