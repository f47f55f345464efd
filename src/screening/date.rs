//! Calendar dates. A date is a date: it has no time zone, and no clock moves it.

/// A day of the Gregorian calendar, always one that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    // In this order, the derived comparison is the chronological one.
    year: i32,
    month: u8,
    day: u8,
}

const DAY_MS: f64 = 86_400_000.0;

/// [The furthest that a JavaScript `Date`
/// reaches](https://tc39.es/ecma262/#sec-time-values-and-time-range), either way.
const MAX_MS: f64 = 8.64e15;

impl Date {
    /// The day, if the calendar has it.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        ((1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day))
            .then_some(Self { year, month, day })
    }

    /// Reads `YYYY-MM-DD`, or the date written in an ISO 8601 date-time, which no zone or offset
    /// moves to another day.
    pub fn parse(text: &str) -> Option<Self> {
        let (century, rest) = two_digits(text.as_bytes())?;
        let (year, rest) = two_digits(rest)?;
        let (month, rest) = two_digits(rest.strip_prefix(b"-")?)?;
        let (day, rest) = two_digits(rest.strip_prefix(b"-")?)?;
        if !matches!(rest, []) && !is_time(rest) {
            return None;
        }
        Self::new(i32::from(century) * 100 + i32::from(year), month, day)
    }

    /// The UTC day of a moment given as JavaScript counts, if a JavaScript `Date` could hold that
    /// moment.
    pub fn from_epoch_ms(ms: f64) -> Option<Self> {
        // Written so that NaN fails as well.
        if !(-MAX_MS..=MAX_MS).contains(&ms) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a whole number within a hundred million of zero"
        )]
        let days = (ms / DAY_MS).floor() as i32;
        Self::from_days(days)
    }

    /// Whole years from this day to `on`; none if `on` comes first. Someone born on 29 February is
    /// a year older on 1 March of a year that has no such day.
    pub fn age_on(self, on: Self) -> Option<u32> {
        let birthday_to_come = (on.month, on.day) < (self.month, self.day);
        u32::try_from(on.year - self.year - i32::from(birthday_to_come)).ok()
    }

    /// How many days `other` comes after this one; negative if it comes before.
    pub fn days_until(self, other: Self) -> i32 {
        other.days() - self.days()
    }

    /// Days since 1970-01-01, by [Howard Hinnant's
    /// `days_from_civil`](https://howardhinnant.github.io/date_algorithms.html).
    fn days(self) -> i32 {
        days(self.year, self.month, self.day)
    }

    /// The inverse, by `civil_from_days` of the same page.
    fn from_days(days: i32) -> Option<Self> {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = (march_month + 2) % 12 + 1;
        let year = era * 400 + year_of_era + i32::from(month <= 2);
        Self::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }
}

/// Days since 1970-01-01; a day that the month does not have counts on from its first.
pub fn days(year: i32, month: u8, day: u8) -> i32 {
    // Years begin in March, so that the day that leap years add is the last.
    let month = i32::from(month);
    let year = year - i32::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(day) - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn two_digits(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [tens @ b'0'..=b'9', units @ b'0'..=b'9', rest @ ..] => {
            Some(((tens - b'0') * 10 + (units - b'0'), rest))
        }
        _ => None,
    }
}

