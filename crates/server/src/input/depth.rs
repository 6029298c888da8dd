//! How deep a JSON text nests, without parsing it: the parser recurses, so what is too deep must not reach it.

/// Whether brackets outside strings nest deeper than `limit`. A pure scan; malformed text gives some answer.
pub(super) fn deeper_than(text: &[u8], limit: usize) -> bool {
    let mut depth = 0usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn model(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(model).max().unwrap_or(0),
            Value::Object(items) => 1 + items.values().map(model).max().unwrap_or(0),
            _ => 0,
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), r#"[\[\]{}"\\a]{0,6}"#.prop_map(Value::from)];
        leaf.prop_recursive(6, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(r#"[\["\\a]{0,3}"#, inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_the_parsed_value(value in values(), limit in 0usize..7) {
            let text = value.to_string();
            prop_assert_eq!(deeper_than(text.as_bytes(), limit), model(&value) > limit);
        }
    }
}
