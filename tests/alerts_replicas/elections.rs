//! What holds for every kind of election.

use std::fmt::Debug;
use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};
use tower_watch::alert::election::{
    Election, LEASE, MemoryElection, PostgresElection, RedisElection, Round, Seat,
};
use tower_watch::testing::Clock;

use crate::servers;

fn seat(replica: &str) -> Seat {
    Seat::new("shop", replica)
}

/// The first turn of a server can find it still starting.
async fn first(election: &dyn Election, seat: &Seat, said: &[u8]) -> Round {
    for _ in 0..500 {
        if let Ok(round) = election.step(seat, said).await {
            return round;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    election.step(seat, said).await.unwrap()
}

async fn remembered(election: &dyn Election, seat: &Seat) -> Vec<(String, Vec<u8>)> {
    let mut all = election.remembered(seat).await.unwrap();
    all.sort();
    all
}

fn put(key: &str, record: &[u8]) -> (String, Option<Vec<u8>>) {
    (key.to_owned(), Some(record.to_vec()))
}

/// Two replicas, each with its own connection to the same place.
async fn one_is_elected(one: &(dyn Election + Sync), two: &(dyn Election + Sync)) {
    let (a, b) = (seat("a"), seat("b"));
    assert_eq!(first(one, &a, b"of a").await.others, []);
    // Who is not elected is told nothing, and is heard.
    assert_eq!(first(two, &b, b"of b").await, Round::default());
    let round = one.step(&a, b"of a").await.unwrap();
    assert!(round.is_sender && !round.is_new);
    assert_eq!(round.others, [("b".to_owned(), b"of b".to_vec())]);
    // Another service has a sender of its own.
    assert!(!first(two, &b, b"of b").await.is_sender);

    // Only the sender writes.
    let changes = [put("x", b"1"), put("y", b"2"), put("z", &[0, 255])];
    one.remember(&a, &changes).await.unwrap();
    one.remember(&a, &[("x".to_owned(), None), put("y", b"3")]).await.unwrap();
    let refused = two.remember(&b, &[put("y", b"4")]).await.unwrap_err();
    assert_eq!(refused.to_string(), "another replica was elected meanwhile");
    let expected = vec![("y".to_owned(), b"3".to_vec()), ("z".to_owned(), vec![0, 255])];
    assert_eq!(remembered(two, &b).await, expected);

    // Who leaves makes room at once, and what it knew is there.
    one.leave(&a).await.unwrap();
    let round = two.step(&b, b"of b").await.unwrap();
    assert!(round.is_sender && round.is_new);
    assert_eq!(round.others, []);
    assert_eq!(remembered(two, &b).await, expected);
    assert!(!one.step(&a, b"of a").await.unwrap().is_sender);
    two.remember(&b, &[put("y", b"5")]).await.unwrap();
    one.remember(&a, &[put("y", b"6")]).await.unwrap_err();
}

/// The same place, and another service in it.
async fn scopes_are_apart(election: &dyn Election, other: &dyn Election) {
    let (shop, bank) = (Seat::new("shop", "a"), Seat::new("bank", "a"));
    assert!(first(election, &shop, b"").await.is_sender);
    assert!(first(other, &bank, b"").await.is_sender);
    election.remember(&shop, &[put("key", b"shop")]).await.unwrap();
    assert_eq!(other.remembered(&bank).await.unwrap(), []);
}

#[tokio::test]
async fn in_memory() {
    let (clock, hand) = Clock::fake();
    let election = MemoryElection::with_clock(clock);
    one_is_elected(&election, &election.clone()).await;
    let election = MemoryElection::default();
    scopes_are_apart(&election, &election.clone()).await;
    drop(hand);
}

#[tokio::test]
async fn who_is_silent_for_a_lease_is_not_the_sender_any_more() {
    let (clock, hand) = Clock::fake();
    let election = MemoryElection::with_clock(clock);
    assert!(election.step(&seat("a"), b"").await.unwrap().is_sender);
    hand.advance(LEASE - Duration::from_millis(1));
    assert!(!election.step(&seat("b"), b"").await.unwrap().is_sender);
    hand.advance(Duration::from_millis(1));
    let round = election.step(&seat("b"), b"").await.unwrap();
    assert!(round.is_sender);
    // What it said is as old.
    assert_eq!(round.others, []);
    assert!(!election.step(&seat("a"), b"").await.unwrap().is_sender);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn in_redis() {
    let server = servers::redis();
    let open = || RedisElection::new(&server.url).unwrap();
    one_is_elected(&open(), &open()).await;
    let server = servers::redis();
    let open = || RedisElection::new(&server.url).unwrap();
    scopes_are_apart(&open(), &open()).await;
}

#[tokio::test]
#[ignore = "needs postgresql-15"]
async fn in_postgres() {
    let server = servers::postgres();
    let open = || PostgresElection::new(&server.url).unwrap();
    one_is_elected(&open(), &open()).await;
    let server = servers::postgres();
    let open = || PostgresElection::new(&server.url).unwrap();
    scopes_are_apart(&open(), &open()).await;
}

#[tokio::test]
#[ignore = "needs postgresql-15"]
async fn a_connection_that_is_gone_frees_the_lock_of_postgres() {
    let server = servers::postgres();
    let (one, two) =
        (PostgresElection::new(&server.url).unwrap(), PostgresElection::new(&server.url).unwrap());
    assert!(first(&one, &seat("a"), b"").await.is_sender);
    assert!(!first(&two, &seat("b"), b"").await.is_sender);
    // As when the process is killed: nothing is said, the socket just closes.
    drop(one);
    for _ in 0..500 {
        if two.step(&seat("b"), b"").await.unwrap().is_sender {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the lock is still held");
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_server_that_comes_back_elects_anew() {
    let server = servers::redis();
    let election = RedisElection::new(&server.url).unwrap();
    assert!(first(&election, &seat("a"), b"").await.is_sender);
    let port = server.port;
    drop(server);
    let error = election.step(&seat("a"), b"").await.unwrap_err();
    assert!(error.to_string().starts_with("Redis: "), "{error}");
    let _server = servers::redis_at(port);
    assert!(first(&election, &seat("b"), b"").await.is_sender);
}

#[tokio::test]
#[ignore = "needs postgresql-15"]
async fn who_may_not_make_the_table_is_told_what_to_do() {
    let server = servers::postgres();
    let mut admin = loop {
        match PgConnection::connect(&server.url).await {
            Ok(connection) => break connection,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    admin.execute("CREATE USER shop PASSWORD 'hidden'").await.unwrap();
    let url = server.url.replace("tw:secret@", "shop:hidden@");
    let election = PostgresElection::new(&url).unwrap();
    let error = election.step(&seat("a"), b"").await.unwrap_err().to_string();
    let statement = error.split_once("CREATE TABLE").map(|(_, rest)| rest.split_once(';').unwrap().0);
    let statement = format!("CREATE TABLE{}", statement.unwrap_or_else(|| panic!("{error}")));
    assert!(error.contains("GRANT CREATE ON SCHEMA") && !error.contains("hidden"), "{error}");
    // As it says: somebody else makes it.
    admin.execute(statement.as_str()).await.unwrap();
    admin.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON tower_watch_shared TO shop").await.unwrap();
    assert!(election.step(&seat("a"), b"").await.unwrap().is_sender);
}

/// No text of an election shows the password.
fn keeps_its_secret(election: &impl Debug) {
    let shown = format!("{election:?}");
    assert!(!shown.contains("hidden"), "{shown}");
}

#[tokio::test]
async fn passwords_are_not_shown() {
    keeps_its_secret(&RedisElection::new("redis://user:hidden@127.0.0.1:1/0").unwrap());
    keeps_its_secret(&PostgresElection::new("postgres://user:hidden@127.0.0.1:1/db").unwrap());
    let redis = RedisElection::new("redis://user:hidden@127.0.0.1:1/0").unwrap();
    let error = redis.step(&seat("a"), b"").await.unwrap_err().to_string();
    assert!(error.starts_with("Redis: ") && !error.contains("hidden"), "{error}");
    let postgres = PostgresElection::new("postgres://user:hidden@127.0.0.1:1/db").unwrap();
    let error = postgres.step(&seat("a"), b"").await.unwrap_err().to_string();
    assert!(error.starts_with("PostgreSQL: ") && !error.contains("hidden"), "{error}");
    let error = RedisElection::new("http://user:hidden@127.0.0.1").unwrap_err().to_string();
    assert!(error.contains("redis://user:password@host") && !error.contains("hidden"), "{error}");
    let error = PostgresElection::new("mysql//user:hidden@").unwrap_err().to_string();
    assert!(error.contains("postgres://user:password@host") && !error.contains("hidden"), "{error}");
}
