//! `acetate grep`.

use super::Context;
use super::session_view::show_standing;
use crate::args;
use crate::client::{Exit, Failure, Request};
use crate::output::{DIM, GREEN, Output, bytes_clean, line, paint, path};
use acetate_engine::api::{Answer, CaseRule, Grep, GrepFile, GrepMode, GrepPage};

/// Searches. That nothing matches is an answer, not an error.
pub fn grep(context: &mut Context, args: args::Grep) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    let mode = match (args.files, args.count) {
        (true, _) => GrepMode::Files,
        (false, true) => GrepMode::Count,
        (false, false) => GrepMode::Content,
    };
    let grep = Grep {
        pattern: args.pattern,
        fixed: args.fixed,
        case: if args.ignore_case { CaseRule::Insensitive } else { CaseRule::Sensitive },
        word: args.word,
        multiline: args.multiline,
        glob: args.glob,
        file_type: args.file_type,
        path: args.path,
        mode,
        before: args.context,
        after: args.context,
        limit: args.limit,
        cursor: args.cursor,
    };
    let reply = context.ask(Request::post(format!("{address}/grep"), &grep)?)?;
    context.answer(&reply, |out, answer: Answer<GrepPage>| {
        show(out, &answer.body, mode)?;
        show_standing(out, &answer.standing);
        Ok(())
    })
}

fn show(out: &mut Output, page: &GrepPage, mode: GrepMode) -> Result<(), Failure> {
    let lines: Vec<String> = page.files.iter().flat_map(|file| file_lines(file, mode)).collect();
    if !lines.is_empty() {
        out.line(lines.join("\n"))?;
    }
    if page.skipped > 0 {
        out.note(format_args!("{} binary or large files passed over", page.skipped));
    }
    if let Some(cursor) = &page.next {
        out.note(format_args!("there are more: --cursor {}", line(cursor)));
    }
    Ok(())
}

fn file_lines(file: &GrepFile, mode: GrepMode) -> Vec<String> {
    let name = paint(GREEN, path(&file.path));
    match mode {
        GrepMode::Files => vec![name],
        GrepMode::Count => vec![format!("{name}:{}", file.count)],
        GrepMode::Content => {
            let show = |one: &acetate_engine::api::GrepLine| {
                let mark = if one.context { '-' } else { ':' };
                format!("{name}{mark}{}{mark}{}", paint(DIM, one.number), bytes_clean(&one.text.0))
            };
            file.lines.iter().map(show).collect()
        }
    }
}
