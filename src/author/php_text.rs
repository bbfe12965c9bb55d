//! PHP taken apart as far as calls can be told from everything that only looks like one: text outside of `<?php`, comments,
//! strings, heredocs, methods, declarations. Pure.

/// A function that is called by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Called {
    /// Its name, in lower case, without a leading `\`.
    pub(super) name: String,
    /// The line, from 1.
    pub(super) line: usize,
}

/// The functions that a PHP file calls, and `die` and `exit`, which need no brackets.
pub(super) fn calls(text: &[u8]) -> Vec<Called> {
    let pieces = Lexer::new(text).pieces();
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let Kind::Name(name) = &piece.kind else { continue };
        let before = at.checked_sub(1).map(|at| &pieces[at].kind);
        let is_sign = |place: usize, sign: u8| pieces.get(place).is_some_and(|next| next.kind == Kind::Sign(sign));
        let is_member = matches!(before, Some(Kind::Access));
        let declares =
            matches!(before, Some(Kind::Name(word)) if matches!(word.as_str(), "function" | "new" | "const" | "class"));
        let ends = matches!(name.as_str(), "die" | "exit") && !is_sign(at + 1, b'=');
        if !is_member && !declares && (is_sign(at + 1, b'(') || ends) {
            found.push(Called {
                name: name.trim_start_matches('\\').to_owned(),
                line: piece.line,
            });
        }
    }
    found
}

/// What a PHP file declares.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Declared {
    /// The namespace that it is in.
    pub(super) namespace: Option<String>,
    /// Its classes, in lower case.
    pub(super) classes: Vec<String>,
    /// The last parts of all names in it, and its words, in lower case.
    names: Vec<String>,
}

impl Declared {
    /// Whether a name stands in it, in whichever namespace, or something that may stand elsewhere is brought in.
    pub(super) fn may_name(&self, name: &str) -> bool {
        const BRINGS: [&str; 4] = ["include", "include_once", "require", "require_once"];
        self.names
            .iter()
            .any(|found| found == name || BRINGS.contains(&found.as_str()))
    }
}

/// What it declares.
pub(super) fn declared(text: &[u8]) -> Declared {
    let pieces = Lexer::new(text).pieces();
    let mut found = Declared::default();
    for (at, piece) in pieces.iter().enumerate() {
        let Kind::Name(word) = &piece.kind else { continue };
        found.names.extend(word.rsplit('\\').next().map(str::to_owned));
        let is_member = at > 0 && pieces[at - 1].kind == Kind::Access;
        let Some(Kind::Name(name)) = pieces.get(at + 1).map(|next| &next.kind).filter(|_| !is_member) else {
            continue;
        };
        match word.as_str() {
            "class" => found.classes.push(name.clone()),
            "namespace" => found.namespace = Some(name.clone()),
            _ => {}
        }
    }
    found
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// A name or a keyword, in lower case.
    Name(String),
    /// `->`, `?->`, `::`
    Access,
    /// Any other sign.
    Sign(u8),
    /// A string, a number, a variable: what is no call by itself.
    Value,
}

#[derive(Debug)]
struct Piece {
    kind: Kind,
    line: usize,
}

struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
}

