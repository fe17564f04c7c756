//! Writes down out of which commit a release is built. A build to work with has none, so that a commit builds nothing anew.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let (commit, date) = match std::env::var("PROFILE").as_deref() {
        Ok("release") => packed().map(|commit| (commit, String::new())).or_else(checked_out).unwrap_or_default(),
        _ => Default::default(),
    };
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let short = commit.get(..9).unwrap_or_default();
    let about = [short, date.as_str()].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    let line = if about.is_empty() { version } else { format!("{version} ({about})") };
    println!("cargo::rustc-env=CONVOKE_VERSION={line}");
    println!("cargo::rustc-env=CONVOKE_COMMIT={commit}");
    println!("cargo::rustc-env=CONVOKE_COMMIT_DATE={date}");
}

/// The commit that a package was made of: cargo writes it beside the manifest.
fn packed() -> Option<String> {
    let text = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let commit = text.split("\"sha1\": \"").nth(1)?.split('"').next()?;
    hex(commit)
}

/// The commit that is checked out, and its date; the build is made again once another one is.
fn checked_out() -> Option<(String, String)> {
    // What stands in somebody else's repository has another history.
    let root = git(&["rev-parse", "--show-toplevel"])?;
    let here = std::env::var("CARGO_MANIFEST_DIR").ok()?;
    (std::fs::canonicalize(root).ok()? == std::fs::canonicalize(here).ok()?).then_some(())?;
    println!("cargo::rerun-if-changed={}", git(&["rev-parse", "--git-path", "logs/HEAD"])?);
    Some((hex(&git(&["rev-parse", "HEAD"])?)?, git(&["show", "--no-patch", "--format=%cs", "HEAD"])?))
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok().filter(|it| it.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn hex(text: &str) -> Option<String> {
    (text.len() >= 40 && text.bytes().all(|it| it.is_ascii_hexdigit())).then(|| text.to_owned())
}
