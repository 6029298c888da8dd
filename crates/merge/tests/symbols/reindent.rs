//! A lesson each of lines that one side indented anew.

use crate::common::{check, conflicts, merge};

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
    conflicts("a.jsx", [base, ours, &theirs], &["both_changed Bar.render"]);
}

/// What comes out is a conflict, or this.
#[track_caller]
fn right_or_asked(path: &str, [base, ours, theirs]: [&str; 3], right: &str) {
    for (ours, theirs) in [(ours, theirs), (theirs, ours)] {
        if let Ok(text) = merge(path, base, ours, theirs) {
            assert_eq!(text, right, "\n{text}");
        }
    }
}

#[test]
fn what_is_not_inside_is_not_put_there() {
    // Behind a block that was taken out of its condition.
    let base = "def f(x):\n    if x.ok:\n        start(x)\n        stop(x)\n    return x\n";
    let ours = "def f(x):\n    start(x)\n    stop(x)\n    return x\n";
    let added = "    for y in x:\n        audit(y)\n";
    right_or_asked(
        "a.py",
        [base, ours, &base.replace("    return", &format!("{added}    return"))],
        &ours.replace("    return", &format!("{added}    return")),
    );
    // Behind the block, in the place of its last line.
    let base = "def f(x):\n    for a in x:\n        if a:\n            one_thing(a)\n            two_things(a)\n        three_things(a)\n    return x\n";
    let theirs = base.replace("two_things(a)\n", "two_things(a, 1)\n        count_up(a)\n");
    let ours = base.replace(
        "            one_thing(a)\n            two_things(a)\n",
        "            with lock:\n                one_thing(a)\n                two_things(a)\n",
    );
    right_or_asked("a.py", [base, &ours, &theirs], &ours.replace("two_things(a)\n", "two_things(a, 1)\n        count_up(a)\n"));
    let ours = base
        .replace("        if a:\n            one_thing(a)\n            two_things(a)\n", "        one_thing(a)\n        two_things(a)\n");
    right_or_asked("a.py", [base, &ours, &theirs], &ours.replace("two_things(a)\n", "two_things(a, 1)\n        count_up(a)\n"));
    // Between, and less deep.
    let base = "def f(x):\n    if x:\n        go_on(x)\n        stop_it(x)\n        go_off(x)\n        stop_all(x)\n    return x\n";
    let ours = "def f(x):\n    if not x:\n        return x\n    go_on(x)\n    stop_it(x)\n    go_off(x)\n    stop_all(x)\n    return x\n";
    right_or_asked("a.py", [base, ours, &base.replace("        go_off", "    if x.z:\n        go_off")], "");
    // At the end.
    let base = "def f(x):\n    if x > 1:\n        go(x)\n        stop(x)\n        done(x)\n";
    let ours = "def f(x):\n    if x <= 1:\n        return\n    go(x)\n    stop(x)\n    done(x)\n";
    right_or_asked("a.py", [base, ours, &format!("{base}    always(x)\n")], &format!("{ours}    always(x)\n"));
    let base = "def f(x):\n    if x:\n        one_thing(x)\n        two_things(x)\n";
    let ours = "def f(x):\n    if x:\n        for y in x:\n            one_thing(x)\n            two_things(x)\n";
    right_or_asked(
        "a.py",
        [base, ours, &format!("{base}    else:\n        count_up(x)\n")],
        &format!("{ours}    else:\n        count_up(x)\n"),
    );
    let base = "def f(x):\n    start(x)\n    stop(x)\n";
    let ours = "def f(x):\n    for y in x:\n        start(x)\n        stop(x)\n";
    right_or_asked("a.py", [base, ours, &format!("{base}    finish(x)\n")], &format!("{ours}    finish(x)\n"));
}

