//! An environment that is only the test's.

use tower_watch::telemetry::TelemetryError;
use tower_watch::telemetry::otlp::{OtlpConfig, OtlpPlan};

pub(crate) type Variables<'a> = &'a [(&'a str, &'a str)];

/// What comes out of these destinations in this environment.
pub(crate) fn plan(
    destinations: &[OtlpConfig],
    variables: Variables<'_>,
) -> Result<OtlpPlan, TelemetryError> {
    let lookup =
        |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
    OtlpPlan::resolve(destinations.iter().cloned(), &lookup)
}

/// Its text, a line for each signal.
pub(crate) fn lines(destinations: &[OtlpConfig], variables: Variables<'_>) -> [String; 3] {
    let plan = plan(destinations, variables).unwrap();
    let lines: Vec<String> = plan.to_string().lines().map(str::to_owned).collect();
    lines.try_into().unwrap()
}

/// The line of the traces.
pub(crate) fn traces(destinations: &[OtlpConfig], variables: Variables<'_>) -> String {
    let [traces, _, _] = lines(destinations, variables);
    traces.strip_prefix("traces: ").unwrap().to_owned()
}

/// What is wrong with this environment.
pub(crate) fn problems(variables: Variables<'_>) -> Vec<(String, String)> {
    of_error(&plan(&[], variables).expect_err("it is accepted"))
}

pub(crate) fn of_error(error: &TelemetryError) -> Vec<(String, String)> {
    error.problems().map(|(place, message)| (place.to_owned(), message.to_owned())).collect()
}
