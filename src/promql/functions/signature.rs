//! Which functions there are, and what they take.

use crate::promql::value::ValueType::{self, Matrix, Scalar, String, Vector};

/// How many of a function's arguments may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arity {
    /// None.
    Exact,
    /// The last one.
    LastOptional,
    /// The last one, which may also come more than once.
    LastRepeats,
}

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the functions of the language, by their names")]
pub enum Function {
    Abs,
    Absent,
    AbsentOverTime,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    AvgOverTime,
    Ceil,
    Changes,
    Clamp,
    ClampMax,
    ClampMin,
    Cos,
    Cosh,
    CountOverTime,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    DaysInMonth,
    Deg,
    Delta,
    Deriv,
    Exp,
    Floor,
    HistogramFraction,
    HistogramQuantile,
    Hour,
    Idelta,
    Increase,
    Irate,
    LabelJoin,
    LabelReplace,
    LastOverTime,
    Ln,
    Log10,
    Log2,
    MaxOverTime,
    MinOverTime,
    Minute,
    Month,
    Pi,
    PredictLinear,
    PresentOverTime,
    QuantileOverTime,
    Rad,
    Rate,
    Resets,
    Round,
    Scalar,
    Sgn,
    Sin,
    Sinh,
    Sort,
    SortDesc,
    Sqrt,
    StddevOverTime,
    StdvarOverTime,
    SumOverTime,
    Tan,
    Tanh,
    Time,
    Timestamp,
    Vector,
    Year,
}

struct Signature {
    function: Function,
    name: &'static str,
    args: &'static [ValueType],
    arity: Arity,
    returns: ValueType,
}

/// In the order of the enumeration, which is that of the names.
const SIGNATURES: &[Signature] = &[
    signature(Function::Abs, "abs", &[Vector], Arity::Exact, Vector),
    signature(Function::Absent, "absent", &[Vector], Arity::Exact, Vector),
    signature(Function::AbsentOverTime, "absent_over_time", &[Matrix], Arity::Exact, Vector),
    signature(Function::Acos, "acos", &[Vector], Arity::Exact, Vector),
    signature(Function::Acosh, "acosh", &[Vector], Arity::Exact, Vector),
    signature(Function::Asin, "asin", &[Vector], Arity::Exact, Vector),
    signature(Function::Asinh, "asinh", &[Vector], Arity::Exact, Vector),
    signature(Function::Atan, "atan", &[Vector], Arity::Exact, Vector),
    signature(Function::Atanh, "atanh", &[Vector], Arity::Exact, Vector),
    signature(Function::AvgOverTime, "avg_over_time", &[Matrix], Arity::Exact, Vector),
    signature(Function::Ceil, "ceil", &[Vector], Arity::Exact, Vector),
    signature(Function::Changes, "changes", &[Matrix], Arity::Exact, Vector),
    signature(Function::Clamp, "clamp", &[Vector, Scalar, Scalar], Arity::Exact, Vector),
    signature(Function::ClampMax, "clamp_max", &[Vector, Scalar], Arity::Exact, Vector),
    signature(Function::ClampMin, "clamp_min", &[Vector, Scalar], Arity::Exact, Vector),
    signature(Function::Cos, "cos", &[Vector], Arity::Exact, Vector),
    signature(Function::Cosh, "cosh", &[Vector], Arity::Exact, Vector),
    signature(Function::CountOverTime, "count_over_time", &[Matrix], Arity::Exact, Vector),
    signature(Function::DayOfMonth, "day_of_month", &[Vector], Arity::LastOptional, Vector),
    signature(Function::DayOfWeek, "day_of_week", &[Vector], Arity::LastOptional, Vector),
    signature(Function::DayOfYear, "day_of_year", &[Vector], Arity::LastOptional, Vector),
    signature(Function::DaysInMonth, "days_in_month", &[Vector], Arity::LastOptional, Vector),
    signature(Function::Deg, "deg", &[Vector], Arity::Exact, Vector),
    signature(Function::Delta, "delta", &[Matrix], Arity::Exact, Vector),
    signature(Function::Deriv, "deriv", &[Matrix], Arity::Exact, Vector),
    signature(Function::Exp, "exp", &[Vector], Arity::Exact, Vector),
    signature(Function::Floor, "floor", &[Vector], Arity::Exact, Vector),
    signature(
        Function::HistogramFraction,
        "histogram_fraction",
        &[Scalar, Scalar, Vector],
        Arity::Exact,
        Vector,
    ),
    signature(Function::HistogramQuantile, "histogram_quantile", &[Scalar, Vector], Arity::Exact, Vector),
    signature(Function::Hour, "hour", &[Vector], Arity::LastOptional, Vector),
    signature(Function::Idelta, "idelta", &[Matrix], Arity::Exact, Vector),
    signature(Function::Increase, "increase", &[Matrix], Arity::Exact, Vector),
    signature(Function::Irate, "irate", &[Matrix], Arity::Exact, Vector),
    signature(
        Function::LabelJoin,
        "label_join",
        &[Vector, String, String, String],
        Arity::LastRepeats,
        Vector,
    ),
    signature(
        Function::LabelReplace,
        "label_replace",
        &[Vector, String, String, String, String],
        Arity::Exact,
        Vector,
    ),
    signature(Function::LastOverTime, "last_over_time", &[Matrix], Arity::Exact, Vector),
    signature(Function::Ln, "ln", &[Vector], Arity::Exact, Vector),
    signature(Function::Log10, "log10", &[Vector], Arity::Exact, Vector),
    signature(Function::Log2, "log2", &[Vector], Arity::Exact, Vector),
    signature(Function::MaxOverTime, "max_over_time", &[Matrix], Arity::Exact, Vector),
    signature(Function::MinOverTime, "min_over_time", &[Matrix], Arity::Exact, Vector),
    signature(Function::Minute, "minute", &[Vector], Arity::LastOptional, Vector),
    signature(Function::Month, "month", &[Vector], Arity::LastOptional, Vector),
    signature(Function::Pi, "pi", &[], Arity::Exact, Scalar),
    signature(Function::PredictLinear, "predict_linear", &[Matrix, Scalar], Arity::Exact, Vector),
    signature(Function::PresentOverTime, "present_over_time", &[Matrix], Arity::Exact, Vector),
    signature(Function::QuantileOverTime, "quantile_over_time", &[Scalar, Matrix], Arity::Exact, Vector),
    signature(Function::Rad, "rad", &[Vector], Arity::Exact, Vector),
    signature(Function::Rate, "rate", &[Matrix], Arity::Exact, Vector),
    signature(Function::Resets, "resets", &[Matrix], Arity::Exact, Vector),
    signature(Function::Round, "round", &[Vector, Scalar], Arity::LastOptional, Vector),
    signature(Function::Scalar, "scalar", &[Vector], Arity::Exact, Scalar),
    signature(Function::Sgn, "sgn", &[Vector], Arity::Exact, Vector),
    signature(Function::Sin, "sin", &[Vector], Arity::Exact, Vector),
    signature(Function::Sinh, "sinh", &[Vector], Arity::Exact, Vector),
    signature(Function::Sort, "sort", &[Vector], Arity::Exact, Vector),
    signature(Function::SortDesc, "sort_desc", &[Vector], Arity::Exact, Vector),
    signature(Function::Sqrt, "sqrt", &[Vector], Arity::Exact, Vector),
    signature(Function::StddevOverTime, "stddev_over_time", &[Matrix], Arity::Exact, Vector),
    signature(Function::StdvarOverTime, "stdvar_over_time", &[Matrix], Arity::Exact, Vector),
    signature(Function::SumOverTime, "sum_over_time", &[Matrix], Arity::Exact, Vector),
    signature(Function::Tan, "tan", &[Vector], Arity::Exact, Vector),
    signature(Function::Tanh, "tanh", &[Vector], Arity::Exact, Vector),
    signature(Function::Time, "time", &[], Arity::Exact, Scalar),
    signature(Function::Timestamp, "timestamp", &[Vector], Arity::Exact, Vector),
    signature(Function::Vector, "vector", &[Scalar], Arity::Exact, Vector),
    signature(Function::Year, "year", &[Vector], Arity::LastOptional, Vector),
];

