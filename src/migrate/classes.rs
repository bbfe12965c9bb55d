//! The classes that a migration declares: PHP loads one of a name, whoever declares it. Pure.

use std::collections::BTreeSet;

use super::text::{Token, tokens};

/// Names of the classes of a text, with their namespaces, in lower case as PHP tells them apart.
pub fn classes(text: &str) -> BTreeSet<String> {
    let tokens = tokens(text);
    let mut found = BTreeSet::new();
    let mut namespace = String::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        match word.as_str() {
            "namespace" => namespace = path(&tokens[at + 1..]),
            "class" if !is_expression(before) => {
                if let Some(Token::Word(name)) = tokens.get(at + 1) {
                    found.insert(format!("{namespace}{name}"));
                }
            }
            _ => {}
        }
    }
    found
}

/// A namespace, with the sign that parts it from a name.
fn path(tokens: &[Token]) -> String {
    let mut path = String::new();
    for token in tokens {
        match token {
            Token::Word(word) => path.push_str(word),
            Token::Sign('\\') => path.push('\\'),
            _ => break,
        }
    }
    if !path.is_empty() {
        path.push('\\');
    }
    path
}

/// `new class`, and `Name::class`: neither declares one.
fn is_expression(before: Option<&Token>) -> bool {
    match before {
        Some(Token::Word(word)) => word == "new",
        Some(Token::Sign(sign)) => matches!(sign, ':' | '>'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_classes_are_told_from_other_uses_of_the_word() {
        for (text, expected) in [
            (
                "<?php\nfinal class CreateIt extends AbstractMigration {}",
                vec!["createit"],
            ),
            (
                "<?php namespace App\\Db; class A {} class B {}",
                vec!["app\\db\\a", "app\\db\\b"],
            ),
            ("<?php return new class extends AbstractMigration {};", vec![]),
            ("<?php $x = Thing::class; // class Other\n", vec![]),
            ("<?php $x = 'class Text';", vec![]),
            ("CREATE TABLE class (id INT)", vec![]),
        ] {
            let found: Vec<String> = classes(text).into_iter().collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
