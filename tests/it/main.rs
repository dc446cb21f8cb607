//! The one integration binary: what holds for the crate as a whole.

mod tidy;
