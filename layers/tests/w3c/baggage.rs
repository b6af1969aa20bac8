use http::{HeaderMap, HeaderValue};
use tower_watch_layers::w3c::{Baggage, BaggageBuilder, BaggageError, baggage_of};

fn members(header: &str) -> Vec<(String, String)> {
    let baggage = Baggage::parse(header.as_bytes()).unwrap();
    baggage.members().map(|member| (member.key().to_owned(), member.value().into_owned())).collect()
}

fn list(members: usize) -> String {
    (0..members).map(|index| format!("k{index}=v")).collect::<Vec<_>>().join(",")
}

#[test]
fn members_are_read_and_decoded() {
    for (rule, header, expected) in [
        ("one", "key1=value1", vec![("key1", "value1")]),
        ("two", "key1=value1,key2=value2", vec![("key1", "value1"), ("key2", "value2")]),
        ("space", " key1 \t=  value1 ; p = 1 , key2=value2 ", vec![("key1", "value1"), ("key2", "value2")]),
        ("an empty value", "key1=", vec![("key1", "")]),
        ("an equals sign in a value", "key1=a=b==", vec![("key1", "a=b==")]),
        ("encoded", "serverNode=DF%2028", vec![("serverNode", "DF 28")]),
        ("encoded in lower case", "k=%c3%bc", vec![("k", "ü")]),
        ("not UTF-8", "k=a%FFb,l=c", vec![("k", "a\u{fffd}b"), ("l", "c")]),
        ("cut in the middle of a character", "k=%C3", vec![("k", "\u{fffd}")]),
        ("no digits after the sign", "k=%zz%4", vec![("k", "%zz%4")]),
        ("an encoded sign", "k=%2541", vec![("k", "%41")]),
        ("all signs of a key", "!#$%&'*+-.^_`|~aZ9=1", vec![("!#$%&'*+-.^_`|~aZ9", "1")]),
        ("empty members", ",a=1,,b=2,", vec![("a", "1"), ("b", "2")]),
        ("a key twice", "a=1,a=2", vec![("a", "1"), ("a", "2")]),
        ("a member that is none is passed over", "a=1,b,c=3", vec![("a", "1"), ("c", "3")]),
        ("a key with a space", "a b=1,c=3", vec![("c", "3")]),
        ("a value with a quotation mark", "a=\"1\",c=3", vec![("c", "3")]),
        ("a value with a space within", "a=1 2,c=3", vec![("c", "3")]),
        ("no key", "=1,c=3", vec![("c", "3")]),
        ("a value that is not ASCII", "a=ü,c=3", vec![("c", "3")]),
        ("a property without a key", "a=1;=2,c=3", vec![("c", "3")]),
        ("nothing", "", vec![]),
    ] {
        let expected: Vec<_> =
            expected.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        assert_eq!(members(header), expected, "{rule}: {header:?}");
    }
}

#[test]
fn properties_are_read() {
    let baggage = Baggage::parse(b"key=value;p1;p2=v%202;p3 = 3").unwrap();
    let member = baggage.members().next().unwrap();
    let properties: Vec<_> =
        member.properties().map(|(key, value)| (key, value.map(std::borrow::Cow::into_owned))).collect();
    assert_eq!(properties, [("p1", None), ("p2", Some("v 2".to_owned())), ("p3", Some("3".to_owned()))]);
}

#[test]
fn of_one_key_the_last_counts() {
    let baggage = Baggage::parse(b"a=1,b=2,a=3").unwrap();
    assert_eq!(baggage.get("a").as_deref(), Some("3"));
    assert_eq!(baggage.get("c"), None);
}

#[test]
fn what_is_too_large_is_dropped_as_a_whole() {
    assert!(Baggage::parse(list(64).as_bytes()).is_some());
    assert!(Baggage::parse(list(65).as_bytes()).is_none());
    let of_size = |size: usize| format!("a={},b={},c=", "v".repeat(4_000), "v".repeat(size - 4_000 - 8));
    assert_eq!(of_size(8_000).len(), 8_000);
    assert!(Baggage::parse(of_size(8_192).as_bytes()).is_some());
    assert!(Baggage::parse(of_size(8_193).as_bytes()).is_none());
    assert!(Baggage::parse(of_size(10_000).as_bytes()).is_none());
}

#[test]
fn a_member_that_is_too_long_is_passed_over() {
    let of_size = |size: usize| format!("k={}", "v".repeat(size - 2));
    assert_eq!(members(&of_size(4_096)).len(), 1);
    assert_eq!(members(&format!("{},b=2", of_size(4_097))), [("b".to_owned(), "2".to_owned())]);
}

#[test]
fn only_what_is_sound_is_handed_on() {
    let of = |values: &[&str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("baggage", HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        baggage_of(&headers).map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[""]), None);
    assert_eq!(of(&[" ,"]), None, "no member is nothing to hand on");
    assert_eq!(of(&["a=1;p=2, b=%FF"]).as_deref(), Some("a=1;p=2, b=%FF"), "as it came");
    assert_eq!(of(&["a=1", "b=2"]).as_deref(), Some("a=1,b=2"));
    assert_eq!(of(&["a=1,bad,b=2", "ü=3"]).as_deref(), Some("a=1,b=2"));
    assert_eq!(of(&["bad"]), None);
    assert_eq!(of(&[&list(40), &list(40)]), None);
    assert_eq!(of(&[&"v".repeat(10_000)]), None);
}

#[test]
fn what_is_built_is_read_back() {
    let odd = " \"quoted\", 50 %; ü\u{1f980}\r\n\\=";
    let header = BaggageBuilder::new().with("odd", odd).unwrap().with("plan", "").unwrap().build().unwrap();
    let baggage = Baggage::parse(header.as_bytes()).unwrap();
    assert_eq!(baggage.get("odd").as_deref(), Some(odd));
    assert_eq!(baggage.get("plan").as_deref(), Some(""));
    let more = BaggageBuilder::from_baggage(&baggage).with("more", "1").unwrap().build().unwrap();
    assert_eq!(Baggage::parse(more.as_bytes()).unwrap().members().count(), 3);
    assert_eq!(BaggageBuilder::new().build(), None);
}

#[test]
fn what_cannot_be_built_is_named() {
    let builder = BaggageBuilder::new();
    for key in ["", "a b", "a=b", "ü", "a,b", "a\r\nb"] {
        assert_eq!(builder.clone().with(key, "v").unwrap_err(), BaggageError::Key(key.to_owned()));
    }
    let error = builder.clone().with("k", &"v".repeat(4_095)).unwrap_err();
    assert_eq!(error.to_string(), "baggage key \"k\": the value is too long; 4,096 bytes is the most");
    let full =
        (0..64).fold(builder.clone(), |builder, index| builder.with(&format!("k{index}"), "v").unwrap());
    assert_eq!(full.with("one", "more").unwrap_err(), BaggageError::Full("one".to_owned()));
    let long = builder.with("a", &"v".repeat(4_000)).unwrap().with("b", &"v".repeat(4_000)).unwrap();
    assert_eq!(long.with("c", &"v".repeat(200)).unwrap_err(), BaggageError::Full("c".to_owned()));
}
