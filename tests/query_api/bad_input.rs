//! What cannot be answered, and the words for it.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::filled::{api, get, post, send};

#[tokio::test]
async fn bad_parameters_are_bad_data() {
    let step = "zero or negative query resolution step widths are not accepted. Try a positive integer";
    for (path, text) in [
        ("query?query=1&time=now", r#"invalid parameter "time": cannot parse "now" to a valid timestamp"#),
        ("query?query=1&time=NaN", r#"invalid parameter "time": cannot parse "NaN" to a valid timestamp"#),
        ("query?query=1&limit=-1", r#"invalid parameter "limit": limit must be non-negative"#),
        ("query?query=1&limit=x", r#"invalid parameter "limit": cannot parse "x" to a whole number"#),
        ("query?query=1&timeout=x", r#"invalid parameter "timeout": cannot parse "x" to a valid duration"#),
        (
            "query?query=1&lookback_delta=x",
            r#"error parsing lookback delta duration: cannot parse "x" to a valid duration"#,
        ),
        (
            "query_range?query=1&end=1&step=1",
            r#"invalid parameter "start": cannot parse "" to a valid timestamp"#,
        ),
        (
            "query_range?query=1&start=1&step=1",
            r#"invalid parameter "end": cannot parse "" to a valid timestamp"#,
        ),
        (
            "query_range?query=1&start=2&end=1&step=1",
            r#"invalid parameter "end": end timestamp must not be before start time"#,
        ),
        (
            "query_range?query=1&start=1&end=2",
            r#"invalid parameter "step": cannot parse "" to a valid duration"#,
        ),
        ("query_range?query=1&start=1&end=2&step=0", &format!(r#"invalid parameter "step": {step}"#)),
        ("query_range?query=1&start=1&end=2&step=-1", &format!(r#"invalid parameter "step": {step}"#)),
        (
            "query_range?query=1&start=1&end=2&step=1e12",
            r#"invalid parameter "step": cannot parse "1e12" to a valid duration. It overflows int64"#,
        ),
        (
            "query_range?query=jobs_total[5m]&start=1&end=2&step=1",
            r#"invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector"#,
        ),
        (
            "query_range?query=%22text%22&start=1&end=2&step=1",
            r#"invalid parameter "query": invalid expression type "string" for range query, must be Scalar or instant Vector"#,
        ),
        ("query_exemplars?query=up&start=2&end=1", "end timestamp must not be before start timestamp"),
        ("series", "no match[] parameter provided"),
        (
            "series?match[]=up[5m]",
            r#"invalid parameter "match[]": "up[5m]" is not a selector, but has a range; leave it out"#,
        ),
        (
            "labels?match[]=up%2B1",
            r#"invalid parameter "match[]": "up+1" is not a selector, but another expression"#,
        ),
        (
            "labels?match[]=up%20offset%205m",
            r#"invalid parameter "match[]": "up offset 5m" is not a selector, but has an offset, an @ or a modifier; leave it out"#,
        ),
        ("labels?start=x", r#"invalid parameter "start": cannot parse "x" to a valid timestamp"#),
        ("label//values", r#"invalid label name: """#),
        ("metadata?limit=x", "limit must be a number"),
        ("metadata?limit_per_metric=x", "limit_per_metric must be a number"),
        ("query?query=%zz", r#"error parsing form values: "%zz" has a "%" without two hexadecimal digits"#),
    ] {
        let said = get(path).await;
        assert_eq!(said.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(said.error(), ("bad_data".into(), text.into()), "{path}");
    }
}

#[tokio::test]
async fn texts_that_are_no_queries_are_bad_data_with_their_place() {
    for (query, start) in [
        ("sum(", r#"invalid parameter "query": 1:4: parse error: unclosed left parenthesis"#),
        ("up%0A%2B%2B%29", r#"invalid parameter "query": 2:"#),
        ("", r#"invalid parameter "query": "#),
        ("nothing_like_this(up)", r#"invalid parameter "query": 1:1: parse error: unknown function"#),
        ("up%7Ba=~%22(%22%7D", r#"invalid parameter "query": 1:"#),
    ] {
        for path in ["query?", "query_range?start=1&end=2&step=1&", "query_exemplars?", "format_query?"] {
            let said = get(&format!("{path}query={query}")).await;
            let (kind, text) = said.error();
            assert_eq!((said.status, kind.as_str()), (StatusCode::BAD_REQUEST, "bad_data"), "{path} {query}");
            assert!(text.starts_with(start), "{path} {query}: {text}");
        }
    }
    for path in ["series", "labels", "label/job/values"] {
        let (kind, text) = get(&format!("{path}?match[]=up%7B")).await.error();
        assert_eq!(kind, "bad_data");
        assert!(text.starts_with(r#"invalid parameter "match[]": 1:"#), "{text}");
        let (kind, text) = get(&format!("{path}?match[]=%7Bjob=%22%22%7D")).await.error();
        assert_eq!(kind, "bad_data");
        assert!(text.contains("must contain at least one non-empty matcher"), "{text}");
    }
}

#[tokio::test]
async fn what_fails_in_its_evaluation_is_unprocessable() {
    for query in [
        "jobs_total%20%2B%20on(job)%20jobs_total",
        "label_replace(jobs_total,%22method%22,%22%22,%22%22,%22%22)",
    ] {
        let said = get(&format!("query?query={query}")).await;
        assert_eq!(
            (said.status, said.error().0),
            (StatusCode::UNPROCESSABLE_ENTITY, "execution".into()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_no_forms() {
    let post_as = async |kind: &str, body: Vec<u8>| {
        let request = Request::post("/api/v1/query?query=1").header(header::CONTENT_TYPE, kind);
        send(api(), request.body(Body::from(body)).unwrap()).await
    };
    let form = "application/x-www-form-urlencoded";
    for (kind, body) in [
        ("application/json", br#"{"query":"1"}"#.to_vec()),
        ("text/plain", b"query=1".to_vec()),
        (form, vec![0xff, 0xfe]),
        (form, b"query=%ff".to_vec()),
        (form, vec![b'a'; (1 << 20) + 1]),
    ] {
        let long = body.len() > 1 << 20;
        let said = post_as(kind, body).await;
        assert_eq!(said.error().1.contains("at most 1048576 bytes"), long);
        assert_eq!((said.status, said.error().0), (StatusCode::BAD_REQUEST, "bad_data".into()), "{kind}");
    }
    // Without a body the query string will do, and the body comes first where there are both.
    post_as("application/json", Vec::new()).await.data();
    assert_eq!(post("query?query=1", "query=2").await.data()["result"][1], "2");
}

/// As deep as the parser goes, on the stack of the thread that evaluates; and deeper.
#[tokio::test]
async fn a_deep_query_is_answered_or_refused() {
    for (open, close) in [
        ("(", ")"),
        ("-", ""),
        ("abs(vector(scalar(", ")))"),
        ("1%2B", ""),
        ("vector(1)*on()group_left()(", ")"),
        ("topk(1,vector(1)%2B(", "))"),
        ("max_over_time((", ")[1m:1m])"),
        ("label_replace(sort(", "),%22a%22,%22b%22,%22c%22,%22d%22)"),
    ] {
        for depth in [10, 30, 60, 84, 127, 255, 30_000] {
            let query = format!("query={}vector(1){}", open.repeat(depth), close.repeat(depth));
            let said = post("query", &query).await;
            let answered = said.status == StatusCode::OK;
            assert!(
                answered || (said.status, depth > 30) == (StatusCode::BAD_REQUEST, true),
                "{open} {said:?}"
            );
            assert!(!answered || depth < 30_000, "{open} {depth}");
        }
    }
}

/// A name or a value of any letters comes back as JSON that can be read.
#[tokio::test]
async fn an_error_quotes_whatever_it_was_given() {
    let (_, text) = get("query?query=1&time=%22%5C%0A%00%F0%9F%98%80%3Cscript%3E").await.error();
    assert!(text.contains("\u{1f600}<script>"), "{text}");
}
