//! Rules by number: what a decision can be traced back to.
