//! One series as bytes. The [module](crate::series::disk) has the format.

use crate::series::Labels;
use crate::series::history::History;
use crate::series::retention::Tiers;
use crate::series::store::Series;
use crate::series::stream::take;

/// Appends the record of a series.
pub(crate) fn write(series: &Series, out: &mut Vec<u8>) {
    out.extend_from_slice(&(series.labels.len() as u32).to_le_bytes());
    for text in series.labels.iter().flat_map(|(name, value)| [name, value]) {
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    series.history.write(out);
}

/// Reads a record; `tiers` gives the tiers of a series of these labels. `None` where the bytes are not a record.
pub(crate) fn read(mut bytes: &[u8], tiers: impl FnOnce(&Labels) -> Tiers) -> Option<(Labels, History)> {
    let bytes = &mut bytes;
    let count = u32::from_le_bytes(take(bytes)?) as usize;
    let mut labels = Vec::new();
    for _ in 0..count {
        labels.push((text(bytes)?, text(bytes)?));
    }
    let labels = Labels::new(labels);
    // Fewer: one was empty, or there twice.
    if labels.len() != count {
        return None;
    }
    let history = History::read_from(bytes, &tiers(&labels))?;
    bytes.is_empty().then_some((labels, history))
}

fn text<'b>(bytes: &mut &'b [u8]) -> Option<&'b str> {
    let length = u32::from_le_bytes(take(bytes)?) as usize;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}
