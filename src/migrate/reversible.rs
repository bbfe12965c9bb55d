//! Whether a migration that was not run yet could be undone, by its text alone: nothing is loaded. Pure; what is not certain
//! has no way back.

use super::text::{Token, is_word, tokens};

/// Methods after which the runner knows by itself how to go back, and those that change nothing.
const REVERSIBLE: [&str; 17] = [
    "table",
    "create",
    "save",
    "update",
    "addcolumn",
    "addindex",
    "addforeignkey",
    "addforeignkeywithname",
    "addtimestamps",
    "addtimestampswithtimezone",
    "rename",
    "renamecolumn",
    "hastable",
    "hascolumn",
    "hasindex",
    "hasforeignkey",
    "exists",
];

/// Whether a migration has a way back: a `down()` with a body, or a `change()` that only does what can be turned round.
pub fn has_way_back(text: &str) -> bool {
    let tokens = tokens(text);
    if let Some(body) = body_of(&tokens, "down") {
        return !body.is_empty();
    }
    let Some(body) = body_of(&tokens, "change") else {
        return false;
    };
    called(body).all(|method| REVERSIBLE.contains(&method))
}

/// What stands between the braces of a method.
fn body_of<'t>(tokens: &'t [Token], name: &str) -> Option<&'t [Token]> {
    let is_it = |pair: &[Token]| is_word(&pair[0], "function") && is_word(&pair[1], name);
    let start = tokens.windows(2).position(is_it)?;
    let open = start + tokens[start..].iter().position(|token| *token == Token::Sign('{'))?;
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&tokens[open + 1..at]);
        }
    }
    None
}

/// The names after which a bracket opens.
fn called(body: &[Token]) -> impl Iterator<Item = &str> {
    body.windows(2).filter_map(|pair| match pair {
        [Token::Word(word), Token::Sign('(')] if !matches!(word.as_str(), "if" | "array") => Some(word.as_str()),
        // What is called by a variable is nobody's guess.
        [Token::Variable(_), Token::Sign('(')] => Some(""),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_turned_round_has_a_way_back() {
        let class = |body: &str| format!("<?php\nclass A extends AbstractMigration {{ {body} }}");
        for (body, has) in [
            ("public function down() { $this->table('a')->drop()->save(); }", true),
            (
                "public function up() { $this->execute('x'); } public function down(): void { $this->execute('y'); }",
                true,
            ),
            (
                "public function up() { $this->execute('x'); } public function down() { /* nothing */ }",
                false,
            ),
            ("public function up() { $this->execute('x'); }", false),
            (
                "public function change() { $this->table('a')->addColumn('b', 'string')->addIndex(['b'])->create(); }",
                true,
            ),
            (
                "public function change() { if ($this->hasTable('a')) { $this->table('a')->renameColumn('b', 'c')->save(); } }",
                true,
            ),
            (
                "public function change() { $this->table('a')->removeColumn('b')->save(); }",
                false,
            ),
            (
                "public function change() { $this->table('a')->changeColumn('b', 'text')->save(); }",
                false,
            ),
            ("public function change() { $this->execute('DROP TABLE a'); }", false),
            ("public function change() { $do('a'); }", false),
            ("", false),
        ] {
            assert_eq!(has_way_back(&class(body)), has, "{body}");
        }
        assert!(!has_way_back("CREATE TABLE a (b INT)"), "plain SQL has none");
    }
}
