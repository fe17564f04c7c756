//! HTTP on loopback: bytes to `Ask`, `Answer` to bytes, and everything that happens around one request.
//!
//! Token, size and form of the body, limits, faults, latency, log. What a request means, `routes` knows.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use futures::StreamExt;
use serde_json::Value;

use crate::sandbox::{
    admin,
    answer::{Answer, Outcome, Refusal, refusal, refuse},
    ask::Ask,
    batch,
    faults::{Dice, Fate, Faults},
    ids,
    line::Knife,
    routes,
    throttle::{Limits, Throttle},
    when,
    world::World,
};

/// No request of the calendar routes comes near 4 MB (throttling-limits.md bounds uploads, not one body).
const LARGEST: usize = 4 * 1024 * 1024;
/// A larger body is read to here before it is refused, so that its sender gets to read the answer.
const DRAINED: usize = 64 * 1024 * 1024;
const SLOWEST: Duration = Duration::from_secs(30);

/// All that requests share.
pub struct Twin {
    pub world: Mutex<World>,
    pub throttle: Arc<Throttle>,
    pub limits: Limits,
    pub faults: Option<Faults>,
    pub dice: Dice,
    pub latency: Option<Duration>,
    pub token: String,
    pub strict_tokens: bool,
    pub origin: String,
    pub log: Option<fn(&str)>,
    pub serial: AtomicU64,
}

impl Twin {
    /// Returns the tenant; a request that panicked before has left it whole.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a refusal with a fresh request id.
    pub fn refused(&self, refusal: Refusal, client_id: &str) -> Answer {
        let date = when::offset(self.world().now());
        refusal.answer(&self.request_id(), client_id, &date)
    }

    fn request_id(&self) -> String {
        ids::guid(&format!("request {} {}", self.origin, self.serial.fetch_add(1, Ordering::Relaxed)))
    }

    /// Does one request that is not a batch, with limits, faults and latency; `knife` cuts its connection.
    pub async fn one(&self, ask: &Ask, knife: Option<&Knife>) -> Answer {
        self.throttle.count(&ask.method, &ask.raw_path);
        let result = self.guarded(ask, knife).await;
        result.unwrap_or_else(|refusal| self.refused(refusal, ""))
    }

    async fn guarded(&self, ask: &Ask, knife: Option<&Knife>) -> Outcome {
        let fate = match &self.faults {
            Some(faults) => self.dice.draw(faults, &ask.method, &target(ask)),
            None => Fate::default(),
        };
        let _place = match mailbox(ask) {
            Some(name) => {
                let known =
                    if name == "me" { self.world().directory.first() } else { self.world().directory.find(name) };
                let mailbox = known.map_or_else(|| name.to_lowercase(), |it| it.upn.clone());
                Some(self.throttle.enter(&mailbox, self.limits)?)
            }
            None => None,
        };
        for wait in [self.latency, fate.slow].into_iter().flatten() {
            tokio::time::sleep(wait).await;
        }
        if fate.expired {
            return refuse(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.");
        }
        if let Some(status) = fate.status {
            return Err(broken(status));
        }
        if fate.drop_before
            && let Some(knife) = knife
        {
            knife.cut();
            return Ok(Answer::empty(204));
        }
        let outcome = {
            let mut world = self.world();
            world.stale = fate.stale;
            routes::route(&mut world, ask)
        };
        if fate.drop_after
            && let Some(knife) = knife
        {
            knife.cut();
        }
        outcome
    }
}

fn broken(status: u16) -> Refusal {
    let (code, message) = match status {
        429 => ("TooManyRequests", "Too many requests."),
        500 => ("ErrorInternalServerTransientError", "An internal server error occurred. Try again later."),
        502 => ("UnknownError", "Bad gateway."),
        504 => ("UnknownError", "Gateway timeout."),
        509 => ("quotaLimitReached", "The bandwidth limit was exceeded."),
        _ => ("serviceNotAvailable", "The service is temporarily unavailable."),
    };
    // Short, so that tests are; fractional, because Graph's may be (throttling.md).
    let retry_after = matches!(status, 429 | 503).then(|| "0.05".to_string());
    Refusal { retry_after, ..refusal(status, code, message) }
}

fn target(ask: &Ask) -> String {
    let query: Vec<String> = ask.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}?{}", ask.raw_path, query.join("&"))
}

/// The mailbox that a path is about; directory look-ups have none.
fn mailbox(ask: &Ask) -> Option<&str> {
    match ask.path.as_slice() {
        [me, _, ..] if me.eq_ignore_ascii_case("me") => Some("me"),
        [users, name, _, ..] if users.eq_ignore_ascii_case("users") => Some(name),
        _ => None,
    }
}

