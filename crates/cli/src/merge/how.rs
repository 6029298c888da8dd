//! How files are merged here, from whatever said so: options, a line of a batch, Git's placeholders.

use crate::args;
use acetate_merge::diff::Algorithm;
use acetate_merge::lines::{Favor, GitFile};
use acetate_merge::{Labels, LineLimits, MarkerStyle, SameSymbol};

/// How files are merged.
#[derive(Debug, Clone)]
pub struct How {
    /// How conflicts are written down, where somebody said so.
    pub style: Option<MarkerStyle>,
    /// What stands in place of conflicts.
    pub favor: Option<Favor>,
    /// How long markers are; 0 is taken as 7.
    pub marker_size: usize,
    /// What stands behind the markers.
    pub labels: Labels,
    /// What becomes of one symbol that both sides changed.
    pub same_symbol: SameSymbol,
    /// How lines are compared, where somebody said so.
    pub algorithm: Option<Algorithm>,
}

impl How {
    /// As the options say.
    pub fn of(args: &args::How, labels: Labels) -> Self {
        let favors = [(args.ours, Favor::Ours), (args.theirs, Favor::Theirs), (args.union, Favor::Union)];
        let styles = [(args.diff3, MarkerStyle::Diff3), (args.zdiff3, MarkerStyle::Zdiff3)];
        Self {
            style: styles.into_iter().find_map(|(given, style)| given.then_some(style)),
            favor: favors.into_iter().find_map(|(given, favor)| given.then_some(favor)),
            marker_size: usize::from(args.marker_size),
            labels,
            same_symbol: args.same_symbol.into(),
            algorithm: args.diff_algorithm.map(Into::into),
        }
    }

    /// The style; Git's default where nobody said one.
    pub fn style(&self) -> MarkerStyle {
        self.style.unwrap_or_default()
    }

    /// As `git merge-file` would be asked. Lines of a file in a known language are compared as the merge by symbols compares them.
    pub fn as_git(&self, known_language: bool) -> GitFile {
        let usual = if known_language { Algorithm::Histogram } else { Algorithm::Myers };
        GitFile {
            algorithm: self.algorithm.unwrap_or(usual),
            style: self.style(),
            favor: self.favor,
            marker_size: self.marker_size,
            labels: self.labels.clone(),
            limits: LineLimits::default(),
        }
    }
}
