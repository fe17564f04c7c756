//! Where a state is kept, as text says it: a file, an object in a store, or in a cluster a Secret.
//!
//! Grammar alone: whether the place is there, and who may write it, the store says.

use crate::problem::cut;

/// The stores, with the scheme of their addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shop {
    /// Azure Blob Storage.
    Azure,
    /// Amazon S3, and what speaks its protocol.
    S3,
    /// Google Cloud Storage.
    Google,
}

impl Shop {
    /// All of them.
    pub const ALL: [Shop; 3] = [Shop::Azure, Shop::S3, Shop::Google];

    /// How its addresses begin.
    pub fn scheme(self) -> &'static str {
        match self {
            Shop::Azure => "az",
            Shop::S3 => "s3",
            Shop::Google => "gs",
        }
    }

    /// What its outermost folders are called.
    pub fn bucket(self) -> &'static str {
        match self {
            Shop::Azure => "container",
            Shop::S3 | Shop::Google => "bucket",
        }
    }
}

/// An object in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The store.
    pub shop: Shop,
    /// The bucket; in Azure Blob Storage the container.
    pub bucket: String,
    /// The name of the object in it.
    pub path: String,
}

impl std::fmt::Display for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}://{}/{}", self.shop.scheme(), self.bucket, self.path)
    }
}

/// The longest name of an object; the stores take 1024 bytes, and what stands beside the document has a longer name.
const LONGEST: usize = 800;

/// Returns whether a text is the address of an object, not the path of a file.
pub fn is_address(text: &str) -> bool {
    text.contains("://")
}

/// The longest name of an object of Kubernetes.
const LONGEST_SECRET: usize = 253;

/// Returns the name of the Secret that a state is kept in, where an address is one of those: `secret://NAME`.
pub fn secret(address: &str) -> Option<&str> {
    address.strip_prefix("secret://")
}

/// Whether Kubernetes takes a name for that of a Secret.
pub fn is_secret(name: &str) -> bool {
    let plain = |sign: u8| sign.is_ascii_lowercase() || sign.is_ascii_digit();
    let label = |label: &str| match label.as_bytes() {
        [first, .., last] => plain(*first) && plain(*last) && label.bytes().all(|sign| plain(sign) || sign == b'-'),
        [one] => plain(*one),
        [] => false,
    };
    name.len() <= LONGEST_SECRET && name.split('.').all(label)
}

impl Remote {
    /// Reads an address. Fails with what is wrong with it, and the way out.
    pub fn parse(text: &str) -> Result<Remote, (String, String)> {
        let wrong = |what: &str, way_out: String| Err((format!("{what}: `{}`", without_secrets(text)), way_out));
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let Some(shop) = Shop::ALL.into_iter().find(|shop| shop.scheme() == scheme) else {
            let all = "write `az://container/path`, `s3://bucket/path` or `gs://bucket/path`, or the path of a file";
            return wrong("a state is not kept in such a place", all.into());
        };
        let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
        let name = shop.bucket();
        if !is_bucket(shop, bucket) {
            let way_out = format!(
                "write `{scheme}://{name}/path`; a {name} has 3 to 63 small letters, digits and {}",
                if shop == Shop::Azure { "hyphens; the account is named by AZURE_STORAGE_ACCOUNT" } else { "hyphens" },
            );
            return wrong(&format!("not the name of a {name} in the place of the state"), way_out);
        }
        if !is_path(path) {
            let way_out = format!(
                "write `{scheme}://{bucket}/path`, such as `{scheme}://{bucket}/meetings/state.json`: letters, digits and `._-=+@` \
                 between single slashes"
            );
            return wrong("not the name of an object in the place of the state", way_out);
        }
        Ok(Remote { shop, bucket: bucket.into(), path: path.into() })
    }
}

/// A place as it may be shown: a query may be a signature, and what stands before the host a password.
pub fn without_secrets(place: &str) -> String {
    let shown = place.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = shown.split_once("://") else { return cut(place) };
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    cut(&format!("{scheme}://{}", &rest[host..]))
}

/// The rules that the stores share, and the dots of those that have dots.
fn is_bucket(shop: Shop, name: &str) -> bool {
    let edge = |sign: Option<u8>| sign.is_some_and(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit());
    let inner = |sign: u8| match sign {
        b'.' => shop != Shop::Azure,
        b'_' => shop == Shop::Google,
        sign => sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-',
    };
    let joined = name.contains("..") || (shop == Shop::Azure && name.contains("--"));
    let ends = edge(name.bytes().next()) && edge(name.bytes().last());
    (3..=63).contains(&name.len()) && ends && name.bytes().all(inner) && !joined
}

/// What every store, every client and every shell takes for the same name.
fn is_path(path: &str) -> bool {
    let plain = |sign: u8| sign.is_ascii_alphanumeric() || b"._-=+@".contains(&sign);
    let named = |part: &str| !part.is_empty() && part.bytes().all(plain) && !part.ends_with('.');
    path.len() <= LONGEST && path.split('/').all(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_told_as_it_was_written() {
        for text in [
            "az://records/state.json",
            "az://team-a/meetings/prod/state.json",
            "s3://records.contoso.example/a+b=c/x@y_1.json",
            "gs://records_1/state",
        ] {
            assert_eq!(Remote::parse(text).map(|it| it.to_string()), Ok(text.into()));
        }
    }

    #[test]
    fn a_secret_has_a_name_that_kubernetes_takes() {
        for (address, taken) in [
            ("secret://state", true),
            ("secret://a", true),
            ("secret://team-a.state-1", true),
            ("secret://", false),
            ("secret://State", false),
            ("secret://-state", false),
            ("secret://state.", false),
            ("secret://other/state", false),
            ("secret://st\u{e4}te", false),
            (&format!("secret://{}", "a".repeat(254)), false),
        ] {
            assert_eq!(secret(address).map(is_secret), Some(taken), "{address}");
        }
        assert_eq!(secret("s3://records/state.json"), None);
    }

    #[test]
    fn what_could_lead_elsewhere_is_no_address() {
        let long = format!("s3://records/{}", "a".repeat(LONGEST + 1));
        for text in [
            "https://account.blob.core.windows.net/records/state.json",
            "file:///etc/passwd",
            "AZ://records/state.json",
            "://records/state.json",
            "az://",
            "az://records",
            "az://records/",
            "az://records//state.json",
            "az://records/state.json/",
            "az://records/../other/state.json",
            "az://records/./state.json",
            "az://records/a/..",
            "az://records/state.json?sv=1&sig=x",
            "az://records/state.json#x",
            "az://records/%2e%2e/state.json",
            "az://records/a\\b",
            "az://records/a b",
            "az://records/st\u{e4}te",
            "az://records/state\n.json",
            "az://records/state\u{202e}.json",
            "az://user:secret@records/state.json",
            "az://Records/state.json",
            "az://re/state.json",
            "az://-records/state.json",
            "az://rec--ords/state.json",
            "az://rec.ords/state.json",
            "az://$root/state.json",
            "s3://rec_ords/state.json",
            "s3://records:443/state.json",
            "s3://rec..ords/state.json",
            &long,
        ] {
            let (message, way_out) = Remote::parse(text).unwrap_err();
            assert!(message.contains('`') && way_out.starts_with("write `"), "{text}: {message}; {way_out}");
            assert!(!message.contains("sig=") && !message.contains("secret"), "{message}");
        }
    }
}
