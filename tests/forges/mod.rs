//! `ci` in pipelines: the real program between a Graph twin and stand-ins for GitHub, GitLab and Azure DevOps.

mod azure;
mod elsewhere;
mod github;
mod gitlab;
mod on_github;
mod server;
mod workflow;

use crate::support::{House, Run};
use convoke::face::sandbox::Options;

pub const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec: {subject: Weekly, start: 2038-02-02T10:00, duration: 45m, attendees: [adele@contoso.example]}
";

/// A commit by its first digit.
pub fn commit(digit: char) -> String {
    digit.to_string().repeat(40)
}

/// A house with one event in its manifests.
pub fn house() -> House {
    let house = House::new(Options::default());
    house.write("weekly.yaml", EVENT);
    house
}

/// The last line of a file that begins so, without that.
pub fn output(house: &House, file: &str, name: &str) -> String {
    let text = std::fs::read_to_string(house.path(file)).unwrap();
    let line = text.lines().rev().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
}

/// Nothing of what opens doors stands in what a run says.
pub fn no_token(run: &Run, token: &str) {
    assert!(!run.out.contains(token) && !run.err.contains(token), "{run:?}");
}
