//! How long things take at this desk, and how many people a decision needs.

use super::case::MAX_TIME;

/// A hundred years: what is longer is a slip of units.
const LONGEST: u64 = 100 * 366 * 24 * 3_600_000;

/// All of it, in milliseconds where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a decision can be undone.
    pub undo_ms: u64,
    /// How long a claim holds.
    pub claim_ms: u64,
    /// How long a sender may take to read the status, and again to put the verdict.
    pub send_timeout_ms: u64,
    /// After that long a sender counts as dead. Longer than it can live, so that there are never two.
    pub lease_ms: u64,
    /// How long after its first try a decision is tried again, or a queued one asked about; then it is a dead letter.
    pub give_up_ms: u64,
    /// The ceiling of the first wait.
    pub backoff_base_ms: u64,
    /// The ceiling of every wait.
    pub backoff_cap_ms: u64,
    /// How long a closed case is kept.
    pub retention_ms: u64,
    /// Whether a second person has to approve.
    pub two_person: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            undo_ms: 10_000,
            claim_ms: 900_000,
            send_timeout_ms: 15_000,
            lease_ms: 60_000,
            give_up_ms: 86_400_000,
            backoff_base_ms: 2_000,
            backoff_cap_ms: 600_000,
            retention_ms: 30 * 86_400_000,
            two_person: false,
        }
    }
}

impl Settings {
    /// Refuses what would break a promise.
    ///
    /// # Errors
    /// The name of the setting, and what it must be.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        for (name, ms) in [
            ("undoMs", self.undo_ms),
            ("claimMs", self.claim_ms),
            ("sendTimeoutMs", self.send_timeout_ms),
            ("leaseMs", self.lease_ms),
            ("backoffBaseMs", self.backoff_base_ms),
            ("backoffCapMs", self.backoff_cap_ms),
            ("giveUpMs", self.give_up_ms),
            ("retentionMs", self.retention_ms),
        ] {
            if ms > LONGEST {
                return Err((name, "at most a hundred years"));
            }
        }
        if self.claim_ms == 0 {
            return Err(("claimMs", "more than 0"));
        }
        if self.send_timeout_ms == 0 {
            return Err(("sendTimeoutMs", "more than 0"));
        }
        if self.lease_ms <= 2 * self.send_timeout_ms {
            return Err(("leaseMs", "more than twice sendTimeoutMs"));
        }
        // The leases of a case that is handed in again count from one: what a sender of its first life had to say
        // would pass for news.
        if self.retention_ms < self.lease_ms {
            return Err(("retentionMs", "at least leaseMs"));
        }
        // Without a wait between them, tries until an age would be tries without end.
        if self.backoff_base_ms == 0 {
            return Err(("backoffBaseMs", "more than 0"));
        }
        if self.backoff_cap_ms == 0 {
            return Err(("backoffCapMs", "more than 0"));
        }
        Ok(())
    }

    /// Full jitter: anything from nothing to the ceiling, which doubles with each failed try.
    ///
    /// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
    pub fn backoff_ms(&self, attempts: u32, random: f64) -> u64 {
        part(self.ceiling_ms(attempts), random)
    }

    /// Between half of the ceiling and all of it: what is being worked on is not hurried by asking.
    pub fn patience_ms(&self, attempts: u32, random: f64) -> u64 {
        let half = self.ceiling_ms(attempts).div_ceil(2);
        half + part(half, random)
    }

    fn ceiling_ms(&self, attempts: u32) -> u64 {
        let doubled = 1_u64 << attempts.saturating_sub(1).min(32);
        self.backoff_base_ms
            .saturating_mul(doubled)
            .min(self.backoff_cap_ms)
            .min(MAX_TIME)
    }
}

fn part(of: u64, random: f64) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below 2^53, and `as` saturates"
    )]
    let wait = (random.clamp(0.0, 1.0) * of as f64) as u64;
    wait
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_defaults_are_sound() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn a_lease_outlives_its_sender() {
        let mut settings = Settings {
            lease_ms: 30_000,
            ..Settings::default()
        };
        assert_eq!(settings.check().unwrap_err().0, "leaseMs");
        settings.lease_ms += 1;
        assert_eq!(settings.check(), Ok(()));
    }

    #[test]
    fn what_would_never_work_is_refused() {
        let sound = Settings::default();
        let refused = [
            (
                Settings {
                    claim_ms: 0,
                    ..sound
                },
                "claimMs",
            ),
            (
                Settings {
                    send_timeout_ms: 0,
                    ..sound
                },
                "sendTimeoutMs",
            ),
            (
                Settings {
                    backoff_base_ms: 0,
                    ..sound
                },
                "backoffBaseMs",
            ),
            (
                Settings {
                    backoff_cap_ms: 0,
                    ..sound
                },
                "backoffCapMs",
            ),
            (
                Settings {
                    give_up_ms: LONGEST + 1,
                    ..sound
                },
                "giveUpMs",
            ),
            (
                Settings {
                    undo_ms: LONGEST + 1,
                    ..sound
                },
                "undoMs",
            ),
            (
                Settings {
                    retention_ms: u64::MAX,
                    ..sound
                },
                "retentionMs",
            ),
            (
                Settings {
                    retention_ms: sound.lease_ms - 1,
                    ..sound
                },
                "retentionMs",
            ),
        ];
        for (settings, name) in refused {
            assert_eq!(settings.check().unwrap_err().0, name);
        }
    }

    proptest! {
        #[test]
        fn waits_stay_under_their_ceiling(attempts: u32, random in 0.0..1.0_f64, base in 0..=LONGEST, cap in 0..=LONGEST) {
            let settings = Settings { backoff_base_ms: base, backoff_cap_ms: cap, ..Settings::default() };
            let wait = settings.backoff_ms(attempts, random);
            let doubled = base as f64 * 2_f64.powi(attempts.saturating_sub(1).min(32) as i32);
            prop_assert!(wait <= cap && wait as f64 <= doubled);
            let patience = settings.patience_ms(attempts, random);
            prop_assert!(patience <= cap + 1 && patience >= settings.ceiling_ms(attempts) / 2);
        }
    }

    #[test]
    fn waits_double_up_to_the_cap() {
        let settings = Settings::default();
        let ceilings: Vec<u64> = (1..=10)
            .map(|attempts| settings.backoff_ms(attempts, 1.0))
            .collect();
        assert_eq!(ceilings[..4], [2_000, 4_000, 8_000, 16_000]);
        assert_eq!(ceilings[9], 600_000);
        assert_eq!(settings.backoff_ms(3, f64::NAN), 0, "no number at all");
    }
}
