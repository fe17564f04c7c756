//! Rounds without end, under a clock that runs as fast as it is asked: files that change, manifests that are wrong for a while, a Graph
//! that is away for an hour.

use crate::serve::{event, mails};
use crate::support::{House, ORGANIZER};
use convoke::face::graph::{Client, Settings, Token};
use convoke::face::kind::crd::Approval;
use convoke::face::reconcile::{Given, Going, Project, Session};
use convoke::face::serve::{Approving, Board, Ended, Line, Round, Watch, round, stamp};
use convoke::face::state::store::Store;
use convoke::face::state::{Clock, Locked, Taking};
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use std::fs;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

const INTERVAL: Duration = Duration::from_secs(1800);

/// Whoever waits has waited.
#[derive(Default)]
struct Fast(AtomicU64);

impl Fast {
    fn seconds(&self) -> u64 {
        self.0.load(Ordering::Relaxed) / 1000
    }
}

impl Clock for Fast {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.0.fetch_add(time.as_millis() as u64, Ordering::Relaxed);
        std::future::ready(()).boxed()
    }
}

/// What came of some hours.
#[derive(Default)]
struct Lived {
    /// When each round began, in seconds, and how it ended.
    rounds: Vec<(u64, Ended)>,
    /// What was told, and when.
    told: Vec<(u64, String)>,
}

impl Lived {
    fn within(&self, seconds: Range<u64>) -> Vec<Ended> {
        self.rounds.iter().filter(|(at, _)| seconds.contains(at)).map(|(_, ended)| *ended).collect()
    }

    fn told(&self, what: &str) -> usize {
        self.told.iter().filter(|(_, line)| line.contains(what)).count()
    }
}

/// Lives through so many seconds; what is due at one of them happens before the files are looked at.
fn live(house: &House, until: u64, happens: &dyn Fn(u64), down: Range<u64>) -> Lived {
    let clock = Arc::new(Fast::default());
    let (board, asked) = Board::new("contoso", INTERVAL, false, clock.clone());
    let (send, stop) = watch::channel(false);
    let (lived, began) = (std::sync::Mutex::new(Lived::default()), Timestamp::now());
    let last = AtomicU64::new(u64::MAX);
    let folder = [house.folder.path().to_owned()];
    let stamp = || {
        let now = clock.seconds();
        if last.swap(now, Ordering::Relaxed) != now {
            happens(now);
        }
        if now >= until {
            send.send(true).unwrap();
        }
        stamp(&folder, None)
    };
    let now = || began + jiff::SignedDuration::from_secs(clock.seconds() as i64);
    let tell = |line: &Line| {
        let told = format!("{}{}", line.lead, line.said.sentence());
        lived.lock().unwrap().told.push((clock.seconds(), told));
    };
    let watch = Watch { board: &board, asked, stop, stamp: &stamp, now: &now, jitter: &|| 0.0, tell: &tell };
    let one = async |_: Option<&str>| {
        let at = clock.seconds();
        let away = "http://127.0.0.1:1/v1.0".to_owned();
        let url = if down.contains(&at) { away } else { house.sandbox().url.clone() };
        let ended = made(house, url).await.unwrap_or_else(|error| Round::failed(&error));
        lived.lock().unwrap().rounds.push((at, ended.ended));
        ended
    };
    assert!(!board.is_ready(), "no round has ended");
    house.wait(watch.run(one));
    assert!(board.is_ready());
    drop(clock.sleep(INTERVAL * 3));
    assert!(!board.is_ready(), "the last round is long ago");
    lived.into_inner().unwrap()
}

/// Somebody deletes an event, if it is there: on another thread, since this one waits for the rounds.
fn delete_live(house: &House, name: &str) {
    let delete = || {
        if let Some((_, event)) = house.events(ORGANIZER).iter().find(|(it, _)| it == name) {
            let id = convoke::face::route::encoded(event["id"].as_str().unwrap());
            house.call("DELETE", &format!("/sandbox/users/{ORGANIZER}/events/{id}"), None);
        }
    };
    std::thread::scope(|scope| scope.spawn(delete).join().unwrap());
}

/// One round as `serve` makes it.
async fn made(house: &House, url: String) -> anyhow::Result<Round> {
    let project = Project::read(&[house.folder.path().to_owned()], Given::default())?;
    if let Some(problem) = project.manifests.problems.first() {
        anyhow::bail!("{}", problem.message);
    }
    let token = Token::ready(house.sandbox().token.clone());
    let client = Client::new(Settings { back_off: Duration::from_millis(1), ..Settings::new(url, token) })?;
    let store = Store::file(house.path(".convoke/state.json"));
    let locked = Locked::take(store, project.owner()?.names(), &Taking::default()).await?;
    let session = Session { project: &project, client: &client, policy: project.unattended_policy()?, adopt: vec![] };
    let approving = Approving { approval: &Approval::Auto, plan: None };
    let (_send, stop) = watch::channel(false);
    let (look_for, clock, done) = (Duration::ZERO, &Timestamp::now, &mut |_: &_, _: &_| {});
    let going = Going { parallelism: 8, look_for, stop, patience: &[], clock, done };
    let round = round(&session, &locked, approving, going).await;
    locked.release().await?;
    round
}

fn house(events: usize) -> House {
    let _ = rustls::crypto::ring::default_provider().install_default();
    crate::serve::house(events, "")
}

