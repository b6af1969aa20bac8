//! An Alertmanager configuration as it stands in a file
//! (<https://prometheus.io/docs/alerting/latest/configuration/>), and how it becomes a [`Routing`](crate::alert::config::Routing).
//!
//! A file that is accepted here is accepted by `amtool check-config`, and the other way round, but for what is refused here
//! by name: kinds of receivers that there are not, the parts of `http_config` that could not be kept, a second document in one
//! file, and a route that is `null`. The other way round there is one exception: a route may name a receiver that the program
//! adds. Where the file has to pass `amtool check-config` all the same, it declares that receiver with its name and nothing else.

mod global;
mod inhibit;
mod kinds;
mod options;
mod original;
mod read;
mod receivers;
mod route;
mod templates;
#[cfg(test)]
mod tests;

pub use crate::alert::config::file::options::RoutingOptions;
pub(crate) use crate::alert::config::file::original::original;
