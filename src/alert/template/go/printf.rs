//! `printf`.

use crate::alert::template::go::quote::{quote, quote_char};
use crate::alert::template::go::{self, Names};
use crate::alert::template::output::{LONGEST, Output};
use crate::alert::template::value::Value;

/// What stands between the percent sign and the verb.
#[derive(Default)]
struct Flags {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Writes the arguments in this format. As in Go, what does not fit is said in the text: `%!d(string=a)`.
///
/// # Errors
///
/// A text that grows too long, and what Go knows here and this does not: indexes of arguments, `%#v`, `%x` of a float.
pub(crate) fn printf(format: &str, arguments: &[Value]) -> Result<String, String> {
    let mut out = Output::new();
    let mut arguments = arguments.iter();
    let mut rest = format;
    while let Some((text, tail)) = rest.split_once('%') {
        out.push(text)?;
        rest = one(tail, &mut arguments, &mut out)?;
    }
    out.push(rest)?;
    let extra = arguments.as_slice();
    if !extra.is_empty() {
        out.push("%!(EXTRA ")?;
        for (index, value) in extra.iter().enumerate() {
            out.push(if index == 0 { "" } else { ", " })?;
            typed(value, &mut out)?;
        }
        out.push(")")?;
    }
    Ok(out.finish())
}

/// Writes what begins behind a percent sign, and returns what is left of the format.
fn one<'f>(
    mut rest: &'f str,
    arguments: &mut std::slice::Iter<'_, Value>,
    out: &mut Output,
) -> Result<&'f str, String> {
    let mut flags = Flags::default();
    while let Some(char) = rest.chars().next() {
        match char {
            '+' => flags.plus = true,
            '-' => flags.minus = true,
            '#' => flags.sharp = true,
            ' ' => flags.space = true,
            '0' => flags.zero = true,
            _ => break,
        }
        rest = &rest[1..];
    }
    flags.width = number(&mut rest, arguments, "width", out)?.map(|width| {
        flags.minus |= width < 0;
        usize::try_from(width.unsigned_abs()).unwrap_or(LONGEST)
    });
    if let Some(tail) = rest.strip_prefix('.') {
        rest = tail;
        let precision = number(&mut rest, arguments, "precision", out)?.unwrap_or(0);
        flags.precision = usize::try_from(precision).ok();
    }
    let Some(verb) = rest.chars().next() else {
        out.push("%!(NOVERB)")?;
        return Ok(rest);
    };
    let tail = &rest[verb.len_utf8()..];
    match verb {
        '%' => out.push("%")?,
        '[' => return Err("printf with indexes of arguments (%[1]s) is not known here".to_owned()),
        _ => match arguments.next() {
            None => out.push(&format!("%!{verb}(MISSING)"))?,
            Some(value) => verbatim(verb, value, &flags, out)?,
        },
    }
    Ok(tail)
}

/// A width or precision: digits, or a star for the next argument.
fn number(
    rest: &mut &str,
    arguments: &mut std::slice::Iter<'_, Value>,
    what: &str,
    out: &mut Output,
) -> Result<Option<i64>, String> {
    if let Some(tail) = rest.strip_prefix('*') {
        *rest = tail;
        return match arguments.next() {
            Some(Value::Int(number)) => limited(*number, what).map(Some),
            _ => {
                out.push(&format!("%!(BAD{})", if what == "width" { "WIDTH" } else { "PREC" })).map(|()| None)
            }
        };
    }
    let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, tail) = rest.split_at(end);
    *rest = tail;
    if digits.is_empty() {
        return Ok(None);
    }
    limited(digits.parse().unwrap_or(i64::MAX), what).map(Some)
}

fn limited(number: i64, what: &str) -> Result<i64, String> {
    // No float has more digits than this.
    const MOST: u64 = 1_100;
    if number.unsigned_abs() > MOST {
        return Err(format!("a {what} of printf is over {MOST}"));
    }
    Ok(number)
}

