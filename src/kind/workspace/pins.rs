//! What the environment of a job pins: neither a manifest nor a flag goes beyond it.
//!
//! Who writes a pull request writes manifests and the workspace file; the environment belongs to whoever runs the job. What is
//! set and cannot be read is an error, never a limit less.

use crate::kind::workspace::{Ceilings, Kept, Workspace};
use crate::kind::{Expanded, Fault, Kind};
use crate::pipeline;
use crate::problem::cut;
use crate::reason::Reason;
use crate::trouble::Trouble;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::str::FromStr;

/// The variables, without `CONVOKE_` before them; those that begin like the first two groups and are none of these are refused.
const CEILINGS: [&str; 4] = ["CEILING_MAILS", "CEILING_REMOVALS", "CEILING_CHANGES", "CEILING_OUTSIDE"];
const EXPECTED: [&str; 3] = ["EXPECT_WORKSPACE", "EXPECT_TENANT", "EXPECT_STATE"];
const STATE: &str = "STATE";
const MAILBOXES: &str = "MAILBOXES";
const DOMAINS: &str = "ATTENDEE_DOMAINS";

/// What a job may do at most, and for whom.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pins {
    /// What no apply goes above.
    pub ceilings: Ceilings,
    /// The names that the workspace may have, and may have had.
    pub workspace: Option<Patterns>,
    /// The tenant that is signed in to.
    pub tenant: Option<String>,
    /// Where the state is, and how its place begins.
    pub state: Kept,
    /// The mailboxes that may organize anything.
    pub mailboxes: Option<Patterns>,
    /// The mailboxes that whoever runs a cluster grants, if objects of one are read.
    pub granted: Option<Patterns>,
    /// Where whoever is invited comes from.
    pub domains: Option<Patterns>,
}

impl Pins {
    /// Reads them out of an environment.
    ///
    /// Fails on a value that cannot be read, an empty one among them, and on a name that is nearly one of these.
    pub fn read(environment: impl Iterator<Item = (OsString, OsString)>) -> Result<Pins, Trouble> {
        let all: Vec<(OsString, OsString)> = environment.collect();
        let in_pipeline =
            all.iter().any(|(name, value)| pipeline::says_so(&name.to_string_lossy(), &value.to_string_lossy()));
        let own =
            |(name, value): (OsString, OsString)| Some((name.to_str()?.strip_prefix("CONVOKE_")?.to_owned(), value));
        let set: BTreeMap<String, OsString> = all.into_iter().filter_map(own).collect();
        let known: Vec<&str> = CEILINGS.into_iter().chain(EXPECTED).collect();
        let meant = |name: &&String| name.starts_with("CEILING") || name.starts_with("EXPECT");
        if let Some(name) = set.keys().filter(meant).find(|name| !known.contains(&name.as_str())) {
            let all: Vec<String> = known.iter().map(|name| format!("CONVOKE_{name}")).collect();
            let unknown = Reason::Environment.trouble(format!("nothing is pinned by CONVOKE_{}", cut(name)));
            return Err(unknown.hint(format!("the variables are {}", all.join(", "))));
        }
        let [mails, removals, changes, outside] = CEILINGS;
        let [workspace, tenant, state] = EXPECTED;
        let (count, share) = ("write a count, such as `500`", "write a count, such as `10`, or a share, such as `25%`");
        let (name, list) = ("write it as the workspace does", "write a list such as `*@contoso.example`");
        let ceilings = Ceilings {
            mails: read(&set, mails, count)?,
            removals: read(&set, removals, share)?,
            changes: read(&set, changes, share)?,
            outside: read(&set, outside, count)?,
        };
        Ok(Pins {
            ceilings,
            workspace: read(&set, workspace, name)?,
            tenant: read(&set, tenant, name)?,
            state: Kept {
                named: named(&set),
                expected: read(&set, state, name)?,
                pipeline: in_pipeline,
                in_cluster: false,
            },
            mailboxes: read(&set, MAILBOXES, list)?,
            granted: None,
            domains: read(&set, DOMAINS, list)?,
        })
    }

    /// Returns what of a workspace is not as it is pinned, with pointers into its spec.
    pub fn refused_workspace(&self, spec: &Workspace) -> Vec<Fault> {
        let mut faults = vec![];
        let had = spec.previously.0.iter().filter_map(|name| self.refused_former_name(name));
        faults.extend(had.map(|(message, hint)| Fault::new("/previously", message, hint).coded(Reason::Pinned)));
        faults.extend(
            self.state
                .refused_in_file(&spec.state)
                .map(|(what, hint)| Fault::new("/state", what, hint).coded(Reason::Pinned)),
        );
        let secret = self.state.refused_secret(&spec.state);
        faults.extend(secret.map(|(what, hint)| Fault::new("/state", what, hint).coded(Reason::NotYours)));
        if let Some(tenant) = &spec.graph.tenant_id
            && let Some((message, hint)) = self.refused_tenant("`spec.graph.tenantId`", tenant)
        {
            faults.push(Fault::new("/graph/tenantId", message, hint).coded(Reason::Pinned));
        }
        let named = spec.mailboxes.iter().enumerate().map(|(index, name)| (format!("/mailboxes/{index}"), name));
        let default = spec.defaults.organizer.iter().map(|name| ("/defaults/organizer".to_owned(), name));
        let refused = |(at, name): (String, &String)| {
            let (message, hint) = self.refused_mailbox(name)?;
            Some(Fault::new(&at, message, hint).coded(Reason::Pinned))
        };
        faults.extend(default.chain(named).filter_map(refused));
        faults
    }

