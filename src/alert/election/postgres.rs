//! An election in PostgreSQL: an advisory lock that one connection holds.

use std::fmt;
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::sync::Mutex;

use crate::alert::election::{Change, Election, ElectionError, LEASE, Round, Seat, Step};

/// An election in PostgreSQL, version 12 or later: a session's advisory lock, which the server frees as soon as the process
/// that holds it is gone. What replicas tell each other stands in the table `tower_watch_shared`, which is made in the
/// connection's schema where it is not there; the user needs the right to make it, or to use it.
///
/// One connection a replica, straight to the server: a pooler that hands out connections by transaction (pgbouncer's
/// `pool_mode = transaction`) breaks session locks. For a host that vanishes without a word, set the server's
/// `tcp_keepalives_idle` to a minute or less.
pub struct PostgresElection {
    options: PgConnectOptions,
    session: Mutex<Option<Session>>,
}

struct Session {
    connection: PgConnection,
    /// The scope whose lock it holds.
    holds: Option<String>,
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS tower_watch_shared (scope text NOT NULL, kind text NOT NULL, \
     key text NOT NULL, record bytea NOT NULL, until timestamptz, PRIMARY KEY (scope, kind, key))";

impl fmt::Debug for PostgresElection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresElection").finish_non_exhaustive()
    }
}

impl PostgresElection {
    /// At `postgres://user:password@host:port/database?sslmode=...`. Connects at the first turn.
    ///
    /// # Errors
    ///
    /// A URL that is none.
    pub fn new(url: &str) -> Result<Self, ElectionError> {
        let options = PgConnectOptions::from_str(url).map_err(|_| {
            ElectionError::new(
                "the PostgreSQL URL cannot be read; give one as postgres://user:password@host:5432/database",
            )
        })?;
        let options = options.application_name("tower-watch").disable_statement_logging();
        Ok(Self { options, session: Mutex::new(None) })
    }

    /// Does something on the session's connection. One that failed is closed, and the lock with it.
    async fn with<T>(
        &self,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, sqlx::Error>,
    ) -> Result<T, ElectionError> {
        let mut held = self.session.lock().await;
        // Taken out: a call that is given up in the middle leaves no connection behind in an unknown state.
        let mut session = match held.take() {
            Some(session) => session,
            None => self.open().await.map_err(|error| told(&error))?,
        };
        let outcome = work(&mut session).await;
        if outcome.is_ok() {
            *held = Some(session);
        }
        outcome.map_err(|error| told(&error))
    }

    async fn open(&self) -> Result<Session, sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let known: Option<String> = sqlx::query("SELECT to_regclass('tower_watch_shared')::text")
            .fetch_one(&mut connection)
            .await?
            .try_get(0)?;
        if known.is_none() {
            let made = sqlx::query(TABLE);
            made.execute(&mut connection).await.map_err(|error| unmade(&error).unwrap_or(error))?;
        }
        Ok(Session { connection, holds: None })
    }
}

/// What to do where the user may not make the table.
fn unmade(error: &sqlx::Error) -> Option<sqlx::Error> {
    let refusal = error.as_database_error()?;
    // insufficient_privilege, <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    (refusal.code().as_deref() == Some("42501")).then(|| {
        sqlx::Error::Configuration(
            format!(
                "{refusal}: the user may not make the table tower_watch_shared; let it (GRANT CREATE ON SCHEMA), or make the \
                 table for it: {TABLE}; and GRANT SELECT, INSERT, UPDATE, DELETE on it"
            )
            .into(),
        )
    })
}

fn told(error: &sqlx::Error) -> ElectionError {
    ElectionError::new(format_args!("PostgreSQL: {error}"))
}

/// What is locked: the server makes a number of it.
fn lock(scope: &str) -> String {
    format!("tower-watch:{scope}")
}

