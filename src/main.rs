//! The exit code. Everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    convoke::cli::main()
}
