//! What an operator tells.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<String>>);

impl Log {
    pub fn add(&self, line: &str) {
        let mut text = self.0.lock().unwrap();
        text.push_str(line);
        text.push('\n');
    }

    pub fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, enough: impl Fn() -> bool) {
        // Hundreds of namespaces take a minute where nothing else runs.
        let deadline = Instant::now() + Duration::from_secs(300);
        while !enough() {
            assert!(Instant::now() < deadline, "never {what}: {}", self.text());
            // Others need the processor meanwhile.
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}
