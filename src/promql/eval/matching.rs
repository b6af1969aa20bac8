//! How the series of two vectors find each other.
//!
//! Two series match when the labels that count are equal. That, and the labels of what comes out, depends on labels
//! only, and is found once for a pair of series. That no two series meet the same one at the same moment depends on
//! the values, and is looked at moment by moment, and only where it could happen.

use std::collections::HashMap;

use crate::promql::ast::{Binary, Cardinality, Matching};
use crate::promql::error::EvalError;
use crate::promql::eval::binary::combine;
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{ABSENT, GridSeries, is_present};
use crate::series::Labels;

const NAME: &str = "__name__";

/// The labels by which a series is matched.
pub(crate) fn signature(labels: &Labels, matching: &Matching) -> Labels {
    let listed = |name: &str| matching.labels.iter().any(|label| label == name);
    if matching.on {
        labels.filter(listed)
    } else if matching.labels.is_empty() {
        labels.without_name()
    } else {
        labels.filter(|name| name != NAME && !listed(name))
    }
}

/// An arithmetic operator or a comparison between two vectors.
pub(crate) fn vectors(
    context: &Context<'_>,
    binary: &Binary,
    matching: &Matching,
    lhs: &[GridSeries],
    rhs: &[GridSeries],
) -> Result<Vec<GridSeries>, EvalError> {
    let swapped = matching.cardinality == Cardinality::OneToMany;
    let (many, one) = if swapped { (rhs, lhs) } else { (lhs, rhs) };
    let ones = by_signature(one, matching);
    let pairing = Pairing { binary, matching, swapped };
    if ones.values().any(|members| members.len() > 1) {
        let asked = asked(context, many)?;
        for (signature, members) in &ones {
            pairing.refuse_duplicates(context, one, &asked, members, signature)?;
        }
    }
    let mut output = Output::default();
    // In the order of the many side, so that the result is in that order too.
    let mut matched: HashMap<Labels, Vec<bool>> = HashMap::new();
    let crowded = crowded(many, matching);
    for series in many {
        let signature = signature(&series.labels, matching);
        let Some(members) = ones.get(&signature) else { continue };
        let crowded = crowded.get(&signature).is_some_and(|many| *many > 1);
        for partner in members {
            context.hold(series.values.len())?;
            let partner = &one[*partner];
            // What a comparison filters away counts here too: whether a query is right is no matter of values.
            if crowded {
                let seen =
                    matched.entry(signature.clone()).or_insert_with(|| vec![false; series.values.len()]);
                mark(seen, &series.values, &partner.values)?;
            }
            let values = pairing.values(series, partner);
            if values.iter().all(|value| !is_present(*value)) {
                context.release(values.len());
                continue;
            }
            let labels = pairing.labels(&series.labels, &partner.labels);
            let drop_name = binary.bool_modifier || (binary.op.is_comparison() && series.drop_name);
            output.add(GridSeries { labels, drop_name, values }, &signature)?;
        }
    }
    Ok(output.series)
}

/// Which series have a signature.
pub(crate) fn by_signature(series: &[GridSeries], matching: &Matching) -> HashMap<Labels, Vec<usize>> {
    let mut found: HashMap<Labels, Vec<usize>> = HashMap::with_capacity(series.len());
    for (index, one) in series.iter().enumerate() {
        found.entry(signature(&one.labels, matching)).or_default().push(index);
    }
    found
}

/// How many series of the left side have a signature, where no more than one may at a moment.
fn crowded(series: &[GridSeries], matching: &Matching) -> HashMap<Labels, usize> {
    let mut counts = HashMap::new();
    if matching.cardinality == Cardinality::OneToOne {
        for one in series {
            *counts.entry(signature(&one.labels, matching)).or_insert(0) += 1;
        }
    }
    counts
}

/// At which moments there is anything on the many side. Where there is nothing, nothing is matched, and nothing that
/// could not be is an error.
fn asked(context: &Context<'_>, many: &[GridSeries]) -> Result<Vec<bool>, EvalError> {
    let mut asked = vec![false; many.first().map_or(0, |series| series.values.len())];
    for series in many {
        context.read(asked.len())?;
        for (asked, value) in asked.iter_mut().zip(&series.values) {
            *asked |= is_present(*value);
        }
    }
    Ok(asked)
}

