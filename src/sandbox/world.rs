//! All that the tenant holds: people, calendars, events, meetings, the clock and the ledger.
//!
//! Plain records and the moves between them that more than one route needs. It knows no HTTP and no JSON shape of Graph's
//! answers. Every change goes through `save` or `drop_*`, which write the journal before the answer is sent.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::Value;

use crate::sandbox::{
    Options, Quirks,
    answer::{Outcome, refusal},
    directory::{self, Directory},
    event::transaction::Made,
    ids::{self, EventId},
    journal::{Journal, Record},
    mail::Mail,
    records::{Calendar, Event, Meeting},
    user::User,
    when,
};

/// What belongs to one user.
#[derive(Default)]
pub struct Mailbox {
    pub calendars: Vec<Calendar>,
    pub events: BTreeMap<u64, Arc<Event>>,
    pub meetings: BTreeMap<u64, Meeting>,
    pub by_url: HashMap<String, u64>,
    pub by_external: HashMap<String, u64>,
    /// The events of each transactionId, kept after the event is gone.
    pub by_transaction: HashMap<String, Vec<Made>>,
    /// Events as the last list showed them, those that were written since; `None` for one that was not there.
    pub listed: BTreeMap<u64, Option<Arc<Event>>>,
    /// Events with a transactionId that are gone.
    pub gone: HashMap<u64, Arc<Event>>,
}

/// The tenant.
pub struct World {
    pub directory: Directory,
    pub boxes: HashMap<String, Mailbox>,
    pub mails: Vec<Mail>,
    pub quirks: Quirks,
    pub frozen: Option<Timestamp>,
    pub serial: u64,
    /// Keys of events by the id that somebody else gave them.
    pub aliases: HashMap<String, u64>,
    /// Owner and key of the events that an address is invited to, by lower-case address.
    pub invited: HashMap<String, BTreeSet<(String, u64)>>,
    /// How often an event was read by id; drives what comes late (rooms' answers, join links).
    pub reads: HashMap<u64, u32>,
    /// Events as they were before their last change, until somebody reads them: what a stale read shows.
    pub before: HashMap<u64, Arc<Event>>,
    /// Whether the request at hand reads stale, where it reads one event and where it reads a list.
    pub stale: bool,
    pub stale_list: bool,
    journal: Option<Journal>,
}

impl World {
    /// Opens the tenant: the description first, then what the durable file holds.
    pub fn open(options: &Options) -> anyhow::Result<World> {
        let directory = Directory::open(options)?;
        let (mails, quirks, frozen) = (Vec::new(), options.quirks.clone(), options.now);
        let mut world = World {
            directory,
            boxes: HashMap::new(),
            mails,
            quirks,
            frozen,
            serial: 0,
            aliases: HashMap::new(),
            invited: HashMap::new(),
            reads: HashMap::new(),
            before: HashMap::new(),
            stale: false,
            stale_list: false,
            journal: None,
        };
        if let Some(file) = &options.file {
            let (journal, serial, records) = Journal::open(file)?;
            world.serial = serial;
            for record in records {
                world.place(record);
            }
            world.journal = Some(journal.ready(world.serial, world.alive(), world.records())?);
        }
        Ok(world)
    }

    /// Returns the tenant's time.
    pub fn now(&self) -> Timestamp {
        self.frozen.unwrap_or_else(Timestamp::now)
    }

