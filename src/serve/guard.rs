//! Who may ask what over HTTP: who reads and who makes something happen, and no page that a browser shows.
//!
//! What changes something takes a program on this machine: a peer of loopback that names this server by a name of loopback (a page whose
//! own name was rebound to 127.0.0.1 names itself), without `Origin` (browsers send it, programs do not), with JSON (which a page cannot
//! send to somebody else without asking first), and not passed on by a proxy, whose callers may be anybody.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};
use std::net::IpAddr;

/// Why somebody is refused.
pub type Refused = (StatusCode, &'static str);

/// Lets somebody in who reads. Whoever reaches an address that was opened for that may, by any name; on loopback the name is held against
/// it.
pub fn may_read(peer: IpAddr, headers: &HeaderMap) -> Result<(), Refused> {
    match !peer.to_canonical().is_loopback() || is_named(headers) {
        true => Ok(()),
        false => Err((StatusCode::MISDIRECTED_REQUEST, "use 127.0.0.1, [::1] or localhost as the host")),
    }
}

/// Lets somebody in who makes something happen.
pub fn may_act(peer: IpAddr, headers: &HeaderMap) -> Result<(), Refused> {
    let loopback = peer.to_canonical().is_loopback();
    let passed_on = ["forwarded", "via", "x-forwarded-for", "x-real-ip"].iter().any(|name| headers.contains_key(*name));
    if !loopback || passed_on {
        return Err((StatusCode::FORBIDDEN, "only programs on this machine may ask for that, and through no proxy"));
    }
    may_read(peer, headers)?;
    if headers.contains_key(header::ORIGIN) {
        return Err((StatusCode::FORBIDDEN, "the request comes from a web page"));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        true => Ok(()),
        false => Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "send it with `content-type: application/json`")),
    }
}

/// Whether the request names one host, by a name of loopback. The port may be another one, which leads here.
fn is_named(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).into_iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Some(host) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else { return false };
    let loopback = ["127.0.0.1", "[::1]", "localhost"].iter().any(|it| host.host().eq_ignore_ascii_case(it));
    loopback && !host.as_str().contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let line =
            |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        let mut headers = HeaderMap::new();
        lines.iter().map(line).for_each(|(name, value)| _ = headers.append(name, value));
        headers
    }

    #[test]
    fn only_a_program_on_this_machine_makes_something_happen() {
        let (host, json) = (("host", "localhost:8484"), ("content-type", "application/json"));
        for (peer, lines, expect) in [
            ("127.0.0.1", vec![host, json], 200),
            ("::1", vec![("host", "[::1]:8484"), ("content-type", "application/json; charset=utf-8")], 200),
            ("::ffff:127.0.0.1", vec![("host", "127.0.0.1:8484"), json], 200),
            ("127.0.0.1", vec![("host", "localhost:9000"), json], 200),
            ("10.1.2.3", vec![host, json], 403),
            ("127.0.0.1", vec![host, json, ("x-forwarded-for", "10.1.2.3")], 403),
            ("127.0.0.1", vec![host, json, ("forwarded", "for=10.1.2.3")], 403),
            ("127.0.0.1", vec![host, json, ("origin", "https://evil.example")], 403),
            ("127.0.0.1", vec![host, json, ("origin", "null")], 403),
            ("127.0.0.1", vec![("host", "evil.example:8484"), json], 421),
            ("127.0.0.1", vec![("host", "127.0.0.1.evil.example"), json], 421),
            ("127.0.0.1", vec![("host", "evil.example@127.0.0.1"), json], 421),
            ("127.0.0.1", vec![host, host, json], 421),
            ("127.0.0.1", vec![json], 421),
            ("127.0.0.1", vec![host], 415),
            ("127.0.0.1", vec![host, ("content-type", "text/plain")], 415),
            ("127.0.0.1", vec![host, ("content-type", "application/x-www-form-urlencoded")], 415),
        ] {
            let got =
                may_act(peer.parse().unwrap(), &headers(&lines)).map_or_else(|(status, _)| status.as_u16(), |()| 200);
            assert_eq!(got, expect, "{peer} {lines:?}");
        }
    }

    #[test]
    fn whoever_reaches_an_open_address_may_read() {
        for (peer, host, expect) in [
            ("10.1.2.3", "convoke.monitoring:8484", true),
            ("127.0.0.1", "localhost:8484", true),
            ("127.0.0.1", "evil.example:8484", false),
        ] {
            assert_eq!(may_read(peer.parse().unwrap(), &headers(&[("host", host)])).is_ok(), expect, "{peer} {host}");
        }
    }
}
