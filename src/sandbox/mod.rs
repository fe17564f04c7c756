//! An embedded double of Microsoft Graph's calendar, event and online meeting routes, over HTTP on loopback.
//!
//! People try the program on it without a tenant, pull requests are planned on it, tests trust it. It is strict where Graph is,
//! and where Graph is odd it is odd. It is written from Graph's documentation and imports nothing of the program that talks to it:
//! two sides that learned a rule apart catch each other's mistakes. `routes` is the map.
//!
//! It deliberately does not do: changes of attendees' copies, attachments, groups, delta queries, real mail.

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
mod ids;
mod journal;
mod line;
mod mail;
mod meeting;
mod odata;
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
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use self::{faults::Dice, line::Door, throttle::Throttle, twin::Twin, world::World};
pub use self::{
    faults::{Expire, Faults},
    mail::Mail,
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
    pub quirks: Quirks,
    pub limits: Limits,
    /// Stops the clock here; `None` lets it run.
    pub now: Option<jiff::Timestamp>,
    /// Gets one line a request, without query and without secrets.
    pub log: Option<fn(&str)>,
}

/// What Graph does at times, and a correct client bears.
///
/// The default holds what costs a correct client nothing; what makes it wait is off, and on in `all`.
#[derive(Clone, Debug)]
pub struct Quirks {
    /// The change key moves by itself after a create, so the tag of its answer is stale.
    pub moving_change_key: bool,
    /// How many answers still show `onlineMeeting: null` after the create's own; 0 shows it at once.
    pub late_join_url: u32,
    /// How many look-ups by join URL miss a new meeting.
    pub late_look_up: u32,
    /// What happens to the link when a body comes without the join block.
    pub body: BodyQuirk,
    /// A look-up that finds nothing answers 404 instead of an empty list.
    pub miss_is_404: bool,
    /// A provider that the calendar does not allow gives an event without a link instead of an error.
    pub silent_provider: bool,
    /// Who is invited sees a copy of the event in their own calendar.
    pub copies: bool,
    /// Rooms answer when their event is read for the second time.
    pub rooms_answer: bool,
}

/// What a body without the join block does to an online event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyQuirk {
    /// The event is no longer online (event-update.md).
    #[default]
    Lose,
    /// It is not, until the next body brings a new link (docs #10618, observed).
    Flip,
    /// A new link takes the place of the old one (docs-contrib #311, observed).
    Rotate,
}

impl Default for Quirks {
    fn default() -> Quirks {
        Quirks {
            moving_change_key: true,
            late_join_url: 0,
            late_look_up: 0,
            body: BodyQuirk::Lose,
            miss_is_404: false,
            silent_provider: false,
            copies: true,
            rooms_answer: true,
        }
    }
}

impl Quirks {
    /// Returns the quirks with everything that comes late.
    pub fn all() -> Quirks {
        Quirks { late_join_url: 1, late_look_up: 1, miss_is_404: true, ..Quirks::default() }
    }
}

/// A running twin. Dropping it ends the service; `stop` also waits for open requests.
pub struct Sandbox {
    /// The Graph root with version: `http://127.0.0.1:PORT/v1.0`.
    pub url: String,
    /// A token that is always accepted.
    pub token: String,
    twin: Arc<Twin>,
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
    let origin = format!("http://{}", listener.local_addr()?);
    let url = format!("{origin}/v1.0");
    let token = format!("sandbox-{}", ids::guid(&format!("token {origin}")));
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
        log: options.log,
        serial: AtomicU64::new(0),
    });
    let app = Router::new().fallback(server::handle).with_state(twin.clone());
    let (stop, stopped) = oneshot::channel::<()>();
    let service = app.into_make_service_with_connect_info::<line::Knife>();
    let serving = axum::serve(Door(listener), service).with_graceful_shutdown(async move {
        // A dropped sender means a dropped sandbox: both end the service.
        let _ = stopped.await;
    });
    let task = tokio::spawn(async move { serving.await });
    Ok(Sandbox { url, token, twin, stop: Some(stop), task })
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

    /// Returns what came in since the start.
    pub fn counts(&self) -> Counts {
        self.twin.throttle.counts()
    }
}
