//! Many draws at a time.

use super::family::Family;
use super::normal::MANY;
use super::{Form, LONGEST, Law, rounded};
use crate::base::{Span, Stream};

impl Law {
    /// As many durations as there are streams, each drawn from its own: as [`Law::draw`] for one
    /// after the other, but faster.
    ///
    /// Streams without a place for their duration, and places without a stream, are left alone.
    pub fn draw_each(&self, streams: &mut [Stream], into: &mut [Span]) {
        let pairs = into.iter_mut().zip(streams.iter_mut());
        match &self.0 {
            Form::Constant(span) => pairs.for_each(|(it, _)| *it = *span),
            Form::Whole { by, family } if family.is_drawn_at_once() => {
                draw_at_once(*by, family, streams, into);
            }
            Form::Whole { by, family } => {
                pairs.for_each(|(it, stream)| {
                    *it = (*by + rounded(family.draw(stream))).min(LONGEST);
                });
            }
            _ => pairs.for_each(|(it, stream)| *it = self.draw(stream)),
        }
    }
}

fn draw_at_once(by: Span, family: &Family, streams: &mut [Stream], into: &mut [Span]) {
    for (streams, into) in streams.chunks_mut(MANY).zip(into.chunks_mut(MANY)) {
        let mut values = [0.5; MANY];
        for (value, stream) in values.iter_mut().zip(streams.iter_mut()) {
            *value = stream.unit();
        }
        family.invert_at_once(&mut values);
        for ((it, _), value) in into.iter_mut().zip(streams).zip(values) {
            *it = (by + rounded(value)).min(LONGEST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Key, Purpose, Seed};

    #[test]
    fn many_draws_are_those_of_one_after_the_other() {
        for text in [
            "30s",
            "exp(30s)",
            "exp(30s) + 1s",
            "20m..35m",
            "gamma(shape=2,mean=5m)",
            "lognormal(median=1m,p95=2m)",
            "lognormal(median=1m,sigma=10) + 1s",
        ] {
            let law: Law = text.parse().expect("the law is valid");
            let key = Key::new(Seed(7), 1);
            let mut streams = [0; 2000];
            (0..).zip(&mut streams).for_each(|(n, it)| *it = n);
            let mut streams = streams.map(|it| key.stream(it, Purpose::RunTime));
            let one_by_one = streams.map(|mut it| law.draw(&mut it));
            let mut spans = [Span::ZERO; 2000];
            law.draw_each(&mut streams, &mut spans);
            assert_eq!(spans, one_by_one, "{text}");
        }
    }
}
