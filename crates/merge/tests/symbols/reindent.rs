//! A lesson each of lines that one side indented anew.

use crate::common::{check, conflicts};

#[test]
fn what_the_other_changed_in_a_block_is_indented_as_the_block() {
    let base = "fn a() {\n    let first = one();\n    let second = two();\n    let third = three();\n    end(first, second, third);\n}\n";
    let ours = "fn a() {\n    if ready() {\n        let first = one();\n        let second = two();\n        let third = three();\n        end(first, second, third);\n    }\n}\n";
    check("a.rs", [base, ours, &base.replace("two()", "2")], &ours.replace("two()", "2"));
    let theirs = base.replace("    let second = two();\n", "    let second = two(\n        2,\n    );\n");
    let expect = ours.replace("        let second = two();\n", "        let second = two(\n            2,\n        );\n");
    check("a.rs", [base, ours, &theirs], &expect);
    // And out of a block again.
    let [base, ours] = [ours, base];
    check("a.rs", [base, ours, &base.replace("two()", "2")], &ours.replace("two()", "2"));
}

#[test]
fn where_indentation_has_a_meaning_it_is_kept() {
    let base = "def a():\n    for x in all:\n        one(x)\n        two(x)\n    return x\n";
    let ours = "def a():\n    with lock:\n        for x in all:\n            one(x)\n            two(x)\n    return x\n";
    let theirs = base.replace("        two(x)\n", "        if x:\n            two(x, x)\n");
    check("a.py", [base, ours, &theirs], &ours.replace("            two(x)\n", "            if x:\n                two(x, x)\n"));
}

#[test]
fn other_white_space_throughout_is_followed() {
    let base = "function a() {\n  one();\n  if (x) {\n    two();\n    three();\n  }\n}\n";
    let ours = base.replace("    ", "\t\t").replace("  ", "\t");
    let theirs = base.replace("    two();\n", "    two({\n    });\n");
    check("a.js", [base, &ours, &theirs], &ours.replace("\t\ttwo();\n", "\t\ttwo({\n\t\t});\n"));
}

#[test]
fn a_change_lands_on_its_own_statement_and_on_none_of_the_same_shape() {
    let base = "export function A({ x }) {\n  const id = x.id;\n\n  const { request: one } = use(\n    call(\n      () => members.all({ id: x }),\n      [members, x]\n    )\n  );\n\n  const { request: two } =\n    use(\n      call(\n        () => groups.all({ id: x }),\n        [groups, x]\n      )\n    );\n  return id;\n}\n";
    let inside: String = base.lines().skip(1).map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect();
    let theirs = format!("export const A = observer(\n  ({{ x }}) => {{\n{}  }}\n);\n", inside.strip_suffix("  }\n").expect("an end"));
    let change = |text: &str| text.replace("groups.all({ id: x })", "groups.all({ x })");
    check("a.js", [base, &change(base), &theirs], &change(&theirs));
}

#[test]
fn what_was_added_inside_is_inside_and_at_the_edge_outside() {
    let base = "fn a() {\n    first();\n    second();\n    third();\n}\n";
    let ours = "fn a() {\n    first();\n    if x {\n        second();\n        third();\n    }\n}\n";
    let theirs = |before: &str| base.replace(&format!("    {before}();\n"), &format!("    new();\n    {before}();\n"));
    check("a.rs", [base, ours, &theirs("third")], &ours.replace("        third", "        new();\n        third"));
    check("a.rs", [base, ours, &theirs("second")], &ours.replace("    if", "    new();\n    if"));
}

#[test]
fn lines_that_stand_elsewhere_by_now_are_not_gone() {
    let base = "\
class Bar {
  render() {
    return (
      <I18n>
        {({ i18n }) => (
          <div>
            <Level>
              <Item>
                <Tools>
                  {all && (
                    <Group>
                      <One>
                        <Check
                          checked={all}
                        />
                      </One>
                      <Line />
                    </Group>
                  )}
                  <Group style={{ grow: '1' }}>
                    <One style={{ grow: '1' }}>
                      <Search
                        columns={columns}
                      />
                    </One>
                    <Line />
                  </Group>
                  <Group
                    name=\"sort\"
                  >
                    <One>
                      <Sort
                        columns={columns}
                      />
                    </One>
                  </Group>
                  { (small || more.length) ? (
                    <Line />
                  ) : null}
                  {small && (
                    <Fragment>
                      <Group>
                        <Fold
                          small={small}
                        />
                      </Group>
                      { more && (
                        <Line />
                      )}
                    </Fragment>
                  )}
                </Tools>
              </Item>
              <Item>
                {more}
              </Item>
            </Level>
          </div>
        )}
      </I18n>
    );
  }
}
";
    let ours = "\
class Bar {
  render() {
    return (
      <I18n>
        {({ i18n }) => (
          <Wide>
            <Tools margin={small}>
              <Left>
                {all && (
                  <Fragment>
                    <One>
                      <Check
                        checked={all}
                      />
                    </One>
                    <Line />
                  </Fragment>
                )}
                <One css=\"grow: 1;\">
                  <Search
                    columns={columns}
                  />
                </One>
                <Line />
              </Left>
              <Right>
                <One>
                  <Sort
                    columns={columns}
                  />
                </One>
                { (small || more.length) ? (
                  <Line />
                ) : null}
                {small && (
                  <Fragment>
                    <Group>
                      <Fold
                        small={small}
                      />
                    </Group>
                    { more && (
                      <Line />
                    )}
                  </Fragment>
                )}
                <Wrapper>
                  {more}
                </Wrapper>
              </Right>
            </Tools>
          </Wide>
        )}
      </I18n>
    );
  }
}
";
    let theirs =
        base.replace("                  { (small || more.length) ? (\n                    <Line />\n                  ) : null}\n", "");
    let theirs = theirs.replace(
        "                    <Fragment>\n                      <Group>",
        "                    <Fragment>\n                      <Line />\n                      <Group>",
    );
    conflicts("a.jsx", [base, ours, &theirs], &["both_changed -"]);
}
