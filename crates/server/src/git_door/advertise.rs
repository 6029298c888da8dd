//! What a client is told before a push (gitprotocol-pack, "Reference Discovery"): the refs and what we can do. Always in version 0,
//! which every client takes.

use super::pkt;
use acetate_engine::AdvertisedRef;
use acetate_types::{ObjectFormat, ObjectId};

/// The body of `info/refs?service=git-receive-pack`.
pub(super) fn advertisement(refs: &[AdvertisedRef], format: ObjectFormat) -> Vec<u8> {
    let capabilities = format!(
        "report-status delete-refs side-band-64k ofs-delta object-format={} agent=acetate/{}",
        format.as_str(),
        env!("CARGO_PKG_VERSION")
    );
    let mut body = Vec::new();
    pkt::write(&mut body, b"# service=git-receive-pack\n");
    body.extend_from_slice(pkt::FLUSH);
    let mut line = |target: &ObjectId, name: &[u8], first: bool| {
        let mut line = format!("{target} ").into_bytes();
        line.extend_from_slice(name);
        if first {
            line.push(0);
            line.extend_from_slice(capabilities.as_bytes());
        }
        line.push(b'\n');
        pkt::write(&mut body, &line);
    };
    for (place, found) in refs.iter().enumerate() {
        line(&found.target, &found.name, place == 0);
    }
    if refs.is_empty() {
        line(&ObjectId::null(format), b"capabilities^{}", true);
    }
    body.extend_from_slice(pkt::FLUSH);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_go_with_the_first_ref_or_alone() {
        let id = ObjectId::empty_tree(ObjectFormat::Sha1);
        let found = |name: &'static str| AdvertisedRef { name: name.into(), target: id, peeled: None };
        let body = advertisement(&[found("refs/heads/a"), found("refs/tags/b")], ObjectFormat::Sha1);
        let text = String::from_utf8(body).expect("text");
        assert!(text.starts_with("001f# service=git-receive-pack\n0000"), "{text}");
        assert!(
            text.contains(&format!(
                "{id} refs/heads/a\0report-status delete-refs side-band-64k ofs-delta object-format=sha1 agent=acetate/"
            ))
        );
        assert!(text.ends_with(&format!("{id} refs/tags/b\n0000")));
        let text = String::from_utf8(advertisement(&[], ObjectFormat::Sha256)).expect("text");
        assert!(text.contains(&format!("{} capabilities^{{}}\0report-status", "0".repeat(64))) && text.contains("object-format=sha256"));
    }
}
