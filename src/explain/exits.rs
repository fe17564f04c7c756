//! The exit codes of commands: what a script may rely on.

use serde::Serialize;

/// The codes of some commands.
#[derive(Debug, Serialize)]
pub struct Exits {
    /// As they are typed.
    pub commands: &'static [&'static str],
    /// In order.
    pub codes: &'static [Exit],
}

/// One code.
#[derive(Debug, Serialize)]
pub struct Exit {
    /// What the shell sees.
    pub code: u8,
    /// What it says.
    pub meaning: &'static str,
}

const fn exit(code: u8, meaning: &'static str) -> Exit {
    Exit { code, meaning }
}

/// All of them.
pub const ALL: &[Exits] = &[
    Exits {
        commands: &["plan"],
        codes: &[
            exit(0, "planned, whatever it holds; with --detailed-exitcode: nothing to do"),
            exit(1, "failed or refused"),
            exit(2, "with --detailed-exitcode: something to do; with --drift too: drift"),
            exit(3, "with --detailed-exitcode: something is blocked"),
        ],
    },
    Exits {
        commands: &["apply", "destroy", "ci apply"],
        codes: &[
            exit(0, "settled: a second plan would find nothing"),
            exit(1, "failed, refused, or not agreed to"),
            exit(2, "something is blocked or did not stick"),
            exit(130, "stopped at once by a second Ctrl-C or SIGTERM"),
        ],
    },
    Exits {
        commands: &["serve"],
        codes: &[
            exit(0, "stopped by SIGTERM, by Ctrl-C, or as --timeout says"),
            exit(1, "could not begin; a round that fails is told, and the next one follows"),
            exit(130, "stopped at once by a second Ctrl-C or SIGTERM"),
        ],
    },
    Exits {
        commands: &["ci plan"],
        codes: &[
            exit(0, "planned, whatever is to be done"),
            exit(1, "failed or refused"),
            exit(3, "something is blocked"),
        ],
    },
    Exits {
        commands: &["ci drift"],
        codes: &[exit(0, "no drift"), exit(1, "could not look"), exit(2, "somebody changed something")],
    },
    Exits {
        commands: &["validate"],
        codes: &[exit(0, "no problems"), exit(1, "problems, or the files cannot be read")],
    },
    Exits {
        commands: &["fmt"],
        codes: &[
            exit(0, "formatted; with --check: every file is as it should be"),
            exit(1, "a file cannot be read or written"),
            exit(2, "with --check: a file would change"),
        ],
    },
    Exits {
        commands: &["doctor"],
        codes: &[exit(0, "everything that a plan needs is there"), exit(1, "something is missing")],
    },
    Exits {
        commands: &["groups check"],
        codes: &[
            exit(0, "convoke.lock says who is in the groups"),
            exit(1, "a group could not be read"),
            exit(2, "somebody joined or left"),
        ],
    },
    Exits { commands: &["every other command"], codes: &[exit(0, "done"), exit(1, "failed")] },
];

/// Returns the codes of a command by how it is typed: `ci plan`.
pub fn exits(command: &str) -> Option<&'static Exits> {
    ALL.iter().find(|it| it.commands.contains(&command))
}