impl Session {
    async fn step(&mut self, seat: &Seat, said: &[u8]) -> Result<Round, sqlx::Error> {
        let Self { connection, holds } = self;
        sqlx::query(
            "INSERT INTO tower_watch_shared (scope, kind, key, record, until) \
             VALUES ($1, 'said', $2, $3, now() + make_interval(secs => $4)) \
             ON CONFLICT (scope, kind, key) DO UPDATE SET record = excluded.record, until = excluded.until",
        )
        .bind(&seat.scope)
        .bind(&seat.replica)
        .bind(said)
        .bind(LEASE.as_secs_f64())
        .execute(&mut *connection)
        .await?;
        // A session can take its own lock again and again, so it is asked for only where it is not held.
        let is_new = holds.as_deref() != Some(&seat.scope);
        if is_new {
            let row =
                sqlx::query("SELECT pg_try_advisory_lock(hashtextextended($1, 0))").bind(lock(&seat.scope));
            let taken: bool = row.fetch_one(&mut *connection).await?.try_get(0)?;
            *holds = taken.then(|| seat.scope.clone());
        }
        if holds.is_none() {
            return Ok(Round::default());
        }
        sqlx::query("DELETE FROM tower_watch_shared WHERE scope = $1 AND kind = 'said' AND until <= now()")
            .bind(&seat.scope)
            .execute(&mut *connection)
            .await?;
        let rows = sqlx::query(
            "SELECT key, record FROM tower_watch_shared WHERE scope = $1 AND kind = 'said' AND key <> $2 \
             ORDER BY key",
        )
        .bind(&seat.scope)
        .bind(&seat.replica)
        .fetch_all(&mut *connection)
        .await?;
        let others = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        Ok(Round { is_sender: true, is_new, others: others.collect::<Result<_, sqlx::Error>>()? })
    }

    async fn remember(&mut self, seat: &Seat, changes: &[Change]) -> Result<bool, sqlx::Error> {
        // A session that was opened anew holds nothing, so nobody writes who is not the sender.
        if self.holds.as_deref() != Some(&seat.scope) {
            return Ok(false);
        }
        let mut transaction = self.connection.begin().await?;
        for (key, record) in changes {
            let statement = match record {
                Some(record) => sqlx::query(
                    "INSERT INTO tower_watch_shared (scope, kind, key, record) VALUES ($1, 'remembered', $2, $3) \
                     ON CONFLICT (scope, kind, key) DO UPDATE SET record = excluded.record",
                )
                .bind(&seat.scope)
                .bind(key)
                .bind(record),
                None => sqlx::query(
                    "DELETE FROM tower_watch_shared WHERE scope = $1 AND kind = 'remembered' AND key = $2",
                )
                .bind(&seat.scope)
                .bind(key),
            };
            statement.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn remembered(&mut self, seat: &Seat) -> Result<Vec<(String, Vec<u8>)>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT key, record FROM tower_watch_shared WHERE scope = $1 AND kind = 'remembered' ORDER BY key",
        )
        .bind(&seat.scope)
        .fetch_all(&mut self.connection)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    async fn leave(&mut self, seat: &Seat) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM tower_watch_shared WHERE scope = $1 AND kind = 'said' AND key = $2")
            .bind(&seat.scope)
            .bind(&seat.replica)
            .execute(&mut self.connection)
            .await?;
        if self.holds.take().is_some() {
            let free =
                sqlx::query("SELECT pg_advisory_unlock(hashtextextended($1, 0))").bind(lock(&seat.scope));
            free.execute(&mut self.connection).await?;
        }
        Ok(())
    }
}

impl Election for PostgresElection {
    fn step<'a>(&'a self, seat: &'a Seat, said: &'a [u8]) -> Step<'a, Round> {
        Box::pin(self.with(async |session| session.step(seat, said).await))
    }

    fn remember<'a>(&'a self, seat: &'a Seat, changes: &'a [Change]) -> Step<'a, ()> {
        Box::pin(async move {
            match self.with(async |session| session.remember(seat, changes).await).await? {
                true => Ok(()),
                false => Err(ElectionError::new("another replica was elected meanwhile")),
            }
        })
    }

    fn remembered<'a>(&'a self, seat: &'a Seat) -> Step<'a, Vec<(String, Vec<u8>)>> {
        Box::pin(self.with(async |session| session.remembered(seat).await))
    }

    fn leave<'a>(&'a self, seat: &'a Seat) -> Step<'a, ()> {
        Box::pin(self.with(async |session| session.leave(seat).await))
    }
}
