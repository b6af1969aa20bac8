//! A thousand rules over ten thousand series: what a service of many routes and tenants has, in ten kinds that dashboards and
//! rule collections are made of.

use std::fmt::Write as _;

use tower_watch::series::Labels;

use crate::promql_support::series::Series;

/// Metrics, each of a hundred series, each with ten rules.
const METRICS: usize = 100;
const SERIES: usize = 100;

/// From one sample to the next, in milliseconds.
pub(crate) const STEP: i64 = 15_000;

/// A rule file of one group, evaluated every `interval` (`15s`). One alert of each metric fires, the others do not.
pub(crate) fn rules(interval: &str) -> String {
    let mut text = format!("groups:\n- name: thousand\n  interval: {interval}\n  rules:\n");
    for metric in 0..METRICS {
        let name = format!("work_{metric}_total");
        let _ = writeln!(
            text,
            "  - {{record: 'zone:work_{metric}:rate5m', expr: 'sum by (zone) (rate({name}[5m]))'}}"
        );
        let alerts = [
            format!("zone:work_{metric}:rate5m > 1e9"),
            format!("rate({name}{{shard=\"7\"}}[5m]) > 1e9"),
            format!("{name}{{shard=~\"1.\"}} < 0"),
            format!("sum(rate({name}{{zone=\"a\"}}[1m])) / sum(rate({name}{{zone=\"b\"}}[1m])) > 1e9"),
            format!("max by (zone) ({name}) < 0"),
            format!("increase({name}{{zone=\"c\"}}[5m]) == 0"),
            format!("absent({name})"),
            format!("avg_over_time({name}{{zone=\"d\"}}[5m]) < -1"),
            format!("{name}{{shard=\"3\"}} > 0"),
        ];
        for (index, expr) in alerts.iter().enumerate() {
            let _ = writeln!(
                text,
                "  - {{alert: Work{metric}_{index}, expr: '{expr}', for: 1m, labels: {{severity: high}}, annotations: \
                 {{summary: '{{{{ $labels.zone }}}} has {{{{ $value | humanize }}}}'}}}}"
            );
        }
    }
    text
}

/// The labels of all series.
fn all() -> impl Iterator<Item = (usize, Labels)> {
    (0..METRICS * SERIES).map(|index| {
        let (name, shard) = (format!("work_{}_total", index / SERIES), (index % SERIES).to_string());
        let zone = ["a", "b", "c", "d"][index % 4];
        let labels =
            [("__name__", &*name), ("shard", &*shard), ("zone", zone), ("job", "shop"), ("instance", "a")];
        (index, Labels::new(labels))
    })
}

/// All series with a sample each step, both ends included (milliseconds since the Unix epoch).
pub(crate) fn series(from: i64, to: i64) -> Vec<Series> {
    let value = |index: usize, time: i64| ((time - from) / STEP * (1 + index as i64 % 17) + 1) as f64;
    let samples = |index| (from..=to).step_by(STEP as usize).map(move |time| (time, value(index, time)));
    all().map(|(index, labels)| Series { labels, samples: samples(index).collect() }).collect()
}