fn verbatim(verb: char, value: &Value, flags: &Flags, out: &mut Output) -> Result<(), String> {
    match verb {
        'T' => return padded(value.type_name(), flags, out),
        'v' if flags.sharp => return Err("printf does not know %#v here; use %v or %q".to_owned()),
        _ => {}
    }
    match (verb, value) {
        ('v', Value::Nil) => padded("<nil>", flags, out),
        ('v' | 's', Value::Text(text) | Value::Safe(text)) => padded(cut(text, flags), flags, out),
        ('v' | 's', Value::Time(time)) => padded(cut(&go::time(time), flags), flags, out),
        ('v' | 's', Value::Duration(nanos)) => padded(cut(&go::duration(*nanos), flags), flags, out),
        ('v' | 't', Value::Bool(value)) => padded(&value.to_string(), flags, out),
        ('v' | 'd', Value::Int(value)) => integer(*value, flags, |size| size.to_string(), "", out),
        ('d', Value::Duration(nanos)) => integer(*nanos, flags, |size| size.to_string(), "", out),
        ('b', Value::Int(value)) => integer(*value, flags, |size| format!("{size:b}"), "0b", out),
        ('o', Value::Int(value)) => integer(*value, flags, |size| format!("{size:o}"), "0", out),
        ('x', Value::Int(value)) => integer(*value, flags, |size| format!("{size:x}"), "0x", out),
        ('X', Value::Int(value)) => integer(*value, flags, |size| format!("{size:X}"), "0X", out),
        ('c' | 'q' | 'U', Value::Int(value)) => {
            let char =
                u32::try_from(*value).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
            match verb {
                'c' => padded(&char.to_string(), flags, out),
                'q' => padded(&quote_char(char), flags, out),
                _ => padded(&format!("U+{value:04X}"), flags, out),
            }
        }
        ('v' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G', Value::Float(value)) => float(verb, *value, flags, out),
        ('x' | 'X' | 'b', Value::Float(_)) => Err(format!("printf does not know %{verb} of a float here")),
        ('q', Value::Text(text) | Value::Safe(text)) => {
            let text = cut(text, flags);
            let plain = flags.sharp && !text.contains(['`', '\n', '\r']);
            padded(&if plain { format!("`{text}`") } else { quote(text) }, flags, out)
        }
        ('q', Value::Time(_) | Value::Duration(_)) => padded(&quote(&go::show(value)?), flags, out),
        ('x' | 'X', Value::Text(text) | Value::Safe(text)) => hexadecimal(verb, text, flags, out),
        (_, Value::List(_) | Value::Map(_) | Value::Struct(_)) => compound(verb, value, flags, out),
        (_, Value::Nil) => out.push(&format!("%!{verb}(<nil>)")),
        _ => {
            out.push(&format!("%!{verb}("))?;
            typed(value, out)?;
            out.push(")")
        }
    }
}

/// The verb goes to every part.
fn compound(verb: char, value: &Value, flags: &Flags, out: &mut Output) -> Result<(), String> {
    let names = if flags.plus { Names::Shown } else { Names::Hidden };
    match value {
        _ if verb == 'v' && flags.width.is_none() && flags.precision.is_none() => {
            go::print(value, names, out)
        }
        Value::List(list) => {
            out.push("[")?;
            for (index, item) in list.items.iter().enumerate() {
                out.push(if index == 0 { "" } else { " " })?;
                verbatim(verb, item, flags, out)?;
            }
            out.push("]")
        }
        Value::Map(map) => {
            out.push("map[")?;
            for (index, (key, item)) in map.entries.iter().enumerate() {
                out.push(if index == 0 { "" } else { " " })?;
                verbatim(verb, &Value::Text(key.clone()), flags, out)?;
                out.push(":")?;
                verbatim(verb, item, flags, out)?;
            }
            out.push("]")
        }
        Value::Struct(record) => {
            out.push("{")?;
            for (index, (name, item)) in record.fields.iter().enumerate() {
                out.push(if index == 0 { "" } else { " " })?;
                if names == Names::Shown {
                    out.push(name)?;
                    out.push(":")?;
                }
                verbatim(verb, item, flags, out)?;
            }
            out.push("}")
        }
        _ => go::print(value, names, out),
    }
}

/// `string=a`, for what a verb does not take.
fn typed(value: &Value, out: &mut Output) -> Result<(), String> {
    if matches!(value, Value::Nil) {
        return out.push("<nil>");
    }
    out.push(value.type_name())?;
    out.push("=")?;
    go::print(value, Names::Hidden, out)
}

fn cut<'t>(text: &'t str, flags: &Flags) -> &'t str {
    let end = flags.precision.and_then(|count| text.char_indices().nth(count));
    end.map_or(text, |(end, _)| &text[..end])
}

