//! What people may write where a law or a chance is wanted.

use super::flaw::Flaw;
use crate::base::{Chance, ChanceError, Law, LawError, Span};

/// What says how long something takes: a [`Law`], a [`Span`], or a text such as `20m..35m` (see
/// [`crate::base::law`]).
pub trait IntoLaw {
    /// The law.
    ///
    /// # Errors
    ///
    /// Why it is none.
    fn into_law(self) -> Result<Law, LawError>;
}

impl IntoLaw for Law {
    fn into_law(self) -> Result<Law, LawError> {
        Ok(self)
    }
}

impl IntoLaw for Span {
    fn into_law(self) -> Result<Law, LawError> {
        Law::constant(self)
    }
}

impl IntoLaw for &str {
    fn into_law(self) -> Result<Law, LawError> {
        self.parse()
    }
}

/// What says how likely something is: a [`Chance`], or a text such as `2%`, `0.02` or `1/50`.
pub trait IntoChance {
    /// The chance.
    ///
    /// # Errors
    ///
    /// Why it is none.
    fn into_chance(self) -> Result<Chance, ChanceError>;
}

impl IntoChance for Chance {
    fn into_chance(self) -> Result<Chance, ChanceError> {
        Ok(self)
    }
}

impl IntoChance for &str {
    fn into_chance(self) -> Result<Chance, ChanceError> {
        self.parse()
    }
}

/// Takes what could be read, and keeps the reason where it could not.
pub(super) trait Read {
    /// The value, if there is one; `word` is where it was written.
    fn read<T, E: ToString>(&mut self, word: &'static str, read: Result<T, E>) -> Option<T>;
}

impl Read for Vec<Flaw> {
    fn read<T, E: ToString>(&mut self, word: &'static str, read: Result<T, E>) -> Option<T> {
        let flaw = |why: E| Flaw::Unread {
            word,
            why: why.to_string(),
        };
        read.map_err(|why| self.push(flaw(why))).ok()
    }
}
