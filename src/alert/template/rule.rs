//! The templates of rules.

use std::sync::Arc;

use crate::alert::template::TemplateError;
use crate::alert::template::data;
use crate::alert::template::functions::Dialect;
use crate::alert::template::run::{Context, Definitions, Executor, Mode};
use crate::alert::template::text::{Tree, parse};
use crate::series::Labels;

/// What the function `query` of a template calls: the expression's result at the time of the evaluation, or why there is
/// none.
pub type QueryFn<'a> = dyn FnMut(&str) -> Result<Vec<(Labels, f64)>, String> + 'a;

/// What a rule's template is told.
#[derive(Clone, Copy, Debug)]
pub struct RuleData<'a> {
    /// `$labels` and `.Labels`: those of the result.
    pub labels: &'a Labels,
    /// `$externalLabels` and `.ExternalLabels`.
    pub external_labels: &'a [(String, String)],
    /// `$externalURL` and `.ExternalURL`.
    pub external_url: &'a str,
    /// `$value` and `.Value`.
    pub value: f64,
    /// The time of the evaluation (milliseconds since the Unix epoch): what `now` returns.
    pub time: i64,
}

/// The template of a rule's label or annotation.
///
/// ```
/// use tower_watch::alert::template::{RuleData, Template};
/// use tower_watch::series::Labels;
///
/// let template = Template::parse("{{ $labels.job }} fails {{ $value | humanizePercentage }} of its requests")?;
/// let labels = Labels::new([("job", "shop")]);
/// let data = RuleData { labels: &labels, external_labels: &[], external_url: "", value: 0.0512, time: 0 };
/// let text = template.expand_rule(&data, &mut |_| Ok(Vec::new()))?;
/// assert_eq!(text, "shop fails 5.12% of its requests");
/// # Ok::<(), tower_watch::alert::template::TemplateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Template {
    text: Arc<str>,
    /// Nothing where the text is its own expansion.
    parsed: Option<Arc<Parsed>>,
}

#[derive(Debug)]
struct Parsed {
    main: Tree,
    definitions: Definitions,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// What is no template, or uses what is not there.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if !text.contains("{{") {
            return Ok(Self { text: text.into(), parsed: None });
        }
        let unit = parse(text, None, Dialect::Rules, &data::RULE_VARIABLES)?;
        let definitions: Definitions = unit.defines.into_iter().collect();
        for (name, offset) in &unit.calls {
            if !definitions.contains_key(name) {
                let message = format!("the template {name:?} is not defined in this text");
                return Err(unit.main.source.error(*offset, message));
            }
        }
        Ok(Self { text: text.into(), parsed: Some(Arc::new(Parsed { main: unit.main, definitions })) })
    }

    /// The text that it was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text for this result, of at most 64 KiB.
    ///
    /// # Errors
    ///
    /// What went wrong on the way: a query or a function that fails, values that cannot be compared, a text or a loop without
    /// an end.
    pub fn expand_rule(&self, data: &RuleData<'_>, query: &mut QueryFn<'_>) -> Result<String, TemplateError> {
        let Some(parsed) = &self.parsed else { return Ok(self.text.to_string()) };
        let (dot, variables) = data::rule(data);
        let mut ask = |expression: &str| query(expression);
        let context = Context::new(data.external_url, data.time, Some(&mut ask));
        Executor::new(&parsed.definitions, context, Mode::Text).expand(&parsed.main, &dot, variables)
    }
}

/// By their texts.
impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Template {}
