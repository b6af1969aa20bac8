//! Prometheus' remote-write request, written by hand: it is three small messages of protobuf.

use crate::promql_support::series::Series;

const LENGTH_DELIMITED: u64 = 2;
const FIXED_64: u64 = 1;
const VARINT: u64 = 0;

/// A compressed `WriteRequest` of these series.
pub(crate) fn request(all: &[Series]) -> Vec<u8> {
    let mut request = Vec::new();
    for series in all {
        message(&mut request, 1, &time_series(series));
    }
    snap::raw::Encoder::new().compress_vec(&request).unwrap()
}

fn time_series(series: &Series) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in series.labels.iter() {
        let mut label = Vec::new();
        message(&mut label, 1, name.as_bytes());
        message(&mut label, 2, value.as_bytes());
        message(&mut out, 1, &label);
    }
    for (time, value) in &series.samples {
        let mut sample = Vec::new();
        tag(&mut sample, 1, FIXED_64);
        sample.extend_from_slice(&value.to_le_bytes());
        tag(&mut sample, 2, VARINT);
        varint(&mut sample, time.cast_unsigned());
        message(&mut out, 2, &sample);
    }
    out
}

fn message(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    tag(out, field, LENGTH_DELIMITED);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

fn tag(out: &mut Vec<u8>, field: u64, wire_type: u64) {
    varint(out, field << 3 | wire_type);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
