//! Sets of small numbers as bitmaps.
