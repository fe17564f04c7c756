//! The address of Graph's root, and what lies below it.
//!
//! The token goes below the root and nowhere else: plain http is for loopback only, and links that Graph gives must
//! stay on the host and in the version. Nothing is sent from here.

use crate::graph::redact;
use crate::problem::cut;
use anyhow::{Context, bail, ensure};
use reqwest::Url;

/// With the version and no slash at its end: `https://graph.microsoft.com/v1.0`.
pub struct Root(Url);

impl Root {
    /// Reads the address of a root. A slash at its end is dropped; the version is not guessed.
    pub fn parse(root: &str) -> anyhow::Result<Root> {
        // Not quoted until it is known to hold no password.
        let mut url = Url::parse(root.trim()).context("not an address like `https://graph.microsoft.com/v1.0`")?;
        ensure!(
            url.username().is_empty() && url.password().is_none(),
            "it holds a user name or password; the token goes elsewhere"
        );
        ensure!(url.query().is_none() && url.fragment().is_none(), "it holds `?` or `#`");
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => bail!("plain http is for loopback only; write `https`: `{url}`"),
            scheme => bail!("it must begin with `https://`, not with `{scheme}:`"),
        }
        ensure!(url.host_str().is_some(), "it names no host");
        let path = url.path().trim_end_matches('/').to_string();
        let version = path.rsplit('/').next().unwrap_or_default();
        let numbered = version
            .strip_prefix('v')
            .and_then(|it| it.split_once('.'))
            .is_some_and(|(a, b)| a.parse::<u8>().is_ok() && b.parse::<u8>().is_ok());
        if !numbered && version != "beta" {
            bail!("it lacks Graph's version at its end, like `/v1.0`: `{url}`");
        }
        url.set_path(&path);
        Ok(Root(url))
    }

    /// The host, with its port if that is not the usual one.
    pub fn host(&self) -> &str {
        self.0.authority()
    }

    /// Tells whether it leads to this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether it is http without TLS.
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Returns the root of the beta version on the same host.
    pub fn beta(&self) -> Root {
        let mut url = self.0.clone();
        let above = url.path().rsplit_once('/').map_or("", |(above, _)| above);
        let path = format!("{above}/beta");
        url.set_path(&path);
        Root(url)
    }

    /// Returns the address of a percent-encoded path below the root.
    pub fn link(&self, path: &str) -> anyhow::Result<Url> {
        ensure!(path.starts_with('/'), "the path of a request begins with `/`");
        // Checked once it is parsed: `..` must not lead out of the version.
        let url = Url::parse(&format!("{}{path}", self.0)).context("the path is not one")?;
        self.below(url.as_str()).context("the path leads away from Graph's root")?;
        Ok(url)
    }

    /// Turns a link that Graph gave into a path below the root. One that leads anywhere else is refused.
    pub fn below(&self, link: &str) -> anyhow::Result<String> {
        let url = Url::parse(link).context("not an address")?;
        let host = url.host_str().unwrap_or_default();
        ensure!(url.origin() == self.0.origin(), "on another host: `{}`", redact::scrub(host));
        ensure!(url.username().is_empty() && url.password().is_none(), "holds a user name");
        let below = url.path().strip_prefix(self.0.path()).filter(|it| it.starts_with('/'));
        let Some(below) = below else { bail!("outside of `{}`", self.0.path()) };
        Ok(match url.query() {
            Some(query) => format!("{below}?{query}"),
            None => below.to_string(),
        })
    }
}

/// Fails where an address is no root of Graph.
pub fn usable(root: &str) -> anyhow::Result<()> {
    Root::parse(root).map(drop)
}

/// Returns an address as it may be shown: without a user name, a password, and what stands behind `?` or `#`.
pub fn masked(text: &str) -> String {
    let (text, cut_off) = match text.find(['?', '#']) {
        Some(end) => (&text[..end], "…"),
        None => (text, ""),
    };
    let (scheme, rest) = text.split_once("//").map_or(("", text), |(scheme, rest)| (&text[..scheme.len() + 2], rest));
    let rest = rest.rfind('@').map_or(rest.to_owned(), |at| format!("***{}", &rest[at..]));
    cut(&format!("{scheme}{rest}{cut_off}"))
}

