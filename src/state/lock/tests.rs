//! Two machines, one place: a folder that they share, of whose locks each machine knows its own alone.

use super::*;
use crate::model::{Key, Record};
use crate::state::{Locked, State};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::fs;
use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::task::{Poll, Waker};
use tempfile::TempDir;

/// A time of the test's own: it goes on where everybody waits for something.
#[derive(Default)]
struct Time(Mutex<Sleeping>);

#[derive(Default)]
struct Sleeping {
    now: Duration,
    /// Until when, and how to wake them.
    all: Vec<(Duration, Waker)>,
}

impl Time {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    fn advance(&self, by: u64) {
        self.0.lock().unwrap().now += Duration::from_secs(by);
    }

    fn sleep(self: Arc<Time>, time: Duration) -> BoxFuture<'static, ()> {
        let until = self.now() + time;
        poll_fn(move |context| {
            let mut sleeping = self.0.lock().unwrap();
            if sleeping.now >= until {
                return Poll::Ready(());
            }
            sleeping.all.push((until, context.waker().clone()));
            Poll::Pending
        })
        .boxed()
    }

    /// Waits for something, and lets the time go on to when the next one wakes up once nobody else has anything to do.
    async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            for _ in 0..8 {
                if let Poll::Ready(done) = futures::poll!(&mut work) {
                    return done;
                }
                tokio::task::yield_now().await;
            }
            let mut sleeping = self.0.lock().unwrap();
            sleeping.now = sleeping.all.iter().map(|(until, _)| *until).min().expect("somebody waits for the time");
            let now = sleeping.now;
            sleeping.all.extract_if(.., |(until, _)| *until <= now).for_each(|(_, waker)| waker.wake());
        }
    }
}

struct Running(Arc<Time>);

impl Clock for Running {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.0.clone().sleep(time)
    }
}

/// The same, of a process that was stopped: what it wants to do later it never does.
struct Stopped(Arc<Time>);

impl Clock for Stopped {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        std::future::pending().boxed()
    }
}

struct Shared {
    folder: TempDir,
    time: Arc<Time>,
}

impl Shared {
    fn new() -> Shared {
        Shared { folder: tempfile::tempdir().unwrap(), time: Arc::default() }
    }

    fn path(&self, end: &str) -> PathBuf {
        self.folder.path().join(format!("state.json{end}"))
    }

    fn store(&self) -> Store {
        Store::file(self.path(""))
    }

    fn taking(&self, machine: &str, timeout: u64) -> Taking {
        let who = Origin { actor: Some(format!("somebody at {machine}")), ..Origin::default() };
        let machine = Machine { host: Some(machine.into()), boot: None };
        let clock = Arc::new(Running(self.time.clone()));
        Taking { who, machine, timeout: Duration::from_secs(timeout), clock, ..Taking::default() }
    }

    /// As another machine takes it, which does not see what this one's system keeps locked.
    async fn take(&self, taking: &Taking) -> Result<Locked> {
        let _ = fs::remove_file(self.path(".lock"));
        self.time.run(Locked::take(self.store(), "contoso", taking)).await
    }

    /// Taken by a machine that is stopped from then on.
    async fn stopped(&self) -> Locked {
        let clock = Arc::new(Stopped(self.time.clone()));
        self.take(&Taking { clock, ..self.taking("one", 0) }).await.unwrap()
    }

    fn kept(&self, end: &str) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path(end)).unwrap()).unwrap()
    }
}

fn weekly() -> Key {
    "Event/weekly".parse().unwrap()
}

fn error<T>(result: Result<T>) -> Trouble {
    Trouble::of(&result.err().unwrap())
}