impl<'t> Lexer<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, line: 1 }
    }

    fn rest(&self) -> &'t [u8] {
        &self.text[self.at..]
    }

    fn begins(&self, with: &str) -> bool {
        self.rest().starts_with(with.as_bytes())
    }

    /// Goes on by some bytes.
    fn skip(&mut self, bytes: usize) {
        let end = (self.at + bytes).min(self.text.len());
        self.line += memchr::memchr_iter(b'\n', &self.text[self.at..end]).count();
        self.at = end;
    }

    /// Goes on behind the next place of a text; to the end where there is none.
    fn skip_past(&mut self, wanted: &str) {
        let found = memchr::memmem::find(self.rest(), wanted.as_bytes());
        self.skip(found.map_or(usize::MAX / 2, |at| at + wanted.len()));
    }

    fn pieces(mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        while self.open_php() {
            while self.at < self.text.len() && !self.begins("?>") {
                let line = self.line;
                if let Some(kind) = self.next() {
                    pieces.push(Piece { kind, line });
                }
            }
            self.skip(2);
        }
        pieces
    }

    /// Goes on behind the next `<?php` or `<?=`.
    fn open_php(&mut self) -> bool {
        while let Some(found) = memchr::memmem::find(self.rest(), b"<?") {
            self.skip(found + 2);
            let is_php = self
                .rest()
                .get(..3)
                .is_some_and(|word| word.eq_ignore_ascii_case(b"php"));
            if is_php || self.begins("=") {
                self.skip(if is_php { 3 } else { 1 });
                return true;
            }
        }
        false
    }

    /// The next piece; nothing where it is a space or a comment.
    fn next(&mut self) -> Option<Kind> {
        let first = *self.rest().first()?;
        match first {
            b'#' if !self.begins("#[") => self.skip_line(),
            b'/' if self.begins("//") => self.skip_line(),
            b'/' if self.begins("/*") => {
                self.skip(2);
                self.skip_past("*/");
            }
            b'\'' | b'"' | b'`' => return Some(self.string(first)),
            b'<' if self.begins("<<<") => return Some(self.heredoc()),
            b'$' => {
                self.skip(1);
                self.word();
                return Some(Kind::Value);
            }
            b'-' if self.begins("->") => return Some(self.access(2)),
            b'?' if self.begins("?->") => return Some(self.access(3)),
            b':' if self.begins("::") => return Some(self.access(2)),
            _ if is_part(first) || first == b'\\' => return Some(self.name(first)),
            _ => {
                self.skip(1);
                return (!first.is_ascii_whitespace()).then_some(Kind::Sign(first));
            }
        }
        None
    }

    fn access(&mut self, bytes: usize) -> Kind {
        self.skip(bytes);
        Kind::Access
    }

    fn name(&mut self, first: u8) -> Kind {
        let word = self.word();
        if word.is_empty() {
            self.skip(1);
            return Kind::Sign(first);
        }
        if first.is_ascii_digit() {
            Kind::Value
        } else {
            Kind::Name(word)
        }
    }

    fn word(&mut self) -> String {
        let end = self.rest().iter().position(|byte| !is_part(*byte) && *byte != b'\\');
        let word = &self.rest()[..end.unwrap_or(self.rest().len())];
        let word = String::from_utf8_lossy(word).to_ascii_lowercase();
        self.skip(end.unwrap_or(usize::MAX / 2));
        word
    }

    /// A comment of one line ends with it, or before `?>`.
    fn skip_line(&mut self) {
        let rest = self.rest();
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let end = memchr::memmem::find(&rest[..line], b"?>").unwrap_or(line);
        self.skip(end);
    }

    fn string(&mut self, quote: u8) -> Kind {
        self.skip(1);
        while let Some(next) = self.rest().first() {
            match *next {
                b'\\' => self.skip(2),
                byte => {
                    self.skip(1);
                    if byte == quote {
                        break;
                    }
                }
            }
        }
        Kind::Value
    }

    fn heredoc(&mut self) -> Kind {
        let line = memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
        let head = String::from_utf8_lossy(&self.rest()[3..line]).into_owned();
        let label: String = head.trim().trim_matches(['"', '\'']).to_owned();
        if label.is_empty() || !label.bytes().all(is_part) {
            self.skip(1);
            return Kind::Sign(b'<');
        }
        self.skip(line + 1);
        while !self.rest().is_empty() {
            let indented = self
                .rest()
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t'))
                .count();
            let after = &self.rest()[indented..];
            if after.starts_with(label.as_bytes()) && !after.get(label.len()).copied().is_some_and(is_part) {
                self.skip(indented + label.len());
                break;
            }
            let line = memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
            self.skip(line + 1);
        }
        Kind::Value
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_called_is_found() {
        for (text, expected) in [
            ("<?php var_dump($a);", "var_dump:1"),
            ("<?php\n\n \\var_dump ( 1 );", "var_dump:3"),
            ("<p>var_dump(1)</p><?= date('y') ?>die(1)", "date:1"),
            ("<?php // var_dump(1)\n# die;\n/* die(1) */", ""),
            ("<?php // x ?> die(1) <?php die;", "die:1"),
            (
                "<?php $a = 'die(1)'; $b = \"var_dump(\\\"1\\\") die(2)\"; exit(1);",
                "exit:1",
            ),
            ("<?php $a = <<<EOT\ndie(1)\n  EOTX\n  EOT;\ndd(1);", "dd:5"),
            ("<?php $a = <<<'X'\ndie\nX . die('a');", "die:3"),
            ("<?php $x->die(1); A::dump(1); $y?->dd(2);", ""),
            (
                "<?php function dd($a) {} class A { function die() {} } new Dump(1);",
                "",
            ),
            ("<?php $die(1); $a = 1 << 3; f(2);", "f:1"),
            ("<?php if ($a) die; elseif (g()) { }", "if:1 die:1 elseif:1 g:1"),
            ("<?php #[Attr(1)]\nh();", "attr:1 h:2"),
            ("<?PHP\r\nx();\r\ny();", "x:2 y:3"),
            ("no php at all die(1)", ""),
            ("<?xml version=\"1\"?><?php z();", "z:1"),
            ("<?php \"unclosed die(1)", ""),
            ("<?php A\\b();", "a\\b:1"),
        ] {
            let found: Vec<String> = calls(text.as_bytes())
                .iter()
                .map(|call| format!("{}:{}", call.name, call.line))
                .collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn classes_are_found() {
        let text = "<?php\nfinal class CreateIt extends AbstractMigration { function a() { return X::class; } }";
        let found = declared(text.as_bytes());
        assert_eq!((found.classes, found.namespace), (vec!["createit".to_owned()], None));
        assert!(declared(b"<?php // class A {}").classes.is_empty());
        let found =
            declared(b"<?php namespace A\\B; use Phinx\\Migration\\AbstractMigration as M; class C extends M {}");
        assert_eq!(found.namespace.as_deref(), Some("a\\b"));
        assert!(found.may_name("abstractmigration") && !found.may_name("migration"));
        assert!(declared(b"<?php require 'x.php';").may_name("abstractmigration"));
        assert_eq!(declared(b"<?php namespace\\f();").namespace, None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_apart(text in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let mut php = b"<?php ".to_vec();
            php.extend(&text);
            calls(&php);
            calls(&text);
        }
    }
}
