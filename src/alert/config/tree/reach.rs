//! Routes that no alert can come to.
//!
//! Found are those that ask for what their parents exclude, and those before which a sibling takes all that they match. It
//! is told only where it is certain; two regular expressions are compared as texts.

use crate::alert::config::problem::Problem;
use crate::alert::config::{Route, RouteBuilder};
use crate::series::{MatchOp, Matcher};

/// What is doubtful below this root. `places` is the tree that it was made of.
pub(crate) fn unreachable(root: &Route, places: &RouteBuilder) -> Vec<Problem> {
    let mut found = Vec::new();
    look(root, places, &[], &mut found);
    found
}

fn look(route: &Route, places: &RouteBuilder, above: &[Matcher], found: &mut Vec<Problem>) {
    let demands: Vec<Matcher> = above.iter().chain(&route.matchers).cloned().collect();
    if let Some((first, second)) = contradiction(&demands) {
        let message = format!("no alert comes to this route: {first} and {second} exclude each other");
        found.push(places.at.problem(message));
        return;
    }
    for (index, (child, place)) in route.routes.iter().zip(&places.routes).enumerate() {
        let all: Vec<Matcher> = demands.iter().chain(&child.matchers).cloned().collect();
        let takes_all = |sibling: &&Route| {
            !sibling.continues && sibling.matchers.iter().all(|matcher| is_implied(matcher, &all))
        };
        match route.routes[..index].iter().position(|sibling| takes_all(&sibling)) {
            Some(first) => {
                let message = format!(
                    "no alert comes to this route: routes[{first}] before it takes all that it matches; \
                     move it up, or add continue: true there"
                );
                found.push(place.at.problem(message));
            }
            None => look(child, place, &demands, found),
        }
    }
}

/// Two of these that no value passes.
fn contradiction(matchers: &[Matcher]) -> Option<(&Matcher, &Matcher)> {
    let demanded = matchers.iter().filter(|matcher| matcher.op() == MatchOp::Equal);
    demanded.into_iter().find_map(|equal| {
        let other =
            matchers.iter().find(|other| other.name() == equal.name() && !other.matches(equal.value()));
        other.map(|other| (equal, other))
    })
}

/// Whether all that pass `demands` pass this too.
fn is_implied(matcher: &Matcher, demands: &[Matcher]) -> bool {
    let is_everything = matcher.op() == MatchOp::Regex && matcher.value() == ".*";
    is_everything
        || demands.iter().filter(|demand| demand.name() == matcher.name()).any(|demand| {
            demand == matcher || (demand.op() == MatchOp::Equal && matcher.matches(demand.value()))
        })
}
