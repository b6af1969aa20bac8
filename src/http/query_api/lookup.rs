//! `series`, `labels` and `label/NAME/values`: what there is to ask for.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::http::query_api::answer::{Answer, ApiError};
use crate::http::query_api::form::Form;
use crate::http::query_api::json;
use crate::http::query_api::parameters::{limit, range_of, selectors};
use crate::http::query_api::router::QueryApi;
use crate::promql::Job;

/// The series that a selector finds.
pub(crate) async fn series(State(api): State<QueryApi>, form: Form) -> Result<Response, ApiError> {
    if form.all("match[]").next().is_none() {
        return Err(ApiError::bad_data("no match[] parameter provided"));
    }
    let (limit, (from, to)) = (limit(&form)?, range_of(&form)?);
    let work = move |job: &Job| {
        let found = job.store().series(&selectors(&form)?, from, to);
        Ok(Answer::limited(found.iter(), limit, |out, labels| json::labels(out, labels.iter())))
    };
    api.answer(api.engine.limits(), work).await
}

/// The names of labels.
pub(crate) async fn labels(State(api): State<QueryApi>, form: Form) -> Result<Response, ApiError> {
    let (limit, (from, to)) = (limit(&form)?, range_of(&form)?);
    let work = move |job: &Job| {
        let names = job.store().label_names(&selectors(&form)?, from, to);
        Ok(Answer::limited_strings(names.iter(), limit))
    };
    api.answer(api.engine.limits(), work).await
}

/// The values of one label.
pub(crate) async fn label_values(
    State(api): State<QueryApi>,
    name: Result<Path<String>, PathRejection>,
    form: Form,
) -> Result<Response, ApiError> {
    let Path(name) = name.map_err(|fault| ApiError::bad_data(format!("invalid label name: {fault}")))?;
    let name = unescaped(&name).unwrap_or(name);
    if name.is_empty() {
        return Err(ApiError::bad_data("invalid label name: \"\""));
    }
    let (limit, (from, to)) = (limit(&form)?, range_of(&form)?);
    let work = move |job: &Job| {
        let values = job.store().label_values(&name, &selectors(&form)?, from, to);
        Ok(Answer::limited_strings(values.iter(), limit))
    };
    api.answer(api.engine.limits(), work).await
}

/// The name behind `U__`, by which clients write a name that was no name before UTF-8 ones were: `_` is doubled, and
/// `_2e_` is the character with that number. Nothing where it is not such a name.
fn unescaped(name: &str) -> Option<String> {
    let mut rest = name.strip_prefix("U__")?;
    let mut plain = String::new();
    while let Some(at) = rest.find('_') {
        plain.push_str(&rest[..at]);
        let (code, after) = rest[at + 1..].split_once('_')?;
        if code.is_empty() {
            plain.push('_');
        } else {
            let digits = code.len() <= 6 && code.bytes().all(|digit| digit.is_ascii_hexdigit());
            let number = digits.then(|| u32::from_str_radix(code, 16).ok()).flatten()?;
            plain.push(char::from_u32(number)?);
        }
        rest = after;
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_name_is_read() {
        for (escaped, name) in [
            ("U__http_2e_method", Some("http.method")),
            ("U__a__b", Some("a_b")),
            ("U___1F600_", Some("\u{1f600}")),
            ("U__plain", Some("plain")),
            ("U__", Some("")),
            ("job", None),
            ("U__a_b", None),
            ("U__a_", None),
            ("U__a_zz_", None),
            ("U__a_D800_", None),
            ("U__a_1234567_", None),
            ("U__a_+2_", None),
        ] {
            assert_eq!(unescaped(escaped).as_deref(), name, "{escaped}");
        }
    }
}