#[tokio::test]
async fn whoever_comes_second_is_refused_at_once_and_told_who_has_it() {
    let shared = Shared::new();
    let first = shared.take(&shared.taking("one", 0)).await.unwrap();
    let here = error(Locked::take(shared.store(), "contoso", &shared.taking("one", 0)).await);
    let there = error(shared.take(&shared.taking("two", 0)).await);
    for told in [&here, &there] {
        let who = "by somebody at one on `one`, process ";
        assert!(told.what.contains("another apply is running") && told.what.contains(who), "{told:?}");
        assert!(told.what.contains(", since 2"), "{told:?}");
    }
    // Nobody else can give back what a process of this machine has that is alive.
    let unlock = |told: &Trouble| told.hint.as_ref().unwrap().contains("state unlock");
    assert!(!unlock(&here) && unlock(&there), "{here:?} {there:?}");
    assert_eq!(shared.time.now(), Duration::ZERO);
    drop(first);
}

#[tokio::test]
async fn whoever_waits_goes_on_as_soon_as_the_first_has_ended() {
    let shared = Shared::new();
    for machine in ["one", "two"] {
        let first = shared.take(&shared.taking("one", 0)).await.unwrap();
        first.keep(&weekly(), Record::default());
        first.save().await.unwrap();
        let from = shared.time.now();
        let taking = shared.taking(machine, 300);
        if machine == "two" {
            fs::remove_file(shared.path(".lock")).unwrap();
        }
        let second = Locked::take(shared.store(), "contoso", &taking);
        let ends = async {
            shared.time.clone().sleep(Duration::from_secs(100)).await;
            first.release().await.unwrap();
            drop(first);
        };
        let (second, ()) = shared.time.run(futures::future::join(second, ends)).await;
        let second = second.unwrap();
        assert!((100..102).contains(&(shared.time.now() - from).as_secs()), "{:?}", (shared.time.now() - from));
        // It has what the first one wrote.
        assert!(second.record(&weekly()).is_some());
        second.release().await.unwrap();
    }
}

#[tokio::test]
async fn a_killed_holders_lock_is_taken_over_without_a_person() {
    let shared = Shared::new();
    // On the same machine at once.
    drop(shared.take(&shared.taking("one", 0)).await.unwrap());
    drop(shared.take(&shared.taking("one", 0)).await.unwrap());
    assert_eq!(shared.time.now(), Duration::ZERO);
    // Elsewhere once it was seen without a sign of life for its time.
    let early = error(shared.take(&shared.taking("two", 59)).await);
    assert!(early.what.contains("by somebody at one"), "{early:?}");
    let from = shared.time.now();
    let second = shared.take(&shared.taking("two", 180)).await.unwrap();
    assert!((60..62).contains(&(shared.time.now() - from).as_secs()), "{:?}", (shared.time.now() - from));
    assert_eq!(shared.kept(".holder")["epoch"], 3);
    drop(second);
}

#[tokio::test]
async fn a_living_holder_keeps_its_lock_however_long_somebody_waits() {
    let shared = Shared::new();
    let first = shared.take(&shared.taking("one", 0)).await.unwrap();
    let late = error(shared.take(&shared.taking("two", 3600)).await);
    assert!(late.what.contains("by somebody at one") && shared.time.now() >= Duration::from_secs(3600));
    assert!(first.fence().left().await.unwrap() >= Duration::from_secs(20));
    assert!(first.lost().is_none());
}

#[tokio::test]
async fn a_holder_that_was_stopped_and_goes_on_writes_nothing_any_more() {
    let shared = Shared::new();
    let first = shared.take(&shared.taking("one", 0)).await.unwrap();
    first.keep(&weekly(), Record::default());
    first.save().await.unwrap();
    first.release().await.unwrap();
    let first = shared.stopped().await;
    first.keep(&weekly(), Record { id: "first".into(), ..Record::default() });
    let second = shared.take(&shared.taking("two", 180)).await.unwrap();
    // Before anything is planned the document is written, so that the first one cannot.
    assert_eq!((&shared.kept("")["epoch"], &shared.kept(".holder")["epoch"]), (&3.into(), &3.into()));
    let told = first.fence().left().await.unwrap_err();
    assert!(told.what.contains("was taken over by somebody at two") && told.hint.is_some(), "{told:?}");
    assert_eq!(first.lost(), Some(told));
    first.save().await.unwrap_err();
    first.release().await.unwrap();
    // And what it does not write is not in the way of the second one.
    second.keep(&weekly(), Record { id: "second".into(), ..Record::default() });
    second.save().await.unwrap();
    assert!(second.fence().left().await.is_ok());
    let state = State::read(&shared.store(), "contoso").await.unwrap();
    assert_eq!(state.records().resources[&weekly()].id, "second");
}

