//! Who may ask: programs on this machine, and no page that a browser shows.
//!
//! A page of any site can make its reader's browser send requests to loopback. Where its name was rebound to 127.0.0.1, `Host` says
//! so; where it was not, `Origin` says so; and what a browser sends without asking first is no JSON (Fetch standard, "CORS-safelisted
//! request-header"). The twin answers no preflight, so every other header and method is out of a page's reach.

use axum::http::{HeaderMap, Uri, header, uri::Authority};

use crate::sandbox::answer::{Outcome, refuse};

/// Lets a request in that names this server, at `port`, by a name of loopback, and that comes from no foreign page.
pub fn admit(port: u16, uri: &Uri, headers: &HeaderMap) -> Outcome<()> {
    // The target of a request to a proxy names a host as well, and goes before the header (RFC 9112, 3.2.2).
    let named = uri.authority().map(Authority::as_str);
    let hosts: Vec<&str> = named.into_iter().chain(all(headers, header::HOST)).collect();
    if hosts.is_empty() || !hosts.iter().all(|host| ours(host, port)) {
        let message = "The Host of the request is not this server: use 127.0.0.1, [::1] or localhost with its port.";
        return refuse(421, "MisdirectedRequest", message);
    }
    let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|host| ours(host, port));
    if !all(headers, header::ORIGIN).all(own) {
        return refuse(
            403,
            "ForeignOrigin",
            "The request comes from a web page, and the sandbox serves programs only.",
        );
    }
    Ok(())
}

/// Lets a write through an admin route in, which asks for no token, if it calls its body JSON.
pub fn admit_admin(method: &str, headers: &HeaderMap) -> Outcome<()> {
    let kind = all(headers, header::CONTENT_TYPE).next().unwrap_or_default();
    let json = kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
    match matches!(method, "GET" | "DELETE") || json {
        true => Ok(()),
        false => refuse(415, "UnsupportedMediaType", "The Content-Type of the request is not application/json."),
    }
}

/// The values of a header; one that is no text is a value that nothing accepts.
fn all(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).into_iter().map(|it| it.to_str().unwrap_or("?"))
}

/// Whether a host with its port, which may be left out where it is HTTP's own, is this server.
fn ours(host: &str, port: u16) -> bool {
    let Ok(host) = host.parse::<Authority>() else { return false };
    let plain = !host.as_str().contains('@');
    let loopback = ["127.0.0.1", "[::1]", "localhost"].iter().any(|it| host.host().eq_ignore_ascii_case(it));
    // A colon without a number is no port at all.
    let number = host.port().map_or((!host.as_str().ends_with(':')).then_some(80), |it| Some(it.as_u16()));
    plain && loopback && number == Some(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_ours_by_a_name_of_loopback_and_the_right_port() {
        for (host, port, expect) in [
            ("127.0.0.1:8080", 8080, true),
            ("localhost:8080", 8080, true),
            ("LOCALHOST:8080", 8080, true),
            ("[::1]:8080", 8080, true),
            ("localhost", 80, true),
            ("localhost", 8080, false),
            ("localhost:", 80, false),
            ("localhost:8081", 8080, false),
            ("127.0.0.1:8080@evil.example:8080", 8080, false),
            ("evil.example@127.0.0.1:8080", 8080, false),
            ("127.0.0.1.evil.example:8080", 8080, false),
            ("localhost.evil.example:8080", 8080, false),
            ("evil.example:8080", 8080, false),
            ("0.0.0.0:8080", 8080, false),
            ("127.0.0.1:8080/", 8080, false),
            ("", 80, false),
        ] {
            assert_eq!(ours(host, port), expect, "{host}");
        }
    }
}
