//! Functions of one value: `abs` to `tanh`, `clamp`, `round`, `sgn`.
//!
//! Constant time, no allocation. `NaN` goes through all of them.

use crate::promql::functions::Function;

/// What a function without further arguments does to a value; nothing for a function of another kind.
pub(crate) fn unary(function: Function) -> Option<fn(f64) -> f64> {
    Some(match function {
        Function::Abs => f64::abs,
        Function::Acos => f64::acos,
        Function::Acosh => f64::acosh,
        Function::Asin => f64::asin,
        Function::Asinh => f64::asinh,
        Function::Atan => f64::atan,
        Function::Atanh => f64::atanh,
        Function::Ceil => f64::ceil,
        Function::Cos => f64::cos,
        Function::Cosh => f64::cosh,
        Function::Deg => |value| value * 180.0 / std::f64::consts::PI,
        Function::Exp => f64::exp,
        Function::Floor => f64::floor,
        Function::Ln => f64::ln,
        Function::Log10 => f64::log10,
        Function::Log2 => f64::log2,
        Function::Rad => |value| value * std::f64::consts::PI / 180.0,
        Function::Sgn => sgn,
        Function::Sin => f64::sin,
        Function::Sinh => f64::sinh,
        Function::Sqrt => f64::sqrt,
        Function::Tan => f64::tan,
        Function::Tanh => f64::tanh,
        _ => return None,
    })
}

/// `sgn`: -1, 1, or the value itself where it has no sign.
fn sgn(value: f64) -> f64 {
    if value < 0.0 {
        -1.0
    } else if value > 0.0 {
        1.0
    } else {
        value
    }
}

/// `round`: to the nearest multiple of `to`, ties up.
pub(crate) fn round(value: f64, to: f64) -> f64 {
    // The inverse, as in Prometheus: 1/10 is not a float, but 10 is one.
    let inverse = 1.0 / to;
    (value * inverse + 0.5).floor() / inverse
}

/// `clamp`, and with an infinite bound `clamp_min` and `clamp_max`; nothing where no value can lie between the bounds.
pub(crate) fn clamp(value: f64, min: f64, max: f64) -> Option<f64> {
    if max < min { None } else { Some(greater(min, lesser(max, value))) }
}

/// `NaN` if one of the two is, as IEEE 754-2019 defines `maximum`.
fn greater(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

/// As [`greater`], for the lesser.
fn lesser(a: f64, b: f64) -> f64 {
    -greater(-a, -b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_knows_its_arithmetic() {
        let of = |function, value| unary(function).map(|apply| apply(value));
        assert_eq!(of(Function::Abs, -2.0), Some(2.0));
        assert_eq!(of(Function::Deg, std::f64::consts::PI), Some(180.0));
        assert_eq!(of(Function::Rad, 180.0), Some(std::f64::consts::PI));
        assert_eq!(of(Function::Log2, 8.0), Some(3.0));
        assert_eq!(of(Function::Sgn, -0.5), Some(-1.0));
        assert_eq!(of(Function::Sgn, 0.0), Some(0.0));
        assert_eq!(of(Function::Rate, 1.0), None);
    }

    #[test]
    fn ties_are_rounded_up() {
        assert_eq!(round(2.5, 1.0), 3.0);
        assert_eq!(round(-2.5, 1.0), -2.0);
        assert_eq!(round(0.37, 0.1), 0.4);
        assert_eq!(round(17.0, 5.0), 15.0);
        assert!(round(1.0, f64::NAN).is_nan());
    }

    #[test]
    fn a_value_is_held_between_the_bounds() {
        assert_eq!(clamp(5.0, 0.0, 3.0), Some(3.0));
        assert_eq!(clamp(-5.0, 0.0, 3.0), Some(0.0));
        assert_eq!(clamp(2.0, f64::NEG_INFINITY, 3.0), Some(2.0));
        assert_eq!(clamp(2.0, 3.0, 0.0), None);
        assert!(clamp(f64::NAN, 0.0, 3.0).is_some_and(f64::is_nan));
        assert!(clamp(2.0, f64::NAN, 3.0).is_some_and(f64::is_nan));
    }
}