#[tokio::test]
async fn a_lock_is_taken_over_before_there_is_a_document_too() {
    let shared = Shared::new();
    let first = shared.stopped().await;
    let second = shared.take(&shared.taking("two", 180)).await.unwrap();
    assert!(!shared.path("").exists());
    second.save().await.unwrap();
    assert_eq!(shared.kept("")["epoch"], 2);
    first.keep(&weekly(), Record::default());
    first.save().await.unwrap_err();
}

#[tokio::test]
async fn a_holder_that_slept_and_that_nobody_missed_goes_on() {
    let shared = Shared::new();
    let first = shared.stopped().await;
    shared.time.advance(3600);
    assert_eq!(first.fence().left().await.unwrap(), TTL);
    shared.time.advance(35);
    assert_eq!(first.fence().left().await.unwrap(), TTL - Duration::from_secs(35));
    shared.time.advance(10);
    assert_eq!(first.fence().left().await.unwrap(), TTL);
}

#[tokio::test]
async fn a_lock_that_cannot_be_renewed_holds_for_its_time_and_no_longer() {
    let shared = Shared::new();
    let first = shared.stopped().await;
    fs::remove_file(shared.path(".holder")).unwrap();
    fs::create_dir(shared.path(".holder")).unwrap();
    shared.time.advance(59);
    assert_eq!(first.fence().left().await.unwrap(), Duration::from_secs(1));
    shared.time.advance(1);
    let told = first.fence().left().await.unwrap_err();
    assert!(told.what.contains("could not be renewed in time"), "{told:?}");
    // Not lost: it may be renewed later.
    fs::remove_dir(shared.path(".holder")).unwrap();
    assert!(first.lost().is_none());
}

#[tokio::test]
async fn what_was_given_back_is_taken_at_once_and_nothing_is_written_for_it() {
    let shared = Shared::new();
    let first = shared.take(&shared.taking("one", 0)).await.unwrap();
    first.keep(&weekly(), Record::default());
    first.fold().await.unwrap();
    first.release().await.unwrap();
    let written = fs::read(shared.path("")).unwrap();
    let second = shared.take(&shared.taking("two", 0)).await.unwrap();
    second.save().await.unwrap();
    assert_eq!((fs::read(shared.path("")).unwrap(), shared.time.now()), (written, Duration::ZERO));
    assert_eq!(shared.kept(".holder")["epoch"], 2);
    second.forget(&weekly());
    second.fold().await.unwrap();
    assert_eq!(shared.kept("")["epoch"], 2);
    // Whoever has given it back writes nothing any more.
    assert!(first.fence().left().await.is_err());
}

#[tokio::test]
async fn the_epoch_only_grows_although_the_lock_was_deleted() {
    let shared = Shared::new();
    for expect in [1, 2, 3] {
        let held = shared.take(&shared.taking("one", 0)).await.unwrap();
        held.learn_user("alex@contoso.example", &expect.to_string());
        held.fold().await.unwrap();
        assert_eq!((&shared.kept("")["epoch"], &shared.kept(".holder")["epoch"]), (&expect.into(), &expect.into()));
        held.release().await.unwrap();
        fs::remove_file(shared.path(".holder")).unwrap();
    }
}

