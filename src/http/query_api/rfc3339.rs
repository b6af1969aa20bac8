//! Moments as people write them: RFC 3339.

/// Days from the first of March of the year 0 to the first of January 1970.
const EPOCH: i64 = 719_468;

/// The milliseconds since the Unix epoch; nothing where it is no RFC 3339. What is below a millisecond is cut off.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (date, clock) = text.split_once('T')?;
    let [year, month, day] = fields(date, '-')?;
    let (clock, offset) = zone(clock)?;
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, part)| (clock, Some(part)));
    let [hour, minute, second] = fields(clock, ':')?;
    let widths = [(date, [4, 2, 2], '-'), (clock, [2, 2, 2], ':')];
    if widths.iter().any(|(text, widths, by)| !text.split(*by).map(str::len).eq(widths.iter().copied())) {
        return None;
    }
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = day_number(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    Some(seconds * 1_000 + millis(fraction)?)
}

/// In UTC, with milliseconds where there are any.
pub(crate) fn format(millis: i64) -> String {
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let (year, month, day) = date_of(days);
    let (seconds, fraction) = (rest / 1_000, rest % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Three numbers, digits only.
fn fields(text: &str, by: char) -> Option<[i64; 3]> {
    let mut parts = text.split(by).map(number);
    let fields = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(fields)
}

fn number(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// What stands before `Z` or `+01:00`, and the offset in seconds.
fn zone(clock: &str) -> Option<(&str, i64)> {
    if let Some(clock) = clock.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let at = clock.rfind(['+', '-'])?;
    let (clock, zone) = clock.split_at(at);
    let (hours, minutes) = zone[1..].split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let seconds = hours * 3_600 + minutes * 60;
    let offset = if zone.starts_with('-') { -seconds } else { seconds };
    (hours <= 24 && minutes < 60).then_some((clock, offset))
}

/// The first three digits of a fraction.
fn millis(fraction: Option<&str>) -> Option<i64> {
    let Some(fraction) = fraction else { return Some(0) };
    let digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| {
        fraction.bytes().chain(*b"000").take(3).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
    })
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since the Unix epoch in the proleptic Gregorian calendar. Years are counted from March, so that a leap day
/// is the last of its year.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH
}

/// The reverse: year, month and day.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * from_march + 2) / 5 + 1, (from_march + 2) % 12 + 1);
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2015-07-01T20:10:30.781Z", 1_435_781_430_781),
            ("2015-07-01T20:10:30.7819999Z", 1_435_781_430_781),
            ("2015-07-01T22:10:30.78+02:00", 1_435_781_430_780),
            ("2015-07-01T14:40:30-05:30", 1_435_781_430_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000),
            ("2000-12-31T23:59:59Z", 978_307_199_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000),
        ] {
            assert_eq!(parse(text), Some(millis), "{text}");
        }
        for text in [
            "",
            "T",
            "now",
            "2015-07-01",
            "2015-07-01 20:10:30Z",
            "2015-07-01T20:10:30",
            "2015-07-01T20:10:30.Z",
            "2015-07-01T20:10Z",
            "2015-7-01T20:10:30Z",
            "2015-13-01T20:10:30Z",
            "2015-02-29T20:10:30Z",
            "2015-07-00T20:10:30Z",
            "2015-07-01T24:10:30Z",
            "2015-07-01T20:60:30Z",
            "2015-07-01T20:10:60Z",
            "2015-07-01T20:10:30+2:00",
            "2015-07-01T20:10:30+02:60",
            "2015-07-01T20:10:30+99:00",
            "+015-07-01T20:10:30Z",
            "2015-07-01T20:10:30.78é1Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for millis in (-70_000_000_000_000..250_000_000_000_000).step_by(86_399_999_993) {
            assert_eq!(parse(&format(millis)), (millis >= -62_167_219_200_000).then_some(millis));
        }
        assert_eq!(format(1_435_781_430_781), "2015-07-01T20:10:30.781Z");
        assert_eq!(format(1_709_164_800_000), "2024-02-29T00:00:00Z");
    }
}
