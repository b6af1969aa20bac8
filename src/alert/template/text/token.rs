//! The words of a template.

use crate::alert::template::value::Value;

#[derive(Clone, Debug)]
pub(crate) struct Token<'t> {
    pub(crate) kind: TokenKind<'t>,
    /// The byte of the text that it begins at.
    pub(crate) offset: usize,
    /// Whether a space stands before it.
    pub(crate) spaced: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum TokenKind<'t> {
    /// What is outside of actions.
    Text(&'t str),
    /// `{{`
    Open,
    /// `}}`
    Close,
    /// A keyword, a function, `true`, `nil`.
    Word(&'t str),
    /// `.name`
    Field(&'t str),
    /// `$name`, without the `$`.
    Variable(&'t str),
    Dot,
    Quoted(String),
    Number(Value),
    Pipe,
    LeftParen,
    RightParen,
    Comma,
    /// `:=`
    Declare,
    /// `=`
    Assign,
    /// The end of the text.
    End,
}

impl TokenKind<'_> {
    /// How errors name it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Text(_) => "text".to_owned(),
            Self::Open => "\"{{\"".to_owned(),
            Self::Close => "\"}}\"".to_owned(),
            Self::Word(word) => format!("{word:?}"),
            Self::Field(name) => format!("\".{name}\""),
            Self::Variable(name) => format!("\"${name}\""),
            Self::Dot => "\".\"".to_owned(),
            Self::Quoted(text) => format!("the string {text:?}"),
            Self::Number(_) => "a number".to_owned(),
            Self::Pipe => "\"|\"".to_owned(),
            Self::LeftParen => "\"(\"".to_owned(),
            Self::RightParen => "\")\"".to_owned(),
            Self::Comma => "\",\"".to_owned(),
            Self::Declare => "\":=\"".to_owned(),
            Self::Assign => "\"=\"".to_owned(),
            Self::End => "the end of the text".to_owned(),
        }
    }
}
