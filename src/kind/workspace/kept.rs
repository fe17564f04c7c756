//! Which place the state may have: what the environment names, what it expects, and what that leaves to the file.
//!
//! A state holds join links and says what is cancelled, so whoever proposes a change must not lead a pipeline to another one.

use crate::kind::workspace::DEFAULT_STATE;
use crate::kind::workspace::place::{is_address, secret, without_secrets};
use crate::trouble::Trouble;

/// What the environment says of the place of the state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// `CONVOKE_STATE`: where it is.
    pub named: Option<String>,
    /// `CONVOKE_EXPECT_STATE`: how its place begins.
    pub expected: Option<String>,
    /// Whether a pipeline runs this.
    pub pipeline: bool,
    /// Whether objects of a cluster are read, whose Secrets are at hand.
    pub in_cluster: bool,
}

impl Kept {
    /// Says what is wrong with a place that the workspace file names, and the way out.
    pub fn refused_in_file(&self, file: &str) -> Option<(String, String)> {
        match &self.named {
            Some(_) if file == DEFAULT_STATE => None,
            Some(named) if named != file && (is_address(named) || is_address(file)) => {
                Some(differ("`spec.state`", file, named))
            }
            Some(_) | None => self.unexpected(file),
        }
    }

    /// Says that a file names a Secret, and the way out: a cluster alone has those.
    pub fn refused_secret(&self, file: &str) -> Option<(&'static str, &'static str)> {
        let what = "a state in a Secret is for objects of Kubernetes";
        let way_out = "name the file that it is kept in, or an object in a store: `az://…`, `s3://…` or `gs://…`";
        (secret(file).is_some() && !self.in_cluster).then_some((what, way_out))
    }

    /// Refuses a place that is to be used now; `flag` is what stands on the command line, or came into it from the environment.
    ///
    /// Fails where it does not begin as it is to, where flag and environment name different places, and where a pipeline is led to a
    /// store that its environment does not name.
    pub fn allows(&self, place: &str, flag: Option<&str>) -> Result<(), Trouble> {
        let trouble = |(what, hint): (String, String)| Err(Trouble::new(what).hint(hint));
        if let (Some(named), Some(flag)) = (&self.named, flag)
            && named != flag
            && (is_address(named) || is_address(flag))
        {
            return trouble(differ("`--state`", flag, named));
        }
        if let Some(unexpected) = self.unexpected(place) {
            return trouble(unexpected);
        }
        let pinned = self.named.as_deref() == Some(place) || self.expected.is_some();
        match is_address(place) && self.pipeline && !pinned {
            true => {
                let place = without_secrets(place);
                let what = format!("the state is `{place}`, and nothing in the environment of this pipeline says so");
                trouble((
                    what,
                    format!(
                        "set CONVOKE_STATE to `{place}`, or CONVOKE_EXPECT_STATE to how it begins, in the job's environment"
                    ),
                ))
            }
            false => Ok(()),
        }
    }

    /// Says that a place does not begin as it is expected to, and the way out.
    fn unexpected(&self, place: &str) -> Option<(String, String)> {
        let expected = self.expected.as_ref().filter(|expected| !begins(place, expected))?;
        let (place, expected) = (without_secrets(place), without_secrets(expected));
        let message = format!("the state is `{place}`, and CONVOKE_EXPECT_STATE says `{expected}`");
        let way_out = "keep it where the job expects it, or change CONVOKE_EXPECT_STATE in the job's environment";
        Some((message, way_out.into()))
    }
}

fn differ(who: &str, says: &str, named: &str) -> (String, String) {
    let (says, named) = (without_secrets(says), without_secrets(named));
    let message = format!("{who} is `{says}`, and CONVOKE_STATE says `{named}`");
    (message, "name one place in both, or take one of them out: while they differ no state is read".into())
}

/// Whether a place begins with a text; of an address the bucket is compared whole, for the next name is somebody else's.
fn begins(place: &str, expected: &str) -> bool {
    let Some(rest) = place.strip_prefix(expected) else { return false };
    match expected.split_once("://") {
        Some((_, bucket)) if !bucket.contains('/') => rest.is_empty() || rest.starts_with('/'),
        Some(_) | None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(named: Option<&str>, expected: Option<&str>, pipeline: bool) -> Kept {
        Kept { named: named.map(str::to_owned), expected: expected.map(str::to_owned), pipeline, in_cluster: false }
    }

    #[test]
    fn a_file_that_names_another_place_than_the_environment_is_refused_with_both() {
        for (named, expected, file, refused) in [
            (None, None, "az://records/a", false),
            (Some("az://records/a"), None, "az://records/a", false),
            (Some("az://records/a"), None, "az://records/b", true),
            (Some("az://records/a"), None, "elsewhere.json", true),
            (Some("elsewhere.json"), None, "az://records/b", true),
            // What the file leaves out is no other place.
            (Some("az://records/a"), Some("az://records/"), DEFAULT_STATE, false),
            (None, Some("secret://state"), "secret://state", false),
            (None, Some("secret://state"), "secret://states", true),
            (None, Some("secret://state"), DEFAULT_STATE, true),
            // A file is what a flag may put elsewhere.
            (Some("elsewhere.json"), None, "records/state.json", false),
            (None, Some("az://records/"), DEFAULT_STATE, true),
        ] {
            let got = kept(named, expected, false).refused_in_file(file);
            assert_eq!(got.is_some(), refused, "{named:?} {file}: {got:?}");
            if let (Some((message, _)), Some(named)) = (got, named) {
                assert!(message.contains(named) && message.contains(file), "{message}");
            }
        }
    }

    #[test]
    fn in_a_pipeline_a_store_is_used_only_where_the_environment_names_it() {
        let (a, b, file) = ("az://records/a", "az://records/b", ".convoke/state.json");
        for (named, expected, pipeline, place, flag, allowed) in [
            (None, None, false, a, None, true),
            (None, None, true, a, None, false),
            (None, None, true, file, None, true),
            (Some(a), None, true, a, Some(a), true),
            (None, Some("az://records/"), true, a, None, true),
            (None, Some("az://records"), true, a, None, true),
            (None, Some("az://record"), true, a, None, false),
            (None, Some("az://records/b"), true, a, None, false),
            // A flag is no environment.
            (None, None, true, a, Some(a), false),
            (None, None, false, a, Some(a), true),
            (Some(a), None, false, b, Some(b), false),
            (Some(a), None, true, file, Some(file), false),
        ] {
            let got = kept(named, expected, pipeline).allows(place, flag);
            assert_eq!(got.is_ok(), allowed, "{named:?} {expected:?} {pipeline} {place} {flag:?}: {got:?}");
        }
    }
}
