//! Pod names as the API server makes them from a prefix: they depend on the seed, nothing else
//! depends on them.

use crate::api::ApiServer;
use crate::base::stream::Key;
use crate::base::{Purpose, Seed};
use crate::model::PodId;

/// The letters of a generated suffix: no vowels, nothing that reads like another letter.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
const SUFFIX: usize = 5;
/// A prefix of a generated name is cut to this length.
const PREFIX: usize = 58;

/// Makes names for the pods of a run.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    key: Key,
}

impl Names {
    /// The names of that run.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self {
            key: Key::new(seed, 0),
        }
    }

    /// `JOB-xxxxx`, or `JOB-INDEX-xxxxx` for Indexed Jobs (J46).
    #[must_use]
    pub fn pod(&self, api: &ApiServer, id: PodId) -> String {
        let pod = api.pod(id);
        let job = &api.job(pod.job).job.name;
        let mut name = match pod.index {
            Some(index) => {
                let tail = format!("-{index}-");
                cut(job, PREFIX.saturating_sub(tail.len())).to_owned() + &tail
            }
            None => cut(&format!("{job}-"), PREFIX).to_owned(),
        };
        let mut stream = self.key.stream(u64::from(id.0), Purpose::PodName);
        for _ in 0..SUFFIX {
            name.push(char::from(LETTERS[stream.below(27) as usize]));
        }
        name
    }
}

/// The longest start of the text that has at most so many bytes.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
