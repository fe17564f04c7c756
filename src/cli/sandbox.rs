//! `convoke sandbox`: the Graph twin as a server of its own.

use crate::cli::output::{print, say};
use crate::render::page::Page;
use crate::sandbox::{Faults, Mail, Options, Quirks, serve};
use anyhow::{Context, Result};
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Flags of `sandbox`.
#[derive(Args)]
pub struct Flags {
    /// The port on 127.0.0.1; any free one if left out
    #[arg(long, env = "CONVOKE_SANDBOX_PORT", default_value_t = 0)]
    port: u16,
    /// Keep the tenant in this file; it survives a kill. Without it everything is forgotten at the end
    #[arg(long, value_name = "FILE", env = "CONVOKE_SANDBOX_FILE")]
    file: Option<PathBuf>,
    /// A YAML description of users, rooms, licences and calendars; without it whoever is asked for is there
    #[arg(long, value_name = "FILE", env = "CONVOKE_SANDBOX_TENANT")]
    tenant: Option<PathBuf>,
    /// Faults by share, such as 429=5%,drop-after=1%,slow=50ms..2s,seed=7
    #[arg(long, value_name = "LIST", env = "CONVOKE_SANDBOX_FAULT")]
    fault: Option<Faults>,
    /// Oddities to switch, such as all, or late-join-url=2,body=rotate
    #[arg(long, value_name = "LIST", env = "CONVOKE_SANDBOX_QUIRK")]
    quirk: Option<Quirks>,
    /// Time added to every answer, such as 50ms
    #[arg(long, value_name = "TIME", env = "CONVOKE_SANDBOX_LATENCY", value_parser = milliseconds)]
    latency: Option<Duration>,
    /// Take only the token that is printed, which is another one each time
    #[arg(long, env = "CONVOKE_SANDBOX_STRICT_TOKENS")]
    strict_tokens: bool,
}

/// Serves until it is interrupted; then says what a real tenant would have mailed.
///
/// Standard output gets the two lines that a shell can `eval`, standard error one line for each request.
pub async fn run(flags: &Flags) -> Result<u8> {
    let Flags { port, file, tenant, fault, quirk, latency, strict_tokens } = flags;
    let options = Options {
        port: *port,
        file: file.clone(),
        tenant: tenant.clone(),
        faults: fault.clone(),
        quirks: quirk.clone().unwrap_or_default(),
        latency: *latency,
        strict_tokens: *strict_tokens,
        log: Some(|line| say(&Page::line(line))),
        ..Options::default()
    };
    let twin = serve(options).await?;
    let variables =
        [format!("export CONVOKE_GRAPH_URL={}", twin.url), format!("export CONVOKE_ACCESS_TOKEN={}", twin.token)];
    print(&variables.iter().map(|line| Page::line(line)).sum())?;
    ended().await?;
    say(&ledger(&twin.mails()));
    twin.stop().await?;
    Ok(0)
}

/// Waits for Ctrl-C, or for a polite kill.
async fn ended() -> Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate()).context("cannot listen for signals")?;
        tokio::select! {
            it = tokio::signal::ctrl_c() => it.context("cannot listen for Ctrl-C"),
            _ = term.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.context("cannot listen for Ctrl-C")
}

fn ledger(mails: &[Mail]) -> Page {
    let mut sorts: BTreeMap<&str, usize> = BTreeMap::new();
    for mail in mails {
        *sorts.entry(mail.kind).or_default() += 1;
    }
    let sorts: Vec<String> = sorts.iter().map(|(kind, number)| format!("{number} {kind}")).collect();
    let lines = mails.iter().map(|Mail { kind, to, subject, .. }| Page::line(&format!("  {kind}: {to}: {subject}")));
    match mails.len() {
        0 => Page::line("a tenant would have mailed nobody"),
        _ => Page::line(&format!("a tenant would have mailed {}", sorts.join(", "))) + lines.sum(),
    }
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len()));
    let number: u64 = number.parse().map_err(|_| format!("not a time such as `50ms` or `2s`: `{text}`"))?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        _ => Err(format!("not a time such as `50ms` or `2s`: `{text}`")),
    }
}
