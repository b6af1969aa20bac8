//! What a test must have a process of its own for: the subscriber of the process, its environment, its standard output.

use std::process::{Command, Output, Stdio};

/// Set in the child.
const IS_CHILD: &str = "TOWER_WATCH_TEST_CHILD";

/// Whether this is the child.
pub(crate) fn is_here() -> bool {
    std::env::var_os(IS_CHILD).is_some()
}

/// The test of this name in a process of its own.
pub(crate) fn command(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(IS_CHILD, "1");
    for variable in ["RUST_LOG", "NO_COLOR", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "ENVIRONMENT"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs `body` in a process of its own, where this test, whose name is given, calls it again.
#[track_caller]
pub(crate) fn run(test: &str, body: impl FnOnce()) {
    run_with(test, &[], body);
}

/// The same with variables of the environment.
#[track_caller]
pub(crate) fn run_with(test: &str, variables: &[(&str, &str)], body: impl FnOnce()) {
    if is_here() {
        return body();
    }
    let Output { status, stdout, stderr } = command(test).envs(variables.iter().copied()).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success() && stdout.contains("1 passed"), "{status}\n{stdout}\n{stderr}");
}
