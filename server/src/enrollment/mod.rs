//! Enrollment of persons: OSIA Enrollment 1.3.0.

pub mod model;
