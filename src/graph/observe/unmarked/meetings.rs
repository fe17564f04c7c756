//! The Teams meetings behind events, and standalone ones: Graph lists neither, so that a join link leads to each.

use crate::graph::observe::standalone_have;
use crate::graph::observe::unmarked::{Search, Unmarked};
use crate::graph::{Client, Get};
use crate::kind::KindId;
use crate::kind::event::View;
use crate::route::{self, MEETING_PREFER};
use crate::trouble::Trouble;
use serde_json::Value;
use std::collections::BTreeSet;

impl Unmarked {
    /// Reads the meeting behind each event that has a link of Teams. Where it cannot be read, its options are not known, and nothing
    /// else.
    pub(super) async fn behind(&mut self, client: &Client) {
        let (mut places, mut gets) = (vec![], vec![]);
        for (place, have) in self.live.objects.iter().enumerate() {
            let link = have.event().filter(|event| event.is_teams()).and_then(View::join_url);
            let Some(link) = link else { continue };
            let Some(meetings) = self.live.meetings(&have.organizer) else {
                self.unread.insert(have.key.clone(), self.no_id(&have.organizer));
                continue;
            };
            places.push(place);
            gets.push(get(&have.organizer, &meetings, link));
        }
        for (place, answer) in places.into_iter().zip(client.read(gets).await) {
            let have = &mut self.live.objects[place];
            match answer {
                Ok(answer) => have.meeting = answer["value"][0].as_object().cloned().map(Box::new),
                Err(failure) if failure.is_absent() => {}
                Err(failure) => _ = self.unread.insert(have.key.clone(), client.trouble(&failure)),
            }
        }
    }

    /// Looks in each mailbox for the meetings whose links lead to no event. A link that leads nowhere is a failure, which does not
    /// name it: it is a secret.
    pub(super) async fn standalone(&mut self, client: &Client, search: &Search<'_>, open: &BTreeSet<usize>) {
        for (number, link) in open.iter().map(|number| (number, &search.links[*number])) {
            let (mut whys, mut whose, mut gets) = (vec![], vec![], vec![]);
            for mailbox in search.mailboxes {
                match self.live.meetings(mailbox) {
                    Some(meetings) => {
                        whose.push(mailbox);
                        gets.push(get(mailbox, &meetings, link));
                    }
                    None => whys.push(self.no_id(mailbox)),
                }
            }
            let mut is_there = false;
            for (mailbox, answer) in whose.into_iter().zip(client.read(gets).await) {
                match answer.map(|mut answer| answer["value"].get_mut(0).map(Value::take)) {
                    Ok(Some(Value::Object(own))) if own.get("id").is_some_and(Value::is_string) => {
                        let have = standalone_have(self.next(KindId::OnlineMeeting), mailbox.clone(), own);
                        self.live.objects.push(have.into());
                        is_there = true;
                    }
                    Ok(_) => {}
                    Err(failure) if failure.is_absent() => {}
                    Err(failure) => whys.push(client.trouble(&failure)),
                }
            }
            if !is_there {
                let which = if search.links.len() == 1 { String::new() } else { format!(" {}", number + 1) };
                let none = format!("no event and no meeting of {} has it", search.mailboxes.join(", "));
                let hint = "see that the link is whole and --mailbox names the organizer: nobody else's sign-in finds a meeting";
                let why = whys.into_iter().next().unwrap_or_else(|| Trouble::new(none).hint(hint));
                self.failures.push((format!("join link{which}"), why));
            }
        }
    }

    fn no_id(&self, mailbox: &str) -> Trouble {
        let why = self.live.mailboxes.get(mailbox).and_then(|it| it.no_id.clone());
        why.unwrap_or_else(|| Trouble::new("the organizer's object id could not be found, and online meetings need it"))
    }
}

fn get(mailbox: &str, meetings: &str, link: &str) -> Get {
    let path = format!("{meetings}{}", route::by_join_url(link));
    Get { mailbox: mailbox.into(), path, prefer: Some(MEETING_PREFER.into()) }
}
