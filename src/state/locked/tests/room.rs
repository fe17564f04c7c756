//! A state for which there is little room.

use super::*;
use object_store::ObjectStore;
use object_store::memory::InMemory;

/// For how many bytes there is room.
const ROOM: usize = 64 << 10;

/// What is kept, by its name and size.
async fn kept(all: &InMemory) -> Vec<(String, usize)> {
    let metas: Vec<_> = futures::TryStreamExt::try_collect(all.list(None)).await.unwrap();
    metas.into_iter().map(|it: object_store::ObjectMeta| (it.location.to_string(), it.size as usize)).collect()
}

#[tokio::test]
async fn a_journal_goes_into_its_document_before_both_are_too_large() {
    let all = Arc::new(InMemory::new());
    let store = || Store::through("secret://state/state".into(), "state", ROOM, all.clone());
    let locked = Locked::take(store(), "contoso", &Taking::default()).await.unwrap();
    let key = |number: u32| Key::new(KindId::Event, format!("event-{number}"));
    let record = |id: String| Record { organizer: "alex@contoso.example".into(), id, ..Record::default() };
    let (mut most, mut journals) = (0, 0);
    // Some one by one, and some at once: more of them than an entry has room for.
    for number in 0..400 {
        locked.keep(&key(number), record(number.to_string()));
        if number < 300 || number == 399 {
            locked.save().await.unwrap();
            let now = kept(&all).await;
            most = most.max(now.iter().map(|(_, size)| size).sum());
            journals += now.iter().filter(|(name, _)| name.starts_with("state.journal.")).count();
        }
    }
    assert!(journals > 300 && most < ROOM, "{journals} {most}");
    locked.release().await.unwrap();
    let read = State::read(&store(), "contoso").await.unwrap();
    assert_eq!(read.records().resources, locked.state().records().resources);
}
