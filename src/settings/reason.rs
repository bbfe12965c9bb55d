//! Why a value is not taken. No text holds the value: it may be a secret. Values only.

/// Faults that are told at most; where there are more, [`Reason::More`] follows.
pub const MOST_FAULTS: usize = 100;

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// Another kind of value is wanted.
    #[error("a value of another type is wanted: {wanted}")]
    Type {
        /// Types of JSON.
        wanted: String,
    },
    /// It is none of those that can be chosen.
    #[error("none of the values that can be chosen")]
    Choice,
    /// It is not in a form.
    #[error("not in the form `{name}`")]
    Format {
        /// Its name.
        name: String,
    },
    /// Too small.
    #[error("at least {bound}")]
    AtLeast {
        /// The smallest.
        bound: String,
    },
    /// Too large.
    #[error("at most {bound}")]
    AtMost {
        /// The largest.
        bound: String,
    },
    /// Not above.
    #[error("more than {bound}")]
    Above {
        /// What is too small.
        bound: String,
    },
    /// Not below.
    #[error("less than {bound}")]
    Below {
        /// What is too large.
        bound: String,
    },
    /// Not one of the steps.
    #[error("a multiple of {step}")]
    Step {
        /// The step.
        step: String,
    },
    /// Too short.
    #[error("at least {least} characters")]
    Short {
        /// Characters.
        least: usize,
    },
    /// Too long.
    #[error("at most {most} characters")]
    Long {
        /// Characters.
        most: usize,
    },
    /// Not as an expression wants it.
    #[error("not as the expression {pattern} wants it")]
    Pattern {
        /// The expression.
        pattern: String,
    },
    /// Too few items.
    #[error("at least {least} items")]
    Few {
        /// Items.
        least: usize,
    },
    /// Too many items.
    #[error("at most {most} items")]
    Many {
        /// Items.
        most: usize,
    },
    /// The same item twice.
    #[error("the same item twice")]
    Twice,
    /// It must be there.
    #[error("a value is wanted")]
    Required,
    /// Nothing has that name.
    #[error("the schema has no such setting")]
    Unknown,
    /// It fits none of several descriptions.
    #[error("fits none of the descriptions that the schema allows (`{word}`)")]
    NoneFits {
        /// The word of the schema.
        word: &'static str,
    },
    /// It fits several where one is wanted.
    #[error("fits several of the descriptions, of which one is wanted (`oneOf`)")]
    SeveralFit,
    /// The schema forbids it.
    #[error("the schema forbids this value")]
    Forbidden,
    /// Anything else.
    #[error("not as the schema wants it (`{word}`)")]
    Other {
        /// The word of the schema.
        word: &'static str,
    },
    /// One line is wanted.
    #[error("one line is wanted: take the line breaks out")]
    LineBreak,
    /// More than a variable takes.
    #[error("longer than {most} bytes, which is what a setting takes")]
    TooLong {
        /// Bytes.
        most: usize,
    },
    /// Not a whole number, 0 or more.
    #[error("a whole number is wanted, 0 or more")]
    Quantity,
    /// Not money.
    #[error("an amount is wanted, 0 or more, with at most two decimals")]
    Money,
    /// Not a day.
    #[error("a day is wanted, as 2026-12-31")]
    Day,
    /// Not a minute.
    #[error("day and time are wanted, as 2026-12-31T23:59")]
    Minute,
    /// No number.
    #[error("a number is wanted, as 1.5")]
    Number,
    /// Neither yes nor no.
    #[error("1 or 0 is wanted")]
    Truth,
    /// No JSON.
    #[error("the text is no JSON")]
    Json,
    /// Too many values in values.
    #[error("values stand in one another more than {most} deep")]
    Deep {
        /// How deep they may.
        most: usize,
    },
    /// Holding it against the schema would take too long.
    #[error(
        "too much to judge: the schema would be read more than {most} times for this value: give fewer or shorter items, or a schema with fewer alternatives"
    )]
    Laborious {
        /// How often it may.
        most: u64,
    },
    /// There are more faults.
    #[error("there are more faults than these {most}: mend these first")]
    More {
        /// Faults that were told.
        most: usize,
    },
}

/// What is wrong with a value, and with which.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}: {reason}", shown(pointer))]
pub struct ValueFault {
    /// JSON pointer of the value.
    pub pointer: String,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Those that are told of faults, and that there are more.
pub fn first(faults: &[ValueFault]) -> Vec<ValueFault> {
    let mut told: Vec<ValueFault> = faults.iter().take(MOST_FAULTS).cloned().collect();
    if faults.len() > MOST_FAULTS {
        let reason = Reason::More { most: MOST_FAULTS };
        let pointer = String::new();
        told.push(ValueFault { pointer, reason });
    }
    told
}

/// A pointer as people read it: that of everything is empty.
pub(super) fn shown(pointer: &str) -> &str {
    if pointer.is_empty() { "/" } else { pointer }
}
