//! An embedded double of Microsoft Graph's calendar, event and online meeting routes, over HTTP on loopback.
//!
//! People try the program on it without a tenant, pull requests are planned on it, tests trust it. It is strict where Graph is,
//! and where Graph is odd it is odd. It is written from Graph's documentation and imports nothing of the program that talks to it:
//! two sides that learned a rule apart catch each other's mistakes. `routes` is the map.
//!
//! It deliberately does not do: changes of attendees' copies, attachments, calendars of groups, delta queries, real mail.

mod admin;
mod answer;
mod ask;
mod batch;
mod body;
mod calendar;
mod directory;
mod event;
mod faults;
mod filter;
mod groups;
mod guard;
mod ids;
mod journal;
mod line;
mod mail;
mod meeting;
mod odata;
mod quirks;
mod records;
mod recurrence;
mod rooms;
mod routes;
mod schedule;
mod server;
mod strict;
mod tenant;
mod throttle;
mod twin;
mod user;
mod users;
mod when;
mod world;
mod zones;

use std::{
    net::Ipv4Addr,
    path::PathBuf,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use anyhow::Context;
use axum::Router;
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    task::JoinHandle,
};

use self::{faults::Dice, line::Door, throttle::Throttle, twin::Twin, world::World};
pub use self::{
    faults::Faults,
    mail::Mail,
    quirks::{AfterDelete, AllDay, BodyQuirk, Quirks},
    throttle::{Counts, Limits},
};

/// How to serve; the default is in memory, on any port, without faults.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// 0 takes any free port.
    pub port: u16,
    /// The durable tenant; without one everything is forgotten at the end.
    pub file: Option<PathBuf>,
    /// A YAML description of who exists and what they may do.
    pub tenant: Option<PathBuf>,
    /// Go before those of the tenant description.
    pub faults: Option<Faults>,
    /// Added to every request.
    pub latency: Option<Duration>,
    /// Takes only the token of `Sandbox::token`.
    pub strict_tokens: bool,
    /// What Graph does at times.
    pub quirks: Quirks,
    /// When requests are throttled.
    pub limits: Limits,
    /// Stops the clock here; `None` lets it run.
    pub now: Option<jiff::Timestamp>,
    /// Gets one line a request, without query and without secrets.
    pub log: Option<fn(&str)>,
}

/// A running twin. Dropping it ends the service; `stop` also waits for open requests.
pub struct Sandbox {
    /// The Graph root with version: `http://127.0.0.1:PORT/v1.0`.
    pub url: String,
    /// A token that is always accepted.
    pub token: String,
    twin: Arc<Twin>,
    open: watch::Receiver<usize>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

/// Binds 127.0.0.1 and serves in the background.
///
/// Fails when the port is taken, and when the tenant's file or description cannot be read.
pub async fn serve(options: Options) -> anyhow::Result<Sandbox> {
    let world = World::open(&options)?;
    let described = match options.tenant.as_deref().map(tenant::Tenant::read).transpose()?.and_then(|it| it.faults) {
        Some(text) => Some(text.parse::<Faults>()?),
        None => None,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await;
    let listener = listener.with_context(|| format!("cannot listen on 127.0.0.1:{}", options.port))?;
    let address = listener.local_addr()?;
    let origin = format!("http://{address}");
    let url = format!("{origin}/v1.0");
    // From the operating system's randomness: who knows the address does not know the token.
    let token = format!("sandbox-{}", uuid::Uuid::new_v4());
    let twin = Arc::new(Twin {
        world: Mutex::new(world),
        throttle: Arc::new(Throttle::default()),
        limits: options.limits,
        faults: options.faults.or(described),
        dice: Dice::default(),
        latency: options.latency,
        token: token.clone(),
        strict_tokens: options.strict_tokens,
        origin,
        port: address.port(),
        log: options.log,
        serial: AtomicU64::new(0),
    });
    let app = Router::new().fallback(server::handle).with_state(twin.clone());
    let (stop, stopped) = oneshot::channel::<()>();
    let service = app.into_make_service_with_connect_info::<line::Knife>();
    let (door, open) = watch::channel(0);
    let serving = axum::serve(Door(listener, door), service).with_graceful_shutdown(async move {
        // A dropped sender means a dropped sandbox: both end the service.
        let _ = stopped.await;
    });
    let task = tokio::spawn(async move { serving.await });
    Ok(Sandbox { url, token, twin, open, stop: Some(stop), task })
}

impl Sandbox {
    /// Stops: open requests are answered, for two seconds at most.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let ended = tokio::time::timeout(Duration::from_secs(2), &mut self.task).await;
        match ended {
            Ok(joined) => joined.context("the sandbox ended abruptly")?.context("the sandbox failed"),
            Err(_) => {
                self.task.abort();
                Ok(())
            }
        }
    }

    /// Returns what a real tenant would have mailed since the start.
    pub fn mails(&self) -> Vec<Mail> {
        self.twin.world().mails.clone()
    }

    /// Waits until nobody is connected: then nothing that somebody sent who is gone is still read or carried out.
    pub async fn alone(&self) {
        // An error would say that the service has ended, and with it all its connections.
        let _ = self.open.clone().wait_for(|open| *open == 0).await;
    }

    /// Returns what came in since the start.
    pub fn counts(&self) -> Counts {
        self.twin.throttle.counts()
    }
}
