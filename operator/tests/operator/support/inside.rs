//! The operator inside of the test: all of it but the program around it, under a clock that runs faster.

use super::log::Log;
use convoke::face::state::Clock;
use convoke_operator::Terms;
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use kube::{Client, Config};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};

/// A clock that runs faster; whoever sleeps by it goes on sleeping while it is held.
pub struct Swift {
    began: Instant,
    /// So many of its seconds pass in one.
    speed: u32,
    /// How far it was put forward, in seconds.
    ahead: AtomicU64,
    pub held: watch::Sender<bool>,
}

impl Swift {
    pub fn new() -> Arc<Swift> {
        Swift::of(50)
    }

    pub fn of(speed: u32) -> Arc<Swift> {
        Arc::new(Swift { began: Instant::now(), speed, ahead: AtomicU64::default(), held: watch::Sender::new(false) })
    }

    /// Puts it forward.
    pub fn jump(&self, time: Duration) {
        self.ahead.fetch_add(time.as_secs(), Ordering::SeqCst);
    }

    /// The time of day by it.
    pub fn times(self: &Arc<Swift>) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
        let (clock, from) = (self.clone(), Timestamp::now());
        Arc::new(move || from + clock.now())
    }
}

impl Clock for Swift {
    fn now(&self) -> Duration {
        self.began.elapsed() * self.speed + Duration::from_secs(self.ahead.load(Ordering::SeqCst))
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let (mut held, time) = (self.held.subscribe(), time / self.speed);
        async move {
            tokio::time::sleep(time).await;
            let _ = held.wait_for(|held| !held).await; // The clock is gone with its operator.
        }
        .boxed()
    }
}

/// An operator that runs; dropped, it is killed.
pub struct Operator {
    pub log: Log,
    stop: watch::Sender<bool>,
    kill: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Operator {
    /// Starts one on an API server.
    pub fn start(api: &str, terms: Terms) -> Operator {
        let log = Log::default();
        let (stop, stopped) = watch::channel(false);
        let (kill, killed) = oneshot::channel();
        let (lines, server) = (log.clone(), api.parse().unwrap());
        let terms = Terms { tell: Arc::new(move |line| lines.add(line)), ..terms };
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let client = Client::try_from(Config::new(server)).unwrap();
                tokio::select! {
                    () = convoke_operator::run(client, terms, stopped) => {}
                    _ = killed => {}
                }
            });
            runtime.shutdown_background();
        });
        Operator { log, stop, kill: Some(kill), thread: Some(thread) }
    }

    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits until it tells something.
    pub fn until_told(&self, what: &str) {
        self.log.until(what, || self.log().contains(what));
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, enough: impl Fn() -> bool) {
        self.log.until(what, enough);
    }

    /// Asks it to stop, and holds that it does so well.
    pub fn stop(mut self) -> String {
        self.stop.send(true).unwrap();
        self.thread.take().unwrap().join().unwrap();
        assert!(self.log().ends_with("stopped\n"), "{}", self.log());
        self.log()
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        drop(self.kill.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // It may have panicked, and the test with it.
        }
    }
}
