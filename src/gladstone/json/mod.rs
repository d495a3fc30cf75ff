//! The portal's JSON arrays: what is not as expected costs its own place only and is told,
//! anything but an array is an error.
//!
//! `elements` cuts an answer into its elements while it arrives, and `crates/json-cursor` reads one,
//! field by field; what it cannot read goes through `repair` and serde.

mod elements;
mod repair;
mod shapes;
mod skipped;

#[cfg(any(test, fuzzing))]
pub(super) use self::elements::cut_array;
pub(super) use self::{
    elements::Elements,
    repair::read_value,
    shapes::Text,
    skipped::{Skipped, element_path, left_out},
};
