//! What was meant, perhaps.

/// The nearest of these names, if one is near.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    let letters: Vec<char> = name.chars().take(LONGEST + 1).collect();
    if letters.len() > LONGEST {
        return None;
    }
    let most = match letters.len() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    let ranked = known.into_iter().map(|other| (distance(&letters, other), other));
    ranked
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// How many letters have to be put in, taken out, changed, or swapped with their neighbour.
fn distance(name: &[char], other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in name.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, next) in other.iter().enumerate() {
            let changed = last[j] + usize::from(letter != next);
            let mut least = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == other[j - 1] && name[i - 1] == *next {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn what_is_near_is_found_and_what_is_far_is_not() {
        let known = ["receiver", "group_by", "group_wait", "routes"];
        for (name, found) in [
            ("reciever", Some("receiver")),
            ("receivr", Some("receiver")),
            ("group-by", Some("group_by")),
            ("groupwait", Some("group_wait")),
            ("route", Some("routes")),
            ("interval", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(name, known), found, "{name}");
        }
    }
}
