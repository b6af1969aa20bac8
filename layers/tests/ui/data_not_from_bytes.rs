//! A response body whose data cannot be made from `Bytes`, so that a refusal could not be sent in it.

use bytes::Buf;
use http_body::Body;
use http_body_util::Full;
use tower_watch_layers::observe::ObserveBody;
use tower_watch_layers::testing::Recording;

struct Chunk;

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        0
    }

    fn chunk(&self) -> &[u8] {
        &[]
    }

    fn advance(&mut self, _: usize) {}
}

fn is_body<B: Body>() {}

fn main() {
    is_body::<ObserveBody<Full<Chunk>, Recording>>();
}
