//! Which tables a migration makes, as far as its text says so plainly: for authors. Pure.

use super::text::{Token, calls, is_part, is_word, tokens};

/// The tables that a migration makes, whatever stands there already, in lower case. One that first asks is not among them.
pub fn creates(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    if calls(&tokens, "hastable") {
        return Vec::new();
    }
    let statements = tokens.split(|token| matches!(token, Token::Sign(';' | '{' | '}')));
    let mut found = Vec::new();
    for statement in statements {
        if calls(statement, "create") {
            found.extend(named_first(statement));
        }
        let said = statement.iter().filter_map(|token| match token {
            Token::Literal { text, .. } => Some(text.as_str()),
            _ => None,
        });
        found.extend(said.flat_map(|said| said.split(';')).filter_map(made_by_sql));
    }
    found
}

/// `table('name'`
fn named_first(statement: &[Token]) -> Option<String> {
    statement.windows(3).find_map(|three| match three {
        [word, Token::Sign('('), Token::Literal { text, open: false }] if is_word(word, "table") => {
            Some(text.trim().to_lowercase())
        }
        _ => None,
    })
}

/// `CREATE TABLE name (`
fn made_by_sql(statement: &str) -> Option<String> {
    let lower = statement.trim_start().to_lowercase();
    let rest = lower.strip_prefix("create")?.trim_start().strip_prefix("table")?;
    let name: &str = rest.trim_start().trim_start_matches('`');
    let end = name.find(|letter| !is_part(letter)).unwrap_or(name.len());
    let (name, behind) = name.split_at(end);
    // `if not exists`, and what stands in another database.
    let is_plain =
        rest.starts_with([' ', '\n', '\t', '`']) && name != "if" && !behind.trim_start_matches('`').starts_with('.');
    (is_plain && !name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_that_are_made_are_found() {
        for (body, expected) in [
            (
                "$this->table('Paginas', ['id' => 'x'])->addColumn('a', 'text')->create();",
                &["paginas"][..],
            ),
            ("$this->table('paginas')->addColumn('a', 'text')->update();", &[]),
            ("$this->execute('CREATE TABLE paginas (id INT)');", &["paginas"]),
            (
                "$this->execute(\"create  table `loja_a` (id INT); CREATE TABLE b(x INT)\");",
                &["loja_a", "b"],
            ),
            ("$this->execute('CREATE TABLE IF NOT EXISTS paginas (id INT)');", &[]),
            ("$this->execute('CREATE TABLE other.paginas (id INT)');", &[]),
            (
                "if (!$this->hasTable('paginas')) { $this->table('paginas')->create(); }",
                &[],
            ),
            ("$this->table($name)->create();", &[]),
            ("$this->execute('CREATE TABLESPACE x');", &[]),
        ] {
            let text = format!("<?php class A extends AbstractMigration {{ function up() {{ {body} }} }}");
            assert_eq!(creates(&text), expected, "{body}");
        }
    }
}
