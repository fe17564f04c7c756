//! Faults on request: `429=5%,503=1%,retry-after=1s..3s,drop-after=1%,drop-before=1%,slow=50ms..2s,stale=2%,expire-token,seed=7`,
//! and `stale-lists=2%`: a list shows what the last one did that was not stale;
//! with `only=POST` those of one method; a batch is of the method `$BATCH`, and has only the drops as a whole.
//!
//! A fault is drawn from the seed, the request and how often it came, so a run repeats exactly whatever runs in parallel.
//! The same request meets at most two faults in a row (`streak=9` makes it nine), and at most one expired token, so that a client
//! that tries again gets through.

use std::{collections::HashMap, str::FromStr, sync::Mutex, time::Duration};

use anyhow::{Context, bail};

use crate::sandbox::ids;

/// What goes wrong, and how often.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Statuses instead of an answer, each with its share.
    pub statuses: Vec<(u16, f64)>,
    /// The share of requests that are lost before they are carried out.
    pub drop_before: f64,
    /// The share of answers that are lost after it.
    pub drop_after: f64,
    /// The share of reads that show what was before the last write.
    pub stale: f64,
    /// The share of lists that lack what was written since the last one; two in a row at most.
    pub stale_lists: f64,
    /// How often the token expires.
    pub expire: Expire,
    /// The least and the most time that an answer takes.
    pub slow: Option<(Duration, Duration)>,
    /// What `Retry-After` says with a 429 or 503; 50 ms if left out.
    pub retry_after: Option<(Duration, Duration)>,
    /// The same requests meet the same faults under the same seed.
    pub seed: u64,
    /// The one method that meets them; all, if it is left out.
    pub only: Option<String>,
    /// Faults that one request meets at most before it gets through, its own and those of its batches together; two if left out.
    pub streak: Option<u32>,
}

/// When a token is taken for expired.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Expire {
    #[default]
    Never,
    /// Once in the run, at its tenth request.
    Once,
    Share(f64),
}

/// What happens to one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fate {
    pub status: Option<u16>,
    pub drop_before: bool,
    pub drop_after: bool,
    pub stale: bool,
    pub stale_list: bool,
    pub expired: bool,
    pub slow: Option<Duration>,
    pub retry_after: Duration,
}

impl Faults {
    fn streak(&self) -> u32 {
        self.streak.unwrap_or(MOST_IN_A_ROW)
    }

    fn hit(&self, method: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == method)
    }
}

impl FromStr for Faults {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Faults> {
        let mut faults = Faults::default();
        for part in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name {
                "drop-before" => faults.drop_before = share(part, value)?,
                "drop-after" => faults.drop_after = share(part, value)?,
                "stale" => faults.stale = share(part, value)?,
                "stale-lists" => faults.stale_lists = share(part, value)?,
                "expire-token" if value.is_empty() => faults.expire = Expire::Once,
                "expire-token" => faults.expire = Expire::Share(share(part, value)?),
                "seed" => {
                    faults.seed = value.parse().with_context(|| format!("fault `{part}` needs a whole number"))?
                }
                "streak" => {
                    let number = value.parse().with_context(|| format!("fault `{part}` needs a whole number"))?;
                    faults.streak = Some(number);
                }
                "only" if !value.is_empty() => faults.only = Some(value.to_uppercase()),
                "slow" => faults.slow = Some(range(part, value)?),
                "retry-after" => faults.retry_after = Some(range(part, value)?),
                _ => match name.parse::<u16>() {
                    Ok(status @ (429 | 500 | 502 | 503 | 504 | 509)) => {
                        faults.statuses.push((status, share(part, value)?))
                    }
                    _ => bail!(
                        "unknown fault `{part}`\n  hint: 429, 500, 502, 503, 504, 509, drop-before, drop-after, stale, stale-lists, expire-token, slow, retry-after, seed, only, streak"
                    ),
                },
            }
        }
        Ok(faults)
    }
}

fn share(part: &str, value: &str) -> anyhow::Result<f64> {
    let number = value.strip_suffix('%').and_then(|it| it.trim().parse::<f64>().ok());
    match number.filter(|it| (0.0..=100.0).contains(it)) {
        Some(number) => Ok(number / 100.0),
        None => bail!("fault `{part}` needs a share such as `5%`"),
    }
}

fn range(part: &str, value: &str) -> anyhow::Result<(Duration, Duration)> {
    let (from, to) = value.split_once("..").unwrap_or((value, value));
    let range = (duration(part, from)?, duration(part, to)?);
    if range.0 > range.1 {
        bail!("fault `{part}` ends before it begins");
    }
    Ok(range)
}

