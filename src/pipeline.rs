//! Whether a pipeline runs the program: then nobody sits before it, and its runner may obey what is printed.

/// Set by pipelines whose runners read what is printed: GitHub Actions, GitLab and Azure Pipelines.
const LISTENING: [&str; 3] = ["GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD"];

/// Set by pipelines of any kind.
const ANY: &str = "CI";

/// Tells whether a variable with such a value says that a pipeline runs this.
pub fn says_so(name: &str, value: &str) -> bool {
    (name == ANY || LISTENING.contains(&name)) && !matches!(value.to_lowercase().as_str(), "" | "0" | "false")
}

/// Whether a pipeline runs this.
pub fn is_there() -> bool {
    listens() || is_set(ANY)
}

/// Whether one runs this whose runner reads what is printed.
pub fn listens() -> bool {
    LISTENING.into_iter().any(is_set)
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| says_so(name, &value.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_says_that_it_is_one() {
        for (name, value, expect) in [
            ("CI", "true", true),
            ("CI", "1", true),
            ("TF_BUILD", "True", true),
            ("GITHUB_ACTIONS", "true", true),
            ("CI", "false", false),
            ("CI", "0", false),
            ("CI", "", false),
            ("CIRCLE", "true", false),
        ] {
            assert_eq!(says_so(name, value), expect, "{name}={value}");
        }
    }
}
