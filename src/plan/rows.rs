//! What is declared, live and known of each key, side by side. All three stand in the order of their keys, so that none is looked up.

use crate::model::{Desired, Have, Key, Live, Record};
use std::collections::BTreeMap;

/// All of one key.
pub(super) struct Row<'a> {
    pub key: &'a Key,
    pub want: Option<&'a Desired>,
    /// Its live objects.
    pub haves: &'a [&'a Have],
    pub record: Option<&'a Record>,
}

/// What is live, by key. It mostly stands in the order of the keys already.
pub(super) fn by_key(live: &Live) -> BTreeMap<&Key, Vec<&Have>> {
    let mut objects: Vec<&Have> = live.objects.iter().map(|have| &**have).collect();
    objects.sort_by_key(|have| &have.key);
    objects.chunk_by(|one, other| one.key == other.key).map(|same| (&same[0].key, same.to_vec())).collect()
}

/// Puts together what there is of each key.
pub(super) fn rows<'a>(
    desired: &BTreeMap<&'a Key, &'a Desired>,
    live: &'a BTreeMap<&'a Key, Vec<&'a Have>>,
    records: impl Iterator<Item = (&'a Key, &'a Record)>,
) -> Vec<Row<'a>> {
    let (mut desired, mut live, mut records) = (desired.iter().peekable(), live.iter().peekable(), records.peekable());
    let mut rows = Vec::with_capacity(desired.len().max(live.len()));
    loop {
        let keys = [desired.peek().map(|it| *it.0), live.peek().map(|it| *it.0), records.peek().map(|it| it.0)];
        let Some(key) = keys.into_iter().flatten().min() else { return rows };
        rows.push(Row {
            key,
            want: desired.next_if(|it| *it.0 == key).map(|it| *it.1),
            haves: live.next_if(|it| *it.0 == key).map_or(&[], |it| it.1.as_slice()),
            record: records.next_if(|it| it.0 == key).map(|it| it.1),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;

    #[test]
    fn each_key_has_all_that_there_is_of_it_in_their_order() {
        let keys: Vec<Key> = ["a", "b", "c", "d"].map(|name| Key::new(KindId::Event, name)).into();
        let haves: Vec<Have> = [0, 0, 2].map(|place: usize| Have::new(keys[place].clone(), "x")).into();
        let live = BTreeMap::from([(&keys[0], vec![&haves[0], &haves[1]]), (&keys[2], vec![&haves[2]])]);
        let records = BTreeMap::from([(keys[0].clone(), Record::default()), (keys[3].clone(), Record::default())]);
        let rows = rows(&BTreeMap::new(), &live, records.iter());
        let told = rows.iter().map(|row| (row.key.name(), row.want.is_some(), row.haves.len(), row.record.is_some()));
        assert_eq!(told.collect::<Vec<_>>(), [("a", false, 2, true), ("c", false, 1, false), ("d", false, 0, true)]);
    }
}
