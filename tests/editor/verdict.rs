//! What the program thinks of one document.

use convoke::face::manifest;
use convoke::face::manifest::files::Source;
use convoke::face::problem::Rule;

const WORKSPACE: &str = include_str!("../../examples/convoke.yaml");

/// What the program thinks of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    Taken,
    /// Its shape is right, and what its values mean is not: a schema may see that or not.
    MeansNothing,
    OfAnotherShape,
}

impl Verdict {
    /// Whether a schema that takes the document, or refuses it, agrees.
    pub fn agrees(self, takes: bool) -> bool {
        match self {
            Verdict::Taken => takes,
            Verdict::MeansNothing => true,
            Verdict::OfAnotherShape => !takes,
        }
    }
}

pub fn verdict(text: &str) -> Verdict {
    let source = |file: &str, text: &str| Source { file: file.into(), text: text.into(), found: false };
    // What a document leaves out, the workspace says.
    let beside = (!text.contains("Workspace")).then(|| source("convoke.yaml", WORKSPACE));
    let problems = manifest::read([source("case.yaml", text)].into_iter().chain(beside).collect(), None).problems;
    match (problems.is_empty(), problems.iter().all(|it| it.rule == Rule::Meaning)) {
        (true, _) => Verdict::Taken,
        (false, true) => Verdict::MeansNothing,
        (false, false) => Verdict::OfAnotherShape,
    }
}
