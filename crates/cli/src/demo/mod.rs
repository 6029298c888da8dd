//! `acetate demo`: many agents at once on a real repository, over the daemon's API like any client, and a proof by stock git.

mod agent;
mod comments;
mod crew;
mod git;
mod live;
mod plan;
mod proof;
mod report;
mod run;
mod stage;
mod timings;

pub use run::run;
