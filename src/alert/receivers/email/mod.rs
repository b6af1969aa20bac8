//! E-mail, over SMTP.

mod config;
mod headers;
mod message;
mod receiver;
mod server;
mod thread;

pub(crate) use crate::alert::receivers::email::config::EmailConfig;
pub use crate::alert::receivers::email::receiver::Email;
pub use crate::alert::receivers::email::thread::Threads;
