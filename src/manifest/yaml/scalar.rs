//! What a plain scalar means: YAML 1.2's core rules, and the spellings that are refused because readers disagree.

use serde_json::{Number, Value};

/// Why a plain scalar cannot be taken as it stands.
#[derive(Debug, PartialEq)]
pub enum Unclear {
    /// `010`: octal to YAML 1.1, decimal to YAML 1.2, and the zeros are lost either way.
    LeadingZero,
    /// More than 64 bits can hold.
    TooLarge,
    /// `.nan`, `.inf`: JSON has no such number.
    NotFinite,
}

/// Returns the value that a plain scalar stands for.
pub fn plain(text: &str) -> Result<Value, Unclear> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let signless = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(signless, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(Unclear::NotFinite);
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if digits(signless) {
        if signless.len() > 1 && signless.starts_with('0') {
            return Err(Unclear::LeadingZero);
        }
        return whole(text).map(Value::Number);
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(rest) = text.strip_prefix(prefix)
            && !rest.is_empty()
            && rest.chars().all(|it| it.is_digit(radix))
        {
            let number = u64::from_str_radix(rest, radix).map_err(|_| Unclear::TooLarge)?;
            return Ok(Value::Number(number.into()));
        }
    }
    if is_float(signless) {
        let number: f64 = text.parse().map_err(|_| Unclear::TooLarge)?;
        // An exponent that overflows parses as infinity, which no JSON number is.
        return Number::from_f64(number).map(Value::Number).ok_or(Unclear::TooLarge);
    }
    Ok(Value::String(text.to_owned()))
}

fn whole(text: &str) -> Result<Number, Unclear> {
    if text.starts_with('-') {
        text.parse::<i64>().map(Number::from).map_err(|_| Unclear::TooLarge)
    } else {
        let text = text.strip_prefix('+').unwrap_or(text);
        text.parse::<u64>().map(Number::from).map_err(|_| Unclear::TooLarge)
    }
}

/// Tells whether this, without its sign, is `1.5`, `.5`, `1.`, `1e3` or `1.5e-3`.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let all_digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|it| it.strip_prefix(['+', '-']).unwrap_or(it));
    all_digits(before)
        && all_digits(after)
        && !(before.is_empty() && after.is_empty())
        && exponent.is_none_or(|it| !it.is_empty() && all_digits(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_plain_scalar_means_what_yaml_1_2_says() {
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("NULL", json!(null)),
            ("nULL", json!("nULL")),
            ("true", json!(true)),
            ("False", json!(false)),
            ("yes", json!("yes")),
            ("no", json!("no")),
            ("on", json!("on")),
            ("off", json!("off")),
            ("y", json!("y")),
            ("0", json!(0)),
            ("-0", json!(0)),
            ("+12", json!(12)),
            ("-12", json!(-12)),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("0o17", json!(15)),
            ("0x1F", json!(31)),
            ("0xZZ", json!("0xZZ")),
            ("0x", json!("0x")),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("-.5", json!(-0.5)),
            ("1.", json!(1.0)),
            ("1e3", json!(1000.0)),
            ("1.5E-3", json!(0.0015)),
            ("e3", json!("e3")),
            ("1e", json!("1e")),
            (".", json!(".")),
            ("-", json!("-")),
            ("1.2.3", json!("1.2.3")),
            ("1_000", json!("1_000")),
            ("10:00", json!("10:00")),
            ("08:30", json!("08:30")),
            ("2026-12-01", json!("2026-12-01")),
            ("2026-12-01T10:00", json!("2026-12-01T10:00")),
            ("2026-12-01T10:00:00Z", json!("2026-12-01T10:00:00Z")),
            ("45m", json!("45m")),
            ("25%", json!("25%")),
            ("inf", json!("inf")),
            ("nan", json!("nan")),
            ("infinity", json!("infinity")),
            ("٣", json!("٣")),
        ] {
            assert_eq!(plain(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_readers_disagree_on_is_refused() {
        for (text, why) in [
            ("010", Unclear::LeadingZero),
            ("-007", Unclear::LeadingZero),
            ("00", Unclear::LeadingZero),
            ("18446744073709551616", Unclear::TooLarge),
            ("-9223372036854775809", Unclear::TooLarge),
            ("0xFFFFFFFFFFFFFFFFF", Unclear::TooLarge),
            ("1e400", Unclear::TooLarge),
            (".nan", Unclear::NotFinite),
            ("-.INF", Unclear::NotFinite),
            ("+.inf", Unclear::NotFinite),
        ] {
            assert_eq!(plain(text), Err(why), "{text}");
        }
    }
}
