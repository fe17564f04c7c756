//! The name an author probably meant, and short lists of names.

/// How many names a hint lists.
const MOST_LISTED: usize = 12;
/// Longer names are no slip of the pen, and not worth the comparing.
const LONGEST: usize = 64;

/// Returns the known name nearest to what was typed, if one is near enough to be meant.
pub fn near<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if typed.len() > LONGEST {
        return None;
    }
    let low = typed.to_lowercase();
    let scored = known.filter_map(|it| {
        let name = it.to_lowercase();
        let distance = strsim::damerau_levenshtein(&low, &name);
        let shared = low.len().min(name.len()) >= 4 && (low.starts_with(&name) || name.starts_with(&low));
        let enough = distance <= (low.chars().count().min(name.chars().count()) / 3).max(1);
        (enough || shared).then_some((distance, it))
    });
    // Of one-letter names everything is one letter away.
    scored.filter(|(distance, it)| *distance < it.len()).min_by_key(|it| it.0).map(|it| it.1)
}

/// Whether a text is a known name, or one with a slip of the pen in it.
pub fn misspelt(typed: &str, known: &str) -> bool {
    let [low, known] = [typed, known].map(str::to_lowercase);
    typed.len() <= LONGEST && strsim::damerau_levenshtein(&low, &known) <= known.chars().count() / 4
}

/// Lists names in backticks, cut where there are many.
pub fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|it| format!("`{it}`")).collect();
    match names.len().checked_sub(MOST_LISTED) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..MOST_LISTED].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_only_when_it_may_be_meant() {
        let known = ["subject", "start", "end", "timeZone", "isOnlineMeeting", "daysOfWeek", "to"];
        for (typed, expect) in [
            ("subjct", Some("subject")),
            ("sbuject", Some("subject")),
            ("Subjects", Some("subject")),
            ("startt", Some("start")),
            ("startTime", Some("start")),
            ("timezone", Some("timeZone")),
            ("isOnline", Some("isOnlineMeeting")),
            ("dayOfWeek", Some("daysOfWeek")),
            ("ends", Some("end")),
            ("x", None),
            ("location", None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(near(typed, known.into_iter()), expect, "{typed}");
        }
        assert_eq!(near(&"subject".repeat(20), known.into_iter()), None);
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(list(["a", "b"].into_iter()), "`a`, `b`");
        let many = list(std::iter::repeat_n("a", 14));
        assert!(many.ends_with("`a` and 2 more"), "{many}");
    }
}