#[test]
fn a_change_in_a_file_is_applied_with_nobody_beside_it_once_it_rests() {
    let house = house(2);
    let lived = live(
        &house,
        4000,
        &|second| match second {
            // Somebody writes it in pieces.
            100 => house.write("e0.yaml", "apiVersion: conv"),
            104 => house.write("e0.yaml", &event("e0", "Second")),
            107 => house.write("e2.yaml", &event("e2", "First")),
            _ => {}
        },
        0..0,
    );
    assert_eq!(lived.rounds[..2], [(10, Ended::Applied), (117, Ended::Applied)], "{:?}", lived.told);
    let later = lived.within(118..4000);
    assert!((1..=3).contains(&later.len()) && later.iter().all(|it| *it == Ended::Settled), "{:?}", lived.rounds);
    assert_eq!(house.event("e0")["subject"], "Second");
    assert_eq!((house.events(ORGANIZER).len(), mails(&house, "invitation"), mails(&house, "update")), (3, 3, 1));
    assert_eq!(lived.told("nothing to do"), 1, "{:?}", lived.told);
}

#[test]
fn wrong_manifests_write_nothing_and_are_told_once() {
    let house = house(3);
    let lived = live(
        &house,
        12_000,
        &|second| match second {
            100 => {
                house.write("e0.yaml", &event("e0", "Second").replace("duration", "durration"));
                fs::remove_file(house.path("e1.yaml")).unwrap();
            }
            10_000 => house.write("e0.yaml", &event("e0", "Second")),
            _ => {}
        },
        0..0,
    );
    let wrong = lived.within(100..10_000);
    assert!(wrong.len() >= 4 && wrong.iter().all(|it| *it == Ended::Failed), "{:?}", lived.rounds);
    assert_eq!(lived.told("unknown property `durration`"), 1, "{:?}", lived.told);
    assert_eq!((mails(&house, "update"), mails(&house, "cancellation")), (1, 1));
    assert_eq!(lived.rounds.iter().filter(|(_, ended)| *ended == Ended::Applied).count(), 2, "{:?}", lived.rounds);
}

#[test]
fn graph_is_away_for_an_hour_and_back() {
    let house = house(3);
    let lived = live(
        &house,
        9000,
        &|second| {
            if second == 3000 {
                house.write("e0.yaml", &event("e0", "Second"));
            }
        },
        1000..4600,
    );
    let away = lived.within(1000..4600);
    assert!(away.len() >= 2 && away.iter().all(|it| *it == Ended::Failed), "{:?}", lived.rounds);
    let back = lived.within(4600..9000);
    assert_eq!(back[0], Ended::Applied, "{:?}", lived.told);
    assert!(back[1..].iter().all(|it| *it == Ended::Settled), "{:?}", lived.rounds);
    assert_eq!(lived.told("not everything could be read"), 1, "{:?}", lived.told);
    assert_eq!(house.events(ORGANIZER).len(), 3);
    assert_eq!((house.sandbox().mails().len(), mails(&house, "update")), (4, 1));
}

/// Somebody pulls: some files are gone for longer than anybody waits.
#[test]
fn half_of_the_files_cancel_nothing() {
    let house = house(9);
    let lived = live(
        &house,
        9000,
        &|second| match second {
            100 => (3..9).for_each(|number| fs::remove_file(house.path(&format!("e{number}.yaml"))).unwrap()),
            6000 => (3..9)
                .for_each(|number| house.write(&format!("e{number}.yaml"), &event(&format!("e{number}"), "First"))),
            _ => {}
        },
        0..0,
    );
    let half = lived.within(100..6000);
    assert!(half.len() >= 2 && half.iter().all(|it| *it == Ended::Pending), "{:?}", lived.rounds);
    assert_eq!(
        lived.told(
            "this would remove 6 of 9 managed resources, and of fewer than 10 only 2 go by themselves; the limit is 2"
        ),
        1,
        "{:?}",
        lived.told
    );
    assert!(lived.within(6000..9000).iter().all(|it| *it == Ended::Settled));
    assert_eq!((house.events(ORGANIZER).len(), mails(&house, "cancellation")), (9, 0));
}

#[test]
fn what_somebody_deletes_again_and_again_is_made_again_as_often_as_the_workspace_allows() {
    for (spec, made) in [("", 0), ("  onDrift: revert\n  limits: {per: 24h, reverts: 2}\n", 2)] {
        let house = crate::serve::house(3, spec);
        let delete = |second: u64| {
            // After the round of each ten minutes, which a change in a file brings about.
            match second % 600 {
                0 => house.write("e0.yaml", &format!("{}# {second}\n", event("e0", "First"))),
                300 if second > 600 => delete_live(&house, "e1"),
                _ => {}
            }
        };
        let lived = live(&house, 4200, &delete, 0..0);
        assert!(lived.rounds.len() >= 7, "{:?}", lived.rounds);
        let invited = mails(&house, "invitation");
        assert_eq!((house.events(ORGANIZER).len(), invited), (2, 3 + made), "{spec}{:?}", lived.told);
        assert_eq!(lived.told("Event/e1: drift: deleted outside, left so"), 1, "{:?}", lived.told);
        assert_eq!(lived.told("Event/e1: create, applied"), 1 + made, "{:?}", lived.told);
    }
}
