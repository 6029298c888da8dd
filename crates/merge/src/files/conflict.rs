//! What a merge of one file could not decide.
//!
//! Invariants: the pieces tile the result; each open piece belongs to one question, and a question has at least one piece. Whatever is
//! picked for each question, what comes out is the decided pieces and, for each open one, one of its texts: nothing else can get lost.
//! Swapping the sides swaps `ours` and `theirs` and changes nothing else.

use crate::lines::{ConflictHunk, Labels, LineConflict, MarkerStyle, Piece, marker};
use crate::trees::ConflictKind;
use bytes::Bytes;
use foldhash::HashMap;

/// One thing that somebody has to decide about a file: a symbol, or all of its lines that belong to none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What kind of question it is.
    pub kind: ConflictKind,
    /// The symbol it is about, by its path in the file (`Parser::next`); `None` for lines outside of symbols.
    pub symbol: Option<String>,
    /// Its places: the lines in each of the three texts.
    pub hunks: Vec<ConflictHunk>,
    /// One sentence for a person: what happened.
    pub why: String,
    /// Why the proposal of its pieces may be right; `None` where there is no proposal.
    pub proposal: Option<String>,
}

/// A piece of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilePiece {
    /// Bytes that are decided.
    Merged(Bytes),
    /// Bytes that wait for a question.
    Open(Open),
}

/// A piece that is not decided: what each answer would put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The place of its question in [`FileConflict::questions`].
    pub question: usize,
    /// What the base has here.
    pub base: Bytes,
    /// What ours has here.
    pub ours: Bytes,
    /// What theirs has here.
    pub theirs: Bytes,
    /// What the question's proposal would put here; `None` where it has none.
    pub proposal: Option<Bytes>,
    /// Whether markers here end in CR LF, as the lines around them do.
    pub crlf: bool,
}

/// An answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick<'a> {
    /// Take what the base has.
    Base,
    /// Take ours.
    Ours,
    /// Take theirs.
    Theirs,
    /// Take the proposal; theirs, where a piece has none.
    Proposal,
    /// This text, in the question's first place; its other places stay empty.
    Text(&'a [u8]),
}

/// A file's merge with its open questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileConflict {
    /// The questions, by their first place.
    pub questions: Vec<Question>,
    /// The result, piece by piece.
    pub pieces: Vec<FilePiece>,
    /// For a file that was merged by lines alone: the line conflict, which renders as Git's own.
    pub lines: Option<Box<LineConflict>>,
}

impl FileConflict {
    /// A line conflict as one question about the whole file.
    pub fn of_lines(conflict: LineConflict) -> Self {
        let slice = |text: &[u8], range: &std::ops::Range<usize>| Bytes::copy_from_slice(text.get(range.clone()).unwrap_or_default());
        let pieces = conflict.wide.iter().map(|piece| match piece {
            Piece::Merged(bytes) => FilePiece::Merged(Bytes::copy_from_slice(bytes)),
            Piece::Conflict { base, ours, theirs, crlf } => FilePiece::Open(Open {
                question: 0,
                base: slice(&conflict.base, base),
                ours: slice(&conflict.ours, ours),
                theirs: slice(&conflict.theirs, theirs),
                proposal: None,
                crlf: *crlf,
            }),
        });
        let pieces = pieces.collect();
        let question = Question {
            kind: ConflictKind::BothChanged,
            symbol: None,
            hunks: conflict.hunks.clone(),
            why: "both sides changed the same lines".to_owned(),
            proposal: None,
        };
        Self { questions: vec![question], pieces, lines: Some(Box::new(conflict)) }
    }

    /// A line conflict as one question for each name that `name` gives its hunks, in order.
    pub(crate) fn by_place(&self, name: impl Fn(&ConflictHunk) -> Option<String>) -> Self {
        let [all] = &self.questions[..] else { return self.clone() };
        let mut questions: Vec<Question> = Vec::new();
        let mut known: HashMap<Option<String>, usize> = HashMap::default();
        let mut hunks = all.hunks.iter();
        let pieces = self.pieces.iter().cloned().map(|piece| match piece {
            FilePiece::Open(open) => {
                let Some(hunk) = hunks.next() else { return FilePiece::Open(open) };
                let symbol = name(hunk);
                let question = *known.entry(symbol.clone()).or_insert_with(|| {
                    let (why, proposal) = (all.why.clone(), all.proposal.clone());
                    questions.push(Question { kind: all.kind, symbol, hunks: Vec::new(), why, proposal });
                    questions.len() - 1
                });
                questions[question].hunks.push(*hunk);
                FilePiece::Open(Open { question, ..open })
            }
            merged => merged,
        });
        let pieces = pieces.collect();
        Self { questions, pieces, lines: None }
    }

