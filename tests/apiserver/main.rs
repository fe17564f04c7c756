//! What stands in `deploy` on a real API server, which `run` beside this starts and gives it to: which objects it takes and refuses, what
//! kubectl shows, what becomes of an object when several write it, and whether the operator may do all it has to.

mod agreement;
mod alike;
#[path = "../editor/corpus.rs"]
mod corpus;
mod examples;
mod objects;
mod operator;
#[path = "../support/random.rs"]
mod random;
mod running;
#[path = "../editor/verdict.rs"]
mod verdict;

use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

/// Whose mailboxes random manifests are for.
const ORGANIZER: &str = "alex@contoso.example";
const DEPUTY: &str = "megan@contoso.example";

/// Where the corpus looks for the examples.
mod engine {
    pub fn root() -> &'static std::path::Path {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
    }
}

/// The kinds that a cluster has, each with what its objects are called in a path.
const KINDS: [(&str, &str); 3] =
    [("Event", "outlookevents"), ("OnlineMeeting", "onlinemeetings"), ("Workspace", "workspaces")];

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: use tests/apiserver/run"))
}

/// What kubectl said.
#[derive(Debug)]
struct Said {
    took: bool,
    out: String,
    err: String,
}

impl Said {
    fn out(self) -> String {
        assert!(self.took, "{}", self.err);
        self.out
    }

    fn refused(self) -> String {
        assert!(!self.took, "{}", self.out);
        self.err
    }

    fn json(self) -> Value {
        serde_json::from_str(&self.out()).unwrap()
    }
}

/// A namespace of a test's own, and kubectl in it.
struct Namespace(&'static str);

impl Namespace {
    fn new(name: &'static str) -> Namespace {
        let namespace = Namespace(name);
        namespace.kubectl(&["create", "namespace", name], "").out();
        namespace
    }

    /// Runs kubectl with a text as its standard input.
    fn kubectl(&self, args: &[&str], input: &str) -> Said {
        let mut command = Command::new(variable("APISERVER_KUBECTL"));
        command.args(["--namespace", self.0]).args(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let ended = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { took: ended.status.success(), out: text(ended.stdout), err: text(ended.stderr) }
    }

    /// Creates objects as `--validate=strict` has them checked.
    fn create(&self, documents: &str) -> Said {
        self.kubectl(&["create", "--validate=strict", "-f", "-"], documents)
    }
}
