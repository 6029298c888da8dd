//! `acetate symbols`.

use super::Context;
use super::session_view::show_standing;
use crate::args;
use crate::client::{Exit, Failure, Request};
use crate::output::{DIM, Table, line, paint, path};
use acetate_engine::api::{Answer, SymbolList};

/// The symbols of a file, or those with a name.
pub fn symbols(context: &mut Context, args: &args::Symbols) -> Result<Exit, Failure> {
    if args.path.is_none() && args.query.is_none() {
        return Err(Failure::usage("name a file, or a symbol with --query"));
    }
    let address = context.session(None)?;
    let request = Request::get(format!("{address}/symbols")).maybe("path", args.path.as_ref().map(|path| path.as_bytes()));
    let request = request.maybe("query", args.query.as_ref()).maybe("limit", args.limit.map(|limit| limit.to_string()));
    let reply = context.ask(request)?;
    let one_file = args.path.is_some();
    context.answer(&reply, |out, answer: Answer<SymbolList>| {
        let mut table = Table::new();
        for symbol in &answer.body.symbols {
            let at = if one_file { symbol.start.to_string() } else { format!("{}:{}", path(&symbol.path), symbol.start) };
            table.row([line(&symbol.symbol), paint(DIM, line(&symbol.kind)), at]);
        }
        out.table(&table)?;
        if answer.body.symbols.is_empty() {
            out.note(if one_file { "no symbols: none are there, or its language is not known" } else { "nothing is called so" });
        }
        if answer.body.truncated {
            out.note("there may be more: name a file, or more of the name");
        }
        show_standing(out, &answer.standing);
        Ok(())
    })
}
