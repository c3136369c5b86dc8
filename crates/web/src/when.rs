//! Dates in words: absolute with weekday and zone, and how far from now.
//!
//! All times are shown in UTC: the server does not know where a reader lives, and a closing time that
//! depends on the reader is read wrongly.

use assembly::UnixMs;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// The last moment shown, in the year 9999; later ones are shown as this one.
const LAST: u64 = 253_402_300_799_999;

const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// "Monday 23 November 2026, 18:00 UTC".
pub fn absolute(at: UnixMs) -> String {
    let at = at.min(LAST);
    let (year, month, day) = date(at);
    let weekday = WEEKDAYS[(at / DAY % 7) as usize];
    let month = MONTHS[month as usize - 1];
    let (hour, minute) = (at / HOUR % 24, at / MINUTE % 60);
    format!("{weekday} {day} {month} {year}, {hour:02}:{minute:02} UTC")
}

/// "2026-11-23T18:00:00Z", for machines.
pub fn machine(at: UnixMs) -> String {
    let at = at.min(LAST);
    let (year, month, day) = date(at);
    let (hour, minute, second) = (at / HOUR % 24, at / MINUTE % 60, at / SECOND % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// "in 3 days", "2 hours ago", "now".
pub fn relative(at: UnixMs, now: UnixMs) -> String {
    let distance = at.abs_diff(now);
    // Rounded down, so that nobody is promised more time than there is.
    let (count, unit) = match distance {
        0..MINUTE => return "now".into(),
        MINUTE..HOUR => (distance / MINUTE, "minute"),
        HOUR..DAY => (distance / HOUR, "hour"),
        _ if distance < 60 * DAY => (distance / DAY, "day"),
        _ if distance < 730 * DAY => (distance / (30 * DAY), "month"),
        _ => (distance / (365 * DAY), "year"),
    };
    let s = if count == 1 { "" } else { "s" };
    if at > now { format!("in {count} {unit}{s}") } else { format!("{count} {unit}{s} ago") }
}

/// Year, month (1–12) and day (1–31) of a moment: Howard Hinnant's `civil_from_days`.
fn date(at: UnixMs) -> (u64, u64, u64) {
    let days = at / DAY + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_weekday_and_zone() {
        assert_eq!(absolute(0), "Thursday 1 January 1970, 00:00 UTC");
        assert_eq!(absolute(951_782_400_000), "Tuesday 29 February 2000, 00:00 UTC");
        assert_eq!(absolute(1_795_456_800_000), "Monday 23 November 2026, 18:00 UTC");
        assert_eq!(machine(1_795_456_800_000), "2026-11-23T18:00:00Z");
        assert_eq!(machine(u64::MAX), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn distances_are_rounded_down() {
        let now = 1_795_456_800_000;
        assert_eq!(relative(now + 59_999, now), "now");
        assert_eq!(relative(now + MINUTE, now), "in 1 minute");
        assert_eq!(relative(now + 4 * DAY - 1, now), "in 3 days");
        assert_eq!(relative(now - 2 * HOUR, now), "2 hours ago");
        assert_eq!(relative(now - 800 * DAY, now), "2 years ago");
    }
}
