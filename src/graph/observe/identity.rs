//! One mailbox under several names: an address, an alias, an object id, `me`, or the address of a user who was renamed.

use crate::graph::observe::Scope;
use crate::model::{Key, Live};
use std::collections::{BTreeMap, HashMap};

/// Takes a mailbox that was searched under one name for searched under its other names, and has every object stand under the
/// name that its manifest gives the organizer. What failed under a name that manifests or records use stays unknown: a calendar
/// that was only asked for there is not read because another name was.
pub(super) fn unify(scope: &Scope, live: &mut Live) {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, mailbox) in &live.mailboxes {
        if let Some(id) = &mailbox.id {
            names.entry(id.clone()).or_default().push(name.clone());
        }
    }
    names.retain(|_, names| names.len() > 1);
    if names.is_empty() {
        return;
    }
    for names in names.values() {
        let read = |name: &String| live.mailboxes[name].failure.is_none() && live.mailboxes[name].unsearched.is_none();
        if names.iter().any(read) {
            for name in names {
                let mailbox = live.mailboxes.get_mut(name).expect("the names are those of the mailboxes");
                mailbox.unsearched = None;
                // Nobody has that name any more: what is left to read stands under the other ones.
                mailbox.failure = mailbox.failure.take().filter(|_| !mailbox.nobody);
            }
        }
    }
    let organizers: HashMap<&Key, &String> =
        scope.desired.iter().map(|want| (&want.key, &want.spec.organizer)).collect();
    let spelled = |key: &Key, organizer: &str| {
        let name = *organizers.get(key)?;
        (name != organizer && live.same_mailbox(name, organizer)).then(|| name.clone())
    };
    let renamed: Vec<Option<String>> = live.objects.iter().map(|have| spelled(&have.key, &have.organizer)).collect();
    for (have, name) in live.objects.iter_mut().zip(renamed) {
        have.organizer = name.unwrap_or_else(|| std::mem::take(&mut have.organizer));
    }
}
