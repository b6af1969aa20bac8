//! Routing configurations: what is read of them, what is refused and how it is told, and whether amtool sees it the same way.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod amtool;
mod cases;
mod hostile;
mod in_code;
mod intervals;
mod mistakes;
mod reach;
mod reload;
