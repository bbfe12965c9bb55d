//! Reads a log as it is at one moment, and says whether it is what was written.

use super::segment::{self, Snapshot};
use super::verify::{Checked, Difference, Noted, Source, Verifier};
use super::{AuditError, Place};
use crate::model::Sha256Digest;

/// Checks the log of a server against all that was noted of it; `table`: sizes and roots that the database has.
///
/// # Errors
/// [`AuditError::Differs`] with the first difference.
pub fn check(place: &Place, server: &str, table: &[(u64, Sha256Digest)]) -> Result<Checked, AuditError> {
    let mut noted = Noted::default();
    for (size, root) in table {
        noted.add(*size, *root, Source::Table);
    }
    let Some(snapshot) = Snapshot::take(&place.of(server))? else {
        return Verifier::new(noted).finish().map_err(AuditError::Differs);
    };
    verify(snapshot, noted)
}

fn verify(snapshot: Snapshot, mut noted: Noted) -> Result<Checked, AuditError> {
    let points = snapshot.points;
    let points = points.map_err(|line| AuditError::Differs(Difference::Point { line }))?;
    noted.add_points(&points);
    let has_lines = !snapshot.segments.is_empty() || !points.is_empty();
    let (segment, bytes) = match &snapshot.head {
        None if has_lines => return Err(AuditError::Differs(Difference::Head)),
        None => (u64::MAX, 0),
        Some(head) => {
            noted.add(head.tree.size(), head.tree.root(), Source::Head);
            if head.point > 0 && !points.iter().any(|point| point.size() == head.point) {
                // The head is written after its checkpoint, and that stays as long as what it is of.
                return Err(AuditError::Differs(Difference::Point { line: points.len() + 1 }));
            }
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
    verifier.finish().map_err(AuditError::Differs)
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
            Err(Difference::Line { .. }) if !is_known => return Ok(()),
            taken => taken?,
        }
    }
    Ok(())
}
