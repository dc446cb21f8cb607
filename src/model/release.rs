//! Kubernetes' releases as values: which behaviour each of them shows.
