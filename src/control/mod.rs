//! The controllers. They do no input or output: each is fed facts (notices of the API server and
//! the passing of time) and asks for requests; who drives them carries those out and hands back
//! the answers. They read Jobs and pods from the API server's store, standing for the informers'
//! caches, which in this model are never behind (J81).

pub mod announcer;
pub mod disruption;
pub mod gc;
pub mod job;
pub mod node_lifecycle;
pub mod passes;
pub mod pod_gc;
pub mod taint_eviction;
pub mod ttl;
