//! Durations.

/// As Go writes a `time.Duration` of so many nanoseconds: `1h2m3.5s`, `1.5ms`, `0s`.
pub(crate) fn duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    let decimal = |unit: u64, digits: usize| {
        let (whole, part) = (size / unit, size % unit);
        let text = if part == 0 { whole.to_string() } else { format!("{whole}.{part:0digits$}") };
        if part == 0 { text } else { text.trim_end_matches('0').to_owned() }
    };
    match size {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{size}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", decimal(1_000, 3)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", decimal(1_000_000, 6)),
        _ => {
            let seconds = size / 1_000_000_000;
            let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
            let rest = size - (seconds - seconds % 60) * 1_000_000_000;
            let (whole, part) = (rest / 1_000_000_000, rest % 1_000_000_000);
            let part = format!("{part:09}");
            let part = part.trim_end_matches('0');
            let point = if part.is_empty() { "" } else { "." };
            match (hours, minutes) {
                (0, 0) => format!("{sign}{whole}{point}{part}s"),
                (0, _) => format!("{sign}{minutes}m{whole}{point}{part}s"),
                _ => format!("{sign}{hours}h{minutes}m{whole}{point}{part}s"),
            }
        }
    }
}
