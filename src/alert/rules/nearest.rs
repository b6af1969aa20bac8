//! The word that was meant.

/// The word that is the fewest letters away, if that is near enough to be a slip.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 80;
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let by_distance = known.into_iter().map(|known| (distance(&word, &known.to_ascii_lowercase()), known));
    let near = |(distance, _): &(usize, &str)| *distance <= (word.len() / 3).max(1);
    by_distance.min().filter(near).map(|(_, known)| known)
}

/// How many letters must be added, removed or replaced to make one word the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.bytes().enumerate() {
        let mut before = row[0];
        row[0] = index + 1;
        for (column, other) in to.bytes().enumerate() {
            let replaced = before + usize::from(letter != other);
            before = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(before + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let keys = ["alert", "annotations", "expr", "for", "labels"];
        assert_eq!(nearest("anotations", keys), Some("annotations"));
        assert_eq!(nearest("label", keys), Some("labels"));
        assert_eq!(nearest("Expr", keys), Some("expr"));
        assert_eq!(nearest("severity", keys), None);
    }
}
