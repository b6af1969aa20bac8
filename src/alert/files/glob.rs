//! Files by a pattern: `rules/*.yml`.
//!
//! In each part of the path `*` stands for any letters, `?` for one, `[a-z]` and `[^a-z]` for one of a set, and `\` takes
//! the next letter as it is. As upstream (<https://pkg.go.dev/path/filepath#Match>), a part that begins with a dot needs no
//! special pattern.

use std::path::{Component, Path, PathBuf};

/// More files are a pattern that says too little.
const MOST: usize = 10_000;

/// The files that a pattern stands for, in the order of their names; none is fine. A path without a pattern stands for
/// itself, whether it is there or not.
///
/// # Errors
///
/// A pattern that cannot be read, or that more than 10,000 files have.
pub(crate) fn expand(pattern: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = vec![PathBuf::new()];
    let mut has_pattern = false;
    for component in pattern.components() {
        match component {
            Component::Normal(part) if part.to_str().is_some_and(is_pattern) => {
                has_pattern = true;
                let part = part.to_str().unwrap_or_default();
                check(part)?;
                found = found.iter().flat_map(|directory| entries(directory, part)).collect();
                if found.len() > MOST {
                    return Err(format!(
                        "{part:?} stands for more than {MOST} files; write a narrower pattern"
                    ));
                }
            }
            other => {
                for path in &mut found {
                    path.push(other);
                }
            }
        }
    }
    if has_pattern {
        found.retain(|path| path.exists());
    }
    found.sort();
    Ok(found)
}

/// Whether a path stands for more than itself.
pub(crate) fn is_pattern(part: &str) -> bool {
    part.contains(['*', '?', '['])
}

fn entries(directory: &Path, part: &str) -> Vec<PathBuf> {
    let here = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let Ok(entries) = std::fs::read_dir(here) else { return Vec::new() };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| matches(part, name)).map(|name| directory.join(name)).collect()
}

fn check(part: &str) -> Result<(), String> {
    let mut letters = part.chars();
    while let Some(letter) = letters.next() {
        let is_whole = match letter {
            '\\' => letters.next().is_some(),
            '[' => class(letters.as_str()).is_some_and(|(_, _, rest)| {
                letters = rest.chars();
                true
            }),
            _ => true,
        };
        if !is_whole {
            return Err(format!("{part:?} is no pattern: a [ is not closed, or a \\ is the last letter"));
        }
    }
    Ok(())
}

/// Whether a name has this pattern. Linear in both but for one step back to the last `*`.
fn matches(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    let mut last_star: Option<(&str, &str)> = None;
    loop {
        if let Some(rest) = pattern.strip_prefix('*') {
            last_star = Some((rest, name));
            pattern = rest;
            continue;
        }
        if pattern.is_empty() && name.is_empty() {
            return true;
        }
        match one(pattern, name) {
            Some((next_pattern, next_name)) => (pattern, name) = (next_pattern, next_name),
            None => {
                let Some((after_star, tried)) = last_star else { return false };
                let Some(letter) = tried.chars().next() else { return false };
                let next = &tried[letter.len_utf8()..];
                last_star = Some((after_star, next));
                (pattern, name) = (after_star, next);
            }
        }
    }
}

/// What is left of both when the pattern's first piece takes the name's first letter.
fn one<'p, 'n>(pattern: &'p str, name: &'n str) -> Option<(&'p str, &'n str)> {
    let letter = name.chars().next()?;
    let rest_of_name = &name[letter.len_utf8()..];
    let mut pieces = pattern.chars();
    let rest = match pieces.next()? {
        '?' => pieces.as_str(),
        '[' => {
            let (is_negated, ranges, rest) = class(pieces.as_str())?;
            let is_in = ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter));
            (is_in != is_negated).then_some(rest)?
        }
        '\\' => {
            (pieces.next()? == letter).then_some(())?;
            pieces.as_str()
        }
        literal => {
            (literal == letter).then_some(())?;
            pieces.as_str()
        }
    };
    Some((rest, rest_of_name))
}

type Class<'t> = (bool, Vec<(char, char)>, &'t str);

/// The set behind a `[`: whether it is negated, its ranges, and what follows.
fn class(text: &str) -> Option<Class<'_>> {
    let (is_negated, text) = match text.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut ranges = Vec::new();
    let mut letters = text.chars();
    loop {
        let low = match letters.next()? {
            ']' if !ranges.is_empty() => return Some((is_negated, ranges, letters.as_str())),
            '\\' => letters.next()?,
            other => other,
        };
        let high = match letters.as_str().strip_prefix('-') {
            Some(rest) if !rest.starts_with(']') => {
                letters = rest.chars();
                match letters.next()? {
                    '\\' => letters.next()?,
                    other => other,
                }
            }
            _ => low,
        };
        ranges.push((low, high));
    }
}
