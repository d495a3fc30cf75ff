//! The portal's JSON arrays: what is not as expected costs its own place only and is told,
//! anything but an array is an error.
//!
//! Paths are ours instead of `serde_path_to_error`'s: that names the first error and ends there, while
//! here a bad slot costs itself only. It would be 6 KB more of the binary, and twice the time for a
//! large answer (measured).

mod elements;
mod shapes;
mod skipped;

pub(super) use self::{
    elements::{read_elements, read_value},
    shapes::{Item, List, Text},
    skipped::{Skipped, element_path, left_out},
};
