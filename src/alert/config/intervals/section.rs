//! An interval as it stands in a file.

use serde::Deserialize;

use crate::alert::config::intervals::{Period, TimeInterval, parse};
use crate::alert::config::problem::Problem;
use crate::alert::config::yaml::Placed;

/// An element of `time_intervals` (or of `mute_time_intervals`, as it was called).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntervalSection {
    #[serde(default)]
    pub(crate) name: Placed<String>,
    #[serde(default)]
    time_intervals: Vec<PeriodSection>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PeriodSection {
    times: Option<Vec<Placed<TimesSection>>>,
    weekdays: Option<Vec<Placed<String>>>,
    days_of_month: Option<Vec<Placed<String>>>,
    months: Option<Vec<Placed<String>>>,
    years: Option<Vec<Placed<String>>>,
    location: Placed<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TimesSection {
    start_time: Option<String>,
    end_time: Option<String>,
}

impl IntervalSection {
    pub(crate) fn interval(self, problems: &mut Vec<Problem>, warnings: &mut Vec<Problem>) -> TimeInterval {
        let periods = self.time_intervals.into_iter().map(|section| section.period(problems, warnings));
        TimeInterval { name: self.name.value, periods: periods.collect() }
    }
}

impl PeriodSection {
    fn period(self, problems: &mut Vec<Problem>, warnings: &mut Vec<Problem>) -> Period {
        for month in self.months.iter().flatten() {
            if parse::months(&month.value).is_ok_and(|range| parse::has_no_month(&range)) {
                warnings.push(month.problem("no month has this number, so this is never; write 1 to 12"));
            }
        }
        let mut noted = |problem| problems.push(problem);
        Period {
            times: read(self.times, TimesSection::range, &mut noted),
            weekdays: read(self.weekdays, |text| parse::weekdays(text), &mut noted),
            days_of_month: read(self.days_of_month, |text| parse::days_of_month(text), &mut noted),
            months: read(self.months, |text| parse::months(text), &mut noted),
            years: read(self.years, |text| parse::years(text), &mut noted),
            location: parse::location(&self.location.value).unwrap_or_else(|message| {
                noted(self.location.problem(message));
                None
            }),
        }
    }
}

impl TimesSection {
    fn range(&self) -> Result<(u16, u16), String> {
        match (&self.start_time, &self.end_time) {
            (Some(start), Some(end)) => parse::times(start, end),
            (None, _) => Err("start_time is missing; add it".to_owned()),
            (_, None) => Err("end_time is missing; add it".to_owned()),
        }
    }
}

fn read<T, R>(
    list: Option<Vec<Placed<T>>>,
    parse: impl Fn(&T) -> Result<R, String>,
    noted: &mut impl FnMut(Problem),
) -> Option<Vec<R>> {
    let read = |placed: Placed<T>| match parse(&placed.value) {
        Ok(range) => Some(range),
        Err(message) => {
            noted(placed.problem(message));
            None
        }
    };
    list.map(|list| list.into_iter().filter_map(read).collect())
}
