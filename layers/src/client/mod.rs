//! The way out: requests that this service sends to others.