/// Answers one HTTP request.
pub async fn handle(
    State(twin): State<Arc<Twin>>,
    ConnectInfo(knife): ConnectInfo<Knife>,
    request: Request,
) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let method = parts.method.as_str().to_string();
    let path = parts.uri.path().to_string();
    let target = parts.uri.path_and_query().map_or_else(|| path.clone(), |it| it.as_str().to_string());
    let client_id = text(&parts.headers, "client-request-id").to_string();
    let outcome = answer(&twin, &method, &target, &parts.headers, body, &knife).await;
    let mut answer = outcome.unwrap_or_else(|refusal| twin.refused(refusal, &client_id));
    if let Some(error) = answer.body.as_mut().and_then(|it| it.get_mut("error"))
        && error["innerError"].is_object()
    {
        error["innerError"]["client-request-id"] = client_id.as_str().into();
    }
    if let Some(log) = twin.log {
        // The query may hold a join link, so the line ends with the path.
        log(&format!("{method} {path} {} {:.1} ms", answer.status, began.elapsed().as_secs_f64() * 1000.0));
    }
    respond(&twin, answer, &client_id)
}

async fn answer(twin: &Twin, method: &str, target: &str, headers: &HeaderMap, body: Body, knife: &Knife) -> Outcome {
    let body = read(headers, body).await?;
    let graph = target.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    if graph == "sandbox" {
        // The admin routes need no token: they are not Graph.
        let path = Ask::new(method, &twin.origin, &format!("/v1.0{target}"), None)?.path;
        if method == "GET" && path.get(1).is_some_and(|it| it == "counts") {
            return Ok(Answer::json(200, serde_json::to_value(twin.throttle.counts()).unwrap_or_default()));
        }
        return admin::route(&mut twin.world(), method, &path[1..], body.as_ref());
    }
    let token = text(headers, "authorization");
    let bearer = token.get(..7).is_some_and(|it| it.eq_ignore_ascii_case("bearer ")).then(|| token[7..].trim());
    match bearer.unwrap_or_default() {
        "" => return refuse(401, "InvalidAuthenticationToken", "Access token is empty."),
        token if twin.strict_tokens && token != twin.token => {
            return refuse(401, "InvalidAuthenticationToken", "Access token validation failure.");
        }
        _ => {}
    }
    let mut ask = Ask::new(method, &twin.origin, target, body)?;
    for (name, value) in headers {
        ask.header(name.as_str(), value.to_str().unwrap_or_default());
    }
    if ask.path.first().is_some_and(|it| it.eq_ignore_ascii_case("$batch")) {
        twin.throttle.count(&ask.method, &ask.raw_path);
        return batch::run(twin, &ask, &twin.origin).await;
    }
    Ok(twin.one(&ask, Some(knife)).await)
}

/// Reads a body: JSON or nothing, in bounded time and space.
async fn read(headers: &HeaderMap, body: Body) -> Outcome<Option<Value>> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut seen = 0;
    let collect = async {
        let mut stream = body.into_data_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| refusal(400, "BadRequest", "The request body cannot be read."))?;
            seen += chunk.len();
            if seen > DRAINED {
                break;
            }
            if seen <= LARGEST {
                bytes.extend_from_slice(&chunk);
            }
        }
        Ok::<(), Refusal>(())
    };
    match tokio::time::timeout(SLOWEST, collect).await {
        Ok(done) => done?,
        Err(_) => {
            return refuse(408, "RequestTimeout", "The request body did not come in time.");
        }
    }
    if seen > LARGEST {
        return refuse(413, "RequestEntityTooLarge", "The request body is too large: at most 4 MB.");
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    // SDKs that compress try again without when they are told so.
    if !matches!(text(headers, "content-encoding"), "" | "identity") {
        return refuse(415, "UnsupportedMediaType", "The Content-Encoding of the request is not supported.");
    }
    let kind = text(headers, "content-type").to_ascii_lowercase();
    if !kind.is_empty() && !kind.contains("json") {
        return refuse(415, "UnsupportedMediaType", "The Content-Type of the request is not application/json.");
    }
    let bad = |_| {
        let message = "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.";
        refusal(400, "BadRequest", message)
    };
    serde_json::from_slice(&bytes).map(Some).map_err(bad)
}

fn respond(twin: &Twin, answer: Answer, client_id: &str) -> Response {
    let bytes = answer.body.map(|it| it.to_string()).unwrap_or_default();
    let typed = !bytes.is_empty();
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() =
        axum::http::StatusCode::from_u16(answer.status).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if typed {
        let kind = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    let own = [("request-id", twin.request_id()), ("client-request-id", client_id.to_string())];
    let own = own.into_iter().filter(|(_, value)| !value.is_empty());
    for (name, value) in own.chain(answer.headers) {
        if let (Ok(name), Ok(value)) = (name.parse::<header::HeaderName>(), HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
}
