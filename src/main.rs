//! The exit code. Everything else is in the library.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay`: for how many milliseconds the allocator keeps memory that was let go of. By its number, since the crate
/// names stable options only.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

fn main() -> ExitCode {
    // What one phase let go of is not there twice while the next one takes its own, and memory is counted where this runs.
    // SAFETY: it sets a number behind an atomic, and any number is one that the option may have.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 0) };
    convoke::main()
}
