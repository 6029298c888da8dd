//! A table names only what its grammar has.

use acetate_syntax::{Language, Name, Part, Profile};
use std::collections::BTreeSet;

struct Grammar {
    named: BTreeSet<String>,
    anonymous: BTreeSet<String>,
    fields: BTreeSet<String>,
}

impl Grammar {
    fn of(profile: &Profile) -> Self {
        let grammar = (profile.grammar)();
        let kinds = (0..grammar.node_kind_count()).map(|id| u16::try_from(id).unwrap());
        let (mut named, mut anonymous) = (BTreeSet::new(), BTreeSet::new());
        for id in kinds.filter(|id| grammar.node_kind_is_visible(*id)) {
            let set = if grammar.node_kind_is_named(id) { &mut named } else { &mut anonymous };
            set.insert(grammar.node_kind_for_id(id).unwrap().to_owned());
        }
        let fields = (1..=grammar.field_count()).map(|id| u16::try_from(id).unwrap());
        let fields = fields.filter_map(|id| grammar.field_name_for_id(id)).map(str::to_owned).collect();
        Self { named, anonymous, fields }
    }

    fn has_step(&self, step: &str) -> bool {
        [&self.named, &self.anonymous, &self.fields].iter().any(|set| set.contains(step))
    }
}

#[test]
fn kinds_and_fields_exist() {
    let mut wrong = Vec::new();
    for language in Language::all() {
        let profile = language.profile();
        let grammar = Grammar::of(profile);
        let lists = [
            profile.wrappers,
            profile.attached,
            profile.heads,
            profile.comments,
            profile.transparent,
            profile.opaque,
            profile.loose,
            profile.scopes,
            profile.identifiers,
        ];
        let mut kinds: Vec<&str> = lists.concat();
        kinds.extend(profile.transparent_in.iter().flat_map(|(node, parent)| [*node, *parent]));
        kinds.extend(profile.binds.iter().copied().flatten().map(|(node, ..)| *node));
        kinds.extend(profile.lists.iter().map(|rule| rule.node));
        kinds.extend(profile.orders.iter().map(|(node, _)| *node));
        let rules = || profile.symbols.iter().flat_map(|rules| rules.iter());
        kinds.extend(rules().flat_map(|rule| rule.within.iter().copied().chain([rule.node])));
        wrong.extend(kinds.into_iter().filter(|kind| !grammar.named.contains(*kind)).map(|kind| format!("{language:?}: kind {kind}")));
        let fields = profile.binds.iter().copied().flatten().filter(|(_, field, _)| !field.is_empty() && !grammar.has_step(field));
        wrong.extend(fields.map(|(node, field, _)| format!("{language:?}: field {field} of {node}")));
        for rule in rules() {
            let mut steps: Vec<&str> = [rule.body, rule.signature].concat().concat();
            match rule.name {
                Name::Path(way) | Name::Unquoted(way) | Name::All(way) => steps.extend(way),
                Name::Any(ways) => steps.extend(ways.concat()),
                _ => {}
            }
            for part in [rule.scope, rule.overload] {
                if let Part::Path(way) = part {
                    steps.extend(way);
                }
            }
            // A rule says `body` unless told otherwise, and not all that it is for have one.
            let missing = steps.into_iter().filter(|step| *step != "body" && !grammar.has_step(step));
            wrong.extend(missing.map(|step| format!("{language:?}: step {step} of {}", rule.node)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_language_has_one_profile_and_room() {
    let languages: Vec<Language> = Language::all().collect();
    for language in &languages {
        assert_eq!(language.profile().language, *language);
        assert_eq!(languages.iter().filter(|other| other.as_str() == language.as_str()).count(), 1);
    }
    assert!(languages.len() < 64);
}

#[test]
fn paths_tell_languages() {
    let check = |path: &str, expect: Option<Language>| assert_eq!(Language::of(path.as_bytes()), expect, "{path}");
    check("src/lib.rs", Some(Language::Rust));
    check("a/b.PY", Some(Language::Python));
    check("x.d.ts", Some(Language::TypeScript));
    check("x.tsx", Some(Language::Tsx));
    check("x.mjs", Some(Language::JavaScript));
    check("main.go", Some(Language::Go));
    check("A.java", Some(Language::Java));
    check("tsconfig.json", Some(Language::Json));
    check("Cargo.lock", Some(Language::Toml));
    check("yarn.lock", None);
    check(".github/workflows/ci.yml", Some(Language::Yaml));
    check("README.md", Some(Language::Markdown));
    check("Makefile", None);
    check("rs", None);
    check("", None);
}