fn mark(seen: &mut [bool], many: &[f64], one: &[f64]) -> Result<(), EvalError> {
    for ((seen, many), one) in seen.iter_mut().zip(many).zip(one) {
        if !is_present(*many) || !is_present(*one) {
            continue;
        }
        if *seen {
            return Err(EvalError::Execution(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
                    .into(),
            ));
        }
        *seen = true;
    }
    Ok(())
}

struct Pairing<'a> {
    binary: &'a Binary,
    matching: &'a Matching,
    /// Whether the left side is the one side.
    swapped: bool,
}

impl Pairing<'_> {
    /// The one side has at most one series of a signature at each moment that anything asks for.
    fn refuse_duplicates(
        &self,
        context: &Context<'_>,
        one: &[GridSeries],
        asked: &[bool],
        members: &[usize],
        signature: &Labels,
    ) -> Result<(), EvalError> {
        let [first, others @ ..] = members else { return Ok(()) };
        if others.is_empty() {
            return Ok(());
        }
        let mut owner: Vec<Option<usize>> =
            one[*first].values.iter().map(|value| is_present(*value).then_some(*first)).collect();
        for index in others {
            context.read(owner.len())?;
            for ((owner, asked), value) in owner.iter_mut().zip(asked).zip(&one[*index].values) {
                match owner {
                    _ if !asked || !is_present(*value) => {}
                    None => *owner = Some(*index),
                    Some(other) => {
                        return Err(self.duplicate(&one[*other].labels, &one[*index].labels, signature));
                    }
                }
            }
        }
        Ok(())
    }

    fn duplicate(&self, a: &Labels, b: &Labels, signature: &Labels) -> EvalError {
        let side = if self.swapped { "left" } else { "right" };
        let (first, second) = if a <= b { (a, b) } else { (b, a) };
        EvalError::Execution(format!(
            "found duplicate series for the match group {} on the {side} hand-side of the operation: [{}, {}];\
             many-to-many matching not allowed: matching labels must be unique on one side",
            braces(signature),
            braces(first),
            braces(second),
        ))
    }

    fn values(&self, many: &GridSeries, one: &GridSeries) -> Vec<f64> {
        let (op, bool_modifier) = (self.binary.op, self.binary.bool_modifier);
        let pairs = many.values.iter().zip(&one.values);
        pairs
            .map(|(many, one)| match (is_present(*many) && is_present(*one), self.swapped) {
                (false, _) => ABSENT,
                (true, false) => combine(op, bool_modifier, *many, *one),
                (true, true) => combine(op, bool_modifier, *one, *many),
            })
            .collect()
    }

    fn labels(&self, many: &Labels, one: &Labels) -> Labels {
        let listed = |name: &str| self.matching.labels.iter().any(|label| label == name);
        let mut labels = if self.binary.op.is_comparison() { many.clone() } else { many.without_name() };
        if self.matching.cardinality == Cardinality::OneToOne {
            let on = self.matching.on;
            if on || !self.matching.labels.is_empty() {
                labels = labels.filter(|name| listed(name) == on);
            }
        }
        for name in &self.matching.include {
            labels = labels.with(name, one.get(name));
        }
        labels
    }
}

/// All labels in braces, the name among them, as errors of Prometheus show them.
fn braces(labels: &Labels) -> String {
    let parts: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{{{}}}", parts.join(", "))
}

/// The result: pairs that have the same labels at different moments are one series.
#[derive(Default)]
struct Output {
    series: Vec<GridSeries>,
    places: HashMap<Labels, usize>,
    /// Of each series, the signature of the pair that it began with.
    signatures: Vec<Labels>,
}

impl Output {
    fn add(&mut self, series: GridSeries, signature: &Labels) -> Result<(), EvalError> {
        let Some(place) = self.places.get(&series.labels).copied() else {
            self.places.insert(series.labels.clone(), self.series.len());
            self.signatures.push(signature.clone());
            self.series.push(series);
            return Ok(());
        };
        let one_group = self.signatures[place] == *signature;
        for (kept, value) in self.series[place].values.iter_mut().zip(series.values) {
            if !is_present(value) {
                continue;
            }
            if is_present(*kept) {
                return Err(EvalError::Execution(if one_group {
                    "multiple matches for labels: grouping labels must ensure unique matches".into()
                } else {
                    "vector cannot contain metrics with the same labelset".into()
                }));
            }
            *kept = value;
        }
        Ok(())
    }
}
