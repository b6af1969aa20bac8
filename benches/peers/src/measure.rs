//! Time: rounds that interleave between processes.
//!
//! The parent keeps one child per stack alive and lets them run one round each, one after the other, in an order
//! that rotates. A child waits on its standard input, so it costs nothing while another one runs, and whatever it
//! installs process-wide slows nobody else.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use axum::Router;
use rustix::time::{ClockId, clock_gettime};

use crate::app::{self, WARM_UP};
use crate::stacks::{BARE, YARDSTICK};

/// Nanoseconds per request.
#[derive(Clone, Copy)]
struct Sample {
    /// Of the whole process, so that exporting threads count.
    cpu: f64,
    wall: f64,
}

/// Measures the stacks, the bare router among them, and prints one table.
pub fn compare(stacks: &[&'static str], rounds: usize, requests: u64) -> io::Result<()> {
    let mut runners = stacks.iter().map(|stack| Runner::start(stack)).collect::<io::Result<Vec<_>>>()?;
    for round in 0..rounds {
        for turn in 0..runners.len() {
            let next = (round + turn) % runners.len();
            runners[next].round(requests)?;
        }
    }

    let bare =
        runners.iter().find(|runner| runner.stack == BARE).expect("the bare router is always measured");
    let yardstick = runners.iter().find(|runner| runner.stack == YARDSTICK).map(|runner| runner.over(bare));
    println!("median of {rounds} interleaved rounds of {requests} requests; nanoseconds per request\n");
    println!("| stack | CPU | wall | CPU over bare | to {YARDSTICK} |");
    println!("|---|---:|---:|---:|---:|");
    for runner in &runners {
        let (cpu, wall) =
            (median(runner.samples.iter().map(|s| s.cpu)), median(runner.samples.iter().map(|s| s.wall)));
        let over = runner.over(bare);
        let ratio = yardstick.map_or(String::from("-"), |yardstick| format!("{:.2}", over / yardstick));
        println!("| {} | {cpu:.0} | {wall:.0} | {over:.0} | {ratio} |", runner.stack);
    }
    Ok(())
}

/// The child's side of [`compare`]: a line of input is a number of requests, a line of output what they took.
pub async fn serve_rounds(router: &Router) -> io::Result<()> {
    app::drive(router, WARM_UP).await;
    println!("ready");
    for line in io::stdin().lock().lines() {
        let requests = line?.parse().map_err(io::Error::other)?;
        // The loop below never yields: let a peer's housekeeping run here, at no charge.
        tokio::task::yield_now().await;
        let (cpu, wall) = (cpu_now(), Instant::now());
        app::drive(router, requests).await;
        println!("{} {}", cpu_now() - cpu, wall.elapsed().as_nanos());
    }
    Ok(())
}

/// CPU time of this process so far, in nanoseconds.
fn cpu_now() -> i64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

struct Runner {
    stack: &'static str,
    process: Child,
    // `None` once the child has been told to go.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    samples: Vec<Sample>,
}

impl Runner {
    fn start(stack: &'static str) -> io::Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .args(["rounds", stack])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(lines_of(stack))
            .spawn()?;
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().expect("piped above"));
        let mut runner = Self { stack, process, input, output, samples: Vec::new() };
        runner.line()?;
        Ok(runner)
    }

    fn round(&mut self, requests: u64) -> io::Result<()> {
        writeln!(self.input.as_ref().expect("taken only on drop"), "{requests}")?;
        let line = self.line()?;
        let times: Vec<f64> = line.split_whitespace().filter_map(|nanos| nanos.parse().ok()).collect();
        let [cpu, wall] = times[..] else {
            return Err(io::Error::other(format!("{} answered {line:?}", self.stack)));
        };
        self.samples.push(Sample { cpu: cpu / requests as f64, wall: wall / requests as f64 });
        Ok(())
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line)
    }

    /// CPU over the bare router: the median of what each round saw, so that a slow round is slow for both.
    fn over(&self, bare: &Self) -> f64 {
        median(self.samples.iter().zip(&bare.samples).map(|(own, bare)| own.cpu - bare.cpu))
    }
}

/// Where the log lines of a stack go that writes some: nobody reads them, and each still costs its write.
fn lines_of(stack: &str) -> Stdio {
    if stack.ends_with("-json") { Stdio::null() } else { Stdio::inherit() }
}

impl Drop for Runner {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends by itself at the end of its input; nothing to do about one that cannot be waited for.
        let _ = self.process.wait();
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
