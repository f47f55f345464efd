//! When to try again, and how long to wait before.

use crate::screening::days;
use crate::text::{parts, whole};

/// The longest wait that an upstream may ask for, in milliseconds; beyond it the call fails at once.
pub const LONGEST_WAIT_MS: f64 = 60_000.0;

/// No time of day that a service tells lies before: 1973, when nobody wrote HTTP.
const FIRST_MOMENT_MS: f64 = 1e11;

/// Whether an answer with this status may be followed by a better one.
pub const fn is_retryable(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// Full jitter: anything from nothing to 0.5 s · 2ⁿ, at most 8 s, in milliseconds.
/// `random` is in `[0, 1)`, `retries` counts those already made.
///
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
pub fn backoff_ms(retries: u32, random: f64) -> f64 {
    let ceiling = 500.0 * f64::from(1_u32 << retries.min(4));
    random * ceiling
}

/// What an answer says about the next try.
#[derive(Clone, Copy, Default)]
pub struct Hints<'a> {
    /// `Retry-After`: seconds or a date (RFC 9110, section 10.2.3).
    pub retry_after: Option<&'a str>,
    /// `x-ratelimit-reset`: Unix seconds, or seconds from now.
    pub reset: Option<&'a str>,
}

/// How long upstream asks to wait, in milliseconds, or `None` where it does not say.
///
/// The reset of a rate limit counts only for 429: such a header stands on every answer.
pub fn requested_wait_ms(status: u16, hints: Hints<'_>, now_ms: f64) -> Option<f64> {
    let asked = hints.retry_after.map(str::trim_ascii).and_then(|value| {
        seconds(value)
            .map(|seconds| seconds * 1000.0)
            .or_else(|| http_date_ms(value).map(|at| at - now_ms))
    });
    let reset = || {
        let told = hints.reset.map(str::trim_ascii).and_then(seconds)? * 1000.0;
        // Some services count from now on.
        let wait = if told < FIRST_MOMENT_MS {
            told
        } else {
            told - now_ms
        };
        (status == 429).then_some(wait)
    };
    asked.or_else(reset).map(|wait| wait.max(0.0))
}

/// Whole seconds, of any length (RFC 9110: `1*DIGIT`). More than twelve digits are beyond any wait, and count as such.
fn seconds(text: &str) -> Option<f64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if text.len() > 12 {
        return Some(1e12);
    }
    #[expect(clippy::cast_precision_loss, reason = "twelve digits fit in 53 bits")]
    whole(text, 12).map(|seconds| seconds as f64)
}

/// The three forms of an HTTP date (RFC 9110, section 5.6.7), as epoch milliseconds.
fn http_date_ms(text: &str) -> Option<f64> {
    let mut words = parts(text, b" ,-").filter(|word| !word.is_empty());
    let _weekday = words.next()?;
    let second = words.next()?;
    let third = words.next()?;
    let fourth = words.next()?;
    let fifth = words.next()?;
    let (day, month, year, time) = if second.bytes().all(|byte| byte.is_ascii_digit()) {
        // Sun, 06 Nov 1994 08:49:37 GMT and Sunday, 06-Nov-94 08:49:37 GMT
        (second, third, fourth, fifth)
    } else {
        // Sun Nov  6 08:49:37 1994
        (third, second, fifth, fourth)
    };
    let mut months = parts("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", b" ");
    let month = 1 + months.position(|name| name == month)?;
    let short = year.len() == 2;
    let year = i32::from(number(year, 4)?);
    // Two digits: no date here lies before 2000, since all of them are about to come.
    let year = if short { 2000 + year } else { year };
    let day = u8::try_from(number(day, 2)?).ok()?;
    if !(1..=31).contains(&day) {
        return None;
    }
    let mut moment = f64::from(days(year, u8::try_from(month).ok()?, day));
    let mut time = parts(time, b":");
    // A leap second is the 61st of its minute.
    for (count, most) in [(24.0, 23), (60.0, 59), (60.0, 60)] {
        let number = number(time.next()?, 2).filter(|number| *number <= most)?;
        moment = moment * count + f64::from(number);
    }
    time.next().is_none().then_some(moment * 1000.0)
}

fn number(text: &str, most: usize) -> Option<u16> {
    whole(text, most).and_then(|number| u16::try_from(number).ok())
}

/// What to do after a failed attempt.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// Try again after this many milliseconds.
    Wait(f64),
    /// Tell the caller.
    GiveUp,
}

