//! What the tests, benches and fuzz targets of the project use of it: the only way in from outside besides the program itself.
//!
//! The names stand where they stand inside, so that a reader finds them. What is not listed here is the program's own, and the
//! compiler tells when nobody uses it any more.

#![allow(missing_docs, reason = "each module is documented where it stands")]

pub mod apply {
    pub use crate::apply::{Fate, Outcome};
}

pub mod cli {
    pub use crate::cli::command;
}

pub mod explain {
    pub use crate::explain::exits::ALL as EXITS;
    pub use crate::explain::{Entry, Explanation, environment as variables, explain, reasons};
}

pub mod findings {
    pub use crate::findings::findings;
}

pub mod git {
    pub use crate::git::{remote, tracks};
}

pub mod graph {
    pub use crate::graph::{Client, Failure, Fresh, Get, Note, Settings, Token};

    pub mod auth {
        pub use crate::graph::auth::{Env, roots};
    }

    pub mod coming {
        pub use crate::graph::coming::Coming;
    }

    pub mod observe {
        pub use crate::graph::observe::{Behind, Scope, Settled, Whole, kept, observe, reads};
    }

    pub mod page {
        pub use crate::graph::page::Page;
    }
}

pub mod kind {
    pub use crate::kind::{KindId, body, crd, schema};

    pub mod event {
        pub use crate::kind::event::Glance;
    }

    pub mod workspace {
        pub use crate::kind::workspace::{
            Auth, Graph, Limits, OwnerNames, Patterns, Pins, Prune, Remote, Share, is_address, secret,
        };
    }
}

pub mod manifest {
    pub use crate::manifest::{Manifests, files, format, read, yaml};
}

pub mod model {
    pub use crate::model::{
        Again, Body, Calendar, Desired, Have, Key, Live, Mailbox, Method, Purpose, Record, Records, Request,
    };
}

pub mod origin {
    pub use crate::origin::Origin;
}

pub mod plan {
    pub use crate::plan::{Action, Input, Plan, Policy, Shard, Step, ahead, fits, plan, unread_series};

    pub mod approval {
        pub use crate::plan::approval::id_of;
    }

    pub mod snapshot {
        pub use crate::plan::snapshot::Snapshot;
    }

    pub mod saved {
        pub use crate::plan::saved::{Saved, schema};
    }

    pub mod settled {
        pub use crate::plan::settled::Expected;
    }
}

pub mod problem {
    pub use crate::problem::{Place, Problem, Rule};
}

pub mod reason {
    pub use crate::reason::{Reason, all};
}

pub mod reconcile {
    pub use crate::reconcile::{
        Done, Given, Going, Imported, JOIN_LINK_WAITS, LOOK_FOR, Planned, Project, Session, Terms, UNATTENDED_WAITS,
        Verdict, Wanted, Ways, apply, connect, import, plan, plan_against, plan_saved, plan_widely, policy_of, saved,
        snapshot, store,
    };
}

pub mod recurrence {
    pub use crate::recurrence::{dates, from_rrule, normal};
}

pub mod render {
    pub use crate::render::{explain, html, human, json, markdown, problems};
}

pub mod report {
    pub use crate::report::{Report, report};
}

pub mod route {
    pub use crate::route::{by_join_url, encoded};
}

pub mod sandbox {
    pub use crate::sandbox::{BodyQuirk, Faults, Limits, Options, Quirks, Sandbox, serve};
}

pub mod serve {
    pub use crate::serve::{Approving, Board, Boards, Ended, Line, Round, Watch, round, serve_several, stamp};
}

pub mod shallow {
    pub use crate::shallow::Object;
}

pub mod state {
    pub use crate::state::{Clock, Locked, Machine, State, SystemClock, Taking, Traffic, store};
}

pub mod status {
    pub use crate::status::{Asked, joining};
}

pub mod trouble {
    pub use crate::trouble::Trouble;
}

pub mod when {
    pub use crate::when::{instant_in_zone, zone};
}
