//! Whatever a stranger writes: no panic, and what is accepted keeps the rules.

use http::{HeaderMap, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use tower_watch_layers::w3c::{
    Baggage, BaggageBuilder, Carried, TraceContext, Tracestate, format_traceparent, parse_traceparent,
};

/// Bytes that come close to what is meant more often than any bytes do.
fn nearly(alphabet: &'static str, longest: usize) -> impl Strategy<Value = Vec<u8>> {
    let near = vec(proptest::sample::select(alphabet.as_bytes()), 0..longest);
    prop_oneof![3 => near, 1 => vec(any::<u8>(), 0..longest)]
}

proptest! {
    #[test]
    fn a_traceparent_is_read_or_not(header in nearly("0123456789abcdefF-", 120)) {
        let _ = parse_traceparent(&header);
    }

    #[test]
    fn a_traceparent_that_is_read_is_one(
        version in 0_u8..=255,
        trace in any::<u128>(),
        span in any::<u64>(),
        flags in any::<u8>(),
        more in "(-[ -~]{0,20})?",
    ) {
        let header = format!("{version:02x}-{trace:032x}-{span:016x}-{flags:02x}{more}");
        let valid = trace != 0 && span != 0 && version != 0xff && (version > 0 || more.is_empty());
        let read = parse_traceparent(header.as_bytes());
        prop_assert_eq!(read.is_some(), valid);
        if let Some(read) = read {
            prop_assert_eq!(u128::from_be_bytes(read.trace_id.to_bytes()), trace);
            prop_assert_eq!(u64::from_be_bytes(read.span_id.to_bytes()), span);
            prop_assert_eq!(read.sampled, flags & 1 == 1);
            let below = TraceContext::below(&read);
            let again = parse_traceparent(&format_traceparent(&below)).unwrap();
            prop_assert_eq!((again.trace_id, again.span_id), (read.trace_id, below.span_id));
        }
    }

    #[test]
    fn a_tracestate_that_is_accepted_keeps_the_rules(header in nearly("abz09_-*/@=, ~A\t", 600)) {
        if let Some(state) = Tracestate::parse(&header) {
            let members: Vec<_> = state.members().collect();
            prop_assert!(members.len() <= 32 && header.len() <= 512);
            for (index, (key, value)) in members.iter().enumerate() {
                prop_assert!(!key.is_empty() && !value.is_empty());
                prop_assert!(members[..index].iter().all(|(known, _)| known != key));
                prop_assert_eq!(state.get(key), Some(*value));
            }
        }
    }

    #[test]
    fn baggage_is_read_or_not(header in nearly("ab9=%C3F;,\" \\~", 9_000)) {
        if let Some(baggage) = Baggage::parse(&header) {
            for member in baggage.members() {
                prop_assert!(!member.key().is_empty());
                let _ = (member.value(), member.properties().count());
            }
        }
    }

    #[test]
    fn baggage_that_is_built_is_read_back(pairs in vec(("[a-z]{1,8}", any::<String>()), 0..20)) {
        let mut builder = BaggageBuilder::new();
        let mut kept = Vec::new();
        for (key, value) in &pairs {
            if let Ok(more) = builder.clone().with(key, value) {
                builder = more;
                kept.push((key.clone(), value.clone()));
            }
        }
        let header = builder.build();
        let read: Vec<_> = header.iter().flat_map(|header| {
            let baggage = Baggage::parse(header.as_bytes()).unwrap();
            baggage.members().map(|member| (member.key().to_owned(), member.value().into_owned())).collect::<Vec<_>>()
        }).collect();
        prop_assert_eq!(read, kept);
    }

    #[test]
    fn what_is_handed_on_is_sound(
        states in vec(nearly("ab=,1 ", 200), 0..4),
        bags in vec(nearly("ab=,1;% ", 4_000), 0..4),
    ) {
        let mut headers = HeaderMap::new();
        for (name, values) in [("tracestate", states), ("baggage", bags)] {
            for value in values {
                if let Ok(value) = HeaderValue::from_bytes(&value) {
                    headers.append(name, value);
                }
            }
        }
        if let Some(carried) = Carried::of(&headers) {
            if let Some(state) = carried.tracestate {
                prop_assert!(Tracestate::parse(state.as_bytes()).unwrap().members().count() > 0);
            }
            if let Some(baggage) = carried.baggage {
                prop_assert!(Baggage::parse(baggage.as_bytes()).unwrap().members().count() > 0);
            }
        }
    }
}