    /// Says that a workspace has another name than it is to have, and the way out.
    pub fn refused_name(&self, name: &str) -> Option<(String, &'static str)> {
        let says = self.refused_workspace_name(name)?;
        let hint = "name it as the job expects it, or change CONVOKE_EXPECT_WORKSPACE in the job's environment";
        Some((format!("the workspace is called `{name}`, and {says}"), hint))
    }

    /// The same of a name that it had: what carries the mark of that one becomes its own.
    fn refused_former_name(&self, name: &str) -> Option<(String, &'static str)> {
        let says = self.refused_workspace_name(name)?;
        let hint = "take it out, or add it to CONVOKE_EXPECT_WORKSPACE in the job's environment, as in `new,former`";
        Some((format!("the workspace was called `{}`, and {says}", cut(name)), hint))
    }

    fn refused_workspace_name(&self, name: &str) -> Option<String> {
        let expect = self.workspace.as_ref().filter(|expect| !expect.hold(name))?;
        Some(format!("CONVOKE_EXPECT_WORKSPACE says `{}`", cut(&expect.0.join(","))))
    }

    /// Says that a tenant, told by `whom`, is not the one that is to be signed in to, and the way out.
    pub fn refused_tenant(&self, whom: &str, tenant: &str) -> Option<(String, &'static str)> {
        let expect = self.tenant.as_ref().filter(|expect| !expect.eq_ignore_ascii_case(tenant))?;
        let message =
            format!("{whom} names the tenant `{}`, and CONVOKE_EXPECT_TENANT says `{}`", cut(tenant), cut(expect));
        Some((message, "write the same id or domain in both, or change CONVOKE_EXPECT_TENANT in the job's environment"))
    }

    /// Returns who of a resource may not organize or be invited, with pointers into its `spec` as it was written. An organizer
    /// that the workspace gives is refused there.
    pub fn refused(&self, kind: &Kind, spec: &Map<String, Value>, expanded: &Expanded) -> Vec<Fault> {
        let mut faults = vec![];
        if spec.contains_key("organizer")
            && let Some((message, hint)) = self.refused_mailbox(&expanded.organizer)
        {
            faults.push(Fault::new("/organizer", message, hint).coded(Reason::Pinned));
        }
        for address in (kind.addressed)(expanded) {
            if self.domains.as_ref().is_some_and(|domains| !domains.hold_domain(&address)) {
                let at = spec.iter().find_map(|(name, value)| place_of(value, &format!("/{name}"), &address));
                let message = format!("`{}` is outside of CONVOKE_ATTENDEE_DOMAINS", cut(&address));
                let hint = "leave them out, or add their domain to CONVOKE_ATTENDEE_DOMAINS in the job's environment";
                faults.push(Fault::new(&at.unwrap_or_default(), message, hint).coded(Reason::Pinned));
            }
        }
        faults
    }

    /// Says that a mailbox may not organize anything, if that is so, and the way out.
    pub fn refused_mailbox(&self, name: &str) -> Option<(String, &'static str)> {
        let outside = |names: &Option<Patterns>| names.as_ref().is_some_and(|all| !all.hold(name));
        let (says, hint) = match () {
            () if outside(&self.mailboxes) => (
                "outside of CONVOKE_MAILBOXES",
                "name another mailbox, or add it to CONVOKE_MAILBOXES in the job's environment",
            ),
            () if outside(&self.granted) => (
                "granted to the namespace by no MailboxGrant",
                "name another mailbox, or ask whoever runs the cluster for it",
            ),
            () => return None,
        };
        Some((format!("the mailbox `{}` is {says}", cut(name)), hint))
    }
}

