//! Hides what a shown line must not give away: passcodes, tokens and join links.

use crate::problem::is_secret;
use crate::redact::{self, Known};
use std::ops::Range;

/// Replaces secrets in a line by as many bytes of stars, so that places within it stay.
pub fn redact(line: &str) -> String {
    let mut shown = line.to_owned();
    let mut hide = |range: Range<usize>| shown.replace_range(range.clone(), &"*".repeat(range.len()));
    for (colon, _) in line.match_indices(':') {
        let name = line[..colon].trim_end_matches(['"', '\'', ' ']);
        let name = &name[name
            .rfind(|it: char| !it.is_alphanumeric() && it != '_')
            .map_or(0, |it| it + name[it..].chars().next().map_or(1, char::len_utf8))..];
        let value = &line[colon + 1..];
        // A scheme is no name: `state: secret://state`.
        if is_secret(name) && !value.starts_with("//") {
            let start = colon + 1 + (value.len() - value.trim_start().len());
            let inside = line[..colon].contains('{');
            let length = line[start..].find(|it| inside && matches!(it, ',' | '}'));
            hide(start..length.map_or(line.len(), |it| start + it));
        }
    }
    redact::secrets(line, &Known::default()).into_iter().for_each(hide);
    shown
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn secrets_become_stars_of_the_same_width() {
        for (line, expect) in [
            ("passcode: abc123", "passcode: ******"),
            ("  clientSecret: \"x y\"", "  clientSecret: *****"),
            ("a: {passcode: abc, b: 1}", "a: {passcode: ***, b: 1}"),
            (
                "see https://teams.microsoft.com/l/meetup-join/19 now",
                "see ******************************************** now",
            ),
            ("{state: secret://state, clientSecret: x}", "{state: secret://state, clientSecret: *}"),
            ("subject: passcode rules", "subject: passcode rules"),
            ("größe: 1, passcode: ü", "größe: 1, passcode: **"),
        ] {
            assert_eq!(redact(line), expect);
            assert_eq!(redact(line).len(), line.len());
        }
    }
}
