//! The answer to a push (gitprotocol-pack, "Report Status"): for the client in band 1, for people in band 2.

use super::pkt;
use super::push_request::PushRequest;
use acetate_engine::{EngineError, PushReport};
use acetate_types::Classify as _;

/// Most bytes of a sideband packet's data.
const BAND: usize = pkt::LONGEST - 5;
/// Longest sentence shown to people, in characters.
const SENTENCE: usize = 1_000;

/// The answer's body: what became of each command, or of all where the push failed as a whole.
pub(super) fn report(request: &PushRequest, outcome: &Result<Vec<PushReport>, EngineError>) -> Vec<u8> {
    let mut status = Vec::new();
    let mut words = String::new();
    match outcome {
        Ok(reports) => {
            pkt::write(&mut status, b"unpack ok\n");
            for report in reports {
                let name = String::from_utf8_lossy(&report.name);
                match &report.result {
                    Ok(sentence) => {
                        pkt::write(&mut status, &line(&[b"ok ", &report.name]));
                        words.push_str(&format!("{}\n", plain(sentence)));
                    }
                    Err(reason) => {
                        pkt::write(&mut status, &line(&[b"ng ", &report.name, b" ", plain(reason).as_bytes()]));
                        words.push_str(&format!("{}: {}\n", plain(&name), plain(reason)));
                    }
                }
            }
        }
        Err(error) => {
            let problem = error.problem();
            pkt::write(&mut status, &line(&[b"unpack ", plain(&problem.message).as_bytes()]));
            for command in &request.commands {
                pkt::write(&mut status, &line(&[b"ng ", &command.name, b" ", problem.code.as_bytes()]));
            }
            words.push_str(&format!("{}\n", plain(&problem.message)));
            if let Some(hint) = &problem.hint {
                words.push_str(&format!("hint: {}\n", plain(hint)));
            }
        }
    }
    status.extend_from_slice(pkt::FLUSH);
    if !request.report_status {
        status.clear();
    }
    if !request.side_band {
        return status;
    }
    let mut answer = Vec::new();
    band(&mut answer, 2, words.as_bytes());
    band(&mut answer, 1, &status);
    answer.extend_from_slice(pkt::FLUSH);
    answer
}

fn band(out: &mut Vec<u8>, number: u8, data: &[u8]) {
    for part in data.chunks(BAND) {
        let mut packet = Vec::with_capacity(part.len() + 1);
        packet.push(number);
        packet.extend_from_slice(part);
        pkt::write(out, &packet);
    }
}

fn line(parts: &[&[u8]]) -> Vec<u8> {
    let mut line = parts.concat();
    line.truncate(pkt::LONGEST - 5);
    line.push(b'\n');
    line
}

/// One line without control characters: it goes to a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).take(SENTENCE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_engine::PushCommand;
    use bytes::Bytes;

    fn request(report_status: bool, side_band: bool) -> PushRequest {
        let command = PushCommand { name: Bytes::from_static(b"refs/heads/main"), old: None, new: None };
        PushRequest { commands: vec![command], report_status, side_band }
    }

    /// The bands of an answer, put together again.
    fn bands(mut answer: &[u8]) -> (String, String) {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        while let pkt::Packet::Data(data) = pkt::read(&mut answer).expect("a packet") {
            match data[0] {
                1 => one.extend_from_slice(&data[1..]),
                2 => two.extend_from_slice(&data[1..]),
                other => panic!("band {other}"),
            }
        }
        assert!(answer.is_empty());
        (String::from_utf8(one).expect("text"), String::from_utf8(two).expect("text"))
    }

    #[test]
    fn reports_of_refs() {
        let name = Bytes::from_static(b"refs/heads/main");
        let landed = Ok(vec![PushReport { name: name.clone(), result: Ok("landed as v7".into()) }]);
        let (one, two) = bands(&report(&request(true, true), &landed));
        assert_eq!(one, "000eunpack ok\n0017ok refs/heads/main\n0000");
        assert_eq!(two, "landed as v7\n");
        let refused = Ok(vec![PushReport { name, result: Err("it is\nstale\u{1b}[2J".into()) }]);
        let (one, two) = bands(&report(&request(true, true), &refused));
        assert_eq!(
            one,
            "000eunpack ok\n0029ng refs/heads/main it is stale [2J\n0000"
                .replace("0029", &format!("{:04x}", 4 + "ng refs/heads/main it is stale [2J\n".len()))
        );
        assert_eq!(two, "refs/heads/main: it is stale [2J\n");
        assert_eq!(report(&request(true, false), &landed), b"000eunpack ok\n0017ok refs/heads/main\n0000");
        assert_eq!(report(&request(false, false), &landed), b"");
    }

    #[test]
    fn a_push_that_fails_as_a_whole_fails_each_ref() {
        let failed = Err(EngineError::invalid("pack_rejected", "the pack is damaged").hint("push again"));
        let (one, two) = bands(&report(&request(true, true), &failed));
        assert!(one.contains("unpack the pack is damaged\n") && one.contains("ng refs/heads/main pack_rejected\n"), "{one}");
        assert_eq!(two, "the pack is damaged\nhint: push again\n");
    }

    #[test]
    fn long_words_take_several_packets() {
        let many = Ok((0..2_000).map(|at| PushReport { name: format!("refs/heads/{at}").into(), result: Ok("x".repeat(100)) }).collect());
        let (one, two) = bands(&report(&request(true, true), &many));
        assert_eq!((one.matches("ok refs").count(), two.lines().count()), (2_000, 2_000));
    }
}