/// Whether what follows the date looks like a time of day, as ISO 8601 and RFC 3339 write it:
/// `T10:20`, ` 10:20:30.5Z`, `T10:20:30+01:00`. Seconds and offset are not weighed, since nothing
/// hangs on them.
fn is_time(text: &[u8]) -> bool {
    let [b'T' | b't' | b' ', text @ ..] = text else {
        return false;
    };
    let Some((0..=23, [b':', text @ ..])) = two_digits(text) else {
        return false;
    };
    let Some((0..=59, text)) = two_digits(text) else {
        return false;
    };
    text.iter().all(|byte| {
        matches!(
            byte,
            b'0'..=b'9' | b':' | b'.' | b',' | b'+' | b'-' | b'Z' | b'z'
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    /// The model: the day after, by the rules that one learns at school. Nothing here is shared
    /// with the code above.
    fn next((year, month, day): (i32, u8, u8)) -> (i32, u8, u8) {
        let leap = if year % 100 == 0 {
            year % 400 == 0
        } else {
            year % 4 == 0
        };
        let february = if leap { 29 } else { 28 };
        let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        if day < lengths.get(usize::from(month) - 1).copied().unwrap() {
            (year, month, day + 1)
        } else if month < 12 {
            (year, month + 1, 1)
        } else {
            (year + 1, 1, 1)
        }
    }

    #[test]
    fn every_day_of_three_cycles_of_the_calendar_is_counted_and_named_as_the_model_does() {
        // 1600-01-01: 370 years before the epoch, 90 of them leap years.
        let mut count: i32 = -(370 * 365 + 90);
        let mut model = (1600, 1, 1);
        let mut before: Option<Date> = None;
        while model.0 < 2800 {
            let (year, month, day) = model;
            let text = format!("{year:04}-{month:02}-{day:02}");
            let parsed = date(&text);
            assert_eq!((parsed.year, parsed.month, parsed.day), model);
            assert_eq!(parsed.days(), count, "{text}");
            let midnight = f64::from(count) * DAY_MS;
            assert_eq!(Date::from_epoch_ms(midnight), Some(parsed), "{text}");
            assert_eq!(
                Date::from_epoch_ms(midnight + DAY_MS - 0.5),
                Some(parsed),
                "{text}"
            );
            if let Some(before) = before {
                assert!(before < parsed, "{text}");
                assert_eq!(before.days_until(parsed), 1, "{text}");
            }
            before = Some(parsed);
            count += 1;
            model = next(model);
        }
    }

    /// Ordinals from Python's `datetime.date.toordinal`, less that of the epoch.
    #[test]
    fn the_first_and_last_days_are_where_others_count_them() {
        for (text, count) in [
            ("0001-01-01", -719_162),
            ("1582-10-15", -141_427),
            ("1969-12-31", -1),
            ("1970-01-01", 0),
            ("2026-11-21", 20_778),
            ("9999-12-31", 2_932_896),
        ] {
            assert_eq!(date(text).days(), count, "{text}");
            assert_eq!(Date::from_days(count), Some(date(text)), "{text}");
        }
    }

    #[test]
    fn moments_outside_javascript_s_range_have_no_day() {
        assert_eq!(Date::from_epoch_ms(8.64e15), Date::new(275_760, 9, 13));
        assert_eq!(Date::from_epoch_ms(-8.64e15), Date::new(-271_821, 4, 20));
        for ms in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            8.64e15 + 1.0,
            -8.64e15 - 1.0,
            f64::MAX,
            f64::MIN,
        ] {
            assert_eq!(Date::from_epoch_ms(ms), None, "{ms}");
        }
        assert_eq!(Date::from_epoch_ms(-0.5), Some(date("1969-12-31")));
        assert_eq!(Date::from_epoch_ms(-0.0), Some(date("1970-01-01")));
    }

    #[test]
    fn dates_that_are_read() {
        for text in [
            "1990-01-01",
            "1990-01-01T00:00",
            "1990-01-01T23:59:59",
            "1990-01-01T23:59:60Z",
            "1990-01-01T00:00:00.000Z",
            "1990-01-01t00:00:00z",
            "1990-01-01 00:00:00",
            "1990-01-01T00:00:00,5+14:00",
            "1990-01-01T23:00:00-1100",
            "1990-01-01T23:00:00-11",
        ] {
            assert_eq!(Date::parse(text), Date::new(1990, 1, 1), "{text}");
        }
        for text in [
            "0000-01-01",
            "9999-12-31",
            "2000-02-29",
            "2024-02-29",
            "1600-02-29",
        ] {
            assert!(Date::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn dates_that_are_not() {
        for text in [
            "",
            " ",
            "1990",
            "1990-01",
            "1990-1-1",
            "1990-01-1",
            "90-01-01",
            "1990/01/01",
            "1990.01.01",
            "01-01-1990",
            "19900101",
            "1990-00-01",
            "1990-13-01",
            "1990-01-00",
            "1990-01-32",
            "1990-04-31",
            "1990-06-31",
            "1990-09-31",
            "1990-11-31",
            "2023-02-29",
            "1900-02-29",
            "2100-02-29",
            "2024-02-30",
            "+1990-01-01",
            "-1990-01-01",
            "+001990-01-01",
            " 1990-01-01",
            "1990-01-01 ",
            "1990-01-01\n",
            "1990-01-01\0",
            "1990-01-01x",
            "1990-01-01T",
            "1990-01-01Z",
            "1990-01-01T1",
            "1990-01-01T24:00",
            "1990-01-01T10",
            "1990-01-01T10:",
            "1990-01-01T10:6",
            "1990-01-01T10:60",
            "1990-01-01T1020",
            "1990-01-01T10.20",
            "1990-01-01T10:20 Z",
            "1990-01-01T10:20[UTC]",
            "1990-01-01T10:20\n",
            "1990-01-01TT10:20",
            "1990-01-01_10:20",
            "1990-01-01+01:00",
            "1990--1-01",
            "1990-01--1",
            "1990-W01-1",
            "1990-001",
            "\u{661}\u{669}\u{669}\u{660}-01-01",
            "1990\u{2010}01\u{2010}01",
            "1 January 1990",
            "null",
        ] {
            assert_eq!(Date::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn ages() {
        for (born, on, age) in [
            ("2000-06-15", "2018-06-14", Some(17)),
            ("2000-06-15", "2018-06-15", Some(18)),
            ("2000-06-15", "2000-06-15", Some(0)),
            ("2000-06-15", "2000-06-14", None),
            ("2000-06-15", "1999-06-15", None),
            // Born on a day that most years lack.
            ("2004-02-29", "2022-02-28", Some(17)),
            ("2004-02-29", "2022-03-01", Some(18)),
            ("2004-02-29", "2024-02-28", Some(19)),
            ("2004-02-29", "2024-02-29", Some(20)),
            ("1896-02-29", "1900-02-28", Some(3)),
            ("1896-02-29", "1900-03-01", Some(4)),
            // A leap year moves nobody else's birthday.
            ("2004-03-01", "2024-02-29", Some(19)),
            ("2004-03-01", "2024-03-01", Some(20)),
            ("2003-12-31", "2024-12-30", Some(20)),
        ] {
            assert_eq!(date(born).age_on(date(on)), age, "{born} on {on}");
        }
    }

    /// Ages by living through every day: one is a year older whenever the calendar passes one's
    /// birthday.
    fn age_lived((year, month, day): (i32, u8, u8), on: (i32, u8, u8)) -> u32 {
        let mut age = 0;
        let mut today = (year, month, day);
        while today != on {
            let yesterday = today;
            today = next(today);
            let birthday = (today.1, today.2) == (month, day);
            let skipped = (month, day) == (2, 29)
                && (yesterday.1, yesterday.2) == (2, 28)
                && (today.1, today.2) == (3, 1);
            age += u32::from(birthday || skipped);
        }
        age
    }

    fn any_date() -> impl Strategy<Value = Date> {
        prop_oneof![
            8 => (-719_528_i32..2_932_897).prop_map(|days| Date::from_days(days).unwrap()),
            1 => (0..2500).prop_filter_map("a leap year", |year| Date::new(year * 4, 2, 29)),
        ]
    }

    fn parts(date: Date) -> (i32, u8, u8) {
        (date.year, date.month, date.day)
    }

    proptest! {
        // Living is slow.
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn age_is_what_one_has_lived_through(born in any_date(), days in 0_i32..40_000) {
            if let Some(on) = Date::from_days(born.days() + days) {
                prop_assert_eq!(born.age_on(on), Some(age_lived(parts(born), parts(on))));
                prop_assert_eq!(born.days_until(on), days);
                prop_assert_eq!(on.days_until(born), -days);
                prop_assert_eq!(born.cmp(&on), 0.cmp(&days));
            }
        }

    }

    proptest! {
        #[test]
        fn nobody_has_an_age_before_birth(born in any_date(), days in 1_i32..40_000) {
            prop_assert_eq!(born.age_on(Date::from_days(born.days() - days).unwrap()), None);
        }

        #[test]
        fn what_is_written_is_read_back(date in any_date(), time in "(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?") {
            let (year, month, day) = parts(date);
            prop_assert_eq!(Date::parse(&format!("{year:04}-{month:02}-{day:02}{time}")), Some(date));
        }

        #[test]
        fn only_days_that_exist_are_read(year in 0..10_000_i32, month in 0..20_u8, day in 0..40_u8) {
            let parsed = Date::parse(&format!("{year:04}-{month:02}-{day:02}"));
            // The model meets every day of that year, and no other.
            let mut met = false;
            let mut model = (year, 1, 1);
            while model.0 == year {
                met |= model == (year, month, day);
                model = next(model);
            }
            prop_assert_eq!(parsed.is_some(), met);
        }

        #[test]
        fn any_text_and_any_number_are_survived(text in any::<String>(), near in "[0-9T:.,Z+ -]{0,30}", ms in any::<f64>()) {
            let _ = (Date::parse(&text), Date::parse(&near), Date::from_epoch_ms(ms));
        }
    }
}
