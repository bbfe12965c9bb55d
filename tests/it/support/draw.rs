//! Numbers that look drawn, and are the same each time for the same seed.

/// A linear congruential generator (Knuth's MMIX).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    /// One that is another in each process.
    pub(crate) fn of_process(seed: u64) -> Self {
        Self(seed ^ u64::from(std::process::id()))
    }

    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// A number below another.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Yes or no.
    pub(crate) fn chance(&mut self) -> bool {
        self.below(2) == 0
    }

    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next()).unwrap()) / f64::from(1_u32 << 31)
    }
}