fn duration(part: &str, value: &str) -> anyhow::Result<Duration> {
    let (digits, factor) = match value.strip_suffix("ms") {
        Some(digits) => (digits, 1e-3),
        None => (value.strip_suffix('s').unwrap_or(""), 1.0),
    };
    let number = digits.trim().parse::<f64>().ok().filter(|it| (0.0..=600.0).contains(it));
    number
        .map(|it| Duration::from_secs_f64(it * factor))
        .with_context(|| format!("fault `{part}` needs a time such as `50ms..2s`"))
}

#[derive(Default)]
struct Past {
    came: u64,
    /// How often it came in a batch whose connection could be cut.
    batches: u64,
    in_a_row: u32,
    stale_lists: u32,
    expired: bool,
    /// The connection of its batch is about to be cut: what it is answered with is never seen.
    cut: bool,
}

/// Draws the faults of one run.
#[derive(Default)]
pub struct Dice {
    past: Mutex<(u64, HashMap<String, Past>)>,
}

impl Dice {
    /// Draws what happens to a request, which `key` tells from others: its method and target.
    pub fn draw(&self, faults: &Faults, key: &str) -> Fate {
        let mut guard = self.past.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        guard.0 += 1;
        let total = guard.0;
        let one = guard.1.entry(key.into()).or_default();
        if std::mem::take(&mut one.cut) {
            return Fate::default();
        }
        one.came += 1;
        let mut fate = Fate::default();
        if faults.hit(key.split(' ').next().unwrap_or_default()) {
            let roll = rolls(faults, key, one.came);
            if let Some((from, to)) = faults.slow {
                fate.slow = Some(from + (to - from).mul_f64(roll(0)));
            }
            let (from, to) = faults.retry_after.unwrap_or((Duration::from_millis(50), Duration::from_millis(50)));
            fate.retry_after = from + (to - from).mul_f64(roll(6));
            fate.stale = key.starts_with("GET ") && roll(1) < faults.stale;
            fate.stale_list =
                key.starts_with("GET ") && one.stale_lists < MOST_IN_A_ROW && roll(7) < faults.stale_lists;
            one.stale_lists = if fate.stale_list { one.stale_lists + 1 } else { 0 };
            if one.in_a_row < faults.streak() {
                let (mut at, status) = (roll(2), &mut fate.status);
                for (code, share) in &faults.statuses {
                    if status.is_none() && at < *share {
                        *status = Some(*code);
                    }
                    at -= share;
                }
                fate.drop_before = status.is_none() && roll(3) < faults.drop_before;
                fate.drop_after = status.is_none() && !fate.drop_before && roll(4) < faults.drop_after;
                fate.expired = !one.expired
                    && match faults.expire {
                        Expire::Never => false,
                        Expire::Once => total == 10,
                        Expire::Share(share) => roll(5) < share,
                    };
            }
        }
        let failed = fate.status.is_some() || fate.drop_before || fate.drop_after || fate.expired;
        one.expired |= fate.expired;
        one.in_a_row = if failed { one.in_a_row + 1 } else { 0 };
        fate
    }

    /// Draws whether the connection of a batch is cut, which is a fault of every request in it.
    pub fn draw_batch(&self, faults: &Faults, keys: &[String]) -> Fate {
        let mut fate = Fate::default();
        if !faults.hit("$BATCH") {
            return fate;
        }
        let mut guard = self.past.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (mut batches, mut in_a_row) = (0, 0);
        for key in keys {
            let one = guard.1.entry(key.clone()).or_default();
            one.batches += 1;
            (batches, in_a_row) = (one.batches.max(batches), one.in_a_row.max(in_a_row));
        }
        if in_a_row < faults.streak() {
            let roll = rolls(faults, &format!("$BATCH {}", keys.join(" ")), batches);
            fate.drop_before = roll(3) < faults.drop_before;
            fate.drop_after = !fate.drop_before && roll(4) < faults.drop_after;
        }
        for key in keys.iter().filter(|_| fate.drop_before || fate.drop_after) {
            let one = guard.1.entry(key.clone()).or_default();
            one.in_a_row += 1;
            one.cut = fate.drop_after;
        }
        fate
    }
}

/// The streak of faults that are not told another, and of stale lists.
const MOST_IN_A_ROW: u32 = 2;

/// Numbers from 0 to 1 for what comes the `came`th time; each kind of fault has one for itself.
fn rolls(faults: &Faults, key: &str, came: u64) -> impl Fn(usize) -> f64 + use<> {
    let hash = ids::digest(&format!("fault {} {key} {came}", faults.seed));
    move |place| {
        let bytes: [u8; 4] = hash[place * 4..place * 4 + 4].try_into().expect("a hash has 32 bytes");
        f64::from(u32::from_be_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests;
