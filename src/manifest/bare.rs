//! Decoding alone, in two ways: what `benches/decode.rs` compares.

use serde::Deserialize;

use super::twin::Job;
use super::typed::typed;
use super::{Errors, Located, Options, accept, each};

/// Jobs in the API's own types: nothing filled in, nothing validated.
#[derive(Debug, PartialEq)]
pub struct Jobs(Vec<Job>);

impl Jobs {
    /// Reads all documents as Jobs, as [`read`](super::read) does before it validates them: with
    /// Kubernetes' scalars, places, and errors for unknown fields and wrong types.
    ///
    /// # Errors
    /// The first document that is no Job of that shape.
    pub fn decode(text: &str) -> Result<Self, Errors> {
        let options = Options::default();
        let job = |located: Result<Located, Errors>| {
            let located = located?;
            accept::fields(&located, "Job", &options).map_err(Errors::new)?;
            typed::<Job>(&located.root).map_err(|words| located.error("", &words, ""))
        };
        let jobs = each("-", text.as_bytes(), &options.limits, job);
        Ok(Self(jobs.into_iter().collect::<Result<_, _>>()?))
    }

    /// Has a YAML library read the same types: without places, and unknown fields are passed over.
    ///
    /// # Errors
    /// What the library refuses.
    pub fn by_serde_yaml(text: &str) -> Result<Self, serde_yaml::Error> {
        let documents = serde_yaml::Deserializer::from_str(text);
        Ok(Self(
            documents.map(Job::deserialize).collect::<Result<_, _>>()?,
        ))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_read_the_same_types() {
        let one = include_str!("../../tests/fixtures/patterns/data-processor.yaml");
        let two = include_str!("../../tests/fixtures/decode/job.yaml");
        let text = [one, two, two].join("\n---\n");
        let jobs = Jobs::decode(&text).unwrap();
        assert_eq!(jobs.count(), 3);
        assert_eq!(jobs, Jobs::by_serde_yaml(&text).unwrap());
        let typo = text.replacen("image:", "imagee:", 1);
        assert!(Jobs::decode(&typo).is_err());
        assert!(Jobs::by_serde_yaml(&typo).is_ok());
    }
}
