//! The files that `templates` names.

use std::path::PathBuf;

use crate::alert::config::Problem;
use crate::alert::config::yaml::{Files, Placed};
use crate::alert::files;

/// The files behind the patterns, each once, in the order of the patterns and of names. A pattern that nothing has is not
/// a mistake, as upstream.
pub(super) fn paths(
    patterns: Vec<Placed<String>>,
    base: Files<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for pattern in patterns {
        let whole = base.map_or_else(|| PathBuf::from(&pattern.value), |base| base.join(&pattern.value));
        match files::expand(&whole) {
            Ok(found) => {
                for path in found {
                    if !paths.contains(&path) {
                        paths.push(path);
                    }
                }
            }
            Err(message) => problems.push(pattern.problem(message)),
        }
    }
    paths
}
