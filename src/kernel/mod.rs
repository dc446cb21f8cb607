//! Discrete-event simulation and what controllers are driven by: generic, and without a Job.
