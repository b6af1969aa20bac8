//! `query`, `query_range`, `query_exemplars` and `format_query`.

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::filled::{NOW, get, post};

#[tokio::test]
async fn an_instant_query_is_written_as_upstream_writes_it() {
    let said = get(&format!("query?query=jobs_total&time={NOW}.5")).await;
    assert_eq!(
        said.body,
        concat!(
            r#"{"status":"success","data":{"resultType":"vector","result":["#,
            r#"{"metric":{"__name__":"jobs_total","job":"shop","method":"GET"},"value":[1767225600.500,"300"]},"#,
            r#"{"metric":{"__name__":"jobs_total","job":"shop","method":"POST"},"value":[1767225600.500,"600"]}]}}"#
        )
    );
    assert_eq!(said.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(said.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
}

/// What "Save & test" of a Grafana data source asks.
#[tokio::test]
async fn one_plus_one_at_time_four() {
    let said = post("query", "query=1%2B1&time=4").await;
    assert_eq!(said.body, r#"{"status":"success","data":{"resultType":"scalar","result":[4,"2"]}}"#);
}

#[tokio::test]
async fn values_of_every_kind() {
    for (query, result) in [
        ("42", json!([NOW, "42"])),
        ("%22a%20string%22", json!([NOW, "a string"])),
        ("1e21", json!([NOW, "1000000000000000000000"])),
        ("infinite", json!([{"metric": {"__name__": "infinite"}, "value": [NOW, "+Inf"]}])),
        ("-infinite", json!([{"metric": {}, "value": [NOW, "-Inf"]}])),
        ("nothing", json!([{"metric": {"__name__": "nothing"}, "value": [NOW, "NaN"]}])),
        ("tiny", json!([{"metric": {"__name__": "tiny"}, "value": [NOW, "2.5e-07"]}])),
        ("gone", json!([])),
        ("nothing[1m]", json!([{"metric": {"__name__": "nothing"}, "values": [[NOW - 1, "NaN"]]}])),
        (
            "%7B%22queue.length%22%7D",
            json!([{
                "metric": {"__name__": "queue.length", "job": "shop", "queue.name": "a\"b\\c\nd\u{1f600}"},
                "value": [NOW, "7"],
            }]),
        ),
    ] {
        // Without a time, the present.
        assert_eq!(get(&format!("query?query={query}")).await.data()["result"], result, "{query}");
    }
}

/// Upstream leaves these two to Go's encoder, and writes all others by itself.
#[tokio::test]
async fn scalars_and_strings_have_a_spelling_of_their_own() {
    for (query, result) in [("1e-7", r#"[0.5,"0.0000001"]"#), ("%22a%22", r#"[0.5,"a"]"#)] {
        let said = get(&format!("query?query={query}&time=0.5")).await;
        assert!(said.body.contains(&format!(r#""result":{result}"#)), "{said:?}");
    }
    let vector = get("query?query=vector(1e-7)&time=0.5").await;
    assert!(vector.body.contains(r#"[0.500,"1e-07"]"#), "{vector:?}");
}

#[tokio::test]
async fn a_range_query() {
    let range = format!("query=sum(rate(jobs_total[1m]))&start={}&end={NOW}&step=1m", NOW - 60);
    for said in [get(&format!("query_range?{range}")).await, post("query_range", &range).await] {
        let values = json!([[NOW - 60, "3"], [NOW, "3"]]);
        assert_eq!(
            said.data(),
            json!({"resultType": "matrix", "result": [{"metric": {}, "values": values}]})
        );
    }
    let scalar = get("query_range?query=time()&start=0&end=1&step=0.5").await;
    assert!(scalar.body.contains(r#""values":[[0,"0"],[0.500,"0.5"],[1,"1"]]"#), "{scalar:?}");
}

#[tokio::test]
async fn times_are_numbers_or_rfc_3339_and_may_lie_outside_of_what_is_kept() {
    let times = ["1767225600", "1767225600.0004", "2026-01-01T00:00:00Z", "2026-01-01T01%3A00%3A00%2B01:00"];
    for time in times {
        let said = get(&format!("query?query=count(jobs_total)&time={time}")).await;
        assert_eq!(said.data()["result"], json!([{"metric": {}, "value": [NOW, "2"]}]), "{time}");
    }
    for time in ["0", "-9223309901257974", "-292273086-05-16T16:47:06Z", "9223309901257974.999", "1e300"] {
        for query in
            ["jobs_total", "rate(jobs_total[5m])", "jobs_total%20offset%205m", "jobs_total%20offset%20-5m"]
        {
            let said = get(&format!("query?query={query}&time={time}")).await;
            assert_eq!(said.data()["result"], json!([]), "{query} {time}");
        }
        let said = get(&format!("query_range?query=jobs_total&start={time}&end={time}&step=1")).await;
        assert_eq!(said.data()["result"], json!([]), "{time}");
    }
    let fourteen_months = NOW - 14 * 30 * 86_400;
    let said =
        get(&format!("query_range?query=count(jobs_total)&start={fourteen_months}&end={NOW}&step=1h")).await;
    assert_eq!(said.data()["result"][0]["values"], json!([[NOW, "2"]]));
}

#[tokio::test]
async fn a_limit_cuts_series_and_says_so() {
    let range = format!("query=jobs_total&start={}&end={NOW}&step=60", NOW - 60);
    for path in [format!("query_range?limit=1&{range}"), "query?query=jobs_total&limit=1".into()] {
        let answer = get(&path).await.json();
        assert_eq!(answer["data"]["result"].as_array().unwrap().len(), 1, "{answer}");
        assert_eq!(answer["warnings"], json!(["results truncated due to limit"]));
    }
    for limit in [0, 2] {
        let data = get(&format!("query?query=jobs_total&limit={limit}")).await.data();
        assert_eq!(data["result"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn the_lookback_can_be_chosen() {
    let ask = async |lookback| {
        let query = format!("query?query=jobs_total&time={}&lookback_delta={lookback}", NOW + 120);
        get(&query).await.data()["result"].as_array().unwrap().len()
    };
    assert_eq!((ask("60").await, ask("3m").await, ask("").await, ask("0").await), (0, 2, 2, 2));
}

#[tokio::test]
async fn eleven_thousand_steps_are_the_most() {
    let end = NOW + 11_000;
    let ask = async |end: i64| get(&format!("query_range?query=1&start={NOW}&end={end}&step=1")).await;
    let data = ask(end).await.data();
    assert_eq!(data["result"][0]["values"].as_array().unwrap().len(), 11_001);
    let (kind, text) = ask(end + 1).await.error();
    assert_eq!(kind, "bad_data");
    assert_eq!(
        text,
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"
    );
}

#[tokio::test]
async fn infos_and_warnings_travel_with_the_answer() {
    let answer =
        get("query?query=rate(queue_length[1m])%20or%20rate(%7B%22queue.length%22%7D[1m])").await.json();
    assert!(answer["infos"][0].as_str().unwrap().starts_with("PromQL info: "), "{answer}");
    let answer = get("query?query=quantile(2,jobs_total)").await.json();
    assert!(answer["warnings"][0].as_str().unwrap().starts_with("PromQL warning: "), "{answer}");
}

#[tokio::test]
async fn exemplars_are_found_by_the_series_of_their_bucket() {
    let bucket = json!({
        "__name__": "wait_seconds_bucket", "job": "shop", "le": "0.5", "queue": "mail",
    });
    let found = json!([{
        "seriesLabels": bucket,
        "exemplars": [{"labels": {"trace_id": "ab".repeat(16)}, "value": "0.3", "timestamp": NOW}],
    }]);
    for (query, times, result) in [
        ("wait_seconds_bucket", "", &found),
        (
            "histogram_quantile(0.9,sum+by+(le)(rate(wait_seconds_bucket%7Bjob=%22shop%22%7D[5m])))",
            "",
            &found,
        ),
        ("wait_seconds_bucket%7Ble=%220.5%22%7D", &format!("&start={NOW}&end={NOW}"), &found),
        ("wait_seconds_bucket", &format!("&start={}", NOW + 1), &json!([])),
        ("wait_seconds_bucket", &format!("&end={}", NOW - 1), &json!([])),
        ("wait_seconds_bucket%7Bjob=%22other%22%7D", "", &json!([])),
        ("wait_seconds_count", "", &json!([])),
        ("1", "", &json!([])),
    ] {
        let said = get(&format!("query_exemplars?query={query}{times}")).await;
        assert_eq!(&said.data(), result, "{query}");
    }
    let said = post("query_exemplars", "query=wait_seconds_bucket").await;
    assert_eq!(said.data(), found);
}

#[tokio::test]
async fn a_query_is_formatted() {
    for said in [get("format_query?query=foo%2Fbar").await, post("format_query", "query=foo%2Fbar").await] {
        assert_eq!(said.body, r#"{"status":"success","data":"foo / bar"}"#);
    }
    let said = get("format_query?query=foo%2F").await;
    assert_eq!((said.status, said.error().0), (StatusCode::BAD_REQUEST, "bad_data".into()));
}
