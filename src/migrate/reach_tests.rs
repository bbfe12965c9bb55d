//! Which texts reach what.

use super::facts::{Schema, SchemaColumn, Shown};
use super::reach::{Reach, drops};

fn schema() -> Schema {
    let column = |name: &&str| SchemaColumn {
        name: (*name).to_owned(),
        kind: "int".to_owned(),
    };
    let table = |(name, columns): (&str, &[&str])| (name.to_owned(), columns.iter().map(column).collect());
    let tables: [(&str, &[&str]); 3] = [
        ("x_notes", &["id", "body"]),
        ("x_tags", &["id"]),
        ("paginas", &["id_paginas", "nome", "x_extra"]),
    ];
    Schema {
        tables: tables.into_iter().map(table).collect(),
        ..Schema::default()
    }
}

fn class(body: &str) -> String {
    format!("<?php\nuse Phinx\\Migration\\AbstractMigration;\nfinal class M extends AbstractMigration {{\n{body}\n}}\n")
}

fn down(body: &str) -> String {
    class(&format!(
        "public function up(): void {{}}\npublic function down(): void {{ {body} }}"
    ))
}

fn shown(text: &str) -> String {
    let reach = Reach::of(text, &schema());
    let mut all: Vec<String> = reach.tables.into_iter().collect();
    all.extend(reach.columns.iter().map(Shown::shown));
    if reach.everything {
        all.insert(0, "*".to_owned());
    }
    all.join(" ")
}

#[test]
fn what_a_text_names_may_go() {
    for (body, expected) in [
        ("$this->execute('DROP TABLE x_notes');", "x_notes"),
        ("$this->execute('DROP TABLE ' . 'x_notes');", "x_notes"),
        ("$this->table('x_notes')->drop()->save();", "x_notes"),
        ("$t = $this->table('x_notes'); $t->drop()->save();", "x_notes"),
        (
            "if ($this->hasTable('x_notes')) { $this->table('x_notes')->drop()->save(); }",
            "x_notes",
        ),
        (
            "foreach (['x_notes', 'x_tags'] as $t) { $this->execute(\"DROP TABLE `$t`\"); }",
            "x_notes x_tags",
        ),
        (
            "$this->execute('ALTER TABLE paginas DROP COLUMN x_extra');",
            "paginas.x_extra",
        ),
        (
            "$this->table('paginas')->removeColumn('x_extra')->update();",
            "paginas.x_extra",
        ),
        (
            "$this->table('paginas')->changeColumn('nome', 'string')->update();",
            "paginas.nome",
        ),
        ("$this->execute('DELETE FROM paginas WHERE nome=1');", "paginas"),
        (
            "$this->execute('TRUNCATE TABLE x_notes; ALTER TABLE paginas DROP x_extra');",
            "x_notes paginas.x_extra",
        ),
        ("$this->execute(\"UPDATE paginas\\nSET nome=1\");", "paginas"),
        ("$this->execute(<<<SQL\nDROP TABLE\nx_notes\nSQL);", "x_notes"),
        (
            "if ($this->fetchRow('SELECT 1')) { $this->execute('DROP TABLE x_notes'); }",
            "x_notes",
        ),
        ("throw new \\RuntimeException('no');", ""),
        ("$this->execute(sprintf('DROP TABLE `%s`', 'x_notes'));", "x_notes"),
    ] {
        assert_eq!(shown(&down(body)), expected, "{body}");
    }
    let constant = class("const T = 'x_notes'; public function down() { $this->execute('DROP TABLE ' . self::T); }");
    assert_eq!(shown(&constant), "x_notes");
    assert_eq!(
        shown("-- up: CREATE TABLE x_notes (id INT)\n-- down: DROP TABLE x_notes\n"),
        "x_notes"
    );
}

#[test]
fn where_a_name_may_be_put_together_everything_may_go() {
    for body in [
        "$this->execute('DROP TABLE x_' . 'notes');",
        "$this->execute('DROP TABLE ' . self::P . 'notes');",
        "foreach (['notes'] as $t) { $this->execute(\"DROP TABLE x_$t\"); }",
        "foreach (['notes'] as $t) { $this->execute(\"DROP TABLE x_{$t}\"); }",
        "$this->execute(sprintf('DROP TABLE x_%s', 'notes'));",
        "$this->execute(implode('_', ['DROP TABLE x', 'notes']));",
        "$t = str_replace('-', '_', 'x-notes'); $this->execute(\"DROP TABLE $t\");",
        "foreach ($this->fetchAll('SHOW TABLES') as $t) { $this->execute('DROP TABLE ' . $t[0]); }",
        "$this->execute('DROP TABLE ' . Names::NOTES);",
        "$this->execute('DROP TABLE ' . X_NOTES);",
        "$this->execute(X_SQL);",
        "$this->execute($this->sql);",
        "require __DIR__ . '/x.php';",
        "(new Cleaner())->run();",
        "$f = 'drop'; $this->$f();",
        "$this->execute(\"DROP TABLE \\x78_notes\");",
        "$this->execute('CALL x_clean()');",
        "$this->execute(\"SET @s = CONCAT('DROP TABLE ', @t); PREPARE s FROM @s; EXECUTE s\");",
        "$this->execute($GLOBALS['sql']);",
        "$this->getAdapter()->dropTable('x_notes');",
        "$sql = 'DROP TABLE x_'; $sql .= 'notes'; $this->execute($sql);",
    ] {
        assert!(shown(&down(body)).starts_with('*'), "{body}");
    }
    let other = down("").replace("AbstractMigration {", "OurMigration {");
    assert!(shown(&other).starts_with('*'));
    assert!(shown(&class("use Cleans; public function down() { $this->execute('x'); }")).starts_with('*'));
}

#[test]
fn what_is_dropped_outright_is_told() {
    for (text, expected) in [
        (
            down("$this->execute('DROP TABLE IF EXISTS x_notes, x_tags');"),
            "x_notes x_tags",
        ),
        (down("$this->table('x_notes')->drop()->save();"), "x_notes"),
        (down("$this->dropTable('x_notes');"), "x_notes"),
        (
            down("$this->execute('ALTER TABLE x_notes DROP COLUMN body, DROP INDEX id');"),
            "x_notes.body",
        ),
        (
            down("$this->table('x_notes')->removeColumn('body')->update();"),
            "x_notes.body",
        ),
        (
            down("$t = $this->table('x_notes'); $t->removeColumn('body')->update();"),
            "x_notes.body",
        ),
        (down("$this->execute('DELETE FROM x_notes');"), ""),
        (
            class(
                "public function up() { $this->execute('DROP TABLE x_tags'); }\nfunction down() { $this->execute('DROP TABLE x_notes'); }",
            ),
            "x_notes",
        ),
        ("-- down: DROP TABLE x_notes".to_owned(), "x_notes"),
    ] {
        let taken = drops(&text, &schema());
        let mut found: Vec<String> = taken.tables.into_iter().collect();
        found.extend(taken.columns.iter().map(Shown::shown));
        assert_eq!(found.join(" "), expected, "{text}");
    }
}