const fn signature(
    function: Function,
    name: &'static str,
    args: &'static [ValueType],
    arity: Arity,
    returns: ValueType,
) -> Signature {
    Signature { function, name, args, arity, returns }
}

/// What Prometheus has and this does not, and why.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("double_exponential_smoothing", EXPERIMENTAL),
    ("end", EXPERIMENTAL),
    ("first_over_time", EXPERIMENTAL),
    ("histogram_avg", NATIVE),
    ("histogram_count", NATIVE),
    ("histogram_quantiles", EXPERIMENTAL),
    ("histogram_stddev", NATIVE),
    ("histogram_stdvar", NATIVE),
    ("histogram_sum", NATIVE),
    ("info", EXPERIMENTAL),
    ("mad_over_time", EXPERIMENTAL),
    ("max_of", EXPERIMENTAL),
    ("min_of", EXPERIMENTAL),
    ("range", EXPERIMENTAL),
    ("sort_by_label", EXPERIMENTAL),
    ("sort_by_label_desc", EXPERIMENTAL),
    ("start", EXPERIMENTAL),
    ("step", EXPERIMENTAL),
    ("ts_of_first_over_time", EXPERIMENTAL),
    ("ts_of_last_over_time", EXPERIMENTAL),
    ("ts_of_max_over_time", EXPERIMENTAL),
    ("ts_of_min_over_time", EXPERIMENTAL),
];

const EXPERIMENTAL: &str = "it is experimental in Prometheus";
const NATIVE: &str = "it is for native histograms, and histograms here are classic ones";

impl Function {
    /// The function of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let found = SIGNATURES.binary_search_by(|signature| signature.name.cmp(name));
        found.ok().map(|index| SIGNATURES[index].function)
    }

    /// The names of all functions, for who looks for the nearest one.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        SIGNATURES.iter().map(|signature| signature.name)
    }

    /// Why a function that Prometheus has is not one here.
    pub(crate) fn unsupported(name: &str) -> Option<&'static str> {
        UNSUPPORTED.iter().find(|(known, _)| *known == name).map(|(_, reason)| *reason)
    }

    fn signature(self) -> &'static Signature {
        &SIGNATURES[self as usize]
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.signature().name
    }

    /// The types of its arguments.
    #[must_use]
    pub fn args(self) -> &'static [ValueType] {
        self.signature().args
    }

    pub(crate) fn arity(self) -> Arity {
        self.signature().arity
    }

    /// The type of its result.
    #[must_use]
    pub fn returns(self) -> ValueType {
        self.signature().returns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enumeration_and_of_the_names() {
        for (index, signature) in SIGNATURES.iter().enumerate() {
            assert_eq!(signature.function as usize, index, "{}", signature.name);
            assert_eq!(Function::by_name(signature.name), Some(signature.function));
        }
    }
}
