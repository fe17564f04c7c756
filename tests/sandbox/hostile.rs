//! Input that is not a request gets a Graph-shaped answer, and the twin stays up.

use std::{io::Write, net::TcpStream};

use convoke::face::sandbox::Options;

use crate::sandbox::support::{twin, twin_with};

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
    let address = twin.address();
    let mut slow: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(address).expect("the twin listens")).collect();
    let half = format!(
        "POST /v1.0/me/events HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer x\r\nContent-Length: 100\r\n\r\n{{\"sub"
    );
    for stream in &mut slow {
        stream.write_all(half.as_bytes()).expect("sent");
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

#[test]
fn a_page_in_a_browser_gets_nothing_and_changes_nothing() {
    let twin = twin();
    let port = twin.address().rsplit(':').next().expect("an address has a port").to_string();
    twin.event(serde_json::json!({"attendees": crate::sandbox::support::people(&["adele@contoso.example"])}));
    let rebound = ["evil.example", "evil.example:80", "localhost", "localhost:1", "127.0.0.1.evil.example", "0.0.0.0"];
    for host in rebound.iter().map(|it| it.to_string()).chain([format!("evil.example:{port}"), String::new()]) {
        for path in ["/me", "/sandbox/mails"] {
            twin.send(&format!("GET {path}\nHost: {host}")).refused(421, "MisdirectedRequest", "127.0.0.1, [::1]");
        }
    }
    twin.raw(b"GET /v1.0/me HTTP/1.0\r\nAuthorization: Bearer x\r\n\r\n").refused(421, "MisdirectedRequest", "Host");
    let proxied =
        format!("GET http://evil.example/v1.0/me HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    twin.raw(proxied.as_bytes()).refused(421, "MisdirectedRequest", "Host");
    let origins = ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1", "file://"];
    for (request, origin) in ["GET /me", "GET /sandbox/mails", "OPTIONS /sandbox/clock", "DELETE /sandbox/mails"]
        .iter()
        .flat_map(|request| origins.map(|origin| (request, origin)))
    {
        let reply = twin.send(&format!("{request}\nOrigin: {origin}")).refused(403, "ForeignOrigin", "web page");
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
    for kind in ["", "Content-Type: text/plain\n", "Content-Type: text/plain; x=application/json\n"] {
        let request = format!("POST /sandbox/clock\n{kind}\n{{\"now\": \"2031-01-01T00:00:00Z\"}}");
        twin.send(&request).refused(415, "UnsupportedMediaType", "application/json");
    }
    let date = twin.get("/me").expect(200).header("date");
    assert!(date.is_some_and(|it| it.contains("2026")), "nobody turned the clock");
    assert_eq!(twin.mails(), ["invitation adele@contoso.example"], "nobody emptied the ledger");
}

#[test]
fn programs_on_this_machine_reach_it_by_every_name_of_loopback() {
    let twin = twin();
    let port = twin.address().rsplit(':').next().expect("an address has a port").to_string();
    for host in ["127.0.0.1", "[::1]", "localhost", "LocalHost"] {
        twin.send(&format!("GET /me\nHost: {host}:{port}")).expect(200);
        twin.send(&format!("GET /me\nHost: {host}:{port}\nOrigin: http://{host}:{port}")).expect(200);
    }
    let json = "Content-Type: application/json; charset=utf-8";
    twin.send(&format!("POST /sandbox/clock\n{json}\n\n{{\"now\": null}}")).expect(200);
}

#[test]
fn the_token_of_a_twin_is_told_by_nothing_but_itself() {
    let at = |port| twin_with(Options { port, ..Options::default() });
    let first = at(0);
    let port = first.address().rsplit(':').next().and_then(|it| it.parse().ok()).expect("an address has a port");
    let before = first.sandbox.token.clone();
    first.stop();
    let second = at(port);
    assert_ne!(before, second.sandbox.token, "the same address, another token");
    assert!(before.len() >= 32 + "sandbox-".len(), "{before}");
}
