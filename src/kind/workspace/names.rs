//! What a workspace is called, and what it was called before: whatever carries one of these names is its own.

/// The names of one workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnerNames {
    /// The owner mark on what it makes.
    pub now: String,
    /// The owner marks that it had, the newest first.
    pub before: Vec<String>,
}

impl OwnerNames {
    /// All of them, the newest first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.now).chain(&self.before).map(String::as_str)
    }

    /// Whether it has the name, or had it.
    pub fn has(&self, name: &str) -> bool {
        self.all().any(|it| it == name)
    }

    /// The name that it had first: online meetings are found again by that, however often it was renamed since.
    pub fn first(&self) -> &str {
        self.before.last().unwrap_or(&self.now)
    }
}

impl From<&str> for OwnerNames {
    fn from(now: &str) -> OwnerNames {
        OwnerNames { now: now.into(), before: vec![] }
    }
}

impl From<&String> for OwnerNames {
    fn from(now: &String) -> OwnerNames {
        now.as_str().into()
    }
}