#[test]
fn python_stays_indented() {
    let base = "def f(x):\n    rows = load(x)\n    save(rows)\n    return rows\n";
    let ours = "def f(x):\n    with lock:\n        rows = load(x)\n        save(rows)\n    return rows\n";
    let theirs = "def f(x):\n    rows = load(x, limit=5)\n    check(rows)\n    save(rows)\n    return rows\n";
    let right = "def f(x):\n    with lock:\n        rows = load(x, limit=5)\n        check(rows)\n        save(rows)\n    return rows\n";
    right_or_asked("a.py", [base, ours, theirs], right);
    let base = "class Car:\n    def go(self, x):\n        a = x + 1\n        return a\n\n    def stop(self, x):\n        return x\n";
    let ours = "def go(x):\n    a = x + 1\n    return a\n\n\ndef stop(x):\n    return x\n";
    let theirs = base.replace("    def stop", "    def brake(self, x):\n        return 0\n\n    def stop");
    right_or_asked("a.py", [base, ours, &theirs], "");
    let base = "def f(x):\n    if x:\n        go(x)\n    return x\n";
    let theirs = base.replace("        go(x)\n", "        go(x)\n        if x.y:\n            stop(x)\n");
    right_or_asked("a.py", [base, &base.replace("    ", "\t"), &theirs], &theirs.replace("    ", "\t"));
    // What is in a string is no code.
    let base = "def f(x):\n    q = \"\"\"\nselect *\nfrom t\n\"\"\"\n    run_it(q)\n";
    let ours = "def f(x):\n    with db:\n        q = \"\"\"\nselect *\nfrom t\n\"\"\"\n        run_it(q)\n";
    let theirs = base.replace("select", "    -- all of it\nselect");
    right_or_asked("a.py", [base, ours, &theirs], &ours.replace("select", "    -- all of it\nselect"));
}

#[test]
fn a_line_that_one_side_indented_anew_and_the_other_deleted_is_not_there() {
    let base = "function f(x) {\n  first_step(x);\n  while (more(x)) {\n    run_it(x);\n    stop_it(x);\n  }\n  last_step(x);\n}\n";
    let ours = "function f(x) {\n  while (outer(x)) {\n    first_step(x);\n    while (more(x)) {\n      run_it(x);\n      stop_it(x);\n    }\n  }\n  last_step(x);\n}\n";
    right_or_asked("a.js", [base, ours, &base.replace("  first_step(x);\n", "")], &ours.replace("    first_step(x);\n", ""));
    let base = "def f(x):\n    begin(x)\n    if x.ok:\n        start(x)\n        check(x)\n        stop(x)\n    end(x)\n";
    let ours = "def f(x):\n    begin(x)\n    start(x)\n    if x.fine:\n        check(x)\n        stop(x)\n    end(x)\n";
    right_or_asked("a.py", [base, ours, &base.replace("        start(x)\n", "")], &ours.replace("    start(x)\n", ""));
}

#[test]
fn what_is_added_before_an_inner_block_is_not_put_into_it() {
    let base = "function f(x: X) {\n  if (x.a) {\n    if (x.b) {\n      start(x);\n      stop(x);\n    }\n    finish(x);\n  }\n}\n";
    let ours = "function f(x: X) {\n  if (x.b) {\n    start(x);\n    stop(x);\n  }\n  finish(x);\n}\n";
    let added = "for (const y of x.items) {\n      prepare(y);\n    }\n    ";
    let theirs = base.replace("    if (x.b)", &format!("    {added}if (x.b)"));
    right_or_asked(
        "a.ts",
        [base, ours, &theirs],
        &ours.replace("  if (x.b)", "  for (const y of x.items) {\n    prepare(y);\n  }\n  if (x.b)"),
    );
    let base = "fn f() {\n    go_on(x);\n    stop_it(x);\n}\n";
    let ours = "fn f() {\n    if x {\n        go_on(x);\n        stop_it(x);\n    } else {\n        stop_it(x);\n    }\n}\n";
    right_or_asked("a.rs", [base, ours, &base.replace("stop_it(x)", "stop_it(x, 2)")], "");
}

#[test]
fn what_one_side_puts_around_a_statement_that_the_other_moved_is_asked_about() {
    let base = "async function send(composer, message) {\n  if (message.edited) {\n    await update(message);\n  } else {\n    try {\n      if (override) {\n        await override(message);\n      } else {\n        await deliver(message);\n      }\n      composer.clear();\n      if (composer.typing) await stopTyping();\n    } catch (error) {\n      notify(error);\n    }\n  }\n}\n";
    let ours = base.replace(
        "      composer.clear();\n",
        "\n      // A poll leaves the draft as it is.\n      const isPoll = !!message.poll;\n      if (isPoll) {\n        composer.next({\n          poll: null,\n        });\n      } else {\n        composer.clear();\n      }\n",
    );
    let theirs = base
        .replace("      composer.clear();\n", "")
        .replace("    try {\n", "    const restore = snapshot(composer);\n    try {\n      composer.clear();\n")
        .replace("      notify(error);\n", "      restore();\n      notify(error);\n");
    conflicts("a.js", [base, &ours, &theirs], &["both_changed send"]);
}
