//! What a program wrote: its beginning and its end, however much it was. Pure.

use std::collections::VecDeque;

/// Bytes of the beginning, and of the end, that are shown at most.
const HALF: usize = 32 << 10;
/// Bytes that are kept besides: what is taken out of a text may begin before a cut and end after it.
const MORE: usize = 8 << 10;
/// What the mark of a cut takes at most.
const MARK: usize = 128;

/// What was written so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
}

impl Captured {
    /// Bytes of a text that is shown, at most.
    pub const MOST: usize = 2 * HALF;

    /// More was written.
    pub fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let room = (HALF + MORE).saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        let rest = &bytes[room..];
        let rest = &rest[rest.len().saturating_sub(HALF + MORE)..];
        let over = (self.tail.len() + rest.len()).saturating_sub(HALF + MORE);
        self.tail.drain(..over);
        self.tail.extend(rest);
    }

    /// As a text of at most [`Self::MOST`] bytes. `clean` takes out what nobody is to read; `mark` stands for so many bytes
    /// that are left out. What is no UTF-8 is shown as what it is.
    pub fn text(&self, clean: &dyn Fn(&str) -> String, mark: &dyn Fn(u64) -> String) -> String {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        let kept = (self.head.len() + tail.len()) as u64;
        if kept == self.total {
            let whole = clean(&String::from_utf8_lossy(&[self.head.as_slice(), &tail].concat()));
            if whole.len() <= Self::MOST {
                return whole;
            }
            return self.cut(&whole, &whole, mark);
        }
        let (head, tail) = (String::from_utf8_lossy(&self.head), String::from_utf8_lossy(&tail));
        self.cut(&clean(&head), &clean(&tail), mark)
    }

    /// What begins or ends in the bytes next to a cut is not shown: it may be a part of what `clean` takes out as a whole.
    fn cut(&self, head: &str, tail: &str, mark: &dyn Fn(u64) -> String) -> String {
        let room = HALF - MARK;
        let mut to = room.min(head.len().saturating_sub(MORE));
        while !head.is_char_boundary(to) {
            to -= 1;
        }
        let mut from = tail.len() - room.min(tail.len().saturating_sub(MORE));
        while !tail.is_char_boundary(from) {
            from += 1;
        }
        let (head, tail) = (&head[..to], &tail[from..]);
        let left_out = self.total.saturating_sub((head.len() + tail.len()) as u64);
        let mark: String = mark(left_out).chars().take(MARK / 4).collect();
        format!("{head}\n{mark}\n{tail}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(text: &str) -> String {
        text.to_owned()
    }

    fn shown(captured: &Captured) -> String {
        captured.text(&same, &|bytes| format!("[{bytes} bytes]"))
    }

    fn of(pieces: &[&[u8]]) -> Captured {
        let mut captured = Captured::default();
        for piece in pieces {
            captured.push(piece);
        }
        captured
    }

    #[test]
    fn what_fits_is_shown_as_it_was() {
        assert_eq!(shown(&of(&[])), "");
        assert_eq!(shown(&of(&[b"a", b"b\n"])), "ab\n");
        assert_eq!(shown(&of(&[b"\xff\xc3", b"\xa9x"])), "\u{fffd}éx");
        let most = vec![b'x'; Captured::MOST];
        assert_eq!(shown(&of(&[&most])).len(), Captured::MOST);
    }

    #[test]
    fn of_what_does_not_fit_beginning_and_end_are_shown() {
        for size in [Captured::MOST + 1, 2 * (HALF + MORE), 300_000] {
            let mut bytes = vec![b'x'; size];
            bytes[..5].copy_from_slice(b"begin");
            bytes[size - 3..].copy_from_slice(b"end");
            let mut captured = Captured::default();
            bytes.chunks(777).for_each(|chunk| captured.push(chunk));
            let text = shown(&captured);
            assert!(text.len() <= Captured::MOST, "{size}: {}", text.len());
            assert!(text.starts_with("beginx") && text.ends_with("xend"), "{size}");
            assert!(text.contains("bytes]"), "{size}");
        }
    }

    #[test]
    fn a_secret_at_a_cut_is_not_shown_in_part() {
        let clean = |text: &str| text.replace("SECRET", "***");
        for at in (HALF - MARK - 8..HALF + MORE + 8).step_by(3) {
            for end in [false, true] {
                let size = 400_000;
                let at = if end { size - at } else { at };
                let mut bytes = vec![b'x'; size];
                bytes[at..at + 6].copy_from_slice(b"SECRET");
                let text = of(&[&bytes]).text(&clean, &|_| String::new());
                let letters = ["S", "E", "C", "R", "T"];
                assert!(!letters.iter().any(|letter| text.contains(letter)), "{at} {end}");
            }
        }
    }

    proptest! {
        #[test]
        fn it_never_grows_beyond_its_limit(pieces in prop::collection::vec(
            (any::<u8>(), 0_usize..60_000), 0..6,
        )) {
            let mut captured = Captured::default();
            let mut all = Vec::new();
            for (byte, count) in pieces {
                let piece = vec![byte; count];
                captured.push(&piece);
                all.extend(piece);
            }
            let text = shown(&captured);
            prop_assert!(text.len() <= Captured::MOST);
            if let Ok(whole) = String::from_utf8(all)
                && whole.len() <= Captured::MOST
            {
                prop_assert_eq!(text, whole);
            }
        }
    }
}
