//! When the next round is. Pure.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Returns how long to wait from `now` on for the next round of a workspace.
///
/// Rounds lie on a grid of `interval` that begins elsewhere for each name, so that many workspaces do not ask Graph at one moment.
/// `jitter` from -1 to 1 moves a round by a tenth of the interval at most. Between half an interval and 1.6 of it.
pub fn wait(name: &str, interval: Duration, now: Timestamp, jitter: f64) -> Duration {
    let every = interval.as_millis().max(1) as i128;
    let earliest = i128::from(now.as_millisecond()) + every / 2;
    let until = (phase(name, every) - earliest).rem_euclid(every) + every / 2;
    let moved = (every as f64 * jitter.clamp(-1.0, 1.0) / 10.0) as i128;
    Duration::from_millis((until + moved).max(0) as u64)
}

/// Where on the grid a name lies: less than `every`, in milliseconds.
fn phase(name: &str, every: i128) -> i128 {
    let hash = Sha256::digest(name);
    let number = hash.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    i128::from(number) % every
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

    fn after(now: Timestamp, wait: Duration) -> Timestamp {
        now + jiff::SignedDuration::try_from(wait).unwrap()
    }

    #[test]
    fn rounds_of_a_name_lie_on_one_grid_and_those_of_others_elsewhere() {
        let start = Timestamp::from_second(2_000_000_000).unwrap();
        let place = |name: &str, now| after(now, wait(name, HALF_AN_HOUR, now, 0.0)).as_millisecond() % 1_800_000;
        let mut places: Vec<i64> = (0..50).map(|number| place(&format!("team-{number}"), start)).collect();
        for second in [1, 600, 899, 900, 901, 1799, 1800, 86_399] {
            assert_eq!(place("team-0", start + jiff::SignedDuration::from_secs(second)), places[0], "{second}");
        }
        places.sort();
        places.dedup();
        assert_eq!(places.len(), 50);
        let first_half = places.iter().filter(|place| **place < 900_000).count();
        assert!((10..40).contains(&first_half), "{places:?}");
    }

    #[test]
    fn jitter_moves_a_round_by_a_tenth_and_never_brings_two_close_together() {
        let start = Timestamp::from_second(2_000_000_000).unwrap();
        let mut now = start;
        for number in 0..200 {
            let jitter = [1.0, -1.0, 0.5, -0.3, 0.0][number % 5];
            let next = wait("contoso", HALF_AN_HOUR, now, jitter);
            let least = HALF_AN_HOUR.mul_f64(0.399);
            assert!(next >= least && next <= HALF_AN_HOUR.mul_f64(1.601), "{number}: {next:?}");
            now = after(now, next);
        }
        let rounds = now.duration_since(start).as_secs() / 1800;
        assert!((195..=205).contains(&rounds), "{rounds} intervals for 200 rounds");
        let plain = wait("contoso", HALF_AN_HOUR, start, 0.0);
        assert_eq!(wait("contoso", HALF_AN_HOUR, start, 1.0), plain + Duration::from_secs(180));
        assert_eq!(wait("contoso", HALF_AN_HOUR, start, -9.0), plain - Duration::from_secs(180));
    }
}
