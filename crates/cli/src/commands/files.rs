//! Commands on files: ls, read, write, edit, rm, mv.

use super::Context;
use super::session_view::show_standing;
use super::workspace_view::short;
use crate::args::{Edit, Ls, Mv, Read, Rm, Write};
use crate::client::{Exit, Failure, Reply, Request, encode_path};
use crate::output::{DIM, Output, Table, line, paint, path};
use acetate_engine::api::{
    Answer, Batch, BatchEdit, Edited, FileInfo, FileList, FileType, MoveFile, ReadFile, ReadMany, StringEdit, Written,
};
use acetate_types::{Problem, Text};
use bytes::Bytes;
use serde_json::json;
use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

/// Most entries asked for at once.
const PAGE: usize = 20_000;
/// Longest line of a streamed answer: a file of 256 MiB in base64, with room.
const LINE: usize = 512 << 20;

/// Where files are read: the session, or the workspace where none is named or a point is.
fn place(context: &mut Context, at: Option<&str>) -> Result<String, Failure> {
    if at.is_none() && context.has_session() { context.session(None) } else { context.workspace(None) }
}

/// Lists files, page by page.
pub fn ls(context: &mut Context, args: &Ls) -> Result<Exit, Failure> {
    let address = if args.changed { context.session(None)? } else { place(context, args.at.as_deref())? };
    let shallow = !args.recursive && args.glob.is_none() && !args.changed;
    let mut after = None;
    let mut left = args.limit.unwrap_or(usize::MAX);
    let mut all: Vec<FileInfo> = Vec::new();
    let more = loop {
        let request = Request::get(format!("{address}/files"))
            .maybe("prefix", args.prefix.as_ref().map(|path| path.as_bytes()))
            .maybe("glob", args.glob.as_deref())
            .maybe("at", args.at.as_deref())
            .maybe("after", after.as_ref().map(|path: &acetate_types::RepoPath| path.as_bytes()))
            .flag("changed", args.changed)
            .flag("shallow", shallow)
            .flag("sizes", args.long)
            .query("limit", left.min(PAGE).to_string());
        let page: FileList = context.ask(request)?.parse()?;
        left = left.saturating_sub(page.files.len());
        if context.out.json() {
            all.extend(page.files);
        } else {
            show_files(&mut context.out, &page.files, args.long)?;
        }
        match page.next {
            Some(next) if left > 0 => after = Some(next),
            next => break next,
        }
    };
    if context.out.json() {
        context.out.document(&FileList { files: all, next: more })?;
    } else if more.is_some() {
        context.out.note("there are more");
    }
    Ok(Exit::Ok)
}

fn show_files(out: &mut Output, files: &[FileInfo], long: bool) -> Result<(), Failure> {
    if files.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    let mut names = Vec::new();
    for file in files {
        let slash = if file.file_type == FileType::Directory { "/" } else { "" };
        let gone = if file.deleted { " (deleted)" } else { "" };
        let name = format!("{}{slash}{gone}", path(&file.path));
        if long {
            let mode = file.mode.map_or(if file.deleted { "000000" } else { "040000" }, |mode| mode.as_str());
            let id = file.id.as_ref().map(short).unwrap_or_default();
            let size = file.size.map(|size| format!("{size:>9}")).unwrap_or_default();
            table.row([mode.to_owned(), paint(DIM, id), size, name]);
        } else {
            names.push(name);
        }
    }
    if long { out.table(&table) } else { out.line(names.join("\n")) }
}

/// Prints files.
pub fn read(context: &mut Context, args: Read) -> Result<Exit, Failure> {
    let address = place(context, args.at.as_deref())?;
    let [only] = args.paths.as_slice() else {
        if args.output.is_some() {
            return Err(Failure::usage("--output takes exactly one path"));
        }
        return read_many(context, &address, args);
    };
    if context.out.json() && args.output.is_none() {
        return read_many(context, &address, args);
    }
    let request = Request::get(format!("{address}/files/{}", encode_path(only))).maybe("at", args.at.as_deref());
    if let Some(to) = &args.output {
        let bytes = super::workspace::save(context, request, to)?;
        return super::workspace::saved(context, to, bytes);
    }
    let mut body = context.client()?.stream(request)?;
    let mut stdout = std::io::stdout().lock();
    while let Some(piece) = body.next()? {
        stdout.write_all(&piece)?;
    }
    stdout.flush()?;
    Ok(Exit::Ok)
}

/// Many files in one streamed answer. Ends as the first file that failed says; the others are printed all the same.
fn read_many(context: &mut Context, address: &str, args: Read) -> Result<Exit, Failure> {
    let request = Request::post(format!("{address}/read"), &ReadMany { paths: args.paths, globs: Vec::new(), at: args.at })?;
    let json = context.out.json();
    let mut all: Vec<ReadFile> = Vec::new();
    let mut failure: Option<Failure> = None;
    let mut stdout = std::io::stdout().lock();
    context.client()?.stream(request)?.lines(LINE, |text| {
        let file: ReadFile = serde_json::from_slice(text).map_err(|error| Failure::unexpected(error.to_string()))?;
        match &file {
            ReadFile::File(file) if !json => {
                writeln!(stdout, "==> {} <==", path(&file.path))?;
                stdout.write_all(&file.content.0)?;
                if !file.content.0.ends_with(b"\n") {
                    writeln!(stdout)?;
                }
            }
            ReadFile::File(_) => {}
            ReadFile::Error { path: at, kind, code, message } => {
                let problem = Problem { code: code.clone().into(), ..Problem::new(*kind, "", format!("{}: {message}", path(at))) };
                failure.get_or_insert(problem.into());
            }
        }
        if json {
            all.push(file);
        }
        Ok(())
    })?;
    stdout.flush()?;
    drop(stdout);
    if json {
        context.out.document(&json!({ "files": all }))?;
    }
    match failure {
        None => Ok(Exit::Ok),
        Some(failure) => Err(failure),
    }
}

