//! The export: a JSON array, one JSON object, or JSON Lines. It is read once, one record at a time; each record waits in a temporary file
//! until its turn comes, so that the snapshots of a session can be put in order whatever their places in the export.

use super::record::Record;
use crate::client::Failure;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// The longest record, in bytes of JSON.
const LONGEST: usize = 1 << 30;

/// Where a record waits.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its number in the export, from 1.
    pub number: u64,
    /// When it was made, in nanoseconds, for putting them in order.
    made: Option<i128>,
    at: u64,
    len: usize,
}

/// What was read.
pub struct Export {
    waiting: File,
    /// The sessions in the order in which they first appear, each with its snapshots in theirs.
    pub sessions: Vec<(String, Vec<Place>)>,
    /// Records that can't be read, by number, with the reason.
    pub unreadable: Vec<(u64, String)>,
}

impl Export {
    /// Reads an export; `-` is standard input.
    ///
    /// # Errors
    /// A file that can't be read, or is no JSON from its beginning on.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let mut source: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(BufReader::new(std::io::stdin()))
        } else {
            Box::new(BufReader::with_capacity(1 << 20, File::open(path).map_err(|error| Failure::file(path, &error))?))
        };
        let mut reading = Reading {
            waiting: tempfile::tempfile()?,
            end: 0,
            number: 0,
            order: Vec::new(),
            sessions: HashMap::new(),
            unreadable: Vec::new(),
        };
        let first = loop {
            let buffer = source.fill_buf().map_err(|error| Failure::file(path, &error))?;
            match buffer.iter().position(|byte| !byte.is_ascii_whitespace()) {
                Some(at) => {
                    let first = buffer.get(at).copied();
                    source.consume(at);
                    break first;
                }
                None if buffer.is_empty() => break None,
                None => {
                    let len = buffer.len();
                    source.consume(len);
                }
            }
        };
        match first {
            Some(b'[') => reading.array(source)?,
            Some(_) => reading.lines(source, path)?,
            None => {}
        }
        let Reading { waiting, order, mut sessions, unreadable, .. } = reading;
        let mut all = Vec::new();
        for id in order {
            let mut places = sessions.remove(&id).unwrap_or_default();
            // Where all say when they were made, that is their order; else it is the export's.
            if places.iter().all(|place| place.made.is_some()) {
                places.sort_by_key(|place| (place.made, place.number));
            }
            all.push((id, places));
        }
        Ok(Self { waiting, sessions: all, unreadable })
    }

    /// A record, from where it waits.
    ///
    /// # Errors
    /// Disk errors.
    pub fn record(&mut self, place: &Place) -> Result<Record, Failure> {
        self.waiting.seek(SeekFrom::Start(place.at))?;
        let mut text = vec![0; place.len];
        self.waiting.read_exact(&mut text)?;
        serde_json::from_slice(&text).map_err(|error| Failure::unexpected(format!("a record changed while it waited: {error}")))
    }
}

struct Reading {
    waiting: File,
    end: u64,
    number: u64,
    order: Vec<String>,
    sessions: HashMap<String, Vec<Place>>,
    unreadable: Vec<(u64, String)>,
}

impl Reading {
    fn lines(&mut self, mut source: Box<dyn BufRead>, path: &Path) -> Result<(), Failure> {
        // One object over many lines is an export of one record; else each line is one.
        let mut text = Vec::new();
        let mut nesting = Nesting::default();
        loop {
            let before = text.len();
            let read = (&mut source).take(LONGEST as u64).read_until(b'\n', &mut text).map_err(|error| Failure::file(path, &error))?;
            if read == 0 {
                if !text.trim_ascii().is_empty() {
                    self.add(&text)?;
                }
                return Ok(());
            }
            let line = text.get(before..).unwrap_or_default();
            if before == 0 {
                let begun = || serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof());
                if line.trim_ascii().is_empty() {
                    text.clear();
                    continue;
                }
                // Only what has just begun when its line ends may go on.
                if self.number > 0 || !begun() {
                    self.add(&text)?;
                    text.clear();
                    continue;
                }
            } else if line.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<Record>(line).is_ok() {
                // The line before was cut off.
                let line = text.split_off(before);
                self.add(&text)?;
                self.add(&line)?;
                text.clear();
                continue;
            }
            nesting.read(line);
            if !nesting.open() || text.len() >= LONGEST {
                self.add(&text)?;
                text.clear();
            }
        }
    }

    fn array(&mut self, source: Box<dyn BufRead>) -> Result<(), Failure> {
        let mut broken = None;
        let read = {
            let mut parser = serde_json::Deserializer::from_reader(source);
            Elements { reading: self, broken: &mut broken }.deserialize(&mut parser)
        };
        if let Some(failure) = broken {
            return Err(failure);
        }
        if let Err(error) = read {
            // What was whole before it is taken.
            self.number += 1;
            self.unreadable.push((self.number, format!("the export can't be read on from here: {error}")));
        }
        Ok(())
    }

    fn add(&mut self, text: &[u8]) -> Result<(), Failure> {
        self.number += 1;
        match serde_json::from_slice::<Record>(text) {
            Err(error) => self.unreadable.push((self.number, error.to_string())),
            Ok(record) if record.session_id.trim().is_empty() => self.unreadable.push((self.number, "sessionId is empty".to_owned())),
            Ok(record) => {
                self.waiting.write_all(text)?;
                let place = Place { number: self.number, made: record.made().as_deref().and_then(moment), at: self.end, len: text.len() };
                self.end += text.len() as u64;
                if !self.sessions.contains_key(&record.session_id) {
                    self.order.push(record.session_id.clone());
                }
                self.sessions.entry(record.session_id).or_default().push(place);
            }
        }
        Ok(())
    }
}

