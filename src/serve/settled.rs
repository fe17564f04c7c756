//! Whether files have come to rest: somebody who pulls or copies them in writes one after the other. Pure.

use std::time::Duration;

/// For so long nothing has changed in files that are at rest.
const QUIET: Duration = Duration::from_secs(10);

/// After so long it goes on although they are not.
const MOST: Duration = Duration::from_secs(60);

/// What was seen of the files. Times are of one clock that nobody sets.
pub struct Settled {
    /// What stands for them as they were seen last.
    stamp: u64,
    /// Since when they are seen so.
    since: Duration,
    /// When they began to change, or were last gone on with.
    restless: Duration,
    /// What stood for them in the last round.
    taken: Option<u64>,
}

impl Settled {
    /// Begins to look; what they did before that is not known.
    pub fn new(now: Duration, stamp: u64) -> Settled {
        Settled { stamp, since: now, restless: now, taken: None }
    }

    /// Looks once more.
    pub fn look(&mut self, now: Duration, stamp: u64) {
        if stamp == self.stamp {
            return;
        }
        if now.saturating_sub(self.since) >= QUIET {
            self.restless = now;
        }
        (self.stamp, self.since) = (stamp, now);
    }

    /// Whether a round may read them: nothing changed for ten seconds, or that was waited for since a minute.
    pub fn is_settled(&self, now: Duration) -> bool {
        now.saturating_sub(self.since) >= QUIET || now.saturating_sub(self.restless) >= MOST
    }

    /// Whether they are not what the last round has read.
    pub fn has_changed(&self) -> bool {
        self.taken != Some(self.stamp)
    }

    /// Says that a round reads them as they are now.
    pub fn take(&mut self, now: Duration) {
        self.taken = Some(self.stamp);
        self.restless = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds at which a round reads files that change at these seconds, looked at once a second.
    fn rounds(changes: &[u64], until: u64) -> Vec<u64> {
        let mut files = Settled::new(Duration::ZERO, 0);
        let mut rounds = vec![];
        for second in 0..until {
            let now = Duration::from_secs(second);
            files.look(now, changes.iter().filter(|it| **it <= second).count() as u64);
            if files.has_changed() && files.is_settled(now) {
                files.take(now);
                rounds.push(second);
            }
        }
        rounds
    }

    #[test]
    fn a_round_begins_ten_seconds_after_the_last_change() {
        assert_eq!(rounds(&[], 100), [10]);
        assert_eq!(rounds(&[3], 100), [13]);
        assert_eq!(rounds(&[30], 100), [10, 40]);
        assert_eq!(rounds(&[30, 35, 44], 100), [10, 54]);
        assert_eq!(rounds(&[30, 41], 100), [10, 40, 51]);
    }

    #[test]
    fn files_that_never_rest_are_read_once_a_minute() {
        let always: Vec<u64> = (20..400).collect();
        assert_eq!(rounds(&always, 400), [10, 80, 140, 200, 260, 320, 380]);
        let often: Vec<u64> = (20..200).step_by(9).collect();
        assert_eq!(rounds(&often, 300), [10, 80, 140, 200]);
    }
}
