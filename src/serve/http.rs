//! What is answered over HTTP. Nothing here opens a meeting or names a person.

use crate::serve::board::{Answer, Board, Boards, Call};
use crate::serve::guard::{Refused, may_act, may_read};
use crate::serve::round::Ended;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use prometheus_client::encoding::prometheus_text;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// No body is larger.
const LARGEST: usize = 4096;

/// A body comes within that.
const SLOWEST: Duration = Duration::from_secs(10);

/// Answers until it is to stop.
///
/// Fails where the listener does.
pub async fn serve(listener: TcpListener, board: Arc<Board>, stop: watch::Receiver<bool>) -> std::io::Result<()> {
    let reads = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/plan", get(plan))
        .route_layer(from_fn(reader));
    let acts =
        Router::new().route("/approve", post(approve)).route("/reconcile", post(reconcile)).route_layer(from_fn(actor));
    answer(listener, reads.merge(acts).with_state(board), stop).await
}

/// Answers how several workspaces do until it is to stop, and takes nothing that makes something happen.
///
/// Fails where the listener does.
pub async fn serve_several(
    listener: TcpListener,
    boards: Arc<Boards>,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let reads = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(several_ready))
        .route("/metrics", get(several_metrics))
        .route_layer(from_fn(reader));
    answer(listener, reads.with_state(boards), stop).await
}

async fn answer(listener: TcpListener, routes: Router, mut stop: watch::Receiver<bool>) -> std::io::Result<()> {
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, routes).with_graceful_shutdown(async move { _ = stop.wait_for(|stop| *stop).await }).await
}

async fn reader(peer: ConnectInfo<SocketAddr>, headers: HeaderMap, request: Request, next: Next) -> Response {
    match may_read(peer.ip(), &headers) {
        Ok(()) => next.run(request).await,
        Err(why) => refused(why),
    }
}

async fn actor(peer: ConnectInfo<SocketAddr>, headers: HeaderMap, request: Request, next: Next) -> Response {
    match may_act(peer.ip(), &headers) {
        Ok(()) => next.run(request).await,
        Err(why) => refused(why),
    }
}

async fn ready(State(board): State<Arc<Board>>) -> Response {
    match board.is_ready() {
        true => "ok\n".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "no round has ended, or the last one long ago\n").into_response(),
    }
}

async fn several_ready(State(boards): State<Arc<Boards>>) -> Response {
    match boards.is_ready() {
        true => "ok\n".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not all lists were read yet\n").into_response(),
    }
}

async fn metrics(State(board): State<Arc<Board>>) -> Response {
    numbers(board.metrics.text())
}

async fn several_metrics(State(boards): State<Arc<Boards>>) -> Response {
    numbers(boards.text())
}

fn numbers(text: String) -> Response {
    ([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response()
}

async fn plan(State(board): State<Arc<Board>>) -> Response {
    said(StatusCode::OK, json!({"workspace": board.workspace, "pending": board.pending()}))
}

async fn reconcile(State(board): State<Arc<Board>>) -> Response {
    match board.call(Call::Reconcile).await {
        Some(answer) => answered(StatusCode::OK, &answer),
        None => refused(BUSY),
    }
}

/// What approves a plan.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Approval {
    plan_id: String,
}

async fn approve(State(board): State<Arc<Board>>, body: Body) -> Response {
    let bytes = match tokio::time::timeout(SLOWEST, to_bytes(body, LARGEST)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return refused((StatusCode::PAYLOAD_TOO_LARGE, "the body is too large, or was cut off")),
        Err(_) => return refused((StatusCode::REQUEST_TIMEOUT, "the body did not come in time")),
    };
    let Ok(Approval { plan_id }) = serde_json::from_slice(&bytes) else {
        return refused((
            StatusCode::BAD_REQUEST,
            "the body is not like {\"planId\": \"…\"}, with all digits of the id",
        ));
    };
    if board.plan_only {
        return refused((StatusCode::CONFLICT, "this only plans, and sends nothing that is approved"));
    }
    // What is unknown is told at once; what is pending is planned again all the same.
    match board.pending() {
        Some(pending) if pending.plan_id == plan_id => {}
        Some(_) => return refused((StatusCode::CONFLICT, "another plan waits: look at /plan")),
        None => return refused((StatusCode::CONFLICT, "no plan waits")),
    }
    match board.call(Call::Approve(plan_id)).await {
        Some(answer) if answer.ended == Ended::Void => answered(StatusCode::CONFLICT, &answer),
        Some(answer) => answered(StatusCode::OK, &answer),
        None => refused(BUSY),
    }
}

const BUSY: Refused = (StatusCode::SERVICE_UNAVAILABLE, "it is about to end, or others wait for a round already");

fn answered(status: StatusCode, answer: &Answer) -> Response {
    said(status, json!(answer))
}

fn refused((status, why): Refused) -> Response {
    said(status, json!({"error": why}))
}

fn said(status: StatusCode, body: Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}
