//! A report as text, one function for each format. A renderer chooses layout and escapes; it computes nothing.

pub mod doctor;
pub mod explain;
pub mod human;
pub mod json;
pub mod lines;
pub mod occurrences;
pub mod problems;
pub mod status;
