//! The text of `/metrics`, read.

/// Every sample of one scrape.
#[derive(Debug)]
pub(crate) struct Numbers {
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct Sample {
    line: String,
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

impl Numbers {
    pub(crate) fn new(text: &str) -> Self {
        Self { samples: text.lines().filter_map(Sample::read).collect() }
    }

    /// The sum of the samples of this name that have all these labels; 0 where there is none.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.of(name).filter(|sample| sample.has(labels)).fold(0.0, |sum, sample| sum + sample.value)
    }

    /// Whether there is a sample of this name with all these labels.
    pub(crate) fn has(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        self.of(name).any(|sample| sample.has(labels))
    }

    /// The samples of one name as they were written.
    pub(crate) fn family(&self, name: &str) -> String {
        self.of(name).map(|sample| &*sample.line).collect::<Vec<_>>().join("\n")
    }

    fn of(&self, name: &str) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(move |sample| sample.name == name)
    }
}

impl Sample {
    /// Reads `name{label="value",...} 1`. Values with escapes are not among the ones that an example asks for.
    fn read(line: &str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let labels = labels
            .trim_end_matches('}')
            .split("\",")
            .filter_map(|label| label.split_once("=\""))
            .map(|(name, value)| (name.to_owned(), value.trim_end_matches('"').to_owned()))
            .collect();
        Some(Self { line: line.to_owned(), name: name.to_owned(), labels, value: value.parse().ok()? })
    }

    fn has(&self, labels: &[(&str, &str)]) -> bool {
        labels.iter().all(|(name, value)| self.labels.iter().any(|(n, v)| n == name && v == value))
    }
}
