//! Durations as Prometheus writes them: `1h30m`, `20s500ms`, `0`.

/// Milliseconds.
pub(crate) fn duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text:?} is no duration");
    if text == "0" {
        return Ok(0);
    }
    let mut rest = text;
    let mut total = 0;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let next = rest[unit..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |next| unit + next);
        let count: i64 = rest[..unit].parse().map_err(|_| wrong())?;
        total += count
            * match &rest[unit..next] {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                "w" => 604_800_000,
                "y" => 31_536_000_000,
                _ => return Err(wrong()),
            };
        rest = &rest[next..];
    }
    if text.is_empty() { Err(wrong()) } else { Ok(total) }
}

#[test]
fn durations_are_read() {
    assert_eq!(duration("0"), Ok(0));
    assert_eq!(duration("1m1ms"), Ok(60_001));
    assert_eq!(duration("1h30m"), Ok(5_400_000));
    assert!(duration("5").is_err());
    assert!(duration("").is_err());
    assert!(duration("m").is_err());
}
