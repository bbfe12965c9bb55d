//! What an operation tells of one plugin: lines in the log, the last of them for its record, and warnings for its report.

use std::cell::{Cell, RefCell};

use chrono::{DateTime, FixedOffset};

use crate::base::listed::Listed;
use crate::config::Site;
use crate::log::{LogFile, Message, TOLD_BYTES, escape, text, within_line};
use crate::model::{Bilingual, Lang};
use crate::stage;
use crate::transaction::log_of;

/// Bytes of lines that are kept.
const LINES: usize = 64 << 10;
/// Bytes that one call writes to the log, so that it does not push out what other plugins left there.
const LOG_BYTES: usize = 256 << 10;
/// The same with single rows.
const DEBUG_BYTES: usize = 4 << 20;

/// What is told of one plugin.
pub(super) struct Account {
    pub(super) slug: String,
    lang: Lang,
    debug: bool,
    log: Option<LogFile>,
    warnings: RefCell<Listed<String>>,
    /// Bytes of them.
    warned: Cell<usize>,
    /// Bytes in the log.
    logged: Cell<usize>,
    is_log_full: Cell<bool>,
    log_fault: RefCell<Option<String>>,
    lines: RefCell<String>,
}

impl Account {
    /// One that writes no log yet.
    pub(super) fn new(slug: &str, lang: Lang) -> Self {
        Self {
            slug: slug.to_owned(),
            lang,
            debug: false,
            log: None,
            warnings: RefCell::new(Listed::default()),
            warned: Cell::new(0),
            logged: Cell::new(0),
            is_log_full: Cell::new(false),
            log_fault: RefCell::new(None),
            lines: RefCell::new(String::new()),
        }
    }

    /// One of a plugin of a site: it writes the site's log where that is wanted and there is a gestor.
    pub(super) fn of(site: &Site, name: &str, (is_logged, debug): (bool, bool)) -> Self {
        let account = Self::new(name, site.lang);
        if is_logged && stage::is_gestor(&site.root) {
            account.with_log(log_of(&site.root, name), debug)
        } else {
            account
        }
    }

    /// Writes lines to a log from now on; single rows too with `debug`.
    pub(super) fn with_log(mut self, log: LogFile, debug: bool) -> Self {
        (self.log, self.debug) = (Some(log), debug);
        self
    }

    /// It writes a log.
    pub(super) fn is_logged(&self) -> bool {
        self.log.is_some()
    }

    /// Single rows are wanted.
    pub(super) fn is_debug(&self) -> bool {
        self.debug
    }

    /// What was warned of.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.warnings.borrow().to_vec()
    }

    /// How many warnings are in no list.
    pub(super) fn unlisted_warnings(&self) -> usize {
        self.warnings.borrow().more()
    }

    /// Warnings that nobody listed.
    pub(super) fn count_warnings(&self, more: usize) {
        self.warnings.borrow_mut().count_more(more);
    }

    /// Why a line could not be written to the log, if one could not.
    pub(super) fn log_fault(&self) -> Option<String> {
        self.log_fault.borrow().clone()
    }

    /// The lines that were told so far, the last ones where there are many.
    pub(super) fn lines(&self) -> String {
        self.lines.borrow().clone()
    }

    /// Tells a message.
    pub(super) fn tell(&self, message: &Message, now: DateTime<FixedOffset>) {
        let is_warning = message.is_warning();
        if is_warning && !(self.warnings.borrow().has_room() && self.warned.get() < TOLD_BYTES) {
            return self.count_warnings(1);
        }
        let words = within_line(text(message, &self.slug, self.lang));
        self.keep_line(&format!("{} {}\n", message.tag().word(), escape(&words)));
        self.log(message, &words, now);
        if is_warning {
            self.warned.set(self.warned.get() + words.len());
            self.warnings.borrow_mut().push(words);
        }
    }

    /// Keeps a line; the oldest ones go where there is no room.
    fn keep_line(&self, line: &str) {
        let mut lines = self.lines.borrow_mut();
        lines.push_str(line);
        if lines.len() > LINES {
            let cut = lines.len() - LINES / 2;
            let end = lines.bytes().skip(cut).position(|byte| byte == b'\n');
            let end = end.map_or(lines.len(), |at| cut + at + 1);
            lines.drain(..end);
        }
    }

    /// One call writes so much of what it looks at, and then only how it ends.
    fn log(&self, message: &Message, words: &str, now: DateTime<FixedOffset>) {
        let Some(log) = &self.log else { return };
        let room = if self.debug { DEBUG_BYTES } else { LOG_BYTES };
        if self.logged.get() < room || message.tells_end() {
            self.log_line((log, now), message, words);
        } else if !self.is_log_full.replace(true) {
            let full = Message::LogFull { bytes: room };
            self.log_line((log, now), &full, &text(&full, &self.slug, self.lang));
        }
    }

    fn log_line(&self, (log, now): (&LogFile, DateTime<FixedOffset>), message: &Message, words: &str) {
        match log.write(now, message.level(), message.tag(), words) {
            Ok(bytes) => self.logged.set(self.logged.get() + bytes),
            Err(fault) => drop(self.log_fault.borrow_mut().get_or_insert_with(|| fault.text(self.lang))),
        }
    }
}
