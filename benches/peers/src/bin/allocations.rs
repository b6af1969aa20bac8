//! `allocations`: allocations per request, of the thread that answers it.
//!
//! A binary of its own, because counting needs an allocator that would slow every stack down by what it allocates.

#![forbid(unsafe_code)]

use std::env;
use std::error::Error;
use std::process::Command;

use peers::app::{self, WARM_UP};
use peers::stacks::{self, BARE, YARDSTICK};
use tokio::runtime;

const REQUESTS: u64 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    match env::args().nth(1) {
        Some(stack) => println!("{}", count(&stack)?),
        None => print_table()?,
    }
    Ok(())
}

/// Every stack, each in a process of its own.
fn print_table() -> Result<(), Box<dyn Error>> {
    let mut counts = Vec::new();
    for stack in stacks::names() {
        let output = Command::new(env::current_exe()?).arg(stack).output()?;
        counts.push((stack, String::from_utf8(output.stdout)?.trim().parse::<f64>()?));
    }
    let count_of = |name| counts.iter().find(|(stack, _)| *stack == name).map_or(0.0, |(_, count)| *count);
    let (bare, yardstick) = (count_of(BARE), count_of(YARDSTICK));
    println!("allocations per request, mean of {REQUESTS} after {WARM_UP} to warm up\n");
    println!("| stack | allocations | over bare | to {YARDSTICK} |");
    println!("|---|---:|---:|---:|");
    for (stack, count) in &counts {
        let over = count - bare;
        println!("| {stack} | {count:.1} | {over:.1} | {:.2} |", over / (yardstick - bare));
    }
    Ok(())
}

fn count(stack: &str) -> Result<f64, Box<dyn Error>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let router = runtime.block_on(async { stacks::build(stack) });
    let router = router.ok_or_else(|| format!("no stack is called {stack}"))?;
    runtime.block_on(app::drive(&router, WARM_UP));
    let counted = allocation_counter::measure(|| runtime.block_on(app::drive(&router, REQUESTS)));
    Ok(counted.count_total as f64 / REQUESTS as f64)
}
