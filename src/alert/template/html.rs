//! Which part of a page a value is written into, and what it has to become there.
//!
//! In text and in quoted attributes a value is escaped. In an attribute that is a link it must begin like one that leads
//! somewhere (`https:`, `http:`, `mailto:`, or within the page's own site). Where nothing makes a value harmless (scripts, the
//! names of tags and attributes, comments) it is left out.

use crate::alert::template::escape;
use crate::alert::template::output::Output;

/// Attributes whose value is followed or loaded.
const LINKS: [&str; 11] = [
    "action",
    "background",
    "cite",
    "data",
    "formaction",
    "href",
    "longdesc",
    "ping",
    "poster",
    "src",
    "xlink:href",
];

/// Follows a page as it is written.
#[derive(Debug, Default)]
pub(crate) struct Html {
    place: Place,
    /// The element whose tag is open, or whose raw text this is.
    element: String,
    /// The attribute whose name was read last.
    attribute: String,
    /// Whether anything stands in the attribute's value.
    begun: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    /// Behind a `<`.
    Open,
    /// In the name of a tag.
    Tag,
    /// In a tag, between attributes.
    Between,
    /// In the name of an attribute.
    Attribute,
    /// Behind the `=` of an attribute.
    Equals,
    /// In a value between these quotes.
    Quoted(char),
    /// In a value without quotes.
    Unquoted,
    /// Behind `<!`: a comment, or the type of the document. With how many dashes came last.
    Declaration { dashes: u8, comment: bool },
    /// In a script or a style.
    Raw,
}

impl Html {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Goes on over what the template itself says.
    pub(crate) fn text(&mut self, text: &str) {
        text.chars().for_each(|char| self.step(char));
    }

    fn step(&mut self, char: char) {
        self.place = match (self.place, char) {
            (Place::Text | Place::Open, '<') => Place::Open,
            (Place::Open, '!') => Place::Declaration { dashes: 0, comment: false },
            (Place::Open, _) if char.is_ascii_alphabetic() || char == '/' => {
                self.element.clear();
                self.element.push(char.to_ascii_lowercase());
                Place::Tag
            }
            (Place::Text | Place::Open, _) => Place::Text,
            (Place::Tag | Place::Between | Place::Attribute | Place::Unquoted | Place::Equals, '>') => {
                self.closed()
            }
            (Place::Tag | Place::Between, _) if char.is_whitespace() || char == '/' => Place::Between,
            (Place::Tag, _) => {
                self.element.push(char.to_ascii_lowercase());
                Place::Tag
            }
            (Place::Between, '=') if !self.attribute.is_empty() => Place::Equals,
            (Place::Between, _) => {
                self.attribute.clear();
                self.attribute.push(char.to_ascii_lowercase());
                Place::Attribute
            }
            (Place::Attribute, '=') => Place::Equals,
            (Place::Attribute, _) if char.is_whitespace() => Place::Between,
            (Place::Attribute, _) => {
                self.attribute.push(char.to_ascii_lowercase());
                Place::Attribute
            }
            (Place::Equals, _) if char.is_whitespace() => Place::Equals,
            (Place::Equals, '"' | '\'') => {
                self.begun = false;
                Place::Quoted(char)
            }
            (Place::Equals, _) => {
                self.begun = true;
                Place::Unquoted
            }
            (Place::Quoted(quote), _) if char == quote => self.between(),
            (Place::Quoted(quote), _) => {
                self.begun = true;
                Place::Quoted(quote)
            }
            (Place::Unquoted, _) if char.is_whitespace() => self.between(),
            (Place::Unquoted, _) => Place::Unquoted,
            (Place::Declaration { dashes, comment }, _) => declaration(dashes, comment, char),
            (Place::Raw, _) => self.raw(char),
        };
    }

    fn between(&mut self) -> Place {
        self.attribute.clear();
        Place::Between
    }

    fn closed(&mut self) -> Place {
        self.attribute.clear();
        match &*self.element {
            "script" | "style" => Place::Raw,
            _ => Place::Text,
        }
    }

    /// Goes on to the end tag. What was read of it is kept behind the element's name.
    fn raw(&mut self, char: char) -> Place {
        let name = if self.element.starts_with("script") { "script" } else { "style" };
        let end = format!("</{name}>");
        let read = self.element.len() - name.len();
        if end[read..].starts_with(char.to_ascii_lowercase()) {
            self.element.push(char.to_ascii_lowercase());
        } else {
            self.element.truncate(name.len());
            if char == '<' {
                self.element.push(char);
            }
        }
        if self.element.len() == name.len() + end.len() {
            self.element.clear();
            return Place::Text;
        }
        Place::Raw
    }

    /// Writes what the template computed.
    ///
    /// # Errors
    ///
    /// The text grows too long.
    pub(crate) fn value(&mut self, text: &str, safe: bool, out: &mut Output) -> Result<(), String> {
        match self.place {
            Place::Text if safe => {
                self.text(text);
                out.push(text)
            }
            Place::Text => out.push(&escape::html(text)),
            Place::Open => {
                // A `<` of the template before a value is no tag.
                self.place = Place::Text;
                out.push(" ")?;
                out.push(&escape::html(text))
            }
            Place::Quoted(_) => self.attribute(text, safe, out),
            Place::Equals => {
                out.push("\"")?;
                self.begun = false;
                self.attribute(text, safe, out)?;
                self.place = Place::Between;
                self.attribute.clear();
                out.push("\"")
            }
            // Nothing makes a value harmless there.
            Place::Tag
            | Place::Between
            | Place::Attribute
            | Place::Unquoted
            | Place::Declaration { .. }
            | Place::Raw => Ok(()),
        }
    }

    fn attribute(&mut self, text: &str, safe: bool, out: &mut Output) -> Result<(), String> {
        let name = &*self.attribute;
        if name.starts_with("on") || name == "srcdoc" || name == "srcset" {
            return Ok(());
        }
        if name == "style" && !is_plain_style(text) {
            return Ok(());
        }
        if LINKS.contains(&name) && !self.begun && !leads_somewhere(text) {
            self.begun = true;
            return out.push("#");
        }
        self.begun |= !text.is_empty();
        match safe {
            // It has its entities already; only what would end the value is left to escape.
            true => out.push(
                &text.replace('"', "&#34;").replace('\'', "&#39;").replace('<', "&lt;").replace('>', "&gt;"),
            ),
            false => out.push(&escape::html(text)),
        }
    }
}

fn declaration(dashes: u8, comment: bool, char: char) -> Place {
    match (char, comment) {
        ('-', false) if dashes == 1 => Place::Declaration { dashes: 0, comment: true },
        ('-', _) => Place::Declaration { dashes: (dashes + 1).min(2), comment },
        ('>', true) if dashes < 2 => Place::Declaration { dashes: 0, comment },
        ('>', _) => Place::Text,
        _ => Place::Declaration { dashes: 0, comment },
    }
}

/// A link to elsewhere by a way that runs nothing, or to within the site.
fn leads_somewhere(link: &str) -> bool {
    let link = link.trim_start();
    let scheme = link.split(['/', '?', '#']).next().unwrap_or("");
    match scheme.split_once(':') {
        None => !link.is_empty(),
        Some((scheme, _)) => {
            ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        }
    }
}

/// Colours, numbers and units: nothing that begins another property or loads anything.
fn is_plain_style(text: &str) -> bool {
    text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '#' | '.' | ',' | '%' | '-' | ' '))
}
