//! What the twin answers: a status, headers and JSON, or a refusal in Graph's error shape.
//!
//! Every refusal of the twin is made here, so that the shape `{"error": {code, message, innerError}}` stands in one place
//! (errors.md). It knows nothing of HTTP libraries: `server` turns an `Answer` into bytes, `batch` into an inner response.

use serde_json::{Map, Value, json};

/// One response: `body` is `None` for 202 and 204.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Value>,
}

impl Answer {
    /// Answers with JSON.
    pub fn json(status: u16, body: Value) -> Answer {
        Answer { status, headers: Vec::new(), body: Some(body) }
    }

    /// Answers without a body.
    pub fn empty(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: None }
    }

    /// Adds a response header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}

/// A request that is not done. `extra` is put beside `code` and `message`.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    pub extra: Option<Box<(&'static str, Value)>>,
    pub retry_after: Option<String>,
}

/// What every route gives back.
pub type Outcome<T = Answer> = Result<T, Refusal>;

/// Refuses with a status, a code and a message.
pub fn refuse<T>(status: u16, code: &'static str, message: impl Into<String>) -> Outcome<T> {
    Err(refusal(status, code, message))
}

/// Builds a refusal, for `ok_or_else` and `map_err`.
pub fn refusal(status: u16, code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal { status, code, message: message.into(), extra: None, retry_after: None }
}

impl Refusal {
    /// Writes the refusal as Graph does; `id` and `date` go into `innerError` (errors.md).
    pub fn answer(self, id: &str, client_id: &str, date: &str) -> Answer {
        let Refusal { status, code, message, extra, retry_after } = self;
        let mut error = Map::new();
        error.insert("code".into(), code.into());
        error.insert("message".into(), message.into());
        if let Some(extra) = extra {
            let (name, value) = *extra;
            error.insert(name.into(), value);
        }
        let date = date.get(..19).unwrap_or(date);
        let inner = json!({"date": date, "request-id": id, "client-request-id": client_id});
        error.insert("innerError".into(), inner);
        let mut answer = Answer::json(status, json!({ "error": error }));
        if let Some(seconds) = retry_after {
            answer = answer.with("Retry-After", seconds);
        }
        answer
    }
}

/// The event, calendar or meeting is not there: the one refusal that means absence (errors.md).
pub fn item_not_found() -> Refusal {
    refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")
}

/// No such route.
pub fn no_route(path: &str) -> Refusal {
    refusal(400, "BadRequest", format!("Resource not found for the segment '{path}'."))
}

/// The route exists, the method does not.
pub fn no_method(method: &str) -> Refusal {
    refusal(
        405,
        "Request_BadRequest",
        format!("Specified HTTP method '{method}' is not allowed for the request target."),
    )
}
