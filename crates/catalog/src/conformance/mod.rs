//! The suite that every implementation of the catalog has to pass.
