//! Receivers that are up and down by turns.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// What arrived: at which receiver, in which life of the sender, and the message.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) receiver: String,
    /// It says so itself: what a killed sender left on its way can come in the time of the next one.
    pub(crate) life: u64,
    pub(crate) message: serde_json::Value,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
    /// Gets a word for each message that was taken and is not answered yet, while somebody wants it.
    pub(crate) taken: Receiver<()>,
}

struct State {
    down: bool,
    refused: usize,
    arrived: Vec<Arrived>,
    /// Messages that are not answered, so that the sender is killed with one under way.
    hold: bool,
    taken: Sender<()>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let (sender, taken) = channel();
        let state = State { down: false, refused: 0, arrived: Vec::new(), hold: false, taken: sender };
        let state = Arc::new(Mutex::new(state));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let state = Arc::clone(&shared);
                // An error is the end of the process at the other end.
                thread::spawn(move || connection.and_then(|connection| serve(&connection, &state)));
            }
        });
        Self { port, state, taken }
    }

    /// What is so from now on.
    pub(crate) fn set(&self, down: bool, hold: bool) {
        let mut state = self.state.lock().unwrap();
        (state.down, state.hold) = (down, hold);
        while self.taken.try_recv().is_ok() {}
    }

    pub(crate) fn refused(&self) -> usize {
        self.state.lock().unwrap().refused
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.state.lock().unwrap().arrived.clone()
    }
}

fn serve(connection: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim().to_ascii_lowercase().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap(),
                None => break,
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let mut state = state.lock().unwrap();
        let answer = if state.down {
            state.refused += 1;
            "503 Service Unavailable"
        } else {
            let path = first.split(' ').nth(1).unwrap().trim_start_matches('/');
            let (receiver, life) = path.split_once('/').unwrap();
            let message = serde_json::from_slice(&body).unwrap();
            let arrived = Arrived { receiver: receiver.to_owned(), life: life.parse().unwrap(), message };
            state.arrived.push(arrived);
            if state.hold {
                state.taken.send(()).unwrap();
                continue;
            }
            "200 OK"
        };
        drop(state);
        write!(&*connection, "HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n")?;
    }
}
