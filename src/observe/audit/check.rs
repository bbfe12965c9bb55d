//! Reads a log as it is at one moment, and says whether it is what was written.

use super::difference::{Difference, Source};
use super::segment::{self, Snapshot};
use super::table::TableRow;
use super::verify::{Checked, Noted, Verifier, check_points, check_rows};
use super::{AuditError, Place};

/// Checks the log of a server against all that was noted of it; `table`: what the database has of it.
///
/// # Errors
/// [`AuditError::Differs`] with the first difference.
pub fn check(place: &Place, server: &str, table: &[TableRow]) -> Result<Checked, AuditError> {
    if let Some(snapshot) = Snapshot::take(&place.of(server))? {
        return verify(snapshot, table);
    }
    check_nobodys(place)?;
    let checked = Verifier::new(Noted::of(&[], table)).finish();
    checked.map_err(AuditError::Differs)
}

/// Checks that there is no log where this server has none: an id that was taken away, or exchanged, takes its log along.
///
/// # Errors
/// [`AuditError::Differs`] with the log that is nobody's.
pub fn check_nobodys(place: &Place) -> Result<(), AuditError> {
    match place.servers()?.into_iter().min() {
        Some(server) => Err(AuditError::Differs(Difference::Nobodys { server })),
        None => Ok(()),
    }
}

fn verify(snapshot: Snapshot, table: &[TableRow]) -> Result<Checked, AuditError> {
    let points = snapshot.points;
    let points = points.map_err(|line| AuditError::Differs(Difference::Point { line }))?;
    let mut noted = Noted::of(&points.points, table);
    let has_lines = !snapshot.segments.is_empty() || !points.points.is_empty();
    let (segment, bytes) = match &snapshot.head {
        None if has_lines => return Err(AuditError::Differs(Difference::Head)),
        None => (u64::MAX, 0),
        Some(head) => {
            noted.add(head.tree.size(), head.tree.root(), Source::Head);
            let first = snapshot.segments.first().map_or(0, |open| open.first);
            check_points(&points, head.chain.as_ref(), first).map_err(AuditError::Differs)?;
            (head.segment, head.bytes)
        }
    };
    let mut verifier = Verifier::new(noted);
    for open in snapshot.segments {
        let first = open.first;
        let content = open.read(&snapshot.folder)?;
        let known = match first.cmp(&segment) {
            std::cmp::Ordering::Less => content.len(),
            std::cmp::Ordering::Equal => usize::try_from(bytes).unwrap_or(usize::MAX),
            std::cmp::Ordering::Greater => 0,
        };
        let read = read_segment(&mut verifier, first, &content, known);
        read.map_err(AuditError::Differs)?;
    }
    let checked = verifier.finish().map_err(AuditError::Differs)?;
    check_rows(&points.points, table, &checked).map_err(AuditError::Differs)?;
    Ok(checked)
}

/// `known`: so many bytes of it the head knows. What comes after may be a line that is just not written to its end.
fn read_segment(verifier: &mut Verifier, first: u64, content: &[u8], known: usize) -> Result<(), Difference> {
    let mut lines = segment::lines(content).peekable();
    let mut read = 0;
    match lines.peek() {
        Some((_, false)) if known == 0 => return Ok(()),
        line => verifier.begin(first, line.map(|(line, _)| *line))?,
    }
    for (line, is_whole) in lines {
        let is_known = read < known;
        read += line.len() + 1;
        let taken = if is_whole {
            verifier.line(line)
        } else {
            Err(verifier.no_line(None))
        };
        match taken {
            Err(Difference::Line { .. }) if !is_known && !is_whole => return Ok(()),
            taken => taken?,
        }
    }
    Ok(())
}
