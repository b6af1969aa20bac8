//! Two hundred lives, and what the receivers make of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::child::{ALERTS, command, fires_in_the_end};
use crate::server::{Arrived, Server};

const KILLS: u64 = 200;
const CHILD: &str = "child::lives_until_it_is_killed";

/// One word about one alert.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Word {
    receiver: String,
    /// Name and number.
    alert: (String, u64),
    fires: bool,
    starts_at: String,
}

fn words(arrived: &Arrived) -> impl Iterator<Item = Word> {
    let alerts = arrived.message["alerts"].as_array().unwrap();
    alerts.iter().map(|alert| Word {
        receiver: arrived.receiver.clone(),
        alert: (
            alert["labels"]["alertname"].as_str().unwrap().to_owned(),
            alert["labels"]["number"].as_str().unwrap().parse().unwrap(),
        ),
        fires: alert["status"] == "firing",
        starts_at: alert["startsAt"].as_str().unwrap().to_owned(),
    })
}

#[test]
#[expect(clippy::print_stdout, reason = "what happened, for who runs it alone")]
fn no_firing_and_no_end_is_lost_however_often_it_is_killed() {
    let directory = Directory::new("killed");
    let server = Server::start();
    let began = Instant::now();
    for life in 0..KILLS {
        let down = life % 2 == 1;
        // Each fourth one is killed with a message that was taken and not answered, at the moment that hurts most.
        let hold = life % 4 == 2;
        server.set(down, hold);
        let mut child = command(CHILD, &directory.0, server.port, life, false)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        if hold {
            // Where nothing is owed that is new, it is killed all the same.
            let _ = server.taken.recv_timeout(Duration::from_millis(600));
        } else {
            sleep(Duration::from_millis(70 + life * 7_919 % 180));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    server.set(false, false);
    let output = command(CHILD, &directory.0, server.port, KILLS, true).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    let (took, arrived) = (began.elapsed(), server.arrived());

    assert_eq!(wrong_in_the_end(&arrived, &["Broken", "Kept", "Raised"]), [""; 0]);
    every_end_comes_after_a_beginning(&arrived);
    let doubled = nothing_is_doubled_but_what_was_under_way(&arrived);
    let lives: BTreeSet<u64> = arrived.iter().map(|arrived| arrived.life).collect();
    assert!(lives.len() as u64 > KILLS / 4, "too few lives had something to say: {}", lives.len());
    assert!(server.refused() > 0, "nobody was refused");
    assert!(doubled > 0, "no kill hit a message under way: it proves too little");
    assert_eq!(directory.set_aside(), [""; 0]);
    println!(
        "{KILLS} kills in {took:.1?}: {} messages in {} lives, {} refused, {doubled} doubled",
        arrived.len(),
        lives.len(),
        server.refused()
    );
}

/// Every receiver knows of each alert whether it fires: where that is not so.
pub(crate) fn wrong_in_the_end(arrived: &[Arrived], names: &[&str]) -> Vec<String> {
    let (mut last, mut wrong) = (BTreeMap::new(), Vec::new());
    for word in arrived.iter().flat_map(words) {
        last.insert((word.receiver.clone(), word.alert.clone()), word);
    }
    for receiver in ["one", "other", "together"] {
        for &name in names {
            for number in 0..ALERTS {
                let word = last.get(&(receiver.to_owned(), (name.to_owned(), number)));
                // Of what never fired for long enough nobody has heard.
                let fires = word.is_some_and(|word| word.fires);
                if fires != fires_in_the_end(number) {
                    wrong.push(format!("{receiver} on {name} {number}: {word:?}"));
                }
            }
        }
    }
    wrong
}

/// Whoever hears that something is over was told before that it fires. Not of the same beginning: what ends and fires again
/// before its group speaks has never ended, as far as anybody knows.
pub(crate) fn every_end_comes_after_a_beginning(arrived: &[Arrived]) {
    let mut last: BTreeMap<_, Word> = BTreeMap::new();
    for word in arrived.iter().filter(|arrived| arrived.receiver != "together").flat_map(words) {
        let before = last.insert((word.receiver.clone(), word.alert.clone()), word.clone());
        let is_known = before.as_ref().is_some_and(|before| before.fires || *before == word);
        assert!(word.fires || is_known, "an end without its beginning: {word:?} after {before:?}");
    }
}

/// Each word is heard once, and after a kill one of them a second time at each receiver. Returns how many were.
pub(crate) fn nothing_is_doubled_but_what_was_under_way(arrived: &[Arrived]) -> usize {
    let mut heard: BTreeMap<Word, u64> = BTreeMap::new();
    let mut doubled: BTreeMap<(String, u64), Vec<Word>> = BTreeMap::new();
    for message in arrived.iter().filter(|arrived| arrived.receiver != "together") {
        for word in words(message) {
            if let Some(before) = heard.insert(word.clone(), message.life) {
                assert_ne!(before, message.life, "twice in one life: {word:?}");
                doubled.entry((message.receiver.clone(), before)).or_default().push(word);
            }
        }
    }
    for ((receiver, life), words) in &doubled {
        assert_eq!(words.len(), 1, "{receiver} heard more than one word of life {life} twice: {words:?}");
    }
    doubled.len()
}

pub(crate) struct Directory(pub(crate) PathBuf);

impl Directory {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tower-watch-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// What was set aside of the engine's file. That of the series, a snapshot, gives up sooner when a process is killed each time
    /// that it opens it.
    pub(crate) fn set_aside(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.0.join("data")).unwrap().map(|entry| entry.unwrap().file_name());
        names
            .map(|name| name.into_string().unwrap())
            .filter(|name| name.starts_with("alerts.redb."))
            .collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
