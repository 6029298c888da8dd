//! Tests of the whole, against a plain model and by example.

mod check;
mod examples;
mod hostile;
mod model;
mod moving;
mod store;
