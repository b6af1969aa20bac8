//! The ids of a trace and of a span.

use std::fmt;

use crate::hex;

/// A trace: 16 bytes, not all zero. Shown as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId([u8; 16]);

/// A span within a trace: 8 bytes, not all zero. Shown as 16 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId([u8; 8]);

macro_rules! id {
    ($id:ident, $bytes:literal, $number:ident) => {
        impl $id {
            /// The id of these bytes; `None` when all are zero.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Option<Self> {
                if <$number>::from_be_bytes(bytes) == 0 { None } else { Some(Self(bytes)) }
            }

            /// The id that these lower-case hexadecimal digits are; `None` for anything else.
            #[must_use]
            pub fn from_hex(digits: &[u8]) -> Option<Self> {
                let digits: &[u8; 2 * $bytes] = digits.try_into().ok()?;
                let mut bytes = [0; $bytes];
                for (part, eight) in bytes.chunks_exact_mut(4).zip(digits.as_chunks::<8>().0) {
                    part.copy_from_slice(&hex::number(*eight)?.to_be_bytes());
                }
                Self::from_bytes(bytes)
            }

            /// A new id, from the thread's own generator: no system call and no lock.
            #[must_use]
            pub fn random() -> Self {
                loop {
                    if let Some(id) = Self::from_bytes(fastrand::$number(..).to_be_bytes()) {
                        return id;
                    }
                }
            }

            /// Its bytes.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; $bytes] {
                self.0
            }

            /// Its hexadecimal digits, in ASCII.
            #[must_use]
            pub fn to_hex(self) -> [u8; 2 * $bytes] {
                let mut digits = [0; 2 * $bytes];
                for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
                    pair.copy_from_slice(&hex::PAIRS[usize::from(byte)]);
                }
                digits
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(std::str::from_utf8(&self.to_hex()).expect("digits are ASCII"))
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(TraceId, 16, u128);
id!(SpanId, 8, u64);
