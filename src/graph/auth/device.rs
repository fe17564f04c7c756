//! Signing in as a person with a device code (device authorization grant of the identity platform).
//!
//! The person opens a page and types a code; we ask until they have. A refresh token serves for the rest of the run and is
//! never written down.

use crate::graph::auth::authority::{self, Authority};
use crate::graph::token::Fresh;
use crate::reason::Reason;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Signs a person in with a code that is typed in a browser.
pub struct Device {
    authority: Authority,
    /// Up to and without `/devicecode` and `/token`.
    endpoint: String,
    client_id: String,
    scope: String,
    say: fn(&str),
    refresh: Mutex<Option<String>>,
}

impl Device {
    /// Makes it; `say` tells the person what to do.
    pub fn new(authority: Authority, tenant: String, client_id: String, graph: &str, say: fn(&str)) -> Device {
        let endpoint = format!("{}/{tenant}/oauth2/v2.0", authority.authority());
        let scopes = ["OnlineMeetings.ReadWrite", "Calendars.ReadWrite"].map(|scope| format!("{graph}/{scope}"));
        let scope = format!("{} offline_access", scopes.join(" "));
        Device { authority, endpoint, client_id, scope, say, refresh: Mutex::new(None) }
    }

    /// Returns a token: by the refresh token of this run if there is one, else by asking the person.
    pub async fn fresh(&self) -> Result<Fresh> {
        let refresh = self.refresh.lock().expect("no holder panics").take();
        if let Some(refresh) = refresh {
            let form = [("grant_type", "refresh_token"), ("refresh_token", &refresh), ("scope", &self.scope)];
            if let Ok(answer) = self.post("token", &form).await.and_then(granted) {
                return self.take(answer);
            }
        }
        self.ask().await
    }

    async fn ask(&self) -> Result<Fresh> {
        let code = self.post("devicecode", &[("scope", &self.scope)]).await?;
        let code = granted(code).context("Entra ID gave no device code")?;
        let device_code = code["device_code"].as_str().context("Entra ID gave no device code")?;
        (self.say)(code["message"].as_str().unwrap_or("open the device login page and type the code"));
        let mut wait = Duration::from_secs_f64(code["interval"].as_f64().unwrap_or(5.0).clamp(0.01, 60.0));
        let end = Instant::now() + Duration::from_secs(code["expires_in"].as_u64().unwrap_or(900).min(3600));
        let form = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", device_code)];
        while Instant::now() < end {
            tokio::time::sleep(wait).await;
            let answer = self.post("token", &form).await?;
            match answer["error"].as_str() {
                None => return self.take(answer),
                Some("authorization_pending") => {}
                Some("slow_down") => wait += Duration::from_secs(5),
                Some("authorization_declined") => bail!("the sign-in was declined"),
                Some("expired_token") => break,
                Some(_) => return Err(granted(answer).err().context("the answer says an error")?),
            }
        }
        bail!(Reason::SignInFailed.trouble("nobody signed in before the code expired").hint("run it again"))
    }

    fn take(&self, answer: Value) -> Result<Fresh> {
        let bearer = answer["access_token"].as_str().context("Entra ID's answer holds no token")?.to_owned();
        *self.refresh.lock().expect("no holder panics") = answer["refresh_token"].as_str().map(str::to_owned);
        let life = answer["expires_in"].as_u64().unwrap_or(3600).min(86_400);
        Ok(Fresh { bearer, expires: Instant::now() + Duration::from_secs(life) })
    }

    async fn post(&self, to: &str, form: &[(&str, &str)]) -> Result<Value> {
        let form: Vec<_> = form.iter().copied().chain([("client_id", self.client_id.as_str())]).collect();
        let request = self.authority.client()?.post(format!("{}/{to}", self.endpoint)).form(&form);
        let answer = request.send().await.context("Entra ID cannot be reached")?;
        authority::json(answer).await.context("cannot read what Entra ID answered")
    }
}

/// Turns an error answer into an error.
fn granted(answer: Value) -> Result<Value> {
    match answer["error"].as_str() {
        None => Ok(answer),
        Some(code) => bail!("{code}: {}", answer["error_description"].as_str().unwrap_or_default()),
    }
}
