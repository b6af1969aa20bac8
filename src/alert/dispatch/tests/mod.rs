//! What is told when, with the clock in hand and the state on a real disk.

mod additions;
mod alertmanager;
mod churn;
mod model;
mod real;
mod restart;
mod scenario;
mod stage;
