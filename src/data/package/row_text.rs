//! The text of a data file as a window that goes forward: no more than one row of it is in memory. Knows brackets and
//! strings, not rows.

use std::io::{self, Read};

use super::fault::FaultKind;
use super::phrases;
use crate::base::letters::shorten_text;
use crate::model::Phrase;

const CHUNK: usize = 128 * 1024;

/// What ends reading early.
pub(in crate::data) enum Stop {
    Fault(FaultKind),
    Unreadable(io::Error),
}

impl From<FaultKind> for Stop {
    fn from(kind: FaultKind) -> Self {
        Self::Fault(kind)
    }
}

/// The file's text as a window: bytes before `start` are forgotten, but their lines are counted.
pub(in crate::data) struct Text<R> {
    reader: R,
    pub(in crate::data) window: Vec<u8>,
    pub(in crate::data) start: usize,
    ended: bool,
    pub(in crate::data) line: usize,
    /// Bytes since the last line break before `start`.
    column: usize,
    /// Bytes that an object may have.
    longest: u64,
}

impl<R: Read> Text<R> {
    pub(in crate::data) fn new(reader: R, longest: u64) -> Self {
        Self {
            reader,
            window: Vec::new(),
            start: 0,
            ended: false,
            line: 1,
            column: 0,
            longest,
        }
    }

    /// Reads what is left and forgets it.
    pub(super) fn read_to_end(&mut self) -> io::Result<()> {
        io::copy(&mut self.reader, &mut io::sink()).map(drop)
    }

    /// Reads on; `false` at the end of the file.
    pub(super) fn grow(&mut self) -> Result<bool, Stop> {
        self.window.drain(..self.start);
        self.start = 0;
        let filled = self.window.len();
        self.window.resize(filled + CHUNK, 0);
        loop {
            match self.reader.read(&mut self.window[filled..]) {
                Ok(count) => {
                    self.window.truncate(filled + count);
                    self.ended = count == 0;
                    return Ok(count > 0);
                }
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                Err(fault) => return Err(Stop::Unreadable(fault)),
            }
        }
    }

    pub(super) fn skip(&mut self, count: usize) {
        for byte in &self.window[self.start..self.start + count] {
            if *byte == b'\n' {
                self.line += 1;
                self.column = 0;
            } else {
                self.column += 1;
            }
        }
        self.start += count;
    }

    /// The next byte that is no white space, without taking it.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            let rest = &self.window[self.start..];
            let blank = rest
                .iter()
                .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            if let Some(blank) = blank {
                self.skip(blank);
                return Ok(self.window.get(self.start).copied());
            }
            self.skip(self.window.len() - self.start);
            if !self.grow()? {
                return Ok(None);
            }
        }
    }

    /// Length of the object that starts here, read in whole.
    pub(in crate::data) fn object(&mut self) -> Result<usize, Stop> {
        let mut scan = Scan::default();
        loop {
            let found = scan.find_end(&self.window[self.start..]);
            let bytes = found.unwrap_or(self.window.len() - self.start) as u64;
            if bytes > self.longest {
                let (line, limit) = (self.line, self.longest);
                return Err(FaultKind::RowTooLong { line, limit }.into());
            }
            if let Some(end) = found {
                return Ok(end);
            }
            if !self.grow()? {
                let reason = phrases::ENDS_INSIDE_OBJECT;
                return Err(self.not_json(reason).into());
            }
        }
    }

    pub(super) fn not_json(&self, reason: Phrase) -> FaultKind {
        FaultKind::NotJson {
            line: self.line,
            column: self.column + 1,
            reason,
        }
    }

    pub(super) fn wrong_shape(&self, expected: Phrase) -> FaultKind {
        FaultKind::WrongShape {
            line: self.line,
            column: self.column + 1,
            expected,
        }
    }

    /// A fault of the parser inside the object that starts here.
    pub(super) fn parser_fault(&self, fault: &serde_json::Error) -> FaultKind {
        let text = fault.to_string();
        let reason = Phrase::of_others(shorten_text(text.split(" at line ").next().unwrap_or(&text)));
        let column = if fault.line() > 1 {
            fault.column()
        } else {
            self.column + fault.column()
        };
        FaultKind::NotJson {
            line: self.line + fault.line().saturating_sub(1),
            column,
            reason,
        }
    }
}

/// Finds where an object ends, going on where it stopped.
#[derive(Default)]
struct Scan {
    at: usize,
    depth: usize,
    in_string: bool,
}

impl Scan {
    /// The length of the object at the start of `text`, once all of it is there.
    fn find_end(&mut self, text: &[u8]) -> Option<usize> {
        while self.at < text.len() {
            let rest = &text[self.at..];
            if self.in_string {
                let found = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                match rest.get(found) {
                    Some(b'"') => {
                        self.in_string = false;
                        self.at += found + 1;
                    }
                    // An escape may be cut by the end of the window: come back to it.
                    Some(_) if found + 1 >= rest.len() => {
                        self.at += found;
                        return None;
                    }
                    Some(_) => self.at += found + 2,
                    None => self.at = text.len(),
                }
                continue;
            }
            match rest[0] {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if self.depth == 0 {
                return Some(self.at);
            }
        }
        None
    }
}
