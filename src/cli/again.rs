//! The command that applies what `plan` has just shown.

use std::iter::Peekable;

/// Flags of `plan` that `apply` has no use for, and whether a value follows.
const OF_PLAN: [(&str, bool); 4] =
    [("--detailed-exitcode", false), ("--occurrences", false), ("--format", true), ("--out", true)];

/// Returns the command line of `plan` as one of `apply`; nothing where it is no plan of all that differs.
///
/// `args` are those behind the program's name.
pub fn as_apply(args: impl Iterator<Item = String>) -> Option<String> {
    let mut args = args.peekable();
    let mut words = vec!["convoke".to_owned()];
    let mut planned = false;
    while let Some(word) = args.next() {
        match word.as_str() {
            "plan" if !planned => {
                planned = true;
                words.push("apply".into());
            }
            "--drift" => return None,
            it if it.starts_with("--against") || it.starts_with("--snapshot") => return None,
            _ if dropped(&word, &mut args) => {}
            _ => words.push(quoted(word)),
        }
    }
    planned.then(|| words.join(" "))
}

fn dropped(word: &str, args: &mut Peekable<impl Iterator<Item = String>>) -> bool {
    let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    let Some((_, takes)) = OF_PLAN.iter().find(|(flag, _)| *flag == name) else { return false };
    if *takes && value.is_none() {
        args.next();
    }
    true
}

fn quoted(word: String) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "/._-=,:@%+".contains(sign);
    match !word.is_empty() && word.chars().all(plain) {
        true => word,
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::as_apply;

    #[test]
    fn a_plan_is_applied_with_the_flags_that_choose_what_it_does() {
        for (line, expect) in [
            ("plan", Some("convoke apply")),
            ("--sandbox plan --format json examples", Some("convoke --sandbox apply examples")),
            ("plan --occurrences=5 --only Event/plan plan -v", Some("convoke apply --only Event/plan plan -v")),
            ("plan --out=p.json --detailed-exitcode it's", Some("convoke apply 'it'\\''s'")),
            ("plan --drift", None),
            ("plan --against s.json", None),
        ] {
            assert_eq!(as_apply(line.split(' ').map(str::to_owned)).as_deref(), expect, "{line}");
        }
    }
}
