//! The global recorder, when somebody else's comes first. One test: a process has one global recorder.

use tower_watch::registers::{InstallError, Registers};

#[expect(clippy::disallowed_methods, reason = "somebody else's recorder is what is tested here")]
#[test]
fn a_foreign_recorder_is_an_error_with_two_mends() {
    assert!(metrics::set_global_recorder(metrics::NoopRecorder).is_ok());
    let registers = Registers::new();
    assert_eq!(registers.install_global(), Err(InstallError::Foreign));
    assert_eq!(registers.install_global(), Err(InstallError::Foreign), "and stays one");
    let message = InstallError::Foreign.to_string();
    assert!(message.contains("with_local_recorder") && message.contains("branch("), "{message}");
}
