//! A digest of all that told how an event stands: as long as none of it is another, the event stands as it did, and nobody has to
//! read it again.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The first half of a SHA-256: too long for anybody to make another text that has it.
#[derive(Clone, Copy, PartialEq)]
pub struct Stood([u8; 16]);

/// What a digest is made of, part by part.
pub struct Parts(Sha256);

impl Parts {
    /// Begins one. What another version of the program found is found out again.
    pub fn of(what: &str) -> Parts {
        let mut parts = Parts(Sha256::new());
        parts.add(env!("CARGO_PKG_VERSION"), what);
        parts
    }

    /// Adds two parts, mostly a name and what stands under it; where each ends and the next begins counts too.
    pub fn add(&mut self, name: &str, part: &str) {
        // Nothing that is read holds four gigabytes.
        let lengths = [name, part].map(|it| (it.len() as u32).to_le_bytes());
        self.0.update(lengths.as_flattened());
        self.0.update(name);
        self.0.update(part);
    }

    /// The digest of all of them.
    pub fn end(self) -> Stood {
        let mut first = [0; 16];
        first.copy_from_slice(&self.0.finalize()[..16]);
        Stood(first)
    }
}

impl fmt::Debug for Stood {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Stood {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for Stood {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Stood, D::Error> {
        let text = String::deserialize(from)?;
        let number = u128::from_str_radix(&text, 16).ok().filter(|_| text.len() == 32 && !text.starts_with('+'));
        let number = number.ok_or_else(|| de::Error::custom("32 hexadecimal digits are expected"))?;
        Ok(Stood(number.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_was_written_and_tells_parts_from_their_join() {
        let of = |parts: &[(&str, &str)]| {
            let mut all = Parts::of("it");
            parts.iter().for_each(|(name, part)| all.add(name, part));
            all.end()
        };
        let one = of(&[("a", "bc")]);
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!((text.len(), serde_json::from_str::<Stood>(&text).unwrap()), (34, one));
        assert!(one == of(&[("a", "bc")]) && one != of(&[("ab", "c")]) && one != of(&[("a", "bc"), ("", "")]));
        assert!(of(&[("a", "b"), ("c", "d")]) != of(&[("a", "bcd")]));
        for odd in [r#""""#, r#""0""#, "1", r#""+0000000000000000000000000000000""#, &text.replace('"', "\"0")] {
            assert!(serde_json::from_str::<Stood>(odd).is_err(), "{odd}");
        }
    }
}
