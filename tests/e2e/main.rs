//! The real binary, end to end, over HTTP against a simulated club, in a scrubbed environment.

mod answers;
mod faults;
mod formats;
mod harness;
mod hostile;
mod input;
mod proxy;
mod requests;
mod sample;
mod settings;
mod surface;
mod surroundings;
mod tls;
