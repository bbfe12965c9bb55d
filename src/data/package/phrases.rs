//! What a column takes, where a file stops being one, and whose a row is: words for the faults, in both languages.

use super::fault::RowPlace;
use crate::model::{Bilingual as _, PackageRow, Phrase};

macro_rules! phrases {
    ($($name:ident: $pt:literal, $en:literal;)*) => {
        $(#[doc = $en] pub(in crate::data) const $name: Phrase = Phrase::new($pt, $en);)*
    };
}

phrases! {
    NOT_NULL: "um valor: a coluna não pode ser NULL", "a value: the column may not be NULL";
    NOT_NULL_OR_DEFAULT: "um valor: a coluna não pode ser NULL (para o valor padrão da coluna, retire o campo)", "a value: the column may not be NULL (leave the field out for the column's default)";
    A_DATE: "uma data (AAAA-MM-DD, como 2026-01-31)", "a date (YYYY-MM-DD)";
    A_DATE_AND_TIME: "uma data e hora (AAAA-MM-DD HH:MM:SS)", "a date and time (YYYY-MM-DD HH:MM:SS)";
    A_TIME: "uma hora (HH:MM:SS)", "a time (HH:MM:SS)";
    A_NUMBER: "um número", "a number";
    A_NUMBER_FROM_0: "um número, não abaixo de 0", "a number, not below 0";
    A_YEAR: "um ano de 1901 a 2155", "a year from 1901 to 2155";
    A_UUID: "um UUID (8-4-4-4-12 dígitos hexadecimais)", "a UUID (8-4-4-4-12 hexadecimal digits)";
    AN_IPV6: "um endereço IPv6", "an IPv6 address";
    AN_IPV4: "um endereço IPv4", "an IPv4 address";
    NARROW_CHARACTERS: "caracteres de no máximo três bytes (a coluna é utf8mb3)", "characters of at most three bytes (the column is utf8mb3)";
    VALID_JSON: "JSON válido", "valid JSON";
    A_LIST: "uma lista", "a list";
    AN_OBJECT: "um objeto", "an object";
    EXPECTED_OBJECT: "era esperado um objeto", "expected an object";
    COMMA_OR_BRACKET: "era esperado `,` ou `]`", "expected `,` or `]`";
    ENDS_INSIDE_LIST: "o arquivo acaba dentro da lista", "the file ends inside the list";
    ENDS_INSIDE_OBJECT: "o arquivo acaba dentro de um objeto", "the file ends inside an object";
    FOLLOWS_LIST: "há algo depois da lista", "something follows the list";
    EMPTY_FILE: "o arquivo está vazio", "the file is empty";
    NO_TRANSACTIONS: ", que não tem transações, por isso linhas antes dela podem ter sido gravadas", ", which knows no transactions, so that rows before it may have been written";
    ENDED_WITH_IT: " (não se sabe qual: a transação acabou com ela)", " (which one is not known: the transaction ended with it)";
    ROWS_DAMAGED: "as linhas guardadas não estão como foram gravadas", "the rows set aside are not as they were written";
    THIS_PLUGIN: "este plugin", "this plugin";
    NOBODY: "ninguém", "a row without owner";
    THE_TABLE: "a própria tabela", "the table";
}

/// Another plugin.
pub(in crate::data) fn plugin(name: &str) -> Phrase {
    Phrase::made(format!("plugin {name}"), format!("plugin {name}"))
}

/// A UNIQUE index.
pub(in crate::data) fn index(name: &str) -> Phrase {
    Phrase::made(format!("índice `{name}`"), format!("index `{name}`"))
}

/// Where the first of two equal rows stands; `index` is what makes them equal, where that is not their key.
pub(in crate::data) fn first_row(row: &PackageRow, index: &Phrase) -> Phrase {
    let row = self::row(row);
    if index.is_empty() {
        return row;
    }
    Phrase::made(
        format!("{} ({})", row.portuguese(), index.portuguese()),
        format!("{row} ({index})"),
    )
}

/// A row of the package.
pub(in crate::data) fn row(row: &PackageRow) -> Phrase {
    let (source, place) = (&row.source, RowPlace::of(row));
    Phrase::made(
        format!("{source}, {}", place.portuguese()),
        format!("{source}, {place}"),
    )
}

/// A row of which no more is known.
pub(in crate::data) fn row_number(number: usize) -> Phrase {
    Phrase::made(format!("linha {number}"), format!("row {number}"))
}

/// How many more than are shown.
pub(in crate::data) fn and_more(more: usize) -> Phrase {
    Phrase::made(format!("e mais {more}"), format!("and {more} more"))
}

/// What a column for whole numbers takes.
pub(in crate::data) fn whole_number(min: i128, max: i128) -> Phrase {
    Phrase::made(
        format!("um número inteiro de {min} a {max}"),
        format!("a whole number from {min} to {max}"),
    )
}

/// What a column for decimals takes.
pub(in crate::data) fn decimal(digits: usize, unsigned: bool) -> Phrase {
    let (pt, en) = if unsigned {
        (", não abaixo de 0", ", not below 0")
    } else {
        ("", "")
    };
    Phrase::made(
        format!("um número com no máximo {digits} dígitos antes do ponto{pt}"),
        format!("a number with at most {digits} digits before the point{en}"),
    )
}

/// What a column for characters takes.
pub(in crate::data) fn characters(limit: usize, found: usize) -> Phrase {
    Phrase::made(
        format!("no máximo {limit} caracteres, e vieram {found}"),
        format!("at most {limit} characters, found {found}"),
    )
}

/// What a column for long texts or bytes takes.
pub(in crate::data) fn bytes(limit: u64, found: u64) -> Phrase {
    Phrase::made(
        format!("no máximo {limit} bytes, e vieram {found}"),
        format!("at most {limit} bytes, found {found}"),
    )
}

/// What an ENUM takes.
pub(in crate::data) fn one_of(members: &[String]) -> Phrase {
    let members = members.join(", ");
    Phrase::made(format!("um destes: {members}"), format!("one of {members}"))
}

/// What a SET takes.
pub(in crate::data) fn words_of(members: &[String]) -> Phrase {
    let members = members.join(", ");
    Phrase::made(
        format!("palavras de {members}, separadas por vírgulas"),
        format!("words of {members}, with commas between"),
    )
}
