//! From the text of a script to its commands.

use tower_watch::promql::TimeRange;

use crate::script::command::{Case, Command, Expected, Load, Moment};
use crate::script::duration::duration;
use crate::script::expect::Expect;
use crate::script::series::{quoted, series};

/// Reads a script. A comment counts as an empty line, and an empty line ends a command.
///
/// # Errors
///
/// What cannot be read, with its line.
pub(crate) fn parse(text: &str) -> Result<Vec<Command>, String> {
    let lines: Vec<&str> =
        text.lines().map(str::trim).map(|line| if line.starts_with('#') { "" } else { line }).collect();
    let mut commands = Vec::new();
    let mut index = 0;
    while index < lines.len() {
        let end = (index + 1..lines.len()).find(|end| lines[*end].is_empty()).unwrap_or(lines.len());
        let (head, body) = (lines[index], &lines[index + 1..end]);
        let command = match head {
            "" | "clear" => None,
            _ if head.starts_with("load") => Some(load(head, body).map(Command::Load)),
            _ => Some(case(head, body, index + 1).map(|case| Command::Eval(Box::new(case)))),
        };
        if head == "clear" {
            commands.push(Command::Clear);
        }
        match command {
            Some(command) => {
                commands.push(command.map_err(|error| format!("line {}: {error}", index + 1))?);
                index = end;
            }
            None => index += 1,
        }
    }
    Ok(commands)
}

fn load(head: &str, body: &[&str]) -> Result<Load, String> {
    let Some((command @ ("load" | "load_with_nhcb"), step)) = head.split_once(char::is_whitespace) else {
        return Err(format!("cannot read {head:?}"));
    };
    let series = body.iter().map(|line| series(line)).collect::<Result<_, _>>()?;
    Ok(Load { step: duration(step.trim())?, series, with_native: command == "load_with_nhcb" })
}

fn case(head: &str, body: &[&str], line: usize) -> Result<Case, String> {
    let mut expect = Expect::default();
    let (command, rest) = word(head);
    match command {
        "eval" => {}
        _ => expect.add(command.strip_prefix("eval_").ok_or_else(|| format!("cannot read {head:?}"))?)?,
    }
    let (kind, rest) = word(rest);
    let (moment, query) = match kind {
        "instant" => {
            let ([time], query) = keywords(["at"], rest)?;
            (Moment::Instant(time), query)
        }
        "range" => {
            let ([start, end, step], query) = keywords(["from", "to", "step"], rest)?;
            (Moment::Range(TimeRange { start, end, step }), query)
        }
        _ => return Err(format!("cannot read {head:?}")),
    };
    let result = result(body, &mut expect)?;
    Ok(Case { line, query: query.to_owned(), moment, expect, result })
}

fn result(body: &[&str], expect: &mut Expect) -> Result<Expected, String> {
    let mut found = Vec::new();
    let mut at = None;
    for line in body {
        if let Some(text) = line.strip_prefix("expect range vector ") {
            let ([start, end, step], _) = keywords(["from", "to", "step"], text)?;
            at = Some(TimeRange { start, end, step });
        } else if let Some(text) = line.strip_prefix("expect string ") {
            let (text, _) = quoted(text).ok_or_else(|| format!("cannot read {line:?}"))?;
            return Ok(Expected::Text(text));
        } else if let Some(text) = line.strip_prefix("expect ") {
            expect.add(text)?;
        } else if let Ok(number) = line.parse() {
            return Ok(Expected::Scalar(number));
        } else {
            found.push(series(line)?);
        }
    }
    Ok(Expected::Series { series: found, at })
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

/// A duration behind each of these words, and what follows them.
fn keywords<'a, const N: usize>(words: [&str; N], text: &'a str) -> Result<([i64; N], &'a str), String> {
    let mut rest = text;
    let mut durations = [0; N];
    for (index, expected) in words.iter().enumerate() {
        let (keyword, behind) = word(rest);
        let (value, behind) = word(behind);
        if keyword != *expected {
            return Err(format!("cannot read {text:?}"));
        }
        durations[index] = duration(value)?;
        rest = behind;
    }
    Ok((durations, rest))
}

#[test]
fn a_script_is_read() {
    let script = "
# A comment.
load 5m
  up 1 2

clear
eval instant at 10m up
  expect ordered
  up 1
  expect no_warn

eval_fail range from 0 to 1m step 30s 1 +

eval instant at 0 \"x\"
  expect string \"x\"";
    let commands = parse(script).unwrap();
    let [
        Command::Load(load),
        Command::Clear,
        Command::Eval(first),
        Command::Eval(second),
        Command::Eval(third),
    ] = &commands[..]
    else {
        panic!("{commands:?}")
    };
    assert_eq!((load.step, load.series.len()), (300_000, 1));
    assert_eq!((first.line, &*first.query), (7, "up"));
    assert!(first.expect.ordered && first.expect.no_warn && matches!(first.moment, Moment::Instant(600_000)));
    assert!(matches!(&first.result, Expected::Series { series, at: None } if series.len() == 1));
    assert!(second.expect.fail.is_some() && second.query == "1 +");
    assert!(matches!(&third.result, Expected::Text(text) if text == "x"));
    for wrong in ["lead 5m", "load 5", "eval instant up", "eval instant at 0 up\nexpect peace"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}
