//! Everything that is not a good answer, worded.
//!
//! Reads Graph's error bodies, which may be empty, HTML, or spell `innerError` either way, and words what went wrong
//! so that no token, passcode or join link is in it. It decides nothing about sending again; what to do about a
//! failure stands in `hint`.

use crate::graph::redact::scrub;
use crate::model::Method;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// A request as it may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub method: Method,
    /// Without its query, long ids cut.
    pub path: String,
}

/// Why a request has no good answer.
#[derive(Debug)]
pub enum Failure {
    /// Graph answered, and not with 2xx.
    Refused {
        /// What was asked for.
        request: Asked,
        /// The HTTP status.
        status: u16,
        /// Graph's code as it is spelled; empty if there is none.
        code: String,
        /// Graph's own words.
        message: String,
        /// The id by which Microsoft finds the request.
        request_id: Option<String>,
        /// The event that has the `transactionId` which was refused, where Graph names it (observed).
        existing: Option<Box<str>>,
        /// An attempt of it may have been carried out all the same.
        open: bool,
    },
    /// It was sent, and whether Graph did it is not known.
    Lost {
        /// What was asked for.
        request: Asked,
        /// What happened to the connection.
        why: String,
    },
    /// Graph asked to wait for longer than the request may take.
    Throttled {
        /// What was asked for.
        request: Asked,
        /// What Graph asked for.
        wait: Duration,
    },
    /// It never reached Graph, or the trouble is ours.
    Local(anyhow::Error),
}

/// No connection to Graph: name, network, proxy or TLS.
#[derive(Debug, Clone)]
pub struct Unreached {
    pub host: String,
    pub why: String,
}

impl Failure {
    /// Whether the resource is not there: a 404 that speaks of the item itself. An unknown user, a missing mailbox
    /// and a denied one say nothing about the item (errors.md).
    pub fn is_absent(&self) -> bool {
        const ITEM: &[&str] = &["ErrorItemNotFound", "itemNotFound", "NotFound"];
        let Failure::Refused { status: 404, code, .. } = self else {
            return false;
        };
        ITEM.iter().any(|it| it.eq_ignore_ascii_case(code))
    }

    /// Whether nobody has the name or object id that was asked for, or no mailbox: whose it was may be gone (errors.md). Only the
    /// directory can tell.
    pub fn is_nobody(&self) -> bool {
        const USER: &[&str] =
            &["ErrorInvalidUser", "MailboxNotEnabledForRESTAPI", "Request_ResourceNotFound", "ResourceNotFound"];
        let Failure::Refused { status: 404, code, .. } = self else {
            return false;
        };
        USER.iter().any(|it| it.eq_ignore_ascii_case(code))
    }

    /// Whether somebody else wrote the resource: it has another etag than the one that was sent (412), or is being written
    /// (409; observed for messages).
    pub fn is_stale(&self) -> bool {
        matches!(self, Failure::Refused { status: 409 | 412, .. })
    }

    /// Whether a create was refused because its `transactionId` was used already, and by which event, where that is told. The
    /// status is 400 or 409 (observed).
    pub fn used(&self) -> Option<Option<String>> {
        let Failure::Refused { status: 400 | 409, code, existing, .. } = self else { return None };
        code.eq_ignore_ascii_case("ErrorDuplicateTransactionId").then(|| existing.as_deref().map(str::to_owned))
    }

    /// Whether nothing is known of what became of the request.
    pub fn is_lost(&self) -> bool {
        matches!(self, Failure::Lost { .. })
    }

    /// Whether the request may have been done all the same: an answer was lost, be it that of an attempt before the last.
    pub fn is_perhaps_done(&self) -> bool {
        matches!(self, Failure::Lost { .. } | Failure::Refused { open: true, .. })
    }
}

