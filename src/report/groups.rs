//! Resources of which the same is to be said: one cause is told once, however many it keeps from going on.

use crate::plan::Action;
use crate::report::{Report, Row, verb};

/// Fewer than so many that say the same are told one by one.
const FEW: usize = 3;

/// How many keys are named of one group.
const NAMED: usize = 3;

/// Rows that say the same, in the place of the first of them.
pub struct Group<'a> {
    /// The first, which says it.
    pub row: &'a Row,
    /// Whom it concerns and what is done with them, where these are several.
    pub title: Option<(String, &'static str)>,
}

impl Report {
    /// Returns the rows that say something, those together that say the same; or all of them, each for itself.
    pub fn groups(&self, all: bool) -> Vec<Group<'_>> {
        let mut groups: Vec<(Option<String>, Vec<&Row>)> = vec![];
        let mut places = std::collections::HashMap::new();
        for row in self.rows(all) {
            let cause = cause(row).filter(|_| !all);
            match cause.as_ref().and_then(|cause| places.get(cause)) {
                Some(place) => {
                    let (_, rows): &mut (_, Vec<&Row>) = &mut groups[*place];
                    rows.push(row);
                }
                None => {
                    places.extend(cause.clone().map(|cause| (cause, groups.len())));
                    groups.push((cause, vec![row]));
                }
            }
        }
        groups.into_iter().flat_map(|(_, rows)| Group::of(rows)).collect()
    }
}

impl<'a> Group<'a> {
    fn of(rows: Vec<&'a Row>) -> Vec<Group<'a>> {
        if rows.len() < FEW {
            return rows.into_iter().map(|row| Group { row, title: None }).collect();
        }
        let named: Vec<&str> = rows.iter().take(NAMED).map(|row| row.key.as_str()).collect();
        let more = rows.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let title = Some((format!("{} {}{more}", rows[0].sign, named.join(", ")), verb(rows[0].action)));
        vec![Group { row: rows[0], title }]
    }
}

/// What a row says that changes nothing, without whose it is and which request found it out.
fn cause(row: &Row) -> Option<String> {
    let still = matches!(row.action, Action::Blocked | Action::NoOp)
        && row.changes.is_empty()
        && row.drift.is_empty()
        && row.mail.is_empty();
    let said = row.because.iter().map(ToString::to_string).chain(row.facts.iter().map(|fact| fact.said.to_string()));
    let said: Vec<String> = said.map(|text| without_request(&text.replace(&row.organizer, "…"))).collect();
    let outcome = row.outcome.unwrap_or_default();
    (still && !said.is_empty()).then(|| format!("{} {outcome}\n{}", row.sign, said.join("\n")))
}

fn without_request(text: &str) -> String {
    const REQUEST: &str = "(request-id ";
    match text.split_once(REQUEST) {
        Some((before, after)) => before.to_owned() + after.split_once(')').map_or("", |(_, rest)| rest),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_request_it_was_makes_no_other_cause() {
        assert_eq!(without_request("401 (request-id 4f59): sign in"), "401 : sign in");
        assert_eq!(without_request("no id"), "no id");
    }
}
