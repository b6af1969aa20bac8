use std::collections::{BTreeMap, HashMap};

use http::{HeaderMap, HeaderValue};
use tower_watch_layers::w3c::{Carrier, CarrierMut};

fn set_and_get<C: Carrier + CarrierMut>(mut carrier: C) {
    assert_eq!(carrier.get("traceparent"), None);
    carrier.set("traceparent", "first");
    carrier.set("traceparent", "second");
    carrier.set("baggage", "a=1");
    assert_eq!(carrier.get("traceparent").as_deref(), Some(&b"second"[..]));
    assert_eq!(carrier.get("baggage").as_deref(), Some(&b"a=1"[..]));
}

#[test]
fn maps_lists_and_headers_are_carriers() {
    set_and_get(HeaderMap::new());
    set_and_get(HashMap::<String, String>::new());
    set_and_get(BTreeMap::<String, String>::new());
    set_and_get(Vec::<(String, String)>::new());
    set_and_get(Vec::<(String, Vec<u8>)>::new());
}

#[test]
fn upper_case_in_a_name_makes_no_difference() {
    let list = vec![("TraceParent", b"x".as_slice())];
    assert_eq!(list.get("traceparent").as_deref(), Some(&b"x"[..]));
    let map = HashMap::from([("Baggage".to_owned(), "a=1".to_owned())]);
    assert_eq!(Carrier::get(&map, "baggage").as_deref(), Some(&b"a=1"[..]));
}

#[test]
fn several_values_are_one_list() {
    let list = vec![("baggage", "a=1"), ("BAGGAGE", "b=2")];
    assert_eq!(list.get("baggage").as_deref(), Some(&b"a=1,b=2"[..]));
    let mut headers = HeaderMap::new();
    headers.append("baggage", HeaderValue::from_static("a=1"));
    headers.append("baggage", HeaderValue::from_static("b=2"));
    assert_eq!(Carrier::get(&headers, "baggage").as_deref(), Some(&b"a=1,b=2"[..]));
}

#[test]
fn closures_are_carriers() {
    let find = |name: &str| (name == "traceparent").then(|| "x".to_owned());
    assert_eq!(find.get("traceparent").as_deref(), Some(&b"x"[..]));
    assert_eq!(find.get("baggage"), None);
}

#[test]
fn a_header_map_takes_no_forged_line() {
    let mut headers = HeaderMap::new();
    headers.set("baggage", "a=1\r\nx-forged: 1");
    assert!(headers.is_empty());
}
