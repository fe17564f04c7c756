//! A report as text, one function for each format. A renderer chooses layout and escapes; it computes nothing.

pub mod ahead;
pub mod comment;
pub mod doctor;
pub mod error;
pub mod explain;
pub mod groups;
pub mod history;
pub mod html;
pub mod human;
pub mod ics;
pub mod json;
pub mod lines;
pub mod markdown;
pub mod page;
pub mod problems;
pub mod state;
pub mod status;
