//! Bodies that come in pieces. A request ends with its last piece, and its duration and size say so.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use crate::problem::Problem;

const EXPORT_PIECES: usize = 64;
const LARGEST_UPLOAD: usize = 64 * 1024 * 1024;

/// Sends 4 MiB, chunked: how much it will be is not known at the start.
pub(crate) async fn export() -> impl IntoResponse {
    let piece = Bytes::from("pencil,120,in stock\n".repeat(4096)).slice(..65_536);
    let pieces = stream::iter((0..EXPORT_PIECES).map(move |_| Ok::<_, Infallible>(piece.clone())));
    ([(header::CONTENT_TYPE, "text/csv")], Body::from_stream(pieces))
}

/// Ticks as long as somebody listens.
pub(crate) async fn events() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut clock = interval(Duration::from_millis(500));
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ticks = stream::unfold((clock, 0_u64), async |(mut clock, number)| {
        clock.tick().await;
        Some((Ok(Event::default().event("tick").data(number.to_string())), (clock, number + 1)))
    });
    Sse::new(ticks).keep_alive(KeepAlive::default())
}

/// Reads what is sent piece by piece, and says how much it was.
pub(crate) async fn upload(body: Body) -> Result<Json<Value>, Problem> {
    let mut pieces = body.into_data_stream();
    let mut bytes = 0;
    while let Some(piece) = pieces.next().await {
        bytes += piece.map_err(|_| Problem::Invalid("the upload broke off"))?.len();
        if bytes > LARGEST_UPLOAD {
            return Err(Problem::TooLarge);
        }
    }
    Ok(Json(json!({ "bytes": bytes })))
}
