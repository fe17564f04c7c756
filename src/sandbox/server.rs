//! HTTP on loopback: bytes to `Ask`, `Answer` to bytes, and everything that happens around one request.
//!
//! Token, size and form of the body, log. What goes on around a request, `twin` knows; what it means, `routes`.

use std::{
    sync::Arc,
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
    ask::{self, Ask},
    batch, guard, ids,
    line::Knife,
    twin::Twin,
    zones,
};

/// No request of the calendar routes comes near 4 MB (throttling-limits.md bounds uploads, not one body).
const LARGEST: usize = 4 * 1024 * 1024;
/// A larger body is read to here before it is refused, so that its sender gets to read the answer.
const DRAINED: usize = 64 * 1024 * 1024;
const SLOWEST: Duration = Duration::from_secs(30);

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
    let outcome = match guard::admit(twin.port, &parts.uri, &parts.headers) {
        Ok(()) => answer(&twin, &method, &target, &parts.headers, body, &knife).await,
        Err(refusal) => Err(refusal),
    };
    let mut answer = outcome.unwrap_or_else(|refusal| twin.refused(refusal, &client_id));
    if let Some(error) = answer.body.as_mut().and_then(|it| it.get_mut("error"))
        && error["innerError"].is_object()
    {
        error["innerError"]["client-request-id"] = client_id.as_str().into();
    }
    if let Some(log) = twin.log {
        log(&format!("{method} {} {} {:.1} ms", shown(&path), answer.status, began.elapsed().as_secs_f64() * 1000.0));
    }
    // As every server does, by the clock that it has: what was made when is held against it.
    let now = twin.world().now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    respond(&twin, answer.with("Date", now), &client_id)
}

/// Returns a path for the log. The query may hold a join link, and the id of a meeting as much as that, so ids are cut short.
fn shown(path: &str) -> String {
    let cut = |it: &str| match it.char_indices().nth(40) {
        Some(_) => format!("{}…", it.chars().take(12).collect::<String>()),
        None => it.to_string(),
    };
    path.split('/').map(cut).collect::<Vec<_>>().join("/")
}

async fn answer(twin: &Twin, method: &str, target: &str, headers: &HeaderMap, body: Body, knife: &Knife) -> Outcome {
    let body = read(headers, body).await?;
    let graph = target.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    if graph == "sandbox" {
        // The admin routes need no token: they are not Graph.
        guard::admit_admin(method, headers)?;
        let path = ask::segments(target.split('?').next().unwrap_or_default())?;
        if method == "GET" && path.get(1).is_some_and(|it| it == "counts") {
            return Ok(Answer::json(200, serde_json::to_value(twin.throttle.counts()).unwrap_or_default()));
        }
        let mut world = twin.world();
        return zones::served(world.quirks.old_zones, || admin::route(&mut world, method, &path[1..], body.as_ref()));
    }
    let token = text(headers, "authorization");
    let bearer = token.get(..7).is_some_and(|it| it.eq_ignore_ascii_case("bearer ")).then(|| token[7..].trim());
    match bearer.unwrap_or_default() {
        "" => return refuse(401, "InvalidAuthenticationToken", "Access token is empty."),
        // Hashes, so that the time of a comparison tells nothing of how much of a token was right.
        token if twin.strict_tokens && ids::digest(token) != ids::digest(&twin.token) => {
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
        return batch::run(twin, &ask, &twin.origin, knife).await;
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
    let written = |body: Value| serde_json::to_vec(&body).expect("a value has members of text");
    let bytes = answer.body.map(written).unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_shows_no_whole_id_of_a_meeting() {
        let id = "MSowODRlOGE0Ni03NzJiLTQ3MTUtYTU3NS0xNDhlNzA0YzRiZTUqMCoqMTk6bWVldGluZ19a";
        assert_eq!(shown(&format!("/v1.0/me/onlineMeetings/{id}")), "/v1.0/me/onlineMeetings/MSowODRlOGE0…");
        assert_eq!(shown("/v1.0/users/alex@contoso.example/events"), "/v1.0/users/alex@contoso.example/events");
    }
}
