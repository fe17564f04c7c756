//! The hidden first line of what we wrote: by it a comment or an issue is found again.
//!
//! It counts as the whole first line of something that our own account wrote. Wherever else it stands, it is text.

/// What something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    kind: Kind,
    workspace: String,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What would be done.
    Plan,
    /// What was done.
    Apply,
    /// What somebody else changed.
    Drift,
}

impl Kind {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Plan => "plan",
            Kind::Apply => "apply",
            Kind::Drift => "drift",
        }
    }
}

impl Mark {
    /// Makes the mark of what is told of a workspace. Its name holds letters, digits and dashes alone.
    pub fn new(kind: Kind, workspace: &str) -> Mark {
        Mark { kind, workspace: workspace.into() }
    }

    /// Returns a text below the mark.
    pub fn above(&self, text: &str) -> String {
        format!("{}\n{text}", self.line())
    }

    /// Whether a text stands below this mark.
    pub fn is_on(&self, text: &str) -> bool {
        text.lines().next().is_some_and(|first| first.trim_end() == self.line())
    }

    /// Returns it as one word, for where no text is hidden.
    pub fn word(&self) -> String {
        format!("convoke-{}-{}", self.kind.word(), self.workspace)
    }

    fn line(&self) -> String {
        format!("<!-- convoke {} {} -->", self.kind.word(), self.workspace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_counts_as_the_whole_first_line_alone() {
        let mark = Mark::new(Kind::Plan, "contoso");
        let text = mark.above("a plan");
        assert!(mark.is_on(&text) && mark.is_on(&text.replace('\n', "\r\n")));
        for other in [
            format!("quoted:\n{text}"),
            format!(" {text}"),
            format!("> {text}"),
            Mark::new(Kind::Apply, "contoso").above("a plan"),
            Mark::new(Kind::Plan, "contoso-b").above("a plan"),
            text.replacen('\n', " and more\n", 1),
            String::new(),
        ] {
            assert!(!mark.is_on(&other), "{other}");
        }
    }
}
