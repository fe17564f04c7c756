//! Input that is not a request gets a Graph-shaped answer, and the twin stays up.

use std::{io::Write, net::TcpStream};

use crate::sandbox::support::twin;

#[test]
fn malformed_requests_are_refused_in_graphs_shape() {
    let deep = format!("POST /me/events\n\n{}", "[".repeat(5000));
    let cases = [
        ("POST /me/events\n\n{\"subject\": ", 400, "BadRequest", "JSON"),
        (deep.as_str(), 400, "BadRequest", "JSON"),
        ("POST /me/events\n\n[1]", 400, "BadRequest", "object"),
        ("POST /me/events", 400, "BadRequest", "Empty Payload"),
        ("POST /me/events\nContent-Type: text/plain\n\n{}", 415, "UnsupportedMediaType", "application/json"),
        ("POST /me/events\nContent-Encoding: gzip\n\nxx", 415, "UnsupportedMediaType", "Content-Encoding"),
        ("GET /me/events/%zz", 400, "BadRequest", "percent"),
        ("GET /me/events/%ff", 400, "BadRequest", "percent"),
        ("GET /me/events?$filter=%e", 400, "BadRequest", "percent"),
        ("GET /users/../me", 400, "BadRequest", "`..`"),
        ("GET /users/%2e%2e/me", 400, "BadRequest", "`..`"),
        ("GET /me/nothing", 400, "BadRequest", "'nothing'"),
        ("GET /other/me", 404, "BadRequest", "version"),
        ("PUT /me/events", 405, "Request_BadRequest", "'PUT'"),
        ("GET /groups/1/events", 403, "ErrorAccessDenied", "delegated"),
    ];
    let twin = twin();
    for (request, status, code, words) in cases {
        twin.send(request).refused(status, code, words);
    }
    twin.get("/me").expect(200);
}

#[test]
fn a_body_of_twenty_megabytes_is_too_large() {
    let twin = twin();
    let body = format!("{{\"subject\": \"{}\"}}", "x".repeat(20 * 1024 * 1024));
    twin.send(&format!("POST /me/events\n\n{body}")).refused(413, "RequestEntityTooLarge", "4 MB");
    twin.get("/me").expect(200);
}

#[test]
fn a_client_that_stops_half_way_holds_nobody_up() {
    let twin = twin();
    let address = twin.sandbox.url.trim_start_matches("http://").trim_end_matches("/v1.0").to_string();
    let mut slow: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(&address).expect("the twin listens")).collect();
    for stream in &mut slow {
        stream.write_all(b"POST /v1.0/me/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 100\r\n\r\n{\"sub").expect("sent");
    }
    twin.get("/me").expect(200);
    drop(slow);
    twin.get("/me").expect(200);
    twin.stop();
}

#[test]
fn what_is_not_http_ends_its_connection_only() {
    let twin = twin();
    twin.raw(b"\x00\xff\x16\x03 nonsense\r\n\r\n");
    twin.get("/me").expect(200);
}

#[test]
fn what_would_take_too_long_or_too_deep_is_refused() {
    let twin = twin();
    let year = |from: u16, to: u16| format!("startDateTime={from}-01-01&endDateTime={to}-01-01");
    twin.get(&format!("/me/calendarView?{}", year(2026, 2040))).refused(400, "ErrorInvalidRequest", "1825");
    twin.get(&format!("/me/calendarView?{}", year(2026, 2025))).refused(400, "ErrorInvalidRequest", "endDateTime");
    let deep = "%28".repeat(10_000);
    twin.get(&format!("/me/events?$filter={deep}")).refused(400, "BadRequest", "syntax");
    let scripts = "<script>".repeat(400_000);
    let body = crate::sandbox::support::event(serde_json::json!({"body": {"contentType": "html", "content": scripts}}));
    twin.json("POST", "/me/events", &body).expect(201);
}
