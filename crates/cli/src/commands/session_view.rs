//! How sessions and their standing look.

use super::workspace_view::{branch, point, short};
use crate::client::Failure;
use crate::output::{BOLD, DIM, GREEN, Output, RED, Table, YELLOW, line, paint, path};
use acetate_engine::api::{Base, Notice, Opened, SessionInfo, SessionState, Standing};

/// A size as people read it.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    // Tenths, rounded down, in whole numbers: exact at any size.
    let mut tenths = u128::from(count) * 10;
    let mut unit = "";
    for name in UNITS {
        tenths /= 1024;
        unit = name;
        if tenths < 10_240 {
            break;
        }
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

fn state(session: &SessionInfo) -> String {
    match session.state {
        SessionState::Active => paint(GREEN, "active"),
        SessionState::Paused => paint(YELLOW, "paused"),
        SessionState::Damaged => paint(RED, "damaged"),
        SessionState::Closed => paint(DIM, "closed"),
    }
}

fn work(session: &SessionInfo) -> &'static str {
    match (session.unsaved, session.unsubmitted) {
        (true, _) => "unsaved edits",
        (false, true) => "not submitted",
        (false, false) => "",
    }
}

/// A session just opened.
pub fn show_opened(out: &mut Output, opened: &Opened, id_only: bool) -> Result<(), Failure> {
    if id_only {
        return out.line(&opened.id);
    }
    let mut table = Table::new();
    table.row([paint(DIM, "session"), paint(BOLD, &opened.id)]);
    table.row([paint(DIM, "branch"), branch(&opened.branch)]);
    table.row([paint(DIM, "base"), point(&opened.base)]);
    table.row([paint(DIM, "expires"), opened.expires.to_string()]);
    table.row([paint(DIM, "token"), line(&opened.token)]);
    out.table(&table)?;
    out.note(format_args!("the token is shown only this once; from here on: export ACETATE_SESSION={}", opened.id));
    Ok(())
}

/// A session in full.
pub fn show_session(out: &mut Output, session: &SessionInfo) -> Result<(), Failure> {
    let mut table = Table::new();
    let mut row = |name: &str, value: String| {
        table.row([paint(DIM, name), value]);
    };
    row("session", format!("{}  {}", paint(BOLD, &session.id), state(session)));
    row("agent", line(&session.agent));
    if let Some(intent) = &session.intent {
        row("intent", line(intent));
    }
    row("branch", branch(&session.branch));
    row("base", point(&session.base));
    match &session.tip {
        Some(tip) => row("turns", format!("{}  {}", session.turn, paint(DIM, short(tip)))),
        None => row("turns", session.turn.to_string()),
    }
    let work = work(session);
    if !work.is_empty() {
        row("work", paint(YELLOW, work));
    }
    row("memory", bytes(session.memory));
    row("expires", session.expires.to_string());
    out.table(&table)
}

/// The sessions, one a line.
pub fn show_sessions(out: &mut Output, sessions: &[SessionInfo]) -> Result<(), Failure> {
    if sessions.is_empty() {
        return out.line("no sessions; `acetate session open --agent NAME` opens one");
    }
    let mut table = Table::new();
    for session in sessions {
        table.row([
            session.id.to_string(),
            line(&session.agent),
            state(session),
            branch(&session.branch),
            session.base.version.map(|version| format!("v{version}")).unwrap_or_default(),
            paint(YELLOW, work(session)),
            paint(DIM, session.intent.as_deref().map(line).unwrap_or_default()),
        ]);
    }
    out.table(&table)
}

/// What somebody at the session should know beside the answer.
pub fn show_standing(out: &mut Output, standing: &Standing) {
    if standing.behind > 0 {
        let versions = if standing.behind == 1 { "1 version".to_owned() } else { format!("{} versions", standing.behind) };
        out.note(format_args!("{versions} behind {}; `acetate sync` moves the session there", head(&standing.head)));
    }
    for notice in standing.notices.iter().take(5) {
        match notice {
            Notice::Overlap(other) => {
                let intent = other.intent.as_deref().map(|text| format!(" ({})", line(text))).unwrap_or_default();
                let at = other
                    .symbol
                    .as_deref()
                    .map_or_else(|| path(&other.path), |symbol| format!("{} of {}", line(symbol), path(&other.path)));
                out.note(format_args!("{} edits {at} too{intent}", line(&other.agent)));
            }
            Notice::HeadMoved { version, paths } => {
                let names: Vec<String> = paths.iter().take(5).map(path).collect();
                out.note(format_args!("v{version} changed what this session changed: {}", names.join(", ")));
            }
        }
    }
}

fn head(base: &Base) -> String {
    base.version.map_or_else(|| "the head".to_owned(), |version| format!("v{version}"))
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_read_well_at_their_edges() {
        for (count, expect) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            ((1 << 20) - 1, "1023.9 KiB"),
            (1 << 20, "1.0 MiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16383.9 PiB"),
        ] {
            assert_eq!(bytes(count), expect);
        }
    }
}
