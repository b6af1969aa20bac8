//! `series`, `labels`, `label/NAME/values` and `metadata`.

use serde_json::json;

use crate::filled::{NOW, get, post};

#[tokio::test]
async fn series_by_selectors_and_time() {
    let get_jobs = json!({"__name__": "jobs_total", "job": "shop", "method": "GET"});
    let post_jobs = json!({"__name__": "jobs_total", "job": "shop", "method": "POST"});
    let gone = json!({"__name__": "gone", "job": "shop"});
    let both = "match[]=jobs_total%7Bmethod=%22GET%22%7D&match%5B%5D=gone";
    for (form, result) in [
        ("match[]=jobs_total", json!([get_jobs, post_jobs])),
        (both, json!([gone, get_jobs])),
        ("match[]=jobs_total&match[]=%7Bmethod=~%22.%2B%22%7D", json!([get_jobs, post_jobs])),
        (&format!("{both}&start={}", NOW - 60), json!([get_jobs])),
        (&format!("{both}&end={}", NOW - 400), json!([])),
        (&format!("{both}&start={NOW}&end={}", NOW - 100), json!([])),
        ("match[]=gone&start=-9223309901257974&end=9223309901257974.999", json!([gone])),
        ("match[]=absent", json!([])),
    ] {
        assert_eq!(get(&format!("series?{form}")).await.data(), result, "{form}");
        assert_eq!(post("series", form).await.data(), result, "{form}");
    }
}

#[tokio::test]
async fn names_and_values_of_labels() {
    let all = json!(["__name__", "job", "method", "queue.name"]);
    for (path, result) in [
        ("labels", all.clone()),
        ("labels?match[]=jobs_total", json!(["__name__", "job", "method"])),
        ("labels?match[]=jobs_total&match[]=%7B%22queue.length%22%7D", all),
        ("labels?end=0", json!([])),
        (
            "label/__name__/values",
            json!(["gone", "infinite", "jobs_total", "nothing", "queue.length", "tiny"]),
        ),
        ("label/method/values", json!(["GET", "POST"])),
        ("label/method/values?match[]=gone", json!([])),
        ("label/U__queue_2e_name/values", json!(["a\"b\\c\nd\u{1f600}"])),
        ("label/queue.name/values", json!(["a\"b\\c\nd\u{1f600}"])),
        ("label/queue%2Ename/values", json!(["a\"b\\c\nd\u{1f600}"])),
        ("label/absent/values", json!([])),
    ] {
        assert_eq!(get(path).await.data(), result, "{path}");
    }
    assert_eq!(post("labels", "match[]=gone").await.data(), json!(["__name__", "job"]));
}

#[tokio::test]
async fn limits_cut_and_warn() {
    for path in ["labels", "label/__name__/values", "series?match[]=jobs_total"] {
        let question = if path.contains('?') { '&' } else { '?' };
        let answer = get(&format!("{path}{question}limit=1")).await.json();
        assert_eq!(answer["data"].as_array().unwrap().len(), 1, "{path}");
        assert_eq!(answer["warnings"], json!(["results truncated due to limit"]), "{path}");
        get(&format!("{path}{question}limit=100")).await.data();
    }
}

#[tokio::test]
async fn metadata_comes_from_the_registers() {
    let jobs = json!([{"type": "counter", "help": "Jobs done.", "unit": ""}]);
    let undescribed = json!([{"type": "gauge", "help": "", "unit": ""}]);
    let wait = json!([{"type": "histogram", "help": "Time in the queue.", "unit": "seconds"}]);
    for (path, result) in [
        ("metadata", json!({"jobs_total": jobs, "undescribed": undescribed, "wait_seconds": wait})),
        ("metadata?metric=wait_seconds", json!({"wait_seconds": wait})),
        ("metadata?metric=absent", json!({})),
        ("metadata?limit=1", json!({"jobs_total": jobs})),
        ("metadata?metric=jobs_total&limit_per_metric=1", json!({"jobs_total": jobs})),
    ] {
        assert_eq!(get(path).await.data(), result, "{path}");
    }
}
