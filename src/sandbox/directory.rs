//! Who exists: users and rooms, their names, ids, licences and what their calendars allow.
//!
//! Without a tenant description a user is provided when first asked for, with an id that is always the same for the same
//! address. It answers no request itself; `users` does.

use std::{collections::HashMap, sync::Arc};

use crate::sandbox::{
    Options,
    answer::{Outcome, Refusal, refusal},
    groups::Group,
    ids,
    records::Calendar,
    tenant::Tenant,
    user::{self, User, id_for, is_guid, person, spelled},
};

/// All accounts, in the order they came.
pub struct Directory {
    pub tenant_id: String,
    pub domains: Vec<String>,
    provide: bool,
    pub groups: Vec<Group>,
    users: Vec<Arc<User>>,
    by_name: HashMap<String, usize>,
}

impl Directory {
    /// Sets up the directory of a tenant description, or an empty one that provides users.
    pub fn open(options: &Options) -> anyhow::Result<Directory> {
        let tenant = options.tenant.as_deref().map(Tenant::read).transpose()?;
        let domains = tenant.as_ref().map_or_else(|| vec!["contoso.example".to_string()], |it| it.domains());
        let mut directory = Directory {
            tenant_id: ids::guid(&format!("tenant {}", domains[0])),
            provide: tenant.as_ref().is_none_or(|it| it.provision),
            domains,
            groups: tenant.as_ref().map(Tenant::groups).unwrap_or_default(),
            users: Vec::new(),
            by_name: HashMap::new(),
        };
        for user in tenant.iter().flat_map(Tenant::users) {
            directory.add(user);
        }
        Ok(directory)
    }

    /// Takes in an account; one with the same id is replaced.
    pub fn add(&mut self, user: User) {
        let names = [&user.id, &user.upn].into_iter().chain(&user.aliases).map(|it| it.to_lowercase());
        let place = self.by_name.get(&user.id.to_lowercase()).copied().unwrap_or(self.users.len());
        // The address of a user who was renamed is free again.
        self.by_name.retain(|_, it| *it != place);
        for name in names {
            self.by_name.insert(name, place);
        }
        match self.users.get_mut(place) {
            // A tenant description is newer than what an older run kept of the same user.
            Some(old) if user.provided && !old.provided => _ = old,
            Some(old) => *old = Arc::new(user),
            None => self.users.push(Arc::new(user)),
        }
    }

    /// Finds an account by id, user principal name or alias, without providing it.
    pub fn find(&self, name: &str) -> Option<Arc<User>> {
        self.by_name.get(&name.to_lowercase()).map(|place| self.users[*place].clone())
    }

    /// Returns the account behind `/me`: the first one.
    pub fn first(&self) -> Option<Arc<User>> {
        self.users.first().cloned()
    }

    /// Returns all accounts in their order.
    pub fn all(&self) -> impl Iterator<Item = Arc<User>> {
        self.users.iter().cloned()
    }

    /// Returns the account to provide for an unknown name, or the refusal when the tenant says who exists.
    pub fn provide(&self, name: &str) -> Outcome<User> {
        let guid = is_guid(name);
        if !self.provide || !(guid || name.contains('@')) {
            return Err(unknown(name));
        }
        let upn = if guid { format!("user-{}@{}", &name[..8], self.domains[0]) } else { name.to_string() };
        let id = if guid { name.to_lowercase() } else { id_for(&upn) };
        Ok(User { name: spelled(&upn), provided: true, ..person(id, upn) })
    }

    /// Returns the display name that the directory gives an address: `None` for people outside.
    pub fn display_name(&self, address: &str) -> Option<String> {
        if let Some(user) = self.find(address) {
            return Some(user.name.clone());
        }
        let (_, domain) = address.split_once('@')?;
        let ours = self.provide && self.domains.iter().any(|it| it.eq_ignore_ascii_case(domain));
        ours.then(|| spelled(address))
    }

    /// Returns the calendars that a mailbox starts with; keys are still to be given.
    pub fn calendars(&self, user: &str) -> Vec<Calendar> {
        let Some(user) = self.find(user) else {
            return Vec::new();
        };
        let mut all: Vec<user::Calendar> = user.calendars.clone();
        if !all.iter().any(|it| it.default) {
            all.insert(0, user::Calendar { default: true, ..user::Calendar::named("Calendar") });
        }
        all.sort_by_key(|it| !it.default);
        let make = |it: user::Calendar| {
            let provider = it.provider();
            let user::Calendar { name, allowed_online_meeting_providers, can_edit, default, .. } = it;
            let (color, providers) = ("auto".to_string(), allowed_online_meeting_providers);
            Calendar { key: 0, user: user.id.clone(), name, color, default, version: 1, can_edit, providers, provider }
        };
        all.into_iter().map(make).collect()
    }

    /// Returns the accounts that the tenant file must remember.
    pub fn kept(&self) -> impl Iterator<Item = User> {
        self.users.iter().filter(|it| it.provided).map(|it| User::clone(it))
    }
}

/// The refusal of a name that nobody in the directory has.
pub fn unknown(name: &str) -> Refusal {
    let message =
        format!("Resource '{name}' does not exist or one of its queried reference-property objects are not present.");
    refusal(404, "Request_ResourceNotFound", message)
}
