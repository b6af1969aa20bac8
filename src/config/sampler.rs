//! How much is sampled, as the environment says: the variables of OpenTelemetry's SDK, and a shorter one.
//!
//! | variable | accepts | does |
//! |---|---|---|
//! | `OTEL_TRACES_SAMPLER` | `always_on`, `always_off`, `traceidratio`, `parentbased_always_on`, `parentbased_always_off`, `parentbased_traceidratio` | how it is decided |
//! | `OTEL_TRACES_SAMPLER_ARG` | a number from 0 to 1 | the share of the two that have one; 1 where it is not set |
//! | `OTEL_TRACES_SAMPLING_RATIO` | a number from 0 to 1 | the share where `OTEL_TRACES_SAMPLER` is not set, or has a share and `OTEL_TRACES_SAMPLER_ARG` is not set |
//! | `OTEL_SDK_DISABLED` | `true` | nothing is sampled |
//!
//! An empty variable counts as not set. <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>

use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::trace::SamplingMode;

use crate::config::VariableError;

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";
const RATIO: &str = "OTEL_TRACES_SAMPLING_RATIO";
const DISABLED: &str = "OTEL_SDK_DISABLED";

const ACCEPTED: &str = "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or \
                        parentbased_traceidratio";

/// What the environment says of sampling, and what cannot be understood: the variable, and the mend.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct SamplerVariables {
    /// How it is decided, where the environment says.
    pub(crate) mode: Option<SamplingMode>,
    /// Each with what is wrong and what to do about it.
    pub(crate) problems: Vec<(&'static str, String)>,
}

impl SamplerVariables {
    /// Reads them by this lookup.
    pub(crate) fn read(lookup: impl Fn(&str) -> Result<String, VariableError>) -> Self {
        let mut read = Read { lookup, problems: Vec::new() };
        let mode = read.mode();
        let Read { problems, .. } = read;
        Self { mode, problems }
    }
}

struct Read<L> {
    lookup: L,
    problems: Vec<(&'static str, String)>,
}

impl<L: Fn(&str) -> Result<String, VariableError>> Read<L> {
    fn mode(&mut self) -> Option<SamplingMode> {
        let sampler = self.text(SAMPLER).map(|sampler| sampler.to_ascii_lowercase());
        let (argument, ratio) = match sampler.as_deref() {
            Some("traceidratio" | "parentbased_traceidratio") => (self.ratio(ARGUMENT), self.ratio(RATIO)),
            _ => (None, self.ratio(RATIO)),
        };
        let share = || argument.or(ratio).unwrap_or(Ratio::ALL);
        let mode = match sampler.as_deref() {
            None => ratio.map(SamplingMode::ParentBased),
            Some("always_on") => Some(SamplingMode::AlwaysOn),
            Some("always_off") => Some(SamplingMode::AlwaysOff),
            Some("traceidratio") => Some(SamplingMode::Ratio(share())),
            Some("parentbased_always_on") => Some(SamplingMode::ParentBased(Ratio::ALL)),
            Some("parentbased_always_off") => Some(SamplingMode::ParentBased(Ratio::NONE)),
            Some("parentbased_traceidratio") => Some(SamplingMode::ParentBased(share())),
            Some(other) => {
                self.problems.push((SAMPLER, refusal(other)));
                None
            }
        };
        if self.is_disabled() { Some(SamplingMode::AlwaysOff) } else { mode }
    }

    /// Only `true` disables; anything else must not, as the specification says, and so is warned about at most.
    fn is_disabled(&mut self) -> bool {
        match self.text(DISABLED) {
            Some(text) if text.eq_ignore_ascii_case("true") => true,
            Some(text) if !text.eq_ignore_ascii_case("false") => {
                tracing::warn!(
                    "{DISABLED}: {:?} is neither true nor false, and disables nothing",
                    shown(&text)
                );
                false
            }
            _ => false,
        }
    }

    fn ratio(&mut self, name: &'static str) -> Option<Ratio> {
        let text = self.text(name)?;
        text.parse()
            .map_err(|_| {
                let problem = format!("{:?} is no share; give a number from 0 to 1, as in 0.1", shown(&text));
                self.problems.push((name, problem));
            })
            .ok()
    }

