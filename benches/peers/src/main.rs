//! `peers`: time per request, and the processes that `instructions.sh` and `wrk.sh` look at.

#![forbid(unsafe_code)]

use std::error::Error;
use std::{env, io, process};

use axum::Router;
use peers::app::{self, WARM_UP};
use peers::measure;
use peers::stacks::{self, BARE, YARDSTICK};
use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};

const USAGE: &str = "usage: peers stacks                  every stack's name
       peers time [STACK]...          nanoseconds per request (ROUNDS, REQUESTS)
       peers run STACK REQUESTS       send that many requests and end
       peers serve STACK              listen on a free port of 127.0.0.1 and print it
       peers rounds STACK             the child of `time`";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["stacks"] => stacks::names().for_each(|name| println!("{name}")),
        ["time", ref chosen @ ..] => time(chosen)?,
        ["run", stack, requests] => run(stack, requests.parse()?)?,
        ["serve", stack] => single_threaded()?.block_on(serve(stack))?,
        ["rounds", stack] => single_threaded()?.block_on(rounds(stack))?,
        _ => {
            eprintln!("{USAGE}");
            process::exit(2);
        }
    }
    Ok(())
}

/// All stacks, or the chosen ones beside the two that they are compared with.
fn time(chosen: &[&str]) -> Result<(), Box<dyn Error>> {
    if let Some(unknown) = chosen.iter().find(|name| !stacks::names().any(|known| known == **name)) {
        return Err(format!("no stack is called {unknown}").into());
    }
    let chosen: Vec<&str> = stacks::names()
        .filter(|name| chosen.is_empty() || chosen.contains(name) || [BARE, YARDSTICK].contains(name))
        .collect();
    let rounds = number_from_environment("ROUNDS", 21)?;
    let requests = number_from_environment("REQUESTS", 10_000)?;
    Ok(measure::compare(&chosen, rounds as usize, requests)?)
}

fn run(stack: &str, requests: u64) -> Result<(), Box<dyn Error>> {
    let runtime = single_threaded()?;
    let router = runtime.block_on(async { build(stack) })?;
    runtime.block_on(app::drive(&router, WARM_UP));
    counted(&runtime, &router, requests);
    Ok(())
}

/// What `instructions.sh` counts: callgrind knows it by its name.
#[inline(never)]
fn counted(runtime: &Runtime, router: &Router, requests: u64) {
    runtime.block_on(app::drive(router, requests));
}

async fn serve(stack: &str) -> Result<(), Box<dyn Error>> {
    let router = build(stack)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

async fn rounds(stack: &str) -> Result<(), Box<dyn Error>> {
    Ok(measure::serve_rounds(&build(stack)?).await?)
}

fn build(stack: &str) -> Result<Router, Box<dyn Error>> {
    stacks::build(stack).ok_or_else(|| format!("no stack is called {stack}").into())
}

fn single_threaded() -> io::Result<Runtime> {
    runtime::Builder::new_current_thread().enable_all().build()
}

fn number_from_environment(name: &str, default: u64) -> Result<u64, Box<dyn Error>> {
    env::var(name).map_or(Ok(default), |value| Ok(value.parse()?))
}
