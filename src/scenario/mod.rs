//! Files that describe runs: recordings of Kubernetes' controllers, one JSON object a line, and
//! scenario files in YAML. Both speak one vocabulary.

mod recording;
mod words;

pub use recording::{Recording, RecordingError};
