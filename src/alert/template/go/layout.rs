//! Times in Go's layouts: written as the second of January 2006, 15:04:05 would be
//! (<https://pkg.go.dev/time#Layout>).

use std::fmt::Write as _;

use jiff::Zoned;

/// The parts of a layout, a longer one before those that it begins with.
const PARTS: [(&str, Part); 40] = [
    ("January", Part::MonthName),
    ("Jan", Part::MonthShort),
    ("Monday", Part::DayName),
    ("Mon", Part::DayShort),
    ("MST", Part::Zone),
    ("2006", Part::Year),
    ("-07:00:00", Part::Offset { colon: true, zulu: false, parts: 3 }),
    ("-07:00", Part::Offset { colon: true, zulu: false, parts: 2 }),
    ("-070000", Part::Offset { colon: false, zulu: false, parts: 3 }),
    ("-0700", Part::Offset { colon: false, zulu: false, parts: 2 }),
    ("-07", Part::Offset { colon: false, zulu: false, parts: 1 }),
    ("Z07:00:00", Part::Offset { colon: true, zulu: true, parts: 3 }),
    ("Z07:00", Part::Offset { colon: true, zulu: true, parts: 2 }),
    ("Z070000", Part::Offset { colon: false, zulu: true, parts: 3 }),
    ("Z0700", Part::Offset { colon: false, zulu: true, parts: 2 }),
    ("Z07", Part::Offset { colon: false, zulu: true, parts: 1 }),
    ("002", Part::DayOfYear),
    ("__2", Part::DayOfYearSpaced),
    ("_2006", Part::SpaceYear),
    ("_2", Part::DaySpaced),
    ("01", Part::Month2),
    ("02", Part::Day2),
    ("03", Part::HalfHour2),
    ("04", Part::Minute2),
    ("05", Part::Second2),
    ("06", Part::Year2),
    ("15", Part::Hour),
    ("PM", Part::Half),
    ("pm", Part::HalfSmall),
    ("1", Part::Month),
    ("2", Part::Day),
    ("3", Part::HalfHour),
    ("4", Part::Minute),
    ("5", Part::Second),
    (".000000000", Part::Fraction),
    (".999999999", Part::Fraction),
    (".0", Part::Fraction),
    (".9", Part::Fraction),
    (",0", Part::Fraction),
    (",9", Part::Fraction),
];

#[derive(Clone, Copy)]
enum Part {
    MonthName,
    MonthShort,
    DayName,
    DayShort,
    Zone,
    Year,
    SpaceYear,
    Year2,
    Month,
    Month2,
    Day,
    Day2,
    DaySpaced,
    DayOfYear,
    DayOfYearSpaced,
    Hour,
    HalfHour,
    HalfHour2,
    Minute,
    Minute2,
    Second,
    Second2,
    Half,
    HalfSmall,
    Offset { colon: bool, zulu: bool, parts: u8 },
    Fraction,
}

/// As Go prints a time: `2006-01-02 15:04:05.999999999 -0700 MST`.
pub(crate) fn time(time: &Zoned) -> String {
    format_time(time, "2006-01-02 15:04:05.999999999 -0700 MST")
}

/// As `Time.Format` writes it.
pub(crate) fn format_time(time: &Zoned, layout: &str) -> String {
    let mut out = String::with_capacity(layout.len() + 8);
    let mut rest = layout;
    while let Some(char) = rest.chars().next() {
        let found = PARTS.iter().find(|(text, part)| rest.starts_with(text) && stands(rest, text, *part));
        rest = match found {
            Some((_, Part::Fraction)) => fraction(time, rest, &mut out),
            Some((text, part)) => {
                write(time, *part, &mut out);
                &rest[text.len()..]
            }
            None => {
                out.push(char);
                &rest[char.len_utf8()..]
            }
        };
    }
    out
}

/// Whether what follows lets it stand for a part: `Jane` is a name, and `.00` before another digit no fraction.
fn stands(rest: &str, text: &str, part: Part) -> bool {
    match part {
        Part::MonthShort | Part::DayShort => {
            !rest[text.len()..].starts_with(|char: char| char.is_ascii_lowercase())
        }
        Part::Fraction => {
            let digits = rest[1..].chars().next();
            let after = rest[1..].trim_start_matches(|char| Some(char) == digits);
            !after.starts_with(|char: char| char.is_ascii_digit())
        }
        _ => true,
    }
}

