//! What goes wrong around a plan: the command line, the state, the sign-in and Graph.

use crate::reason::Reason::*;
use crate::reason::{About, about};

/// Those of every command, in the order of their codes.
pub(super) const GENERAL: &[About] = &[
    about(
        Other,
        "Failed otherwise",
        "There is no code of its own for it; the message says what happened.",
        "Follow the message; if it makes no sense, report it.",
    ),
    about(
        CommandLine,
        "The command line cannot be read",
        "A flag or an argument is unknown, missing, or has a value that it does not take.",
        "Look at `convoke COMMAND --help`.",
    ),
    about(
        NobodyToAsk,
        "There is nobody to ask",
        "A question has to be answered, and there is no terminal.",
        "Look at it with `convoke plan`, then pass --yes.",
    ),
    about(
        Stopped,
        "Stopped before anything was sent",
        "Ctrl-C was pressed, or the pipeline was cancelled, while the plan was made.",
        "Run it again.",
    ),
    about(
        NamesNothing,
        "A flag names nothing",
        "A key is neither declared nor managed, or nothing is open about it.",
        "Mend the name; `convoke plan -v` lists all keys.",
    ),
    about(
        Flags,
        "Flags that do not go together here",
        "Each may stand for itself, but not beside the others or for this.",
        "Leave one of them out, as the hint says.",
    ),
    about(
        Environment,
        "A variable that cannot be read",
        "A variable of the environment has a value that it does not take, or that names nothing.",
        "Mend the variable that is named, or unset it; `convoke explain environment` lists them.",
    ),
    about(
        TimedOut,
        "Not done in time",
        "The command took longer than --timeout allows.",
        "Run it again with more time; `-v` says what it waited for.",
    ),
];

/// Those of the state, the sign-in and Graph, in the order of their codes.
pub(super) const ROWS: &[About] = &[
    about(
        Locked,
        "Somebody else writes the state",
        "Another run holds the lock of the state.",
        "Wait for it, with --lock-timeout too; if that run is gone for good, `convoke state unlock`.",
    ),
    about(
        LockLost,
        "The lock of the state was lost",
        "It could not be renewed in time, or another run has taken it.",
        "Apply again once the other run has ended: what was made is found.",
    ),
    about(
        StateUnreadable,
        "The state cannot be read",
        "The file, its journal or its lock is damaged, is none, or has another format.",
        "Take the last whole version from the store or a backup, or find everything again with `convoke state rebuild`.",
    ),
    about(
        StateOfAnother,
        "Somebody else's state",
        "The state belongs to another workspace or is written by another repository.",
        "Give each workspace its own `spec.state`; --take-over takes it from another repository.",
    ),
    about(
        StateMoved,
        "The state changed underneath",
        "Somebody wrote it without its lock since it was read, and it was not overwritten.",
        "Find out who writes it, then apply again: what was made is found.",
    ),
    about(
        StateTracked,
        "The state is tracked by git",
        "It holds join links, and who can read the history can join the meetings.",
        "Take it out with `git rm --cached`, and commit that.",
    ),
    about(
        Store,
        "The store of the state does not take or give it",
        "It cannot be reached, refuses the credentials, or they are not set.",
        "See that this machine reaches the store, and that its credentials are set and may read and write.",
    ),
    about(
        StateKey,
        "The state has no such resource, or has it already",
        "A command of `convoke state` names a key that the state does not know, or that is taken.",
        "`convoke state list` names all that it knows.",
    ),
    about(
        NoSignIn,
        "No way to sign in",
        "The environment is set up for none of the ways, or tenant or app are not known.",
        "Set one up, as `convoke explain environment` lists them; or try it on the twin with --sandbox.",
    ),
    about(
        SignInFailed,
        "The sign-in failed",
        "Entra ID, or whoever vouches for the job, did not give a token.",
        "Follow the message: a secret has expired, a federated credential does not match, the network is closed.",
    ),
    about(
        SignInDiffers,
        "Environment and workspace disagree on who signs in",
        "Cloud, tenant, app or way are named differently, or by the file alone: no file leads a secret elsewhere.",
        "Write the same in both, or take it out of the workspace.",
    ),
    about(
        GraphAddress,
        "Not an address of Graph",
        "CONVOKE_GRAPH_URL is no root with a version, holds a password, or is plain http beyond this machine.",
        "Write it like `https://graph.microsoft.com/v1.0`, or unset it.",
    ),
    about(
        GraphRefused,
        "Graph refused a request",
        "Graph answered with an error that is neither of rights nor of load.",
        "Follow the message and the hint; plan again to see what stands now.",
    ),
    about(
        GraphForbidden,
        "Graph forbids it",
        "The app lacks a permission or an access policy, or Exchange keeps it out of the mailbox.",
        "Grant what the hint names; `convoke doctor` checks all of it.",
    ),
    about(
        GraphThrottled,
        "Graph asks to wait",
        "The app sends more to a mailbox or the tenant than Graph takes, and waiting did not help.",
        "Try again later, or with a smaller --parallelism.",
    ),
    about(
        GraphUnreached,
        "Graph was not reached",
        "The network, DNS, a proxy or a certificate is in the way, or the connection was dropped.",
        "See that this machine reaches Graph; plan again before repeating what was sent.",
    ),
    about(
        GraphSignIn,
        "Graph does not take the token",
        "It has expired, or was made for another service or cloud.",
        "Sign in again, or set a fresh token.",
    ),
];
