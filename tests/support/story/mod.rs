//! How a story is told: what is there, what the manifest says, what the plan must be; then the plan is applied to the twin, its
//! mail is held against the forecast, and a second plan must find nothing.

mod deeds;
mod import;
pub mod live;
mod tell;
pub mod teller;
pub mod text;

use convoke::face::sandbox::Faults;
use std::path::{Path, PathBuf};
use text::Story;

/// Where the stories stand, in folders by what they are about.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// All stories, in the order of their names.
pub fn all() -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let (folders, files): (Vec<_>, Vec<_>) = list(&folder()).into_iter().partition(|path| path.is_dir());
    assert_eq!(files, [folder().join("README.md")], "a story stands in a folder");
    let mut stories: Vec<PathBuf> = folders.iter().flat_map(|folder| list(folder)).collect();
    stories.sort_by_key(|path| path.file_stem().map(ToOwned::to_owned));
    stories
}

/// Whether a story is told by the real program.
pub fn by_the_program(path: &Path) -> bool {
    Story::read(path).is_ok_and(|story| teller::by_the_program(path, &story))
}

/// Tells stories, each with the twin's faults, some side by side. Returns those that end otherwise than they say.
///
/// Those that start processes come first: between fork and exec a process holds the files of its parent, the locks of other
/// stories' states among them.
pub fn tell_all(stories: &[(PathBuf, Option<Faults>)], at_once: usize) -> Vec<String> {
    let (first, then): (Vec<_>, Vec<_>) = stories.iter().cloned().partition(|(path, _)| by_the_program(path));
    [tell_some(&first, at_once), tell_some(&then, at_once)].concat()
}

fn tell_some(stories: &[(PathBuf, Option<Faults>)], at_once: usize) -> Vec<String> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let teller = || {
            let mut failed = vec![];
            while let Some((path, faults)) = stories.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                let told = std::panic::catch_unwind(|| tell::tell(path, faults.clone()));
                let panicked = |_| Err(format!("--- {}\npanicked, see above", path.display()));
                let faults = faults.as_ref().map(|faults| format!("{faults:?}: ")).unwrap_or_default();
                failed.extend(told.unwrap_or_else(panicked).err().map(|it| faults + &it));
            }
            failed
        };
        let tellers: Vec<_> = (0..at_once).map(|_| scope.spawn(teller)).collect();
        tellers.into_iter().flat_map(|teller| teller.join().unwrap()).collect()
    })
}
