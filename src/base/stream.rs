//! Random numbers with an address.
