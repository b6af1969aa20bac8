//! What the shop sells.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

use crate::problem::Problem;

type Shelf = Arc<RwLock<BTreeMap<u64, Product>>>;

#[derive(Clone, Debug, Serialize)]
struct Product {
    id: u64,
    #[serde(flatten)]
    details: Details,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Details {
    name: String,
    price_cents: u32,
}

impl Details {
    fn checked(self) -> Result<Self, Problem> {
        match self {
            Self { name, .. } if name.trim().is_empty() => Err(Problem::Invalid("a product has a name")),
            Self { name, .. } if name.len() > 100 => Err(Problem::Invalid("a name has at most 100 bytes")),
            Self { price_cents: 0, .. } => Err(Problem::Invalid("nothing is free")),
            fine => Ok(fine),
        }
    }
}

pub(crate) fn routes() -> Router {
    let stock = [("pencil", 120), ("notebook", 450), ("lamp", 3_900)];
    let shelf = (1..).zip(stock).map(|(id, (name, price_cents))| {
        (id, Product { id, details: Details { name: name.into(), price_cents } })
    });
    Router::new()
        .route("/products", get(list).post(add))
        .route("/products/{id}", get(show).put(replace).delete(remove))
        .with_state(Arc::new(RwLock::new(shelf.collect())))
}

async fn list(State(shelf): State<Shelf>) -> Json<Vec<Product>> {
    // A page, not the whole shelf: the answer does not grow with what is added.
    Json(shelf.read().await.values().take(20).cloned().collect())
}

async fn add(State(shelf): State<Shelf>, Json(details): Json<Details>) -> Result<impl IntoResponse, Problem> {
    let details = details.checked()?;
    let mut shelf = shelf.write().await;
    let id = shelf.last_key_value().map_or(1, |(last, _)| last + 1);
    let product = Product { id, details };
    shelf.insert(id, product.clone());
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/products/{id}"))], Json(product)))
}

async fn show(State(shelf): State<Shelf>, Path(id): Path<u64>) -> Result<Json<Product>, Problem> {
    shelf.read().await.get(&id).cloned().map(Json).ok_or(Problem::NotFound)
}

async fn replace(
    State(shelf): State<Shelf>,
    Path(id): Path<u64>,
    Json(details): Json<Details>,
) -> Result<Json<Product>, Problem> {
    let details = details.checked()?;
    let mut shelf = shelf.write().await;
    let product = shelf.get_mut(&id).ok_or(Problem::NotFound)?;
    product.details = details;
    Ok(Json(product.clone()))
}

async fn remove(State(shelf): State<Shelf>, Path(id): Path<u64>) -> Result<StatusCode, Problem> {
    shelf.write().await.remove(&id).map(|_| StatusCode::NO_CONTENT).ok_or(Problem::NotFound)
}