    /// The value of a variable that is set and not empty.
    fn text(&mut self, name: &'static str) -> Option<String> {
        match (self.lookup)(name) {
            Ok(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Err(VariableError::NotSet) => None,
            Err(error @ VariableError::NotText) => {
                self.problems.push((name, format!("{error}; write it in plain letters")));
                None
            }
        }
    }
}

/// Says why a sampler is not accepted: some are known elsewhere.
fn refusal(sampler: &str) -> String {
    let reason = match sampler {
        "jaeger_remote" | "parentbased_jaeger_remote" => {
            "asks a Jaeger server, which is not supported; change the share while running through Watch::sampling"
        }
        "xray" => {
            "asks AWS X-Ray, which is not supported; change the share while running through Watch::sampling"
        }
        _ => "is no sampler",
    };
    format!("{:?} {reason}. Give {ACCEPTED}", shown(sampler))
}

/// As much of a wrong value as an error shows.
fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> SamplerVariables {
        SamplerVariables::read(|name| {
            variables
                .iter()
                .find_map(|(known, value)| (*known == name).then(|| (*value).to_owned()))
                .ok_or(VariableError::NotSet)
        })
    }

    fn mode(variables: &[(&str, &str)]) -> Option<SamplingMode> {
        let SamplerVariables { mode, problems } = read(variables);
        assert_eq!(problems, [], "{variables:?}");
        mode
    }

    fn share(ratio: f64) -> Ratio {
        Ratio::new(ratio).unwrap()
    }

    #[test]
    fn every_sampler_of_the_specification_is_known() {
        use SamplingMode::*;
        for (name, expected) in [
            ("always_on", AlwaysOn),
            ("always_off", AlwaysOff),
            ("traceidratio", Ratio(share(0.25))),
            ("parentbased_always_on", ParentBased(share(1.0))),
            ("parentbased_always_off", ParentBased(share(0.0))),
            ("parentbased_traceidratio", ParentBased(share(0.25))),
            (" Parentbased_TraceIdRatio ", ParentBased(share(0.25))),
        ] {
            assert_eq!(mode(&[(SAMPLER, name), (ARGUMENT, "0.25")]), Some(expected), "{name}");
        }
        assert_eq!(mode(&[(SAMPLER, "traceidratio")]), Some(Ratio(share(1.0))));
    }

    #[test]
    fn what_is_not_set_says_nothing() {
        assert_eq!(mode(&[]), None);
        assert_eq!(mode(&[(SAMPLER, ""), (RATIO, "  "), (DISABLED, "")]), None);
        assert_eq!(mode(&[(ARGUMENT, "0.5")]), None);
    }

    #[test]
    fn the_shorter_variable_fills_in() {
        assert_eq!(mode(&[(RATIO, "0.5")]), Some(SamplingMode::ParentBased(share(0.5))));
        let ratio = [(SAMPLER, "traceidratio"), (RATIO, "0.5")];
        assert_eq!(mode(&ratio), Some(SamplingMode::Ratio(share(0.5))));
        let both = [(SAMPLER, "parentbased_traceidratio"), (ARGUMENT, "0.1"), (RATIO, "0.5")];
        assert_eq!(mode(&both), Some(SamplingMode::ParentBased(share(0.1))));
        assert_eq!(mode(&[(SAMPLER, "always_on"), (RATIO, "0.5")]), Some(SamplingMode::AlwaysOn));
    }

    #[test]
    fn a_disabled_sdk_samples_nothing() {
        let disabled = [(DISABLED, "TRUE"), (SAMPLER, "always_on")];
        assert_eq!(mode(&disabled), Some(SamplingMode::AlwaysOff));
        assert_eq!(mode(&[(DISABLED, "1")]), None);
        assert_eq!(mode(&[(DISABLED, "false"), (RATIO, "1")]), Some(SamplingMode::ParentBased(share(1.0))));
    }

    #[test]
    fn nonsense_is_named_with_what_is_accepted() {
        for (variable, value, says) in [
            (SAMPLER, "sometimes", "\"sometimes\" is no sampler. Give always_on, always_off"),
            (SAMPLER, "jaeger_remote", "\"jaeger_remote\" asks a Jaeger server, which is not supported"),
            (SAMPLER, "xray", "\"xray\" asks AWS X-Ray"),
            (RATIO, "10%", "\"10%\" is no share; give a number from 0 to 1"),
            (RATIO, "1.5", "\"1.5\" is no share"),
            (RATIO, "NaN", "\"nan\" is no share"),
        ] {
            let SamplerVariables { mode, problems } = read(&[(variable, value)]);
            assert_eq!(mode, None, "{value}");
            let [(place, problem)] = &problems[..] else { panic!("{problems:?}") };
            assert_eq!(*place, variable);
            assert!(problem.to_lowercase().contains(&says.to_lowercase()), "{problem}");
        }
        let argument = read(&[(SAMPLER, "traceidratio"), (ARGUMENT, "-1")]);
        assert_eq!(argument.problems.len(), 1);
        assert_eq!(argument.problems[0].0, ARGUMENT);
        let bytes = SamplerVariables::read(|_| Err(VariableError::NotText));
        assert!(
            bytes
                .problems
                .iter()
                .any(|(place, problem)| *place == SAMPLER && problem.contains("is not UTF-8"))
        );
    }
}