fn hexadecimal(verb: char, text: &str, flags: &Flags, out: &mut Output) -> Result<(), String> {
    let most = flags.precision.unwrap_or(usize::MAX);
    let mut digits = String::new();
    for (index, byte) in text.bytes().take(most).enumerate() {
        if flags.space && index > 0 {
            digits.push(' ');
        }
        if flags.sharp && (flags.space || index == 0) {
            digits.push_str(if verb == 'x' { "0x" } else { "0X" });
        }
        digits.push_str(&if verb == 'x' { format!("{byte:02x}") } else { format!("{byte:02X}") });
    }
    padded(&digits, flags, out)
}

fn integer(
    value: i64,
    flags: &Flags,
    digits: impl Fn(u64) -> String,
    prefix: &str,
    out: &mut Output,
) -> Result<(), String> {
    let mut digits = digits(value.unsigned_abs());
    if flags.precision == Some(0) && value == 0 {
        return out.fill(' ', flags.width.unwrap_or(0));
    }
    let sign = sign(value < 0, flags);
    let prefix = if flags.sharp { prefix } else { "" };
    let mut least = flags.precision.unwrap_or(0);
    if flags.precision.is_none() && flags.zero && !flags.minus {
        // As Go counts: the sign is in the width, and what comes before the digits of another base is not.
        least = flags.width.unwrap_or(0).saturating_sub(sign.len());
    }
    while digits.len() < least {
        digits.insert(0, '0');
    }
    spaced(&format!("{sign}{prefix}{digits}"), flags, out)
}

fn sign(negative: bool, flags: &Flags) -> &'static str {
    match negative {
        true => "-",
        false if flags.plus => "+",
        false if flags.space => " ",
        false => "",
    }
}

fn float(verb: char, value: f64, flags: &Flags, out: &mut Output) -> Result<(), String> {
    if flags.sharp {
        return Err("printf does not know the flag # of a float here".to_owned());
    }
    let size = value.abs();
    let digits = match (verb, flags.precision) {
        ('e' | 'E', precision) => go::exponent(size, Some(precision.unwrap_or(6))),
        ('f' | 'F', precision) if size.is_finite() => format!("{size:.*}", precision.unwrap_or(6)),
        ('v' | 'g' | 'G', Some(precision)) => go::general(size, precision),
        _ => go::float(size),
    };
    let digits = if verb.is_ascii_uppercase() { digits.replace('e', "E") } else { digits };
    let negative = value.is_sign_negative() && !value.is_nan();
    if !value.is_finite() {
        // Go shows the sign of an infinity always, and pads neither with zeros.
        let sign = match sign(negative, flags) {
            "" if value.is_infinite() => "+",
            sign => sign,
        };
        return spaced(&format!("{sign}{}", digits.trim_start_matches('+')), flags, out);
    }
    let sign = sign(negative, flags);
    let width = flags.width.unwrap_or(0);
    if flags.zero && !flags.minus {
        let zeros = width.saturating_sub(sign.len() + digits.len());
        out.push(sign)?;
        out.fill('0', zeros)?;
        return out.push(&digits);
    }
    spaced(&format!("{sign}{digits}"), flags, out)
}

/// Filled up to the width, on the left with zeros where they are asked for.
fn padded(text: &str, flags: &Flags, out: &mut Output) -> Result<(), String> {
    fill(text, flags, if flags.zero && !flags.minus { '0' } else { ' ' }, out)
}

fn spaced(text: &str, flags: &Flags, out: &mut Output) -> Result<(), String> {
    fill(text, flags, ' ', out)
}

fn fill(text: &str, flags: &Flags, with: char, out: &mut Output) -> Result<(), String> {
    let missing = flags.width.unwrap_or(0).saturating_sub(text.chars().count());
    if !flags.minus {
        out.fill(with, missing)?;
    }
    out.push(text)?;
    if flags.minus {
        out.fill(' ', missing)?;
    }
    Ok(())
}
