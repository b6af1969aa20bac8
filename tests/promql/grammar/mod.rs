//! The grammar: what is read, what is refused and where, and how a tree is written again.

mod canonical;
mod limits;
mod refused;
mod scripts;
