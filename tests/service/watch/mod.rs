//! What a `Watch` puts together: how long it lives, its stacks, its routes, its names, its numbers.

mod admin;
mod exemplars;
mod life;
mod names;
mod presets;
mod routes;
mod start_errors;
mod traces;
