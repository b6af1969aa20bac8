//! The program whose instructions `benches/instructions.sh` counts: one stack and a number of requests, in a
//! process of its own.

mod support;

use std::env;

use axum::Router;
use http::Uri;

use crate::support::STACKS;

const WARM_UP: u64 = 1_000;

fn main() {
    // cargo adds `--bench`.
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [stack, requests] => run(stack, requests.parse().expect("a number of requests")),
        _ => eprintln!("usage: instructions STACK REQUESTS; benches/instructions.sh counts for every stack"),
    }
}

fn run(name: &str, requests: u64) {
    let (_, wrap) = STACKS.iter().find(|(stack, _)| *stack == name).expect("the name of a stack");
    let router = support::service(*wrap);
    send(name, &router, WARM_UP);
    counted(name, &router, requests);
}

/// What is counted: callgrind knows it by its name.
#[inline(never)]
fn counted(stack: &str, router: &Router, requests: u64) {
    send(stack, router, requests);
}

fn send(stack: &str, router: &Router, requests: u64) {
    for number in 0..requests {
        let is_sampled = support::is_sampled(stack, number);
        support::drive(router, support::request(Uri::from_static("/users/42"), is_sampled));
    }
}
