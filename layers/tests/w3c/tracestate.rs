use http::{HeaderMap, HeaderValue};
use tower_watch_layers::w3c::{Tracestate, tracestate_of};

fn members(header: &str) -> Option<Vec<(String, String)>> {
    let state = Tracestate::parse(header.as_bytes())?;
    Some(state.members().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

fn list(members: usize) -> String {
    (0..members).map(|index| format!("k{index}=v")).collect::<Vec<_>>().join(",")
}

#[test]
fn what_the_recommendation_says_is_valid() {
    for (rule, header, expected) in [
        ("one", "foo=1", vec![("foo", "1")]),
        ("two, in their order", "foo=1,bar=2", vec![("foo", "1"), ("bar", "2")]),
        ("space around members", " foo=1 \t,\t bar=2 ", vec![("foo", "1"), ("bar", "2")]),
        ("space before a value belongs to it", "foo= 1", vec![("foo", " 1")]),
        ("space within a value", "foo=a b", vec![("foo", "a b")]),
        ("a tenant's key", "tenant-1@vendor=1", vec![("tenant-1@vendor", "1")]),
        ("a key that starts with a digit", "0@v=1,1a-2f@foo=1", vec![("0@v", "1"), ("1a-2f@foo", "1")]),
        ("all signs of a key", "a_-*/@=1", vec![("a_-*/@", "1")]),
        (
            "other signs of a value",
            "foo=!\"#$%&'()*+-./:;<>?@[]^_`{|}~",
            vec![("foo", "!\"#$%&'()*+-./:;<>?@[]^_`{|}~")],
        ),
        ("empty members", "foo=1,,bar=2,", vec![("foo", "1"), ("bar", "2")]),
        ("nothing", "", vec![]),
        ("nothing but space", " \t ", vec![]),
    ] {
        let expected = expected.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        assert_eq!(members(header), Some(expected), "{rule}: {header:?}");
    }
}

#[test]
fn what_the_recommendation_says_is_not_valid() {
    for (rule, header) in [
        ("a key twice", "foo=1,bar=1,foo=2".to_owned()),
        ("a key twice, alike", "foo=1,foo=1".to_owned()),
        ("no value", "foo".to_owned()),
        ("an empty value", "foo=".to_owned()),
        ("a value of space", "foo= ,bar=1".to_owned()),
        ("no key", "=1".to_owned()),
        ("a key in upper case", "Foo=1".to_owned()),
        ("a key with upper case", "fOO=1".to_owned()),
        ("a key with a space", "foo =1".to_owned()),
        ("a key with a dot", "foo.bar=1".to_owned()),
        ("a key that starts with a sign", "_foo=1".to_owned()),
        ("a key that starts with an at", "@foo=1".to_owned()),
        ("a value with an equals sign", "foo=bar=baz".to_owned()),
        ("a value with a tab", "foo=a\tb".to_owned()),
        ("a value that is not ASCII", "foo=ü".to_owned()),
        ("a value with a control character", "foo=a\u{1b}[31mb".to_owned()),
        ("another separator", "foo=1;bar=2=3".to_owned()),
        ("one bad member among good ones", "foo=1,b@d,bar=2".to_owned()),
        ("a key of 257 characters", format!("{}=1", "k".repeat(257))),
        ("a value of 257 characters", format!("k={}", "v".repeat(257))),
        ("33 members", list(33)),
        ("513 characters", format!("a={},b={}", "v".repeat(254), "v".repeat(254))),
    ] {
        assert_eq!(members(&header), None, "{rule}: {header:?}");
    }
}

#[test]
fn the_limits_themselves_are_valid() {
    assert_eq!(members(&list(32)).unwrap().len(), 32);
    assert!(members(&format!("{}=1", "k".repeat(256))).is_some());
    assert!(members(&format!("k={}", "v".repeat(256))).is_some());
    let longest = format!("a={},b={}", "v".repeat(254), "v".repeat(253));
    assert_eq!(longest.len(), 512);
    assert!(members(&longest).is_some());
}

#[test]
fn several_headers_are_one() {
    let of = |values: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("tracestate", HeaderValue::from_static(value));
        }
        tracestate_of(&headers).map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(of(&[]), None);
    assert_eq!(of(&["foo=1"]).as_deref(), Some("foo=1"));
    assert_eq!(of(&["foo=1,bar=2", "baz=3"]).as_deref(), Some("foo=1,bar=2,baz=3"));
    assert_eq!(of(&["foo=1", "", "bar=2"]).as_deref(), Some("foo=1,,bar=2"));
    assert_eq!(of(&["foo=1", "foo=2"]), None, "a key twice, over two headers");
    assert_eq!(of(&["foo=1", "bad"]), None, "dropped as a whole");
    assert_eq!(of(&[""]), None, "an empty one is not worth sending");
}

#[test]
fn too_much_over_several_headers_is_too_much() {
    let mut headers = HeaderMap::new();
    for index in 0..33 {
        headers.append("tracestate", HeaderValue::from_str(&format!("k{index}=v")).unwrap());
    }
    assert_eq!(tracestate_of(&headers), None);
    let mut headers = HeaderMap::new();
    headers.append("tracestate", HeaderValue::from_str(&format!("a={}", "v".repeat(254))).unwrap());
    headers.append("tracestate", HeaderValue::from_str(&format!("b={}", "v".repeat(254))).unwrap());
    assert_eq!(tracestate_of(&headers), None);
}
