//! Files by pattern.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// The files that match a pattern, in their order. `*` stands for anything and `?` for one character within a name, and
/// `[a-z]` for one of these. What cannot be read is not there.
pub(crate) fn matching(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let Component::Normal(name) = component else {
            found.iter_mut().for_each(|path| path.push(component));
            continue;
        };
        let pattern = name.to_str().filter(|name| name.contains(['*', '?', '[']));
        found = match pattern {
            None => found.into_iter().map(|path| path.join(name)).collect(),
            Some(pattern) => found.iter().flat_map(|path| entries(path, pattern)).collect(),
        };
    }
    found.retain(|path| path.is_file());
    found.sort();
    found
}

fn entries(directory: &Path, pattern: &str) -> Vec<PathBuf> {
    let place = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name());
    let pattern: Vec<char> = pattern.chars().collect();
    let fits = |name: &OsStr| {
        let name: Vec<char> = name.to_string_lossy().chars().collect();
        matches(&pattern, &name)
    };
    names.filter(|name| fits(name)).map(|name| directory.join(name)).collect()
}

/// Whether the whole name matches. Linear but for the stars, of which only the last that was passed is tried again.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut in_name) = (0, 0);
    let mut star = None;
    while in_name < name.len() {
        let next = match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, in_name));
                at += 1;
                continue;
            }
            Some('?') => Some(at + 1),
            Some('[') => class(&pattern[at..], name[in_name]).map(|length| at + length),
            Some(char) if *char == name[in_name] => Some(at + 1),
            _ => None,
        };
        match (next, star) {
            (Some(next), _) => {
                at = next;
                in_name += 1;
            }
            (None, Some((after, from))) => {
                star = Some((after, from + 1));
                at = after;
                in_name = from + 1;
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|char| *char == '*')
}

/// The length of the class that the pattern begins with, where the character is in it.
fn class(pattern: &[char], char: char) -> Option<usize> {
    let end = pattern.iter().skip(2).position(|char| *char == ']')? + 2;
    let inside = &pattern[1..end];
    let (negated, inside) = match inside.split_first() {
        Some(('^', rest)) => (true, rest),
        _ => (false, inside),
    };
    let mut found = false;
    let mut rest = inside;
    while let Some((first, tail)) = rest.split_first() {
        rest = match tail {
            ['-', last, tail @ ..] => {
                found |= (*first..=*last).contains(&char);
                tail
            }
            _ => {
                found |= *first == char;
                tail
            }
        };
    }
    (found != negated).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn names_match() {
        for (pattern, name, fits) in [
            ("*.tmpl", "a.tmpl", true),
            ("*.tmpl", "a.tmpl.bak", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("?.t", "é.t", true),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[", "[", false),
            ("*", "", true),
            ("", "a", false),
        ] {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(matches(&chars(pattern), &chars(name)), fits, "{pattern} {name}");
        }
    }
}