/// Writes the fraction of the second that the layout begins with, and returns what is left of the layout.
fn fraction<'l>(time: &Zoned, layout: &'l str, out: &mut String) -> &'l str {
    let digit = if layout[1..].starts_with('9') { '9' } else { '0' };
    let rest = layout[1..].trim_start_matches(digit);
    let count = layout.len() - 1 - rest.len();
    let nanos = format!("{:09}", time.subsec_nanosecond());
    let mut digits = nanos.get(..count).unwrap_or(&nanos);
    if digit == '9' {
        digits = digits.trim_end_matches('0');
    }
    if !digits.is_empty() {
        out.push_str(&layout[..1]);
        out.push_str(digits);
    }
    rest
}

fn write(time: &Zoned, part: Part, out: &mut String) {
    let half_hour = (time.hour() + 11) % 12 + 1;
    // Writing to a string cannot fail.
    let _ = match part {
        Part::MonthName => out.write_str(month(time)),
        Part::MonthShort => out.write_str(&month(time)[..3]),
        Part::DayName => out.write_str(weekday(time)),
        Part::DayShort => out.write_str(&weekday(time)[..3]),
        Part::Zone => out.write_str(&abbreviation(time)),
        Part::Year => write!(out, "{:04}", time.year()),
        Part::SpaceYear => write!(out, "_{:04}", time.year()),
        Part::Year2 => write!(out, "{:02}", time.year().rem_euclid(100)),
        Part::Month => write!(out, "{}", time.month()),
        Part::Month2 => write!(out, "{:02}", time.month()),
        Part::Day => write!(out, "{}", time.day()),
        Part::Day2 => write!(out, "{:02}", time.day()),
        Part::DaySpaced => write!(out, "{:2}", time.day()),
        Part::DayOfYear => write!(out, "{:03}", time.day_of_year()),
        Part::DayOfYearSpaced => write!(out, "{:3}", time.day_of_year()),
        Part::Hour => write!(out, "{:02}", time.hour()),
        Part::HalfHour => write!(out, "{half_hour}"),
        Part::HalfHour2 => write!(out, "{half_hour:02}"),
        Part::Minute => write!(out, "{}", time.minute()),
        Part::Minute2 => write!(out, "{:02}", time.minute()),
        Part::Second => write!(out, "{}", time.second()),
        Part::Second2 => write!(out, "{:02}", time.second()),
        Part::Half => out.write_str(if time.hour() < 12 { "AM" } else { "PM" }),
        Part::HalfSmall => out.write_str(if time.hour() < 12 { "am" } else { "pm" }),
        Part::Offset { colon, zulu, parts } => {
            out.push_str(&offset(time, colon, zulu, parts));
            Ok(())
        }
        Part::Fraction => Ok(()),
    };
}

fn offset(time: &Zoned, colon: bool, zulu: bool, parts: u8) -> String {
    let seconds = time.offset().seconds();
    if zulu && seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let size = seconds.unsigned_abs();
    let colon = if colon { ":" } else { "" };
    let mut text = format!("{sign}{:02}", size / 3_600);
    if parts > 1 {
        text.push_str(&format!("{colon}{:02}", size / 60 % 60));
    }
    if parts > 2 {
        text.push_str(&format!("{colon}{:02}", size % 60));
    }
    text
}

/// The zone's name at this time, or its offset where it has none.
fn abbreviation(time: &Zoned) -> String {
    time.time_zone().to_offset_info(time.timestamp()).abbreviation().to_owned()
}

/// The month's name.
pub(crate) fn month(time: &Zoned) -> &'static str {
    const NAMES: [&str; 12] = [
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
    usize::try_from(time.month() - 1).ok().and_then(|index| NAMES.get(index)).copied().unwrap_or("January")
}

/// The day's name.
pub(crate) fn weekday(time: &Zoned) -> &'static str {
    const NAMES: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    let index = usize::try_from(time.weekday().to_sunday_zero_offset()).unwrap_or(0);
    NAMES.get(index).copied().unwrap_or("Sunday")
}
