//! A PostgreSQL and a Redis of one test, killed at its end.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// A server on a port of the loopback, and its folder.
pub(crate) struct Server {
    process: Child,
    folder: PathBuf,
    pub(crate) port: u16,
    pub(crate) url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn folder(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Not in the target folder: PostgreSQL does not run as root, and who it runs as may not look in there.
    let unique =
        format!("tower-watch-{name}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(unique);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn until_it_listens(port: u16) {
    for _ in 0..3_000 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("nothing listens on port {port}");
}

fn quietly(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

pub(crate) fn redis() -> Server {
    redis_at(free_port())
}

pub(crate) fn redis_at(port: u16) -> Server {
    let folder = folder("redis");
    let mut command = Command::new("redis-server");
    command
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--requirepass", "secret"])
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(&folder);
    let process = quietly(&mut command)
        .spawn()
        .unwrap_or_else(|error| panic!("redis-server: {error}; install it with .ci/tools"));
    until_it_listens(port);
    Server { process, folder, port, url: format!("redis://:secret@127.0.0.1:{port}/0") }
}

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// A command of PostgreSQL's, as a user that it accepts.
fn postgres_command(name: &str) -> Command {
    let program = Path::new(BIN).join(name);
    assert!(program.exists(), "{}: install it with .ci/tools", program.display());
    // root has this, and nobody else needs it.
    if !fs::read_dir("/root").is_ok_and(|mut entries| entries.next().is_some()) {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

pub(crate) fn postgres() -> Server {
    let (folder, port) = (folder("postgres"), free_port());
    let data = folder.join("data");
    // Whoever runs it makes its own folder in here.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(&folder, open).unwrap();
    let password = folder.join("password");
    fs::write(&password, "secret").unwrap();
    let mut make = postgres_command("initdb");
    make.args(["-U", "tw", "--auth-host=scram-sha-256", "--auth-local=trust", "-N"]);
    make.arg(format!("--pwfile={}", password.display())).arg("-D").arg(&data).current_dir(&folder);
    assert!(quietly(&mut make).status().unwrap().success(), "initdb failed");
    let mut command = postgres_command("postgres");
    command.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-p", &port.to_string(), "-c", "fsync=off", "-k"]);
    command.arg(&folder).current_dir(&folder);
    let process = quietly(&mut command).spawn().unwrap();
    until_it_listens(port);
    Server { process, folder, port, url: format!("postgres://tw:secret@127.0.0.1:{port}/postgres") }
}