/// What Graph asked for, in words.
pub fn wait(time: Duration) -> String {
    format!("Graph asks to wait {:.0} s more", time.as_secs_f64().ceil())
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Failure::Refused { request, status, code, message, request_id, existing: _, open: _ } => {
                write!(f, "{request}: {status}")?;
                if !code.is_empty() {
                    write!(f, " {code}")?;
                }
                if !message.is_empty() {
                    write!(f, ": {message}")?;
                }
                match request_id {
                    Some(id) => write!(f, " (request-id {id})"),
                    None => Ok(()),
                }
            }
            Failure::Lost { request, why } => write!(f, "{request}: no answer: {why}"),
            Failure::Throttled { request, wait: time } => write!(f, "{request}: {}", wait(*time)),
            Failure::Local(error) => write!(f, "{error:#}"),
        }
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "cannot reach `{}`: {}", self.host, self.why)
    }
}

impl std::error::Error for Unreached {}

/// Graph's own words for an error, from an answer's body.
#[derive(Debug, Default, PartialEq)]
pub struct Words {
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
    pub existing: Option<Box<str>>,
}

/// Reads an error body: Graph's JSON, or the text of whatever a gateway sent in its place.
pub fn words(body: Result<&Value, &str>) -> Words {
    let body = match body {
        Ok(body) => body,
        Err(text) => {
            return Words { message: scrub(text), ..Words::default() };
        }
    };
    let error = body.get("error").unwrap_or(&Value::Null);
    // Older pages write `innererror`, services send `innerError`; it can be nested.
    let inner = error.get("innerError").or_else(|| error.get("innererror")).unwrap_or(&Value::Null);
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(scrub);
    let code = text(error, "code").filter(|it| !it.is_empty()).or_else(|| text(inner, "code"));
    Words {
        code: code.unwrap_or_default(),
        message: text(error, "message").unwrap_or_default(),
        request_id: text(inner, "request-id"),
        existing: error.get("@event.existingEventId").and_then(Value::as_str).map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::refusal::{Asked, Failure, Words, words};
    use crate::model::Method;
    use serde_json::json;

    #[test]
    fn error_bodies_are_read_however_they_are_spelled() {
        let id = |it: &str| Some(it.to_string());
        for (body, expect) in [
            (json!({"error": {"code": "A", "message": "m", "innerError": {"request-id": "r"}}}), ("A", "m", id("r"))),
            (json!({"error": {"code": "A", "message": "m", "innererror": {"request-id": "r"}}}), ("A", "m", id("r"))),
            (json!({"error": {"code": "", "message": "m", "innerError": {"code": "429"}}}), ("429", "m", None)),
            (json!({"error": "invalid"}), ("", "", None)),
            (json!(null), ("", "", None)),
            (json!([1]), ("", "", None)),
        ] {
            let (code, message, request_id) = expect;
            let expect = Words { code: code.into(), message: message.into(), request_id, existing: None };
            assert_eq!(words(Ok(&body)), expect);
        }
        assert_eq!(words(Err("a page `x`")).message, "a page `x`");
    }

    #[test]
    fn only_a_404_about_the_item_itself_means_absent() {
        for (status, code, absent) in [
            (404, "ErrorItemNotFound", true),
            (404, "itemnotfound", true),
            (404, "NotFound", true),
            (404, "", false),
            (404, "MailboxNotEnabledForRESTAPI", false),
            (404, "ErrorInvalidUser", false),
            (404, "Request_ResourceNotFound", false),
            (404, "ResourceNotFound", false),
            (403, "ErrorItemNotFound", false),
            (410, "itemNotFound", false),
        ] {
            let request = Asked { method: Method::Get, path: "/x".into() };
            let (code, message) = (code.to_string(), String::new());
            let failure =
                Failure::Refused { request, status, code, message, request_id: None, existing: None, open: false };
            assert_eq!(failure.is_absent(), absent, "{failure}");
            assert!(!(failure.is_absent() && failure.is_nobody()), "{failure}");
        }
    }
}
