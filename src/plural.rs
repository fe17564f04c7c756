//! Numbers with the word for what is counted.
//!
//! English needs no more than one form for one and another for all else; nothing here knows what is counted.

/// Returns a number with its word, which gets an `s` unless there is one: `1 mail`, `2 mails`.
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", either(number, "", "s"))
}

/// Returns the one form for one thing and the other for none or many.
pub fn either<'a>(number: usize, one: &'a str, many: &'a str) -> &'a str {
    if number == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_single() {
        for (number, expect) in [(0, "0 mails"), (1, "1 mail"), (2, "2 mails"), (21, "21 mails")] {
            assert_eq!(count(number, "mail"), expect);
        }
        assert_eq!(format!("2 {}", either(2, "retry", "retries")), "2 retries");
    }
}
