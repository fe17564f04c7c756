//! Names for what is imported, after the subject of each.

use deunicode::deunicode_char;
use std::collections::BTreeSet;

/// The longest name that is made of a subject.
const LONGEST: usize = 50;

/// The names that are taken.
pub struct Names(BTreeSet<String>);

impl Names {
    /// Begins with those that are taken already.
    pub fn taken<'a>(names: impl Iterator<Item = &'a str>) -> Names {
        Names(names.map(str::to_owned).collect())
    }

    /// Returns a name that manifests may have and that nobody has yet, after the subject; it is taken from then on.
    pub fn free(&mut self, subject: &str) -> String {
        let letters = in_ascii(subject).to_ascii_lowercase();
        let words = letters.split(|it: char| !it.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let whole: String = words.collect::<Vec<_>>().join("-").chars().take(LONGEST).collect();
        let whole = whole.trim_end_matches('-');
        let whole = if whole.is_empty() { "event" } else { whole };
        let numbered = std::iter::once(whole.to_owned()).chain((2..).map(|number| format!("{whole}-{number}")));
        let free = numbered.into_iter().find(|name| !self.0.contains(name)).expect("numbers do not end");
        self.0.insert(free.clone());
        free
    }
}

/// A text in letters that names may have. Umlauts are written as Germans write them without; everything else as deunicode does.
fn in_ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for it in text.chars() {
        plain.push_str(match it {
            'ä' => "ae",
            'ö' => "oe",
            'ü' => "ue",
            'Ä' => "Ae",
            'Ö' => "Oe",
            'Ü' => "Ue",
            it => deunicode_char(it).unwrap_or(" "),
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_the_letters_of_its_subject() {
        let mut names = Names::taken(["weekly"].into_iter());
        for (subject, expect) in [
            ("Weekly", "weekly-2"),
            ("Große Übung für Ärzte", "grosse-uebung-fuer-aerzte"),
            ("Réunion d'équipe", "reunion-d-equipe"),
            ("Çalışma, smørrebrød", "calisma-smorrebrod"),
            ("  -- ", "event"),
            ("", "event-2"),
            ("a/b: 2.0", "a-b-2-0"),
        ] {
            assert_eq!(names.free(subject), expect);
        }
        let long = names.free(&"ä".repeat(200));
        assert!(long.len() == LONGEST && names.free("Встреча команды").is_ascii(), "{long}");
    }
}
