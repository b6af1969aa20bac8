use http::{HeaderMap, HeaderValue};
use tower_watch_layers::w3c::{
    RemoteParent, SpanId, TraceContext, TraceId, format_traceparent, parse_traceparent, traceparent_of,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn parent(sampled: bool, random: bool) -> RemoteParent {
    RemoteParent {
        trace_id: TraceId::from_hex(TRACE.as_bytes()).unwrap(),
        span_id: SpanId::from_hex(SPAN.as_bytes()).unwrap(),
        sampled,
        random,
    }
}

/// The rules of <https://www.w3.org/TR/trace-context-1/> and <https://www.w3.org/TR/trace-context-2/>, one by one.
#[test]
fn what_the_recommendation_says_is_valid() {
    for (rule, header, sampled, random) in [
        ("not sampled", format!("00-{TRACE}-{SPAN}-00"), false, false),
        ("sampled", format!("00-{TRACE}-{SPAN}-01"), true, false),
        ("random, level 2", format!("00-{TRACE}-{SPAN}-02"), false, true),
        ("sampled and random", format!("00-{TRACE}-{SPAN}-03"), true, true),
        ("flags that nobody knows are passed over", format!("00-{TRACE}-{SPAN}-fc"), false, false),
        ("all flags", format!("00-{TRACE}-{SPAN}-ff"), true, true),
        ("hexadecimal flags", format!("00-{TRACE}-{SPAN}-0b"), true, true),
        ("a later version as long as this", format!("01-{TRACE}-{SPAN}-01"), true, false),
        (
            "a later version with more",
            format!("cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like"),
            true,
            false,
        ),
        ("a later version with a dash and nothing", format!("cc-{TRACE}-{SPAN}-01-"), true, false),
        (
            "only the flag for sampling is known of a later version",
            format!("01-{TRACE}-{SPAN}-02"),
            false,
            false,
        ),
        ("the last version", format!("fe-{TRACE}-{SPAN}-00"), false, false),
    ] {
        assert_eq!(parse_traceparent(header.as_bytes()), Some(parent(sampled, random)), "{rule}: {header}");
    }
}

#[test]
fn what_the_recommendation_says_is_not_valid() {
    let zeros = "0".repeat(32);
    for (rule, header) in [
        ("empty", String::new()),
        ("one dash", "-".to_owned()),
        ("version ff", format!("ff-{TRACE}-{SPAN}-01")),
        ("version ff with more", format!("ff-{TRACE}-{SPAN}-01-more")),
        ("version in upper case", format!("0A-{TRACE}-{SPAN}-01")),
        ("version of one digit", format!("0-{TRACE}-{SPAN}-01")),
        ("version of three digits", format!("000-{TRACE}-{SPAN}-01")),
        ("version that is no number", format!(".0-{TRACE}-{SPAN}-01")),
        ("version with a space", format!(" 0-{TRACE}-{SPAN}-01")),
        ("version 00 with more", format!("00-{TRACE}-{SPAN}-01-what-the-future-will-be-like")),
        ("version 00 with a dash more", format!("00-{TRACE}-{SPAN}-01-")),
        ("version 00 with a dot more", format!("00-{TRACE}-{SPAN}-01.")),
        ("a later version with more and no dash", format!("cc-{TRACE}-{SPAN}-01.what")),
        ("a later version with a longer flag", format!("cc-{TRACE}-{SPAN}-011")),
        ("a later version that is cut", format!("cc-{TRACE}-{SPAN}")),
        ("trace id of zeros", format!("00-{zeros}-{SPAN}-01")),
        ("trace id in upper case", format!("00-{}-{SPAN}-01", TRACE.to_uppercase())),
        ("trace id with one digit in upper case", format!("00-{}-{SPAN}-01", TRACE.replacen('a', "A", 1))),
        ("trace id that is no number", format!("00-.{}-{SPAN}-01", &TRACE[1..])),
        ("trace id too short", format!("00-{}-{SPAN}-01", &TRACE[1..])),
        ("trace id too long", format!("00-{TRACE}0-{SPAN}-01")),
        ("trace id of another length, the whole as long", format!("00-{}-{SPAN}0-01", &TRACE[1..])),
        ("span id of zeros", format!("00-{TRACE}-{}-01", &zeros[..16])),
        ("span id in upper case", format!("00-{TRACE}-{}-01", SPAN.to_uppercase())),
        ("span id that is no number", format!("00-{TRACE}-.{}-01", &SPAN[1..])),
        ("span id too short", format!("00-{TRACE}-{}-01", &SPAN[1..])),
        ("span id too long", format!("00-{TRACE}-{SPAN}0-01")),
        ("no flags", format!("00-{TRACE}-{SPAN}")),
        ("empty flags", format!("00-{TRACE}-{SPAN}-")),
        ("flags of one digit", format!("00-{TRACE}-{SPAN}-1")),
        ("flags of three digits", format!("00-{TRACE}-{SPAN}-001")),
        ("flags in upper case", format!("00-{TRACE}-{SPAN}-0B")),
        ("flags that are no number", format!("00-{TRACE}-{SPAN}-.0")),
        ("another sign for a dash", format!("00_{TRACE}_{SPAN}_01")),
        ("one dash that is another sign", format!("00-{TRACE}-{SPAN}_01")),
        ("two with a comma", format!("00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01")),
        ("two of a later version with a comma", format!("cc-{TRACE}-{SPAN}-01,cc-{TRACE}-{SPAN}-01")),
        ("digits of another script", format!("00-{TRACE}-{SPAN}-٠١")),
    ] {
        assert_eq!(parse_traceparent(header.as_bytes()), None, "{rule}: {header}");
    }
}

#[test]
fn every_byte_of_a_valid_one_matters() {
    let header = format!("00-{TRACE}-{SPAN}-01").into_bytes();
    for place in 0..header.len() {
        for wrong in [b'G', b'A', b'/', b':', b'`', b'g', 0, 0x80, 0xff] {
            let mut header = header.clone();
            header[place] = wrong;
            assert_eq!(parse_traceparent(&header), None, "byte {place} is {wrong:#x}");
        }
        assert_eq!(parse_traceparent(&header[..place]), None, "cut at {place}");
    }
}

#[test]
fn a_header_that_is_there_twice_is_none() {
    let value = HeaderValue::from_str(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
    let mut headers = HeaderMap::new();
    assert_eq!(traceparent_of(&headers), None);
    headers.append("TraceParent", value.clone());
    assert_eq!(traceparent_of(&headers), Some(parent(true, false)));
    headers.append("traceparent", value);
    assert_eq!(traceparent_of(&headers), None, "nobody can say which of the two is meant, alike or not");
}

#[test]
fn what_goes_out_is_what_comes_in() {
    for sampled in [false, true] {
        let context = TraceContext::below(&parent(sampled, true));
        let header = format_traceparent(&context);
        assert_eq!(
            str::from_utf8(&header).unwrap(),
            format!("00-{TRACE}-{}-0{}", context.span_id, if sampled { 3 } else { 2 })
        );
        let read = parse_traceparent(&header).unwrap();
        assert_eq!((read.trace_id, read.span_id), (context.trace_id, context.span_id));
        assert_eq!((read.sampled, read.random), (sampled, true));
        assert_eq!(context.parent.unwrap().to_string(), SPAN);
    }
}
