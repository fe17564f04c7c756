//! A stand-in for Entra ID, which gives the twin's token to whoever asks, and remembers what for.

use super::gate::serve;
use axum::extract::State;
use axum::http::Uri;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

pub struct Entra {
    pub url: String,
    asked: Asked,
}

/// Paths and forms, as they came.
type Asked = Arc<Mutex<Vec<String>>>;

impl Entra {
    pub async fn serve(token: String) -> Entra {
        let asked = Asked::default();
        let routes = Router::new().fallback(answer).with_state((asked.clone(), token));
        Entra { url: serve(routes).await, asked }
    }

    /// What it was asked last: path and form.
    pub fn last(&self) -> String {
        self.asked.lock().unwrap().last().cloned().unwrap_or_default()
    }
}

async fn answer(State((asked, token)): State<(Asked, String)>, uri: Uri, form: String) -> Json<Value> {
    asked.lock().unwrap().push(format!("{} {form}", uri.path()));
    Json(json!({"token_type": "Bearer", "access_token": token, "expires_in": 3599}))
}
