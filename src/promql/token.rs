//! The words of the language.

use crate::promql::ast::{AggregateOp, BinaryOp, Span};

/// One token and its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// What a token is; its text is the text at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    At,
    Caret,
    Colon,
    Comma,
    Duration,
    End,
    Equal,
    EqualEqual,
    EqualTilde,
    Greater,
    GreaterEqual,
    /// A word that is no keyword, or any word inside braces or brackets.
    Identifier,
    Keyword(Keyword),
    LeftBrace,
    LeftBracket,
    LeftParen,
    Less,
    LessEqual,
    /// A name with colons.
    MetricIdentifier,
    Minus,
    NotEqual,
    NotTilde,
    Number,
    Percent,
    Plus,
    RightBrace,
    RightBracket,
    RightParen,
    Slash,
    Star,
    String,
}

/// A word with a meaning of its own, in any case of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    Aggregate(AggregateOp),
    /// An aggregation that Prometheus has as an experiment.
    ExperimentalAggregate,
    And,
    Or,
    Unless,
    Atan2,
    Offset,
    Anchored,
    Smoothed,
    By,
    Without,
    On,
    Ignoring,
    GroupLeft,
    GroupRight,
    Bool,
    Start,
    End,
}

impl Keyword {
    pub(crate) fn of(word: &str) -> Option<Self> {
        // The longest keyword has twelve letters.
        if word.len() > 12 {
            return None;
        }
        Some(match word.to_ascii_lowercase().as_str() {
            "and" => Self::And,
            "or" => Self::Or,
            "unless" => Self::Unless,
            "atan2" => Self::Atan2,
            "offset" => Self::Offset,
            "anchored" => Self::Anchored,
            "smoothed" => Self::Smoothed,
            "by" => Self::By,
            "without" => Self::Without,
            "on" => Self::On,
            "ignoring" => Self::Ignoring,
            "group_left" => Self::GroupLeft,
            "group_right" => Self::GroupRight,
            "bool" => Self::Bool,
            "start" => Self::Start,
            "end" => Self::End,
            "limitk" | "limit_ratio" => Self::ExperimentalAggregate,
            other => Self::Aggregate(AggregateOp::by_name(other)?),
        })
    }

    /// Whether it is a metric's name where an expression begins.
    pub(crate) fn is_metric_name(self) -> bool {
        !matches!(
            self,
            Self::Atan2 | Self::On | Self::Ignoring | Self::GroupLeft | Self::GroupRight | Self::Bool
        )
    }
}

impl TokenKind {
    /// The binary operator that it is between two expressions.
    pub(crate) fn binary_op(self) -> Option<BinaryOp> {
        Some(match self {
            Self::Plus => BinaryOp::Add,
            Self::Minus => BinaryOp::Sub,
            Self::Star => BinaryOp::Mul,
            Self::Slash => BinaryOp::Div,
            Self::Percent => BinaryOp::Mod,
            Self::Caret => BinaryOp::Pow,
            Self::EqualEqual => BinaryOp::Eq,
            Self::NotEqual => BinaryOp::Ne,
            Self::Greater => BinaryOp::Gt,
            Self::Less => BinaryOp::Lt,
            Self::GreaterEqual => BinaryOp::Ge,
            Self::LessEqual => BinaryOp::Le,
            Self::Keyword(Keyword::And) => BinaryOp::And,
            Self::Keyword(Keyword::Or) => BinaryOp::Or,
            Self::Keyword(Keyword::Unless) => BinaryOp::Unless,
            Self::Keyword(Keyword::Atan2) => BinaryOp::Atan2,
            _ => return None,
        })
    }
}
