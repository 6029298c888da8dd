//! The head of a push (gitprotocol-pack, "Reference Update Request"): commands as packets, a flush, then the pack.

use super::pkt::{self, Packet, PktError};
use acetate_engine::PushCommand;
use acetate_types::{ObjectFormat, ObjectId};
use bytes::Bytes;
use std::io::Read;

/// Most commands of one push.
const MOST: usize = 1_000;
/// Most bytes of all commands.
const BYTES: usize = 1 << 20;
/// Longest name of a ref, in bytes.
const NAME: usize = 1_024;

/// What a client asks for, without the pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PushRequest {
    /// The commands, at least one.
    pub(super) commands: Vec<PushCommand>,
    /// Whether the client reads a report.
    pub(super) report_status: bool,
    /// Whether it takes the answer in bands.
    pub(super) side_band: bool,
}

/// Why the head of a push can't be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum PushError {
    /// Its packets are damaged.
    #[error(transparent)]
    Packet(#[from] PktError),
    /// It asks for something that was not offered, or in a form that is none.
    #[error("the push can't be read: {0}")]
    Command(&'static str),
    /// It is too long.
    #[error("the push has over {MOST} commands, or over {BYTES} bytes of them")]
    TooLong,
    /// The ids are of another hash function than the store's.
    #[error("the store's objects are named by {}, the push's by another function", .0.as_str())]
    Format(ObjectFormat),
}

impl PushRequest {
    /// Whether a pack follows: unless all that is asked for is deletions.
    pub(super) fn has_pack(&self) -> bool {
        self.commands.iter().any(|command| command.new.is_some())
    }

    /// Reads the commands up to the flush. `None` for a lone flush, with which clients test whether they may push.
    pub(super) fn read(source: &mut impl Read, format: ObjectFormat) -> Result<Option<Self>, PushError> {
        let mut request: Option<Self> = None;
        let mut bytes = 0;
        let mut shallow = 0;
        loop {
            let Packet::Data(mut line) = pkt::read(source)? else { return Ok(request) };
            bytes += line.len();
            if bytes > BYTES {
                return Err(PushError::TooLong);
            }
            if line.last() == Some(&b'\n') {
                line.pop();
            }
            // A client with a shallow history names its edges first. What the pack lacks is found out when it is checked.
            if request.is_none() && line.starts_with(b"shallow ") {
                shallow += 1;
                if shallow > MOST {
                    return Err(PushError::TooLong);
                }
                continue;
            }
            if line.starts_with(b"push-cert") {
                return Err(PushError::Command("signed pushes are not taken"));
            }
            match &mut request {
                None => {
                    let (command, capabilities) =
                        split_once(&line, 0).ok_or(PushError::Command("the first command lacks its capabilities"))?;
                    let mut first = Self::with_capabilities(capabilities, format)?;
                    first.commands.push(parse_command(command, format)?);
                    request = Some(first);
                }
                Some(request) if request.commands.len() >= MOST => return Err(PushError::TooLong),
                Some(request) => request.commands.push(parse_command(&line, format)?),
            }
        }
    }

    fn with_capabilities(capabilities: &[u8], format: ObjectFormat) -> Result<Self, PushError> {
        let mut request = Self { commands: Vec::new(), report_status: false, side_band: false };
        // Without a word about it, ids are SHA-1.
        let mut found: &[u8] = b"sha1";
        for capability in capabilities.split(|byte| *byte == b' ').filter(|capability| !capability.is_empty()) {
            match capability {
                b"report-status" => request.report_status = true,
                b"side-band-64k" => request.side_band = true,
                b"atomic" | b"push-options" => return Err(PushError::Command("it asks for what was not offered")),
                other => {
                    if let Some(name) = other.strip_prefix(b"object-format=") {
                        found = name;
                    }
                }
            }
        }
        if found == format.as_str().as_bytes() { Ok(request) } else { Err(PushError::Format(format)) }
    }
}

/// `<old> <new> <name>`, an id of zeros standing for absence.
fn parse_command(line: &[u8], format: ObjectFormat) -> Result<PushCommand, PushError> {
    let (old, rest) = split_once(line, b' ').ok_or(PushError::Command("a command has three parts"))?;
    let (new, name) = split_once(rest, b' ').ok_or(PushError::Command("a command has three parts"))?;
    let id = |text: &[u8]| {
        let id = ObjectId::from_hex(text).map_err(|_| PushError::Command("a command names an object by something that is no id"))?;
        if id.format() != format {
            return Err(PushError::Format(format));
        }
        Ok((!id.is_null()).then_some(id))
    };
    let (old, new) = (id(old)?, id(new)?);
    let plain = |byte: &u8| *byte > b' ' && *byte != 0x7f;
    if !name.starts_with(b"refs/") || name.len() > NAME || !name.iter().all(plain) {
        return Err(PushError::Command("a command names no ref"));
    }
    if old.is_none() && new.is_none() {
        return Err(PushError::Command("a command neither makes, moves nor deletes"));
    }
    Ok(PushCommand { name: Bytes::copy_from_slice(name), old, new })
}

fn split_once(line: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = line.iter().position(|byte| *byte == at)?;
    Some((line.get(..place)?, line.get(place + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    fn packets(lines: &[String]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for line in lines {
            pkt::write(&mut bytes, line.as_bytes());
        }
        bytes.extend_from_slice(pkt::FLUSH);
        bytes
    }

    fn check(lines: &[String], expect: Result<usize, &str>) {
        let bytes = packets(lines);
        let found =
            PushRequest::read(&mut &bytes[..], ObjectFormat::Sha1).map(|request| request.map_or(0, |request| request.commands.len()));
        match (&found, &expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            _ => panic!("{found:?} instead of {expect:?}"),
        }
    }

    #[test]
    fn heads_of_pushes() {
        let caps = "\0 report-status side-band-64k object-format=sha1 agent=git/2.47";
        check(&[], Ok(0));
        check(&[format!("{ZERO} {A} refs/heads/main{caps}\n")], Ok(1));
        check(&[format!("shallow {A}"), format!("{ZERO} {A} refs/heads/main{caps}"), format!("{A} {ZERO} refs/heads/old")], Ok(2));
        check(&[format!("{ZERO} {A} refs/heads/main\0")], Ok(1));
        check(&[format!("{ZERO} {A} refs/heads/main")], Err("capabilities"));
        check(&[format!("{ZERO} {A}{caps}")], Err("three parts"));
        check(&[format!("{ZERO} {} refs/heads/main{caps}", &A[1..])], Err("no id"));
        check(&[format!("{ZERO} {ZERO} refs/heads/main{caps}")], Err("neither"));
        check(&[format!("{ZERO} {A} HEAD{caps}")], Err("no ref"));
        check(&[format!("{ZERO} {A} refs/heads/a b{caps}")], Err("no ref"));
        check(&[format!("{ZERO} {A} refs/heads/a\x1b[1m{caps}")], Err("no ref"));
        check(&[format!("{ZERO} {A} refs/{}{caps}", "x".repeat(NAME))], Err("no ref"));
        check(&[format!("{ZERO} {A} refs/heads/main\0atomic")], Err("not offered"));
        check(&[format!("{ZERO} {A} refs/heads/main\0object-format=sha256")], Err("sha1"));
        check(&["push-cert\0x".to_owned()], Err("signed"));
        let mut many = vec![format!("{ZERO} {A} refs/heads/main{caps}")];
        many.extend((0..MOST).map(|at| format!("{ZERO} {A} refs/heads/b{at}")));
        check(&many, Err("over"));
        assert!(matches!(PushRequest::read(&mut &b"0006"[..], ObjectFormat::Sha1), Err(PushError::Packet(_))));
    }

    #[test]
    fn capabilities_are_found_and_the_pack_is_left_unread() {
        let mut bytes = packets(&[format!("{ZERO} {A} refs/heads/main\0report-status  side-band-64k\n")]);
        bytes.extend_from_slice(b"PACK...");
        let mut source = &bytes[..];
        let request = PushRequest::read(&mut source, ObjectFormat::Sha1).expect("read").expect("commands");
        assert!(request.report_status && request.side_band && request.has_pack());
        assert_eq!(request.commands[0].old, None);
        assert_eq!(&request.commands[0].name[..], b"refs/heads/main");
        assert_eq!(source, b"PACK...");
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer_within_the_bounds(lines in proptest::collection::vec("[0-9a-f]{0,41} [0-9a-f]{38,41} (refs/)?[a-z \\x00]{0,9}", 0..5), junk in any::<Vec<u8>>()) {
            let mut bytes = packets(&lines);
            bytes.truncate(bytes.len() - 4);
            bytes.extend_from_slice(&junk);
            if let Ok(Some(request)) = PushRequest::read(&mut &bytes[..], ObjectFormat::Sha1) {
                prop_assert!(!request.commands.is_empty() && request.commands.len() <= MOST);
                for command in request.commands {
                    prop_assert!(command.name.starts_with(b"refs/"));
                    prop_assert!(command.old.is_some() || command.new.is_some());
                }
            }
        }
    }
}