/// Whether an address leads to this machine.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use crate::graph::root::Root;

    #[test]
    fn a_root_is_https_with_its_version_or_on_loopback() {
        for (root, expect) in [
            ("https://graph.microsoft.com/v1.0", Ok("https://graph.microsoft.com/v1.0")),
            (" https://graph.microsoft.com/beta/ ", Ok("https://graph.microsoft.com/beta")),
            ("http://127.0.0.1:80/v1.0/", Ok("http://127.0.0.1/v1.0")),
            ("http://localhost:8080/v1.0", Ok("http://localhost:8080/v1.0")),
            ("http://[::1]:8080/v1.0", Ok("http://[::1]:8080/v1.0")),
            ("http://graph.microsoft.com/v1.0", Err("loopback")),
            ("http://127.0.0.1.evil.example/v1.0", Err("loopback")),
            ("https://graph.microsoft.com", Err("version")),
            ("https://graph.microsoft.com/v1.0/me", Err("version")),
            ("https://user:geheim@graph.microsoft.com/v1.0", Err("user name")),
            ("https://graph.microsoft.com/v1.0?x=1", Err("`?`")),
            ("ftp://graph.microsoft.com/v1.0", Err("`https://`")),
            ("file:///v1.0", Err("`https://`")),
            ("graph.microsoft.com/v1.0", Err("not an address")),
            ("", Err("not an address")),
        ] {
            let got = Root::parse(root).map(|it| it.0.to_string()).map_err(|it| format!("{it:#}"));
            match (&got, expect) {
                (Ok(got), Ok(expect)) => assert_eq!(got, expect),
                (Err(got), Err(expect)) => {
                    assert!(got.contains(expect) && !got.contains("geheim"), "{root}: {got}")
                }
                _ => panic!("{root}: {got:?}"),
            }
        }
    }

    #[test]
    fn an_address_is_shown_without_what_signs_in() {
        for (text, expect) in [
            ("https://user:geheim@graph.example/v1.0?code=1", "https://***@graph.example/v1.0…"),
            ("user:ge@heim@graph.example", "***@graph.example"),
            ("graph.example/v1.0", "graph.example/v1.0"),
            ("", ""),
        ] {
            assert_eq!(super::masked(text), expect);
        }
    }

    #[test]
    fn only_links_below_the_root_are_followed() {
        let root = Root::parse("http://127.0.0.1:9/v1.0").unwrap();
        for (link, expect) in [
            ("http://127.0.0.1:9/v1.0/me/events?$skip=10&x=%2B", Ok("/me/events?$skip=10&x=%2B")),
            ("http://127.0.0.1:9/v1.0/me", Ok("/me")),
            ("http://127.0.0.1:9/beta/me", Err("outside")),
            ("http://127.0.0.1:9/v1.0/../beta/me", Err("outside")),
            ("http://127.0.0.1:9/v1.0x/me", Err("outside")),
            ("http://127.0.0.1:8/v1.0/me", Err("another host")),
            ("https://127.0.0.1:9/v1.0/me", Err("another host")),
            ("http://evil.example/v1.0/me", Err("`evil.example`")),
            ("http://a:b@127.0.0.1:9/v1.0/me", Err("user name")),
            ("/v1.0/me", Err("not an address")),
        ] {
            match (root.below(link), expect) {
                (Ok(got), Ok(expect)) => assert_eq!(got, expect),
                (Err(got), Err(expect)) => assert!(format!("{got:#}").contains(expect), "{got:#}"),
                (got, _) => panic!("{link}: {got:?}"),
            }
        }
    }

    #[test]
    fn beta_is_beside_the_version_on_the_same_host() {
        for (root, expect) in [
            ("https://graph.microsoft.com/v1.0", "https://graph.microsoft.com/beta/me"),
            ("https://graph.microsoft.com/beta", "https://graph.microsoft.com/beta/me"),
            ("http://127.0.0.1:9/twin/v1.0/", "http://127.0.0.1:9/twin/beta/me"),
        ] {
            let beta = Root::parse(root).unwrap().beta();
            assert_eq!(beta.link("/me").unwrap().as_str(), expect);
            assert!(beta.link("/../v1.0/me").is_err(), "{root}");
        }
    }

    #[test]
    fn a_path_stays_below_the_root() {
        let root = Root::parse("https://graph.example/v1.0/").unwrap();
        for (path, stays) in [
            ("/me/events?$filter=a%20eq%20'b'", true),
            ("/users/a%2F..%2Fb/events", true),
            ("me", false),
            (".evil.example/me", false),
            ("/../beta/me", false),
            ("/%2e%2e/beta/me", false),
        ] {
            assert_eq!(root.link(path).is_ok(), stays, "{path}");
        }
    }
}
