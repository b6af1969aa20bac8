//! An election in Redis: a lease with a token.

use std::fmt;

use redis::aio::MultiplexedConnection;
use redis::{Client, RedisError, Script};
use tokio::sync::Mutex;

use crate::alert::election::{Change, Election, ElectionError, LEASE, Round, Seat, Step};

/// Takes the lease where it is free or ours, says something, and (as the sender) hears what others said.
///
/// KEYS: the lease, the place of what is said; ARGV: the replica, the lease in milliseconds, what is said. All on one node:
/// the keys share a hash tag, so a cluster's proxy does as well.
const STEP: &str = r"
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local lease = tonumber(ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], string.format('%d:', now + lease) .. ARGV[3])
redis.call('PEXPIRE', KEYS[2], lease * 10)
local sender = redis.call('GET', KEYS[1])
if sender == false or sender == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', lease)
else
    return {'0'}
end
local answer = {sender == false and '2' or '1'}
local all = redis.call('HGETALL', KEYS[2])
for at = 1, #all, 2 do
    local colon = string.find(all[at + 1], ':', 1, true)
    if tonumber(string.sub(all[at + 1], 1, colon - 1)) <= now then
        redis.call('HDEL', KEYS[2], all[at])
    elseif all[at] ~= ARGV[1] then
        answer[#answer + 1] = all[at]
        answer[#answer + 1] = string.sub(all[at + 1], colon + 1)
    end
end
return answer
";

/// Writes records where the lease is ours. KEYS: the lease, the records; ARGV: the replica, then for each record its key,
/// `1` or `0` for whether it stays, and its bytes.
const REMEMBER: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for at = 2, #ARGV, 3 do
    if ARGV[at + 1] == '1' then
        redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 2])
    else
        redis.call('HDEL', KEYS[2], ARGV[at])
    end
end
return 1
";

/// Gives the lease back where it is ours, and takes back what was said.
const LEAVE: &str = r"
redis.call('HDEL', KEYS[2], ARGV[1])
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
";

/// An election in Redis, version 5 or later: a key that lasts 15 s and is renewed every three by who holds it. Keys begin with
/// `tower-watch:{SCOPE}:`. A Redis that loses its memory elects anew, and receivers may be told once more what they know.
pub struct RedisElection {
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl fmt::Debug for RedisElection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisElection").finish_non_exhaustive()
    }
}

impl RedisElection {
    /// At `redis://[user:password@]host:port/database`; `rediss://` for TLS. Connects at the first turn.
    ///
    /// # Errors
    ///
    /// A URL that is none.
    pub fn new(url: &str) -> Result<Self, ElectionError> {
        let client = Client::open(url).map_err(|error| {
            let what = error.detail().unwrap_or("it cannot be read");
            ElectionError::new(format_args!(
                "the Redis URL cannot be used ({what}); give one as redis://user:password@host:6379/0"
            ))
        })?;
        Ok(Self { client, connection: Mutex::new(None) })
    }

    async fn connection(&self) -> Result<MultiplexedConnection, ElectionError> {
        let mut held = self.connection.lock().await;
        if let Some(connection) = &*held {
            return Ok(connection.clone());
        }
        let connection =
            self.client.get_multiplexed_async_connection().await.map_err(|error| told(&error))?;
        *held = Some(connection.clone());
        Ok(connection)
    }

    /// What came of a call; a connection that failed is not used again.
    async fn outcome<T>(&self, outcome: Result<T, RedisError>) -> Result<T, ElectionError> {
        if let Err(error) = &outcome
            && (error.is_io_error() || error.is_connection_dropped() || error.is_timeout())
        {
            *self.connection.lock().await = None;
        }
        outcome.map_err(|error| told(&error))
    }
}

/// A server's refusal names what was refused, and never a password.
fn told(error: &RedisError) -> ElectionError {
    ElectionError::new(format_args!("Redis: {error}"))
}

fn key(seat: &Seat, of: &str) -> String {
    format!("tower-watch:{{{}}}:{of}", seat.scope)
}

impl Election for RedisElection {
    fn step<'a>(&'a self, seat: &'a Seat, said: &'a [u8]) -> Step<'a, Round> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let lease = u64::try_from(LEASE.as_millis()).unwrap_or(u64::MAX);
            let script = Script::new(STEP);
            let mut call = script.prepare_invoke();
            call.key(key(seat, "sender")).key(key(seat, "said")).arg(&seat.replica).arg(lease).arg(said);
            let answer: Result<Vec<Vec<u8>>, _> = call.invoke_async(&mut connection).await;
            let answer = self.outcome(answer).await?;
            let mut answer = answer.into_iter();
            let first = answer.next().unwrap_or_default();
            let (is_sender, is_new) = (first != b"0", first == b"2");
            let mut others = Vec::new();
            while let (Some(replica), Some(said)) = (answer.next(), answer.next()) {
                others.push((String::from_utf8_lossy(&replica).into_owned(), said));
            }
            others.sort();
            Ok(Round { is_sender, is_new, others })
        })
    }

    fn remember<'a>(&'a self, seat: &'a Seat, changes: &'a [Change]) -> Step<'a, ()> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let script = Script::new(REMEMBER);
            let mut call = script.prepare_invoke();
            call.key(key(seat, "sender")).key(key(seat, "remembered")).arg(&seat.replica);
            for (name, record) in changes {
                let stays = if record.is_some() { "1" } else { "0" };
                call.arg(name).arg(stays).arg(record.as_deref().unwrap_or_default());
            }
            let written: Result<i64, _> = call.invoke_async(&mut connection).await;
            match self.outcome(written).await? {
                1 => Ok(()),
                _ => Err(ElectionError::new("another replica was elected meanwhile")),
            }
        })
    }

    fn remembered<'a>(&'a self, seat: &'a Seat) -> Step<'a, Vec<(String, Vec<u8>)>> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let all: Result<Vec<(String, Vec<u8>)>, _> =
                redis::cmd("HGETALL").arg(key(seat, "remembered")).query_async(&mut connection).await;
            self.outcome(all).await
        })
    }

    fn leave<'a>(&'a self, seat: &'a Seat) -> Step<'a, ()> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let script = Script::new(LEAVE);
            let mut call = script.prepare_invoke();
            call.key(key(seat, "sender")).key(key(seat, "said")).arg(&seat.replica);
            let left: Result<i64, _> = call.invoke_async(&mut connection).await;
            self.outcome(left).await.map(|_| ())
        })
    }
}