    /// The result with an answer to each question.
    pub fn text<'a>(&self, pick: impl Fn(usize) -> Pick<'a>) -> Vec<u8> {
        let mut text = Vec::new();
        let mut placed = vec![false; self.questions.len()];
        for piece in &self.pieces {
            match piece {
                FilePiece::Merged(bytes) => text.extend_from_slice(bytes),
                FilePiece::Open(open) => match pick(open.question) {
                    Pick::Base => text.extend_from_slice(&open.base),
                    Pick::Ours => text.extend_from_slice(&open.ours),
                    Pick::Theirs => text.extend_from_slice(&open.theirs),
                    Pick::Proposal => text.extend_from_slice(open.proposal.as_ref().unwrap_or(&open.theirs)),
                    Pick::Text(own) => {
                        if let Some(placed) = placed.get_mut(open.question).filter(|placed| !**placed) {
                            *placed = true;
                            text.extend_from_slice(own);
                        }
                    }
                },
            }
        }
        text
    }

    /// One answer to one question, its places one after the other: what a door shows of a side.
    pub fn part(&self, question: usize, pick: Pick<'_>) -> Vec<u8> {
        let opens = self.pieces.iter().filter_map(|piece| match piece {
            FilePiece::Open(open) if open.question == question => Some(open),
            _ => None,
        });
        let mut text = Vec::new();
        for open in opens {
            match pick {
                Pick::Base => text.extend_from_slice(&open.base),
                Pick::Ours => text.extend_from_slice(&open.ours),
                Pick::Theirs => text.extend_from_slice(&open.theirs),
                Pick::Proposal => text.extend_from_slice(open.proposal.as_ref().unwrap_or(&open.theirs)),
                Pick::Text(own) => return own.to_vec(),
            }
        }
        text
    }

    /// The result with conflict markers of `marker_size` characters (0 is taken as 7), each with its symbol's name behind the labels.
    pub fn render(&self, labels: &Labels, style: MarkerStyle, marker_size: usize) -> Vec<u8> {
        if let Some(lines) = &self.lines {
            return lines.render(labels, style, marker_size);
        }
        let size = if marker_size == 0 { 7 } else { marker_size };
        let mut text = Vec::new();
        for piece in &self.pieces {
            match piece {
                FilePiece::Merged(bytes) => {
                    end_line(&mut text, b"\n");
                    text.extend_from_slice(bytes);
                }
                FilePiece::Open(open) => {
                    let end: &[u8] = if open.crlf { b"\r\n" } else { b"\n" };
                    let symbol = self.questions.get(open.question).and_then(|question| question.symbol.as_deref());
                    let label = |label: &str| symbol.map_or_else(|| label.to_owned(), |symbol| format!("{label}: {symbol}"));
                    end_line(&mut text, end);
                    marker(&mut text, b'<', size, &label(&labels.ours), end);
                    text.extend_from_slice(&open.ours);
                    end_line(&mut text, end);
                    if style != MarkerStyle::Merge {
                        marker(&mut text, b'|', size, &labels.base, end);
                        text.extend_from_slice(&open.base);
                        end_line(&mut text, end);
                    }
                    marker(&mut text, b'=', size, "", end);
                    text.extend_from_slice(&open.theirs);
                    end_line(&mut text, end);
                    marker(&mut text, b'>', size, &label(&labels.theirs), end);
                }
            }
        }
        text
    }
}

/// A marker starts a line, also behind a text without a line end.
fn end_line(text: &mut Vec<u8>, end: &[u8]) {
    if text.last().is_some_and(|last| *last != b'\n') {
        text.extend_from_slice(end);
    }
}
