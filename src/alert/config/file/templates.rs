//! The files that `templates` names.

use std::path::PathBuf;
use std::sync::Arc;

use crate::alert::config::Problem;
use crate::alert::config::yaml::{Files, Placed};
use crate::alert::files;
use crate::alert::template::Templates;

/// The patterns, made absolute, and what the files behind them define. A pattern that nothing has is not a mistake, as
/// upstream.
pub(super) fn read(
    patterns: Vec<Placed<String>>,
    base: Files<'_>,
    problems: &mut Vec<Problem>,
) -> (Vec<PathBuf>, Arc<Templates>) {
    let (mut paths, mut found): (Vec<PathBuf>, Vec<PathBuf>) = (Vec::new(), Vec::new());
    let first = patterns.first().map(|pattern| (pattern.place, pattern.key.clone()));
    for pattern in patterns {
        let whole = base.map_or_else(|| PathBuf::from(&pattern.value), |base| base.join(&pattern.value));
        match files::expand(&whole) {
            Ok(files) => {
                for file in files.into_iter().filter(|file| file.is_file()) {
                    if !found.contains(&file) {
                        found.push(file);
                    }
                }
                paths.push(whole);
            }
            Err(message) => problems.push(pattern.problem(message)),
        }
    }
    let templates = Templates::new().with_files(&found).unwrap_or_else(|faults| {
        let (place, key) = first.unwrap_or_default();
        problems.extend(faults.into_iter().map(|fault| Problem::new(place, key.clone(), fault.to_string())));
        Templates::new()
    });
    (paths, Arc::new(templates))
}