#[tokio::test]
async fn a_document_from_before_there_were_epochs_is_read() {
    let shared = Shared::new();
    let old = r#"{"formatVersion":1,"workspace":"contoso","serial":7,"mailboxes":[],"users":{},"resources":{}}"#;
    fs::write(shared.path(""), old).unwrap();
    assert_eq!(State::read(&shared.store(), "contoso").await.unwrap().records().serial, 7);
    let held = shared.take(&shared.taking("one", 0)).await.unwrap();
    held.keep(&weekly(), Record::default());
    held.save().await.unwrap();
    assert_eq!((&shared.kept("")["epoch"], &shared.kept("")["serial"]), (&1.into(), &8.into()));
}

#[tokio::test]
async fn a_lock_is_taken_by_force_from_anybody_but_a_living_process_of_the_machine() {
    let shared = Shared::new();
    let force = |machine: &str| Taking { force: true, ..shared.taking(machine, 0) };
    let first = shared.take(&shared.taking("one", 0)).await.unwrap();
    let told = error(Locked::take(shared.store(), "contoso", &force("one")).await);
    assert!(told.what.contains("by somebody at one"), "{told:?}");
    let second = shared.take(&force("two")).await.unwrap();
    assert!(first.fence().left().await.is_ok(), "its time is not over, and it does not know yet");
    first.keep(&weekly(), Record::default());
    second.save().await.unwrap();
    first.save().await.unwrap_err();
    second.release().await.unwrap();
    // What is no lock is nobody's.
    for text in ["", "{}", r#"{"formatVersion":9,"epoch":1}"#] {
        fs::write(shared.path(".holder"), text).unwrap();
        let told = error(shared.take(&shared.taking("two", 0)).await);
        assert!(told.what.contains("cannot read the lock") && told.hint.is_some(), "{told:?}");
        shared.take(&force("two")).await.unwrap().release().await.unwrap();
    }
    assert!(shared.take(&shared.taking("two", 0)).await.is_ok());
}

#[tokio::test]
async fn what_was_renewed_and_whose_answer_was_lost_is_nobody_elses() {
    let shared = Shared::new();
    let first = shared.stopped().await;
    let mut kept = shared.kept(".holder");
    kept["holder"]["renewals"] = 17.into();
    fs::write(shared.path(".holder"), kept.to_string()).unwrap();
    shared.time.advance(50);
    assert_eq!(first.fence().left().await.unwrap(), TTL);
    assert!(first.lost().is_none());
}

/// Two machines that write in turn, a hundred times each, and know of each other by the lock alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_lose_no_update_of_each_other() {
    /// Whoever waits looks again at once.
    struct Hasty(Mutex<Duration>);
    impl Clock for Hasty {
        fn now(&self) -> Duration {
            *self.0.lock().unwrap()
        }
        fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
            // Until the next renewal the test has ended.
            if time >= RENEW { std::future::pending().boxed() } else { tokio::task::yield_now().boxed() }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let writer = |machine: &'static str| {
        let path = path.clone();
        async move {
            for turn in 0..100 {
                let machine = Machine { host: Some(machine.into()), boot: None };
                let clock = Arc::new(Hasty(Mutex::default()));
                let taking = Taking { machine, timeout: Duration::from_secs(60), clock, ..Taking::default() };
                let _ = fs::remove_file(path.with_extension("json.lock"));
                let locked = Locked::take(Store::file(path.clone()), "contoso", &taking).await.unwrap();
                let name = format!("Event/{}-{turn}", taking.machine.host.as_ref().unwrap());
                locked.keep(&name.parse().unwrap(), Record::default());
                locked.fold().await.unwrap();
                locked.release().await.unwrap();
            }
        }
    };
    let (one, two) = futures::join!(tokio::spawn(writer("one")), tokio::spawn(writer("two")));
    one.and(two).unwrap();
    let state = State::read(&Store::file(path), "contoso").await.unwrap();
    assert_eq!(state.records().resources.len(), 200);
}
