//! The name that was probably meant.

/// The nearest of the known names, if one is near enough to be a slip of the keyboard.
pub(crate) fn nearest<'a>(
    given: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Nobody types such a name by mistake, and distances take the product of the lengths.
    if given.len() > 64 {
        return None;
    }
    let allowed = (given.chars().count() / 3).clamp(1, 3);
    let lower = given.to_lowercase();
    let near = known.into_iter().filter_map(|name| {
        let distance = distance(&lower, &name.to_lowercase());
        (distance <= allowed).then_some((distance, name))
    });
    near.min().map(|(_, name)| name)
}

/// Letters to insert, delete, replace, or swap with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (
        from.chars().collect::<Vec<_>>(),
        to.chars().collect::<Vec<_>>(),
    );
    let mut before = Vec::new();
    let mut last = (0..=to.len()).collect::<Vec<_>>();
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let same = usize::from(from[i - 1] != to[j - 1]);
            let mut best = (last[j - 1] + same).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                let swapped: &Vec<usize> = &before;
                best = best.min(swapped[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised() {
        let known = [
            "image",
            "imagePullPolicy",
            "parallelism",
            "completions",
            "suspend",
        ];
        let cases = [
            ("imagee", Some("image")),
            ("Parallelism", Some("parallelism")),
            ("parallelizm", Some("parallelism")),
            ("compeltions", Some("completions")),
            ("replicas", None),
            ("x", None),
        ];
        for (given, meant) in cases {
            assert_eq!(nearest(given, known), meant, "{given}");
        }
    }
}