/// How deep a text that is read line by line is nested: each byte is looked at once.
#[derive(Default)]
struct Nesting {
    depth: usize,
    string: bool,
    escaped: bool,
}

impl Nesting {
    fn read(&mut self, line: &[u8]) {
        for byte in line {
            match (self.string, byte) {
                (true, _) if self.escaped => self.escaped = false,
                (true, b'\\') => self.escaped = true,
                (_, b'"') => self.string = !self.string,
                (false, b'{' | b'[') => self.depth += 1,
                (false, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }

    fn open(&self) -> bool {
        self.depth > 0
    }
}

/// A point in time: RFC 3339 with its zone, a date, or a number, which has to be in one unit throughout an export.
fn moment(text: &str) -> Option<i128> {
    if let Ok(number) = text.parse::<f64>() {
        // Seconds with a fraction and milliseconds both fit, to far below what tells snapshots apart.
        return number.is_finite().then_some((number * 1e6) as i128);
    }
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_nanosecond());
    }
    let time = text.parse::<jiff::civil::DateTime>().ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_nanosecond())
}

/// The elements of an array, each handed on as it comes.
struct Elements<'a> {
    reading: &'a mut Reading,
    broken: &'a mut Option<Failure>,
}

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<Box<RawValue>>()? {
            if let Err(failure) = self.reading.add(element.get().as_bytes()) {
                *self.broken = Some(failure);
                return Ok(());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, &[u64])], unreadable: &[u64]) {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        let mut export = Export::read(file.path()).expect("read");
        let found: Vec<(String, Vec<u64>)> =
            export.sessions.iter().map(|(id, places)| (id.clone(), places.iter().map(|place| place.number).collect())).collect();
        let expect: Vec<(String, Vec<u64>)> = expect.iter().map(|(id, numbers)| ((*id).to_owned(), numbers.to_vec())).collect();
        assert_eq!(found, expect, "{text}");
        assert_eq!(export.unreadable.iter().map(|(number, _)| *number).collect::<Vec<_>>(), unreadable, "{text}");
        for (id, places) in export.sessions.clone() {
            for place in places {
                assert_eq!(export.record(&place).expect("there").session_id, id);
            }
        }
    }

    #[test]
    fn arrays_objects_and_lines_are_read() {
        let record = |id: &str, made: &str| format!(r#"{{"sessionId":"{id}","createdAt":"{made}","files":[]}}"#);
        let (a1, a2, b) = (record("a", "2024-02-01"), record("a", "2024-01-01T10:00:00Z"), record("b", "2024-03-01"));
        check(&format!("[{a1},\n{b},{a2}]"), &[("a", &[3, 1]), ("b", &[2])], &[]);
        check(&format!("{a1}\n\n{b}\r\n{a2}"), &[("a", &[3, 1]), ("b", &[2])], &[]);
        check(&format!("  {a1}\n"), &[("a", &[1])], &[]);
        check("{\n  \"sessionId\": \"a\",\n  \"files\": []\n}\n", &[("a", &[1])], &[]);
        check("", &[], &[]);
        check("[]", &[], &[]);
        // Numbers are numbers, and zones count.
        check(&[record("a", "10"), record("a", "9")].join("\n"), &[("a", &[2, 1])], &[]);
        check(&[record("a", "2024-01-01T12:00:00+05:00"), record("a", "2024-01-01T08:00:00Z")].join("\n"), &[("a", &[1, 2])], &[]);
        check(&[record("a", "yesterday"), record("a", "2024-01-01")].join("\n"), &[("a", &[1, 2])], &[]);
        // Without times it is the export's order.
        check("{\"sessionId\":\"a\",\"files\":[]}\n{\"sessionId\":\"a\",\"createdAt\":\"1\",\"files\":[]}\n", &[("a", &[1, 2])], &[]);
    }

    #[test]
    fn what_is_broken_is_named_and_the_rest_is_taken() {
        check(
            "{\"sessionId\":\"a\",\"files\":[]}\nnonsense\n{\"files\":[]}\n{\"sessionId\":\"b\",\"files\":[]}\n",
            &[("a", &[1]), ("b", &[4])],
            &[2, 3],
        );
        check("[{\"sessionId\":\"a\",\"files\":[]},{\"sessionId\":\" \",\"files\":[]},{\"sessionId\":\"b\"", &[("a", &[1])], &[2, 3]);
        check("nonsense", &[], &[1]);
        // A first line that is cut off takes no other with it.
        check(
            "{\"sessionId\":\"a\",\"files\":[\n{\"sessionId\":\"b\",\"files\":[]}\n{\"sessionId\":\"c\",\"files\":[]}",
            &[("b", &[2]), ("c", &[3])],
            &[1],
        );
        check("{\n \"sessionId\": \"a\",\n \"files\": [\n  {\"path\": \"}\\\"{\", \"content\": \"\"}\n ]\n}\n", &[("a", &[1])], &[]);
    }
}
