//! The grammar: what is read, what is refused and where, and how a tree is written again.

mod canonical;
mod limits;
mod oracle;
mod random;
mod refused;
mod round_trip;
mod scripts;