/// The one place that decides about a further try. `retries` counts those already made.
pub fn next(
    retryable: bool,
    retries: u32,
    most: u32,
    requested_ms: Option<f64>,
    random: f64,
) -> Next {
    if !retryable || retries >= most {
        return Next::GiveUp;
    }
    match requested_ms {
        Some(wait) if wait > LONGEST_WAIT_MS => Next::GiveUp,
        Some(wait) => Next::Wait(wait),
        None => Next::Wait(backoff_ms(retries, random)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: f64 = 784_111_777_000.0; // Sun, 06 Nov 1994 08:49:37 GMT

    fn wait(retry_after: &str) -> Option<f64> {
        requested_wait_ms(
            503,
            Hints {
                retry_after: Some(retry_after),
                reset: None,
            },
            NOW,
        )
    }

    #[test]
    fn retryable_statuses_are_those_of_the_contract() {
        let retryable: Vec<u16> = (100..600).filter(|status| is_retryable(*status)).collect();
        assert_eq!(retryable, [408, 429, 500, 502, 503, 504]);
    }

    #[test]
    fn retry_after_in_seconds_and_in_all_three_dates() {
        assert_eq!(wait("0"), Some(0.0));
        assert_eq!(wait(" 7 "), Some(7000.0));
        // However many digits: beyond any wait, and not a header that says nothing.
        for many in ["999999999999", "1000000000000", &"9".repeat(400)] {
            assert!(wait(many).unwrap() >= 999_999_999_999_000.0, "{many}");
        }
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10_000.0));
        assert_eq!(wait("Sun Nov  6 08:49:47 1994"), Some(10_000.0));
        // The last moment of a day, a leap second (RFC 9110, section 5.6.7).
        assert_eq!(wait("Sun, 06 Nov 1994 23:59:60 GMT"), Some(54_623_000.0));
        // The obsolete form has two digits of year; they are of this century here.
        let now_2094 = 3_939_871_777_000.0;
        let hints = Hints {
            retry_after: Some("Saturday, 06-Nov-94 08:49:47 GMT"),
            reset: None,
        };
        assert_eq!(requested_wait_ms(503, hints, now_2094), Some(10_000.0));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0.0), "the past");
    }

    #[test]
    fn nonsense_is_no_request() {
        for text in [
            "",
            "-1",
            "1.5",
            "soon",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "1e9",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov",
            "Sun, 06 Nov 1994 08:49:37:1 GMT",
            "Sun, 006 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 01994 08:49:37 GMT",
            "Sun, 06 Nov 1994 008:49:37 GMT",
        ] {
            assert_eq!(wait(text), None, "{text}");
        }
    }

    #[test]
    fn a_reset_counts_for_429_only_and_after_retry_after() {
        let hints = Hints {
            retry_after: None,
            reset: Some("784111780"),
        };
        assert_eq!(requested_wait_ms(429, hints, NOW), Some(3000.0));
        assert_eq!(requested_wait_ms(503, hints, NOW), None);
        for (reset, wait) in [
            ("0", 0.0),
            ("7", 7000.0),
            ("3600", 3_600_000.0),
            ("784111770", 0.0),
        ] {
            let hints = Hints {
                reset: Some(reset),
                ..hints
            };
            assert_eq!(requested_wait_ms(429, hints, NOW), Some(wait), "{reset}");
        }
        assert_eq!(
            requested_wait_ms(
                429,
                Hints {
                    retry_after: Some("1"),
                    ..hints
                },
                NOW
            ),
            Some(1000.0)
        );
    }

    #[test]
    fn when_to_give_up() {
        assert_eq!(next(false, 0, 2, None, 0.5), Next::GiveUp);
        assert_eq!(next(true, 2, 2, None, 0.5), Next::GiveUp);
        assert_eq!(next(true, 0, 2, Some(60_001.0), 0.5), Next::GiveUp);
        assert_eq!(next(true, 0, 2, Some(60_000.0), 0.5), Next::Wait(60_000.0));
        assert_eq!(next(true, 1, 2, None, 0.5), Next::Wait(500.0));
    }

    proptest! {
        #[test]
        fn backoff_stays_under_its_ceiling(retries: u32, random in 0.0..1.0_f64) {
            let wait = backoff_ms(retries, random);
            let ceiling = (500.0 * 2_f64.powi(retries.min(100) as i32)).min(8000.0);
            prop_assert!((0.0..ceiling).contains(&wait) || wait == 0.0);
        }

        #[test]
        fn any_header_is_survived(text in "\\PC{0,40}", reset in "\\PC{0,20}", status: u16) {
            if let Some(wait) = requested_wait_ms(status, Hints { retry_after: Some(&text), reset: Some(&reset) }, NOW) {
                prop_assert!(wait >= 0.0 && wait.is_finite());
            }
        }

        #[test]
        fn dates_count_the_days(days in 0_i32..80_000) {
            // Walk the calendar day by day from the epoch, as a clock would.
            let (mut year, mut month, mut day) = (1970_i32, 1_u8, 1_u8);
            for _ in 0..days {
                let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
                let length = match month { 2 => 28 + u8::from(leap), 4 | 6 | 9 | 11 => 30, _ => 31 };
                day += 1;
                if day > length { day = 1; month += 1; }
                if month > 12 { month = 1; year += 1; }
            }
            prop_assert_eq!(super::days(year, month, day), days);
        }
    }
}