/// Where in a value an address stands, alone or behind a name.
fn place_of(value: &Value, at: &str, address: &str) -> Option<String> {
    match value {
        Value::String(text) => {
            let text = text.to_lowercase();
            let found =
                text == address || text.trim_end().strip_suffix('>').is_some_and(|text| text.trim().ends_with(address));
            found.then(|| at.to_owned())
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| place_of(item, &format!("{at}/{index}"), address))
        }
        Value::Object(members) => {
            members.iter().find_map(|(name, item)| place_of(item, &format!("{at}/{name}"), address))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The place that `CONVOKE_STATE` names. The path of a file need not be text.
fn named(set: &BTreeMap<String, OsString>) -> Option<String> {
    set.get(STATE)?.to_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn read<T: FromStr>(set: &BTreeMap<String, OsString>, name: &str, way_out: &str) -> Result<Option<T>, Trouble> {
    let Some(value) = set.get(name) else { return Ok(None) };
    let text = value.to_str().map(str::trim);
    let unreadable = || {
        let shown = text.map(|text| format!(": `{}`", cut(text))).unwrap_or_default();
        let hint = format!("{way_out}; unset it where nothing is to be pinned");
        Reason::Environment.trouble(format!("CONVOKE_{name} cannot be read{shown}")).hint(hint)
    };
    match text {
        Some(text) if !text.is_empty() => text.parse().map(Some).map_err(|_| unreadable()),
        Some(_) | None => Err(unreadable()),
    }
}

/// Patterns in which `*` stands for any text; in lower case.
#[derive(Debug, Clone, PartialEq)]
pub struct Patterns(Vec<String>);

impl FromStr for Patterns {
    type Err = ();

    /// Reads a list with commas or blanks between its items.
    fn from_str(text: &str) -> Result<Patterns, ()> {
        let items = text.split(|sign: char| sign == ',' || sign.is_whitespace()).filter(|item| !item.is_empty());
        let items: Vec<String> = items.map(str::to_lowercase).collect();
        if items.is_empty() { Err(()) } else { Ok(Patterns(items)) }
    }
}

impl Patterns {
    /// No name, or some; in each `*` stands for any text.
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Patterns {
        Patterns(names.map(str::to_lowercase).collect())
    }

    /// Whether one of them is this name.
    fn hold(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.0.iter().any(|pattern| matches(pattern, &name))
    }

    /// Whether one of them is the domain of an address, or the address. What has no domain is in none.
    fn hold_domain(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        let domain = address.rsplit_once('@').map(|(_, domain)| domain);
        self.0.iter().any(|pattern| match pattern.strip_prefix('@').unwrap_or(pattern) {
            whole if whole.contains('@') => matches(whole, &address),
            pattern => domain.is_some_and(|domain| matches(pattern, domain)),
        })
    }
}

/// Whether a text is as a pattern says: the parts between its `*` follow each other in it.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::workspace::Share;

    fn pins(set: &[(&str, &str)]) -> Result<Pins, Trouble> {
        Pins::read(set.iter().map(|(name, value)| (format!("CONVOKE_{name}").into(), value.into())))
    }

    #[test]
    fn what_is_set_is_read_or_refused_and_never_left_out() {
        let all = pins(&[
            ("CEILING_MAILS", " 50 "),
            ("CEILING_REMOVALS", "10%"),
            ("CEILING_OUTSIDE", "0"),
            ("EXPECT_STATE", "s3://records/"),
            ("MAX_MAILS", "x"),
        ])
        .unwrap();
        assert_eq!((all.ceilings.mails, all.ceilings.outside, all.ceilings.changes), (Some(50), Some(0), None));
        assert_eq!(all.ceilings.removals, Some(Share::Percent(10)));
        assert_eq!(all.state.expected.as_deref(), Some("s3://records/"));
        for (name, value) in [
            ("CEILING_MAILS", ""),
            ("CEILING_MAILS", "many"),
            ("CEILING_MAILS", "-1"),
            ("CEILING_MAILS", "10%"),
            ("CEILING_CHANGES", "101%"),
            ("EXPECT_TENANT", "  "),
            ("MAILBOXES", " , "),
            ("CEILING_MAIL", "50"),
            ("EXPECT_CLOUD", "global"),
        ] {
            let error = pins(&[(name, value)]).unwrap_err();
            assert!(error.what.contains(name) && error.hint.is_some(), "{name}={value}: {error:?}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStringExt;
            let broken = [("CONVOKE_CEILING_MAILS".into(), OsString::from_vec(vec![b'9', 0xff]))];
            assert!(Pins::read(broken.into_iter()).is_err());
        }
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expect) in [
            ("a@contoso.example", "a@contoso.example", true),
            ("a@contoso.example", "ba@contoso.example", false),
            ("*@contoso.example", "a@contoso.example", true),
            ("*@contoso.example", "a@contoso.example.evil.example", false),
            ("*@contoso.example", "a@evilcontoso.example", false),
            ("team-*@*.example", "team-a@contoso.example", true),
            ("team-*@*.example", "tea@contoso.example", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("**x", "ax", true),
            ("é*", "éa", true),
        ] {
            assert_eq!(matches(pattern, text), expect, "{pattern} {text}");
        }
        let names: Patterns =
            "Contoso.example, *.fabrikam.example @tailspin.example guest@else.example".parse().unwrap();
        for (address, expect) in [
            ("a@contoso.example", true),
            ("A@Mail.Fabrikam.example", true),
            ("a@fabrikam.example", false),
            ("a@tailspin.example", true),
            ("guest@else.example", true),
            ("other@else.example", false),
            ("contoso.example", false),
        ] {
            assert_eq!(names.hold_domain(address), expect, "{address}");
        }
    }
}
