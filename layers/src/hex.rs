//! Bytes as lower-case hexadecimal digits, a pair at a time.

/// The two digits of each byte.
pub(crate) const PAIRS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 0xf]];
        byte += 1;
    }
    pairs
};

/// The number that eight lower-case digits are; `None` for anything else. All eight at once.
#[inline]
pub(crate) fn number(digits: [u8; 8]) -> Option<u32> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let digits = u64::from_be_bytes(digits);
    let letters = digits >> 6 & ONES;
    let values = (digits & (0x0f * ONES)) + 9 * letters;
    // What is written again must be what was read.
    let above_nine = (values + 6 * ONES) >> 4 & ONES;
    if values & (0xf0 * ONES) != 0 || values + 0x30 * ONES + 0x27 * above_nine != digits {
        return None;
    }
    let bytes = (values | values >> 4) & 0x00ff_00ff_00ff_00ff;
    let pairs = (bytes | bytes >> 8) & 0x0000_ffff_0000_ffff;
    u32::try_from((pairs | pairs >> 16) & 0xffff_ffff).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_are_a_number_and_nothing_else_is() {
        assert_eq!(number(*b"01234567"), Some(0x0123_4567));
        assert_eq!(number(*b"89abcdef"), Some(0x89ab_cdef));
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                let mut digits = *b"7af0c391";
                digits[place] = byte;
                let text = std::str::from_utf8(&digits).ok();
                let is_lower = byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
                let expected = text.filter(|_| is_lower).and_then(|text| u32::from_str_radix(text, 16).ok());
                assert_eq!(number(digits), expected, "{digits:?}");
            }
        }
    }
}
