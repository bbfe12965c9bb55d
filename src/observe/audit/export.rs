//! Writes records for others to read: as the lines that they are, or as a table. What is no record is left out: `check` names it.

use std::collections::VecDeque;
use std::io::{self, Write};

use serde_json::Value;

use super::record::ReadRecord;
use super::segment::{self, Snapshot};
use super::{AuditError, Filter, Place};

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A record a line, byte for byte as it stands in the log.
    #[default]
    Lines,
    /// With commas between, for spreadsheets.
    Table,
}

const COLUMNS: &str = "n,em,plugin,acao,recurso,permitido,motivo,vezes,pedido,ator,ctx\r\n";

/// Writes the records of a server that are wanted, of those the newest `most`, and says how many.
///
/// # Errors
/// Of the log as [`AuditError`], of the output as it comes.
pub fn export(
    (place, server): (&Place, &str),
    (filter, most): (&Filter, Option<u64>),
    format: Format,
    output: &mut dyn Write,
) -> Result<io::Result<u64>, AuditError> {
    let mut passed = match most {
        None => 0,
        Some(most) => {
            let mut all: u64 = 0;
            each(place, server, filter, &mut |_, _| all += 1)?;
            all.saturating_sub(most)
        }
    };
    let mut count = 0;
    let mut written = match format {
        Format::Lines => Ok(()),
        Format::Table => output.write_all(COLUMNS.as_bytes()),
    };
    each(place, server, filter, &mut |line, record| {
        if passed > 0 {
            passed -= 1;
        } else if written.is_ok() {
            count += 1;
            written = match format {
                Format::Lines => output.write_all(line).and_then(|()| output.write_all(b"\n")),
                Format::Table => output.write_all(row(&record).as_bytes()),
            };
        }
    })?;
    Ok(written.map(|()| count))
}

/// The newest records of a server that are wanted, the oldest of them first.
pub fn list(place: &Place, server: &str, filter: &Filter, most: usize) -> Result<Vec<Value>, AuditError> {
    let mut found = VecDeque::new();
    each(place, server, filter, &mut |_, record| {
        if found.len() == most {
            found.pop_front();
        }
        found.push_back(record);
    })?;
    let value = |record: ReadRecord| serde_json::to_value(record).unwrap_or(Value::Null);
    Ok(found.into_iter().take(most).map(value).collect())
}

fn each(
    place: &Place,
    server: &str,
    filter: &Filter,
    take: &mut dyn FnMut(&[u8], ReadRecord),
) -> Result<(), AuditError> {
    let Some(snapshot) = Snapshot::take(&place.of(server))? else {
        return Ok(());
    };
    for open in snapshot.segments {
        let content = open.read(&snapshot.folder)?;
        for (line, is_whole) in segment::lines(&content) {
            let record = ReadRecord::read(line).filter(|record| is_whole && filter.takes(record));
            if let Some(record) = record {
                take(line, record);
            }
        }
    }
    Ok(())
}

fn row(record: &ReadRecord) -> String {
    let text = |text: &Option<String>| cell(text.as_deref().unwrap_or_default());
    let context = cell(&record.ctx.to_string());
    format!(
        "{},{},{},{},{},{},{},{},{},{},{context}\r\n",
        record.n,
        cell(&record.em),
        text(&record.plugin),
        cell(&record.acao),
        text(&record.recurso),
        if record.permitido { "sim" } else { "nao" },
        text(&record.motivo),
        record.vezes,
        cell(&record.pedido),
        text(&record.ator),
    )
}

/// A cell (RFC 4180). What a spreadsheet would take for a formula is made text of.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    if guard.is_empty() && !text.contains([',', '"', '\n', '\r']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        for (text, shown) in [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("=1+1", "\"'=1+1\""),
            ("@x\ny", "\"'@x\ny\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), shown);
        }
    }
}
