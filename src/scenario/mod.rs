//! Files that describe runs: recordings of Kubernetes' controllers, one JSON object a line, and
//! scenario files in YAML. Both speak one vocabulary.

mod against;
mod check;
mod cluster;
mod cluster_words;
mod content;
mod fates;
mod fields;
mod file;
mod leaf;
mod line;
mod oddities;
pub mod presets;
mod process;
mod recording;
mod scheduler;
mod scheduler_words;
mod schema;
#[cfg(test)]
mod tests;
mod times;
mod vocabulary;
mod words;

pub use cluster::ClusterRecording;
pub use file::ScenarioFile;
pub use process::ending_word;
pub use recording::{Recording, RecordingError};
pub use scheduler::SchedulerRecording;
pub use schema::json_schema;
