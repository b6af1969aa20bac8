//! Regular expressions, in Prometheus' dialect, and not anchored.

use regex::{Captures, Regex};

use crate::alert::template::output::Output;
use crate::alert::template::run::Context;
use crate::series::translated;

/// The most memory that one compiled expression may take.
const SIZE: usize = 256 << 10;

/// What it costs to compile one, in steps.
const COMPILE: usize = 500;

pub(crate) fn compile(context: &mut Context<'_>, pattern: &str) -> Result<Regex, String> {
    context.spend(COMPILE + pattern.len())?;
    let fault = |reason: &str| format!("the regular expression {pattern:?} cannot be used: {reason}");
    let translated = translated(pattern).map_err(fault)?;
    regex::RegexBuilder::new(&translated).size_limit(SIZE).build().map_err(|error| {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or("").trim();
        fault(last.strip_prefix("error: ").unwrap_or(last))
    })
}

/// Replaces what matches, as `Regexp.ReplaceAllString` of Go does: `$1`, `${1}` and `$name` are what was found, `$1x` is the
/// group of that name, and `$$` is a dollar.
pub(crate) fn replace_all(
    context: &mut Context<'_>,
    pattern: &str,
    replacement: &str,
    text: &str,
) -> Result<String, String> {
    let regex = compile(context, pattern)?;
    let mut out = Output::new();
    let mut end = 0;
    for found in regex.captures_iter(text) {
        let Some(all) = found.get(0) else { continue };
        context.spend(1 + replacement.len() / 16)?;
        out.push(&text[end..all.start()])?;
        expand(replacement, &found, &mut out)?;
        end = all.end();
    }
    out.push(&text[end..])?;
    Ok(out.finish())
}

fn expand(mut rest: &str, found: &Captures<'_>, out: &mut Output) -> Result<(), String> {
    while let Some((before, after)) = rest.split_once('$') {
        out.push(before)?;
        if let Some(tail) = after.strip_prefix('$') {
            out.push("$")?;
            rest = tail;
            continue;
        }
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, tail) = match braced {
            Some(braced) => braced,
            None => {
                let end = after.find(|char: char| !char.is_alphanumeric() && char != '_');
                after.split_at(end.unwrap_or(after.len()))
            }
        };
        if name.is_empty() || !name.chars().all(|char| char.is_alphanumeric() || char == '_') {
            out.push("$")?;
            rest = after;
            continue;
        }
        let group = match name.parse::<usize>() {
            Ok(index) => found.get(index),
            Err(_) => found.name(name),
        };
        out.push(group.map_or("", |group| group.as_str()))?;
        rest = tail;
    }
    out.push(rest)
}
