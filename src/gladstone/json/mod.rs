//! The portal's JSON arrays: what is not as expected costs its own place only and is told,
//! anything but an array is an error.
//!
//! Ours instead of `serde_path_to_error`: that names the place of the first error and ends there.

mod elements;
mod shapes;
mod skipped;

pub(super) use self::{
    elements::{read_elements, read_value},
    shapes::{Item, List, Text},
    skipped::{Skipped, element_path, left_out},
};
