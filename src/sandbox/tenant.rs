//! The tenant description: a small YAML file that says who exists and what they may do.
//!
//! ```yaml
//! domains: [contoso.example]
//! users:
//!   - upn: alex@contoso.example
//!     name: Alex Wilber
//!     calendars: [{name: Training, allowedOnlineMeetingProviders: [teamsForBusiness]}]
//!   - {upn: ben@contoso.example, licensed: false, accessPolicy: false}
//! rooms:
//!   - {address: room-baker@contoso.example, name: Conf Room Baker, answers: accepts, booking: {bookingWindowInDays: 365}}
//! lists: [all@contoso.example]
//! groups: [{address: platform@contoso.example, members: [alex@contoso.example, support@contoso.example]}]
//! provision: false          # true: whoever is asked for and unknown comes into being
//! faults: 429=5%,503=1%
//! ```

use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::sandbox::groups::Group;
use crate::sandbox::user::{Answers, Booking, Calendar, User, id_for, person};

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tenant {
    #[serde(default)]
    domains: Vec<String>,
    users: Vec<Person>,
    #[serde(default)]
    rooms: Vec<Room>,
    /// Addresses of distribution lists.
    #[serde(default)]
    lists: Vec<String>,
    #[serde(default)]
    groups: Vec<Group>,
    #[serde(default)]
    pub provision: bool,
    #[serde(default)]
    pub faults: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Person {
    upn: String,
    id: Option<String>,
    name: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default = "yes")]
    licensed: bool,
    #[serde(default = "yes")]
    access_policy: bool,
    #[serde(default = "yes")]
    mailbox: bool,
    #[serde(default = "yes")]
    audio_conferencing: bool,
    #[serde(default)]
    calendars: Vec<Calendar>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Room {
    address: String,
    name: Option<String>,
    #[serde(default)]
    answers: Answers,
    #[serde(default)]
    booking: Booking,
}

impl Tenant {
    /// Reads a description; errors name the file, and what serde says of line and column.
    pub fn read(path: &Path) -> anyhow::Result<Tenant> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let tenant: Tenant =
            serde_yaml::from_str(&text).with_context(|| format!("`{}` is not a tenant description", path.display()))?;
        if tenant.users.is_empty() {
            bail!("`{}` names no user\n  hint: the first one is `/me`", path.display());
        }
        Ok(tenant)
    }

    /// Returns the tenant's domains; without any, those of its users.
    pub fn domains(&self) -> Vec<String> {
        if !self.domains.is_empty() {
            return self.domains.clone();
        }
        let mut all: Vec<String> = Vec::new();
        for domain in self.users.iter().filter_map(|it| it.upn.split_once('@')).map(|(_, domain)| domain.to_lowercase())
        {
            if !all.contains(&domain) {
                all.push(domain);
            }
        }
        if all.is_empty() { vec!["contoso.example".to_string()] } else { all }
    }

    /// Returns the groups of the directory.
    pub fn groups(&self) -> Vec<Group> {
        self.groups.clone()
    }

    /// Returns the accounts: users in the order of the file, then rooms.
    pub fn users(&self) -> Vec<User> {
        let users = self.users.iter().map(|it| {
            let base = person(it.id.clone().unwrap_or_else(|| id_for(&it.upn)), it.upn.clone());
            User {
                name: it.name.clone().unwrap_or(base.name),
                aliases: it.aliases.clone(),
                licensed: it.licensed,
                policy: it.access_policy,
                mailbox: it.mailbox,
                audio: it.audio_conferencing,
                calendars: it.calendars.clone(),
                ..base
            }
        });
        let rooms = self.rooms.iter().map(|it| {
            let base = person(id_for(&it.address), it.address.clone());
            let (name, room) = (it.name.clone().unwrap_or(base.name), Some(it.answers));
            User { name, licensed: false, room, booking: it.booking, ..base }
        });
        let lists = self.lists.iter().map(|address| {
            let base = person(id_for(address), address.clone());
            User { licensed: false, mailbox: false, list: true, ..base }
        });
        users.chain(rooms).chain(lists).collect()
    }
}

fn yes() -> bool {
    true
}