/// All of a file, or of standard input.
pub fn content(from: Option<&Path>) -> Result<Bytes, Failure> {
    match from {
        Some(file) => Ok(std::fs::read(file).map_err(|error| Failure::file(file, &error))?.into()),
        None => {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
            Ok(bytes.into())
        }
    }
}

fn written(context: &mut Context, reply: &Reply, what: &str) -> Result<Exit, Failure> {
    context.answer(reply, |out, answer: Answer<Written>| show_written(out, &answer, what))
}

fn show_written(out: &mut Output, answer: &Answer<Written>, what: &str) -> Result<(), Failure> {
    let file = &answer.body;
    let etag = file.etag.as_deref().map(line).unwrap_or_default();
    let done = if file.created && what == "wrote" { "created" } else { what };
    out.line(format_args!("{done} {}  {}", path(&file.path), paint(DIM, etag)).to_string().trim_end())?;
    if let Some(warning) = &file.warning {
        out.warn(warning);
    }
    show_standing(out, &answer.standing);
    Ok(())
}

/// Writes a file whole.
pub fn write(context: &mut Context, args: Write) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    let content = content(args.from.as_deref())?;
    let mut request = Request::put(format!("{address}/files/{}", encode_path(&args.path)), content);
    if let Some(mode) = args.mode {
        request = request.header("acetate-mode", mode);
    }
    if args.new {
        request = request.header("if-none-match", "*");
    } else if let Some(expect) = args.expect {
        request = request.header("if-match", etag_header(&expect));
    }
    let reply = context.ask(request)?;
    written(context, &reply, "wrote")
}

/// A revision as HTTP quotes it.
fn etag_header(etag: &str) -> String {
    if etag == "*" || etag.starts_with('"') { etag.to_owned() } else { format!("\"{etag}\"") }
}

/// Replaces texts.
pub fn edit(context: &mut Context, args: Edit) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    let edits = if args.edits {
        let text = content(None)?;
        serde_json::from_slice(&text).map_err(|error| Failure::usage(format!("the edits can't be read: {error}")))?
    } else {
        let side = |text: Option<OsString>, file: Option<&Path>, name: &str| match (text, file) {
            (Some(text), _) => Ok(Text(text.into_vec().into())),
            (None, Some(file)) => content(Some(file)).map(Text),
            (None, None) => {
                Err(Failure::usage(format!("--{name} or --{name}-file is missing")).hint("or pass --edits and JSON on standard input"))
            }
        };
        let old = side(args.old, args.old_file.as_deref(), "old")?;
        vec![StringEdit { old, new: side(args.new, args.new_file.as_deref(), "new")?, all: args.all }]
    };
    let body = EditBody { path: &args.path, edits, expect: args.expect };
    let reply = context.ask(Request::post(format!("{address}/edit"), &body)?)?;
    context.answer(&reply, |out, answer: Answer<Edited>| {
        let Edited { written, replacements } = answer.body;
        let places = if replacements == 1 { "1 place".to_owned() } else { format!("{replacements} places") };
        show_written(out, &Answer { body: written, standing: answer.standing }, &format!("edited {places} in"))
    })
}

#[derive(serde::Serialize)]
struct EditBody<'a> {
    path: &'a acetate_types::RepoPath,
    edits: Vec<StringEdit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expect: Option<String>,
}

/// Deletes.
pub fn rm(context: &mut Context, args: Rm) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    if let [only] = args.paths.as_slice() {
        let mut request = Request::delete(format!("{address}/files/{}", encode_path(only)));
        if let Some(expect) = &args.expect {
            request = request.header("if-match", etag_header(expect));
        }
        let reply = context.ask(request)?;
        return written(context, &reply, "deleted");
    }
    if args.expect.is_some() {
        return Err(Failure::usage("--expect takes exactly one path"));
    }
    let edits = args.paths.iter().cloned().map(|path| BatchEdit::Delete { path }).collect();
    let reply = context.ask(Request::post(format!("{address}/batch"), &Batch { edits })?)?;
    context.answer(&reply, |out, _: serde_json::Value| {
        let lines: Vec<String> = args.paths.iter().map(|one| format!("deleted {}", path(one))).collect();
        out.line(lines.join("\n"))
    })
}

/// Moves.
pub fn mv(context: &mut Context, args: Mv) -> Result<Exit, Failure> {
    let address = context.session(None)?;
    let from = path(&args.from);
    let moved = MoveFile { from: args.from, to: args.to, replace: args.replace };
    let reply = context.ask(Request::post(format!("{address}/move"), &moved)?)?;
    written(context, &reply, &format!("moved {from} to"))
}

#[cfg(test)]
mod tests {
    use super::etag_header;

    #[test]
    fn revisions_are_quoted_once() {
        for (input, expect) in [("abc", "\"abc\""), ("\"abc\"", "\"abc\""), ("*", "*")] {
            assert_eq!(etag_header(input), expect);
        }
    }
}
