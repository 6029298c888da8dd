//! What the engine promises, through its public API alone, on real repositories and with the real `git` as witness.

mod bounds;
mod bundles;
mod by_symbol;
mod common;
mod events;
mod hostile;
mod in_place;
mod life;
mod lifecycle;
mod model;
mod outcomes;
mod outliving;
mod outside;
mod replaying;
mod resolving;
mod searching;
mod settling;
mod submitting;
mod symbols;
mod tokens;
mod transfer;
mod twenty;
mod workspaces;
