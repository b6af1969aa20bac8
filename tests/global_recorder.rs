//! The global recorder, when ours comes first. One test: a process has one global recorder.

use metrics::counter;
use tower_watch::registers::{InstallError, Registers};

#[test]
fn the_first_registers_are_global_and_the_second_are_told_so() {
    let (first, second) = (Registers::new(), Registers::new());
    assert_eq!(first.install_global(), Ok(()));
    counter!("jobs_total").increment(1);
    assert_eq!(second.install_global(), Err(InstallError::OursAlready));
    assert_eq!(first.clone().install_global(), Ok(()), "the same ones again");
    counter!("jobs_total").increment(1);
    metrics::with_local_recorder(&second, || counter!("jobs_total").increment(5));
    assert_eq!(first.snapshot().counter("jobs_total", &[]), 2);
    assert_eq!(second.snapshot().counter("jobs_total", &[]), 5);
    assert!(InstallError::OursAlready.to_string().contains("with_local_recorder"));
}
