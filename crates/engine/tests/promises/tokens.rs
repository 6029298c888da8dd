//! What tokens give: never more than what they come from, and no longer.

use super::common::{HandClock, bare, code, named, options, path, resolve, start, workspace, write};
use acetate_engine::api::{Batch, BatchEdit, CreateToken, Right, StringEdit, Submit};
use acetate_engine::{Access, Clock, Engine};
use std::sync::Arc;

fn make(engine: &Engine, rights: &[Right], ttl: Option<u64>) -> Access {
    let create = CreateToken { workspace: None, rights: rights.to_vec(), label: Some("test".into()), ttl };
    let token = engine.create_token(&engine.owner(), &create).expect("a token").token;
    engine.authorize(&token).expect("authorized")
}

#[test]
fn a_sessions_token_gives_no_more_than_its_openers_and_no_longer() {
    let repo = bare(&[("a", "a\n")]);
    let clock = HandClock::new();
    let opening = || {
        let mut options = options(&repo);
        options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        start(options)
    };
    let engine = opening();
    let name = workspace(&engine).id().to_string();
    let writer = make(&engine, &[Right::Read, Right::Write], Some(600));
    let blind = make(&engine, &[Right::Write], None);
    let space = |access: &Access| engine.workspace(access, &name).expect("the workspace");
    let fresh = space(&writer).open_session(named("fresh")).expect("opened");
    let turned = space(&writer).open_session(named("turned")).expect("opened");
    let paused = space(&writer).open_session(named("paused")).expect("opened");
    let dark = space(&blind).open_session(named("dark")).expect("opened");
    let free = space(&engine.owner()).open_session(named("free")).expect("opened");
    for opened in [&turned, &paused] {
        let session = engine.session(&engine.authorize(&opened.token).expect("authorized"), &opened.id).expect("a session");
        write(&session, "b", "b\n");
        session.commit(Default::default(), None).expect("committed");
    }
    engine.session(&writer, &paused.id).expect("a session").pause().expect("paused");
    let fork = {
        let access = engine.authorize(&fresh.token).expect("authorized");
        engine.session(&access, &fresh.id).expect("a session").fork(named("fork")).expect("forked")
    };
    let check = |engine: &Engine| {
        for opened in [&fresh, &turned, &paused, &fork] {
            let access = engine.authorize(&opened.token).expect("authorized");
            assert_eq!(access.rights, [Right::Read, Right::Write], "{}", opened.id);
            let session = engine.session(&access, &opened.id).expect("a session");
            assert_eq!(code(session.submit(Submit::default(), None)), "right_missing");
        }
        let access = engine.authorize(&dark.token).expect("authorized");
        assert_eq!(access.rights, [Right::Write]);
        let session = engine.session(&access, &dark.id).expect("a session");
        assert_eq!(code(session.show()), "right_missing");
        assert_eq!(code(session.read(&path("a"))), "right_missing");
        // Nor by what an answer to a change quotes.
        let edits = [StringEdit { old: "b".into(), new: "c".into(), all: false }];
        assert_eq!(code(session.edit(&path("a"), &edits, None)), "right_missing");
        let step = BatchEdit::Edit { path: path("a"), edits: edits.to_vec(), expect: None };
        assert_eq!(code(session.batch(&Batch { edits: vec![step] })), "right_missing");
        assert_eq!(code(session.sync(Default::default(), None)), "right_missing");
        assert_eq!(code(session.resolve(resolve("a", "head", None), None)), "right_missing");
        write(&session, "new", "new");
        assert_eq!(code(engine.workspace(&access, &name).expect("seen").git_namespace()), "right_missing");
        assert_eq!(engine.authorize(&free.token).expect("authorized").rights, [Right::Read, Right::Write, Right::Land]);
    };
    check(&engine);
    engine.shutdown();
    drop(engine);
    // From the journal and from the catalog alike.
    let engine = opening();
    check(&engine);
    let access = engine.authorize(&fresh.token).expect("authorized");
    clock.pass(600);
    for opened in [&fresh, &turned, &paused, &fork] {
        assert_eq!(code(engine.authorize(&opened.token)), "token_unknown", "{}", opened.id);
    }
    assert_eq!(code(engine.renew(&access)), "token_unknown");
    assert!(engine.authorize(&free.token).is_ok() && engine.authorize(&dark.token).is_ok());
    assert!(engine.renew(&engine.owner()).is_ok());
}
