use super::ending::Ending;
use super::flaw::Flaw;
#[derive(Clone, Debug, PartialEq)]
pub struct WorkQueue {
    pub crash: Ending,
    pub poisoned: Ending,
}
impl WorkQueue {
    pub(super) fn check(&self) -> Vec<Flaw> {
        Vec::new()
    }
}
