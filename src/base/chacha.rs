//! ChaCha with 8 rounds: the first words of a key stream, and no more.

/// `expand 32-byte k`
const CONSTANTS: Row = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
const DOUBLE_ROUNDS: u32 = 4;

/// Four words, side by side: the state is four of them.
type Row = [u32; 4];

/// The first four words of the stream of that number, under a key of eight bytes and 24 zeros
/// (all least significant first), as in the original by D. J. Bernstein: the number is the nonce.
pub(super) fn first_words(key: u64, stream: u64) -> Row {
    let ([k0, k1], [n0, n1]) = (halves(key), halves(stream));
    let mut a = CONSTANTS;
    let mut b = [k0, k1, 0, 0];
    let mut c = [0; 4];
    let mut d = [0, 0, n0, n1];
    for _ in 0..DOUBLE_ROUNDS {
        round(&mut a, &mut b, &mut c, &mut d);
        // The columns of a state whose rows are turned are the diagonals.
        (b, c, d) = (turned(b, 1), turned(c, 2), turned(d, 3));
        round(&mut a, &mut b, &mut c, &mut d);
        (b, c, d) = (turned(b, 3), turned(c, 2), turned(d, 1));
    }
    sum(a, CONSTANTS)
}

#[allow(clippy::cast_possible_truncation)] // the halves of 64 bits
const fn halves(word: u64) -> [u32; 2] {
    [word as u32, (word >> 32) as u32]
}

/// Four quarter rounds, one for each column.
#[inline]
fn round(a: &mut Row, b: &mut Row, c: &mut Row, d: &mut Row) {
    *a = sum(*a, *b);
    *d = mixed(*d, *a, 16);
    *c = sum(*c, *d);
    *b = mixed(*b, *c, 12);
    *a = sum(*a, *b);
    *d = mixed(*d, *a, 8);
    *c = sum(*c, *d);
    *b = mixed(*b, *c, 7);
}

#[inline]
fn sum(one: Row, other: Row) -> Row {
    std::array::from_fn(|n| one[n].wrapping_add(other[n]))
}

#[inline]
fn mixed(one: Row, other: Row, by: u32) -> Row {
    std::array::from_fn(|n| (one[n] ^ other[n]).rotate_left(by))
}

#[inline]
fn turned(row: Row, by: usize) -> Row {
    std::array::from_fn(|n| row[(n + by) % 4])
}