    /// Returns the next serial number.
    pub fn next(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Finds or provides the user of a path: `me`, an object id, a user principal name or an alias.
    pub fn user(&mut self, name: &str) -> Outcome<Arc<User>> {
        let found = if name == "me" { self.directory.first() } else { self.directory.find(name) };
        if let Some(user) = found {
            return if user.gone { Err(directory::unknown(name)) } else { Ok(user) };
        }
        let mut user = self.directory.provide(if name == "me" { "alex@contoso.example" } else { name })?;
        if name == "me" {
            user.name = "Alex Wilber".into();
        }
        let id = user.id.clone();
        self.save(Record::User(user))?;
        Ok(self.directory.find(&id).expect("it was just added"))
    }

    /// Returns a user's mailbox, with its default calendar.
    pub fn mailbox(&mut self, user: &str) -> Outcome<&mut Mailbox> {
        if self.boxes.get(user).is_none_or(|it| it.calendars.is_empty()) {
            for (place, mut calendar) in self.directory.calendars(user).into_iter().enumerate() {
                calendar.key = self.next();
                calendar.default = place == 0;
                self.save(Record::Calendar(calendar))?;
            }
        }
        Ok(self.boxes.entry(user.to_string()).or_default())
    }

    /// Returns an event of this user.
    pub fn event(&self, user: &str, key: u64) -> Option<Arc<Event>> {
        self.boxes.get(user)?.events.get(&key).cloned()
    }

    /// Keeps a record, in the file first.
    pub fn save(&mut self, record: Record) -> Outcome<()> {
        if let Some(journal) = &mut self.journal {
            let lost = |error: std::io::Error| {
                refusal(500, "ErrorInternalServerError", format!("The tenant file cannot be written: {error}."))
            };
            journal.write(&record).map_err(lost)?;
        }
        self.place(record);
        Ok(())
    }

    /// Puts mail for these people into the ledger.
    pub fn post(&mut self, mails: Vec<(&'static str, String)>, from: &str, subject: &str, event: EventId) {
        if mails.is_empty() {
            return;
        }
        let (at, event) = (when::offset(self.now()), ids::event(event, false));
        for (kind, to) in mails {
            let (from, subject, event, at) = (from.to_string(), subject.to_string(), event.clone(), at.clone());
            self.mails.push(Mail { kind, to, from, subject, event, at, comment: None });
        }
    }

    /// Takes a record into memory, with the indexes that find it.
    fn place(&mut self, record: Record) {
        match record {
            Record::User(user) => self.directory.add(user),
            Record::Calendar(calendar) => {
                self.serial = self.serial.max(calendar.key);
                let all = &mut self.boxes.entry(calendar.user.clone()).or_default().calendars;
                match all.iter_mut().find(|it| it.key == calendar.key) {
                    Some(old) => *old = calendar,
                    None => all.push(calendar),
                }
            }
            Record::Event(event) => self.place_event(*event),
            Record::Meeting(meeting) => {
                self.serial = self.serial.max(meeting.key);
                let mailbox = self.boxes.entry(meeting.user.clone()).or_default();
                if let Some(url) = meeting.props.get("joinWebUrl").and_then(Value::as_str) {
                    mailbox.by_url.insert(url.to_string(), meeting.key);
                }
                if let Some(external) = &meeting.external {
                    mailbox.by_external.insert(external.clone(), meeting.key);
                }
                mailbox.meetings.insert(meeting.key, *meeting);
            }
            Record::EventGone { user, key } => {
                let mailbox = self.boxes.entry(user).or_default();
                let old = mailbox.events.remove(&key);
                mailbox.listed.entry(key).or_insert_with(|| old.clone());
                if let Some(event) = old.filter(|it| it.print.is_some()) {
                    mailbox.gone.insert(key, event);
                }
                self.before.remove(&key);
                self.aliases.retain(|_, it| *it != key);
            }
            Record::CalendarGone { user, key } => {
                self.boxes.entry(user).or_default().calendars.retain(|it| it.key != key);
            }
            Record::MeetingGone { user, key } => {
                let mailbox = self.boxes.entry(user).or_default();
                mailbox.meetings.remove(&key);
                mailbox.by_url.retain(|_, it| *it != key);
                mailbox.by_external.retain(|_, it| *it != key);
            }
        }
    }

    fn place_event(&mut self, event: Event) {
        self.serial = self.serial.max(event.key);
        let mailbox = self.boxes.entry(event.user.clone()).or_default();
        if let (Some(id), Some(print)) = (event.props.get("transactionId").and_then(Value::as_str), &event.print) {
            let made = mailbox.by_transaction.entry(id.to_string()).or_default();
            if !made.iter().any(|it| it.key == event.key) {
                let (key, calendar, print, at) = (event.key, event.calendar, print.clone(), event.created);
                made.push(Made { key, calendar, print, at });
            }
        }
        if let Some(alias) = &event.alias {
            self.aliases.insert(alias.clone(), event.key);
        }
        let (key, owner) = (event.key, event.user.clone());
        for address in addresses(&event) {
            self.invited.entry(address).or_default().insert((owner.clone(), key));
        }
        let old = mailbox.events.insert(key, Arc::new(event));
        mailbox.listed.entry(key).or_insert_with(|| old.clone());
        if let Some(old) = old {
            self.before.insert(key, old);
        }
    }

    /// Returns how many records `records` has.
    fn alive(&self) -> usize {
        let inside = self.boxes.values().map(|it| it.calendars.len() + it.events.len() + it.meetings.len());
        self.directory.kept().count() + inside.sum::<usize>()
    }

    fn records(&self) -> impl Iterator<Item = Record> {
        let users = self.directory.kept().map(Record::User);
        let calendars = self.boxes.values().flat_map(|it| it.calendars.iter().cloned().map(Record::Calendar));
        let events = self.boxes.values().flat_map(|it| it.events.values());
        let meetings = self.boxes.values().flat_map(|it| it.meetings.values().cloned());
        let events = events.map(|it| Record::Event(Box::new(Event::clone(it))));
        users.chain(calendars).chain(events).chain(meetings.map(|it| Record::Meeting(Box::new(it))))
    }
}

/// Returns the lower-case addresses that an event invites.
fn addresses(event: &Event) -> impl Iterator<Item = String> {
    let list = event.props.get("attendees").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|it| it["emailAddress"]["address"].as_str()).map(str::to_lowercase)
}
