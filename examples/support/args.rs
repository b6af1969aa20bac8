//! The arguments of an example.

use super::Result;

const USAGE: &str = "usage: [--addr HOST:PORT] [--check] [--traffic]";

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) addr: Option<String>,
    pub(crate) check: bool,
    pub(crate) traffic: bool,
}

impl Args {
    pub(crate) fn parse() -> Result<Self> {
        let mut args = Self { addr: None, check: false, traffic: false };
        let mut given = std::env::args().skip(1);
        while let Some(arg) = given.next() {
            match arg.as_str() {
                "--addr" => args.addr = Some(given.next().ok_or(USAGE)?),
                "--check" => args.check = true,
                "--traffic" => args.traffic = true,
                unknown => return Err(format!("unknown argument {unknown:?}; {USAGE}").into()),
            }
        }
        Ok(args)
    }

    /// Where to listen: a check picks a free port, so that several can run at once.
    pub(crate) fn addr(&self) -> &str {
        match &self.addr {
            Some(addr) => addr,
            None if self.check => "127.0.0.1:0",
            None => "127.0.0.1:3000",
        }
    }
}
