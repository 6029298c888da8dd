//! What has to be remembered of a conversation to go on with it after the daemon was replaced: how it was opened, which calls are under
//! way, and which session is the process's own.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Most calls under way that are remembered; a client has far fewer.
const UNDER_WAY: usize = 10_000;

/// The state of one conversation.
#[derive(Debug, Default)]
pub struct Memory {
    /// The line that opened a conversation of the older lifecycle, and the one that says the client is ready.
    opening: Option<String>,
    ready: Option<String>,
    /// Calls that were sent and not answered, by their id as JSON writes it.
    under_way: BTreeSet<String>,
    /// The session of calls that name none.
    session: Option<String>,
}

/// As much of a message as is looked at.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(default)]
    method: Option<String>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Cancelled<'a> {
    #[serde(rename = "requestId", borrow)]
    request_id: &'a RawValue,
}

/// An id as JSON writes it, however the client did. Ids are texts and whole numbers.
fn named(id: &RawValue) -> Option<String> {
    match serde_json::from_str(id.get()).ok()? {
        Value::Number(number) if !(number.is_i64() || number.is_u64()) => None,
        id @ (Value::String(_) | Value::Number(_)) => Some(id.to_string()),
        _ => None,
    }
}

/// The id of a message, if it is a call.
pub fn id_of(line: &str) -> Option<Value> {
    let head = serde_json::from_str::<Head<'_>>(line).ok()?;
    head.method?;
    serde_json::from_str(&named(head.id?)?).ok()
}

/// As much of an answer as is looked at.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "_meta", default)]
    meta: Map<String, Value>,
}

impl Memory {
    /// A conversation whose calls work in this session where they name none.
    pub fn new(session: Option<String>) -> Self {
        Self { session, ..Self::default() }
    }

    /// The session of calls that name none.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// A line goes to the daemon.
    pub fn sent(&mut self, line: &str) {
        let Ok(head) = serde_json::from_str::<Head<'_>>(line) else { return };
        match (head.method.as_deref(), head.id) {
            (Some("notifications/initialized"), None) => self.ready = Some(line.to_owned()),
            // It gets no answer any more.
            (Some("notifications/cancelled"), None) => {
                let asked = head.params.and_then(|params| serde_json::from_str::<Cancelled>(params.get()).ok());
                if let Some(id) = asked.and_then(|asked| named(asked.request_id)) {
                    self.under_way.remove(&id);
                }
            }
            (Some(method), Some(id)) => {
                if method == "initialize" {
                    self.opening = Some(line.to_owned());
                }
                // What is no id gets an answer without one, and is not waited for.
                if self.under_way.len() < UNDER_WAY
                    && let Some(id) = named(id)
                {
                    self.under_way.insert(id);
                }
            }
            _ => {}
        }
    }

    /// A line came from the daemon.
    pub fn received(&mut self, line: &str) {
        let Ok(head) = serde_json::from_str::<Head<'_>>(line) else { return };
        // A message with a method is the daemon's own.
        let (None, Some(id)) = (head.method, head.id) else { return };
        if named(id).is_some_and(|id| self.under_way.remove(&id))
            && let Some(result) = head.result
            && let Ok(answer) = serde_json::from_str::<Answer>(result.get())
            && let Some(own) = answer.meta.get("acetate/session")
        {
            self.session = own.as_str().map(str::to_owned);
        }
    }

    /// The lines that open the conversation anew; the answer to the first is for nobody.
    pub fn again(&self) -> impl Iterator<Item = &str> {
        self.opening.as_deref().into_iter().chain(self.ready.as_deref())
    }

    /// How many of the lines that open anew are answered.
    pub fn answered_again(&self) -> usize {
        usize::from(self.opening.is_some())
    }

    /// Whether an answer is still to come.
    pub fn waits(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// The daemon went away: an answer for each call that was under way.
    pub fn lost(&mut self) -> Vec<String> {
        self.failed("the daemon went away during this call; it may have taken effect. Look at status, then call again")
    }

    /// An answer with this error for each call that was under way.
    pub fn failed(&mut self, message: &str) -> Vec<String> {
        let lines = std::mem::take(&mut self.under_way).into_iter().filter_map(|id| {
            let id: Value = serde_json::from_str(&id).ok()?;
            Some(json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32603, "message": message } }).to_string())
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conversation_is_opened_again_as_it_was() {
        let mut memory = Memory::new(None);
        let opening = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#;
        let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        memory.sent(opening);
        memory.received(r#"{"jsonrpc":"2.0","id":0,"result":{}}"#);
        memory.sent(ready);
        memory.sent(r#"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"read"}}"#);
        assert_eq!(memory.again().collect::<Vec<_>>(), [opening, ready]);
        assert_eq!(memory.answered_again(), 1);
        let lost = memory.lost();
        assert_eq!(lost.len(), 1);
        assert!(lost.iter().all(|line| line.contains(r#""id":"x""#)), "{lost:?}");
        assert!(memory.lost().is_empty(), "each call is answered once");
    }

    #[test]
    fn the_own_session_is_the_one_that_the_daemon_last_said() {
        let mut memory = Memory::new(Some("s_1".into()));
        let mut check = |answer: &str, expect: Option<&str>| {
            memory.sent(r#"{"id":1,"method":"tools/call","params":{}}"#);
            memory.received(answer);
            assert_eq!(memory.session(), expect, "{answer}");
        };
        check(r#"{"id":1,"result":{"_meta":{"acetate/session":"s_2"}}}"#, Some("s_2"));
        check(r#"{"id":1,"result":{"_meta":{},"structuredContent":{"session_id":"s_3"}}}"#, Some("s_2"));
        check(r#"{"id":1,"result":{"structuredContent":{"session_id":"s_3"}}}"#, Some("s_2"));
        check(r#"{"id":1,"error":{"code":-32602}}"#, Some("s_2"));
        check(r#"{"id":2,"result":{"_meta":{"acetate/session":"s_4"}}}"#, Some("s_2"));
        check(r#"{"id":1,"result":{"_meta":{"acetate/session":null}}}"#, None);
    }

    #[test]
    fn calls_that_get_no_answer_are_not_waited_for() {
        let mut memory = Memory::new(None);
        let call = |id: &str| format!(r#"{{"id":{id},"method":"tools/call","params":[1]}}"#);
        for id in ["1.5", "99999999999999999999", "null", "[]", "true"] {
            memory.sent(&call(id));
            assert!(!memory.waits(), "{id}");
        }
        memory.sent(&call("7"));
        memory.sent(r#"{"method":"notifications/cancelled","params":{"requestId":7}}"#);
        assert!(!memory.waits());
        memory.sent(&call(r#""a\/b\u00e9""#));
        memory.received(r#"{"id":"a/bé","result":{}}"#);
        assert!(!memory.waits());
    }

    #[test]
    fn what_is_no_message_is_passed_over() {
        let mut memory = Memory::new(None);
        for line in ["", "x", "[]", "7", "{}", r#"{"id":1}"#] {
            memory.sent(line);
            memory.received(line);
        }
        assert!(memory.lost().is_empty());
    }
}
