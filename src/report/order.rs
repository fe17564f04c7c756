//! The order in which people look for names: `p2` before `p10`.

use std::cmp::Ordering;

/// Compares two names, in which digits that follow each other are one number.
pub fn natural(one: &str, other: &str) -> Ordering {
    let (mut one_left, mut other_left) = (one, other);
    loop {
        let ((number, one_rest), (against, other_rest)) = (number(one_left), number(other_left));
        let order = match (number, against) {
            ("", _) | (_, "") => {
                let (mut signs, mut others) = (one_left.chars(), other_left.chars());
                let order = signs.next().cmp(&others.next());
                (one_left, other_left) = (signs.as_str(), others.as_str());
                if one_left.is_empty() && other_left.is_empty() && order == Ordering::Equal {
                    return one.cmp(other);
                }
                order
            }
            // Without zeros in front the longer number is the greater one.
            _ => {
                (one_left, other_left) = (one_rest, other_rest);
                let bare = [number, against].map(|it| it.trim_start_matches('0'));
                bare[0].len().cmp(&bare[1].len()).then(bare[0].cmp(bare[1]))
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The digits that a text begins with, and the rest.
fn number(text: &str) -> (&str, &str) {
    text.split_at(text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_numbers() {
        let sorted = ["", "a", "p", "p01", "p1", "p2", "p2a", "p10", "p10b2", "p10b10", "q", "ä1", "ä9"];
        for (place, one) in sorted.iter().enumerate() {
            for (against, other) in sorted.iter().enumerate() {
                assert_eq!(natural(one, other), place.cmp(&against), "{one} {other}");
            }
        }
    }
}
