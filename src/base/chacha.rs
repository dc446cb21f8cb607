//! ChaCha with 8 rounds: the first words of a key stream, and no more.

/// `expand 32-byte k`
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
const ROUNDS: u32 = 8;

/// The first four words of the stream of that number, under a key of eight bytes and 24 zeros
/// (all least significant first), as in the original by D. J. Bernstein: the number is the nonce.
pub(super) const fn first_words(key: u64, stream: u64) -> [u32; 4] {
    let mut words = [0; 16];
    [words[0], words[1], words[2], words[3]] = CONSTANTS;
    [words[4], words[5]] = halves(key);
    [words[14], words[15]] = halves(stream);
    let start = words;
    let mut round = 0;
    while round < ROUNDS {
        words = quarter(words, [0, 4, 8, 12]);
        words = quarter(words, [1, 5, 9, 13]);
        words = quarter(words, [2, 6, 10, 14]);
        words = quarter(words, [3, 7, 11, 15]);
        words = quarter(words, [0, 5, 10, 15]);
        words = quarter(words, [1, 6, 11, 12]);
        words = quarter(words, [2, 7, 8, 13]);
        words = quarter(words, [3, 4, 9, 14]);
        round += 2;
    }
    [
        words[0].wrapping_add(start[0]),
        words[1].wrapping_add(start[1]),
        words[2].wrapping_add(start[2]),
        words[3].wrapping_add(start[3]),
    ]
}

#[allow(clippy::cast_possible_truncation)] // the halves of 64 bits
const fn halves(word: u64) -> [u32; 2] {
    [word as u32, (word >> 32) as u32]
}

#[inline]
const fn quarter(mut words: [u32; 16], [a, b, c, d]: [usize; 4]) -> [u32; 16] {
    words[a] = words[a].wrapping_add(words[b]);
    words[d] = (words[d] ^ words[a]).rotate_left(16);
    words[c] = words[c].wrapping_add(words[d]);
    words[b] = (words[b] ^ words[c]).rotate_left(12);
    words[a] = words[a].wrapping_add(words[b]);
    words[d] = (words[d] ^ words[a]).rotate_left(8);
    words[c] = words[c].wrapping_add(words[d]);
    words[b] = (words[b] ^ words[c]).rotate_left(7);
    words
}
