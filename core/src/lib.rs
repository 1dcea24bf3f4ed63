//! The engine of `restore`: it finds what an article spinner replaced and gives the author's words back.
//!
//! One generative model does everything (a noisy channel): a native text, drawn from a language model, had each of its
//! words or phrases `o` replaced by a spun form `s` with probability `r * sigma(o) * q(s | o)`. Reading direction of the
//! modules, low to high: `text` -> `lm`, `lexicon` -> `channel` -> `lattice` -> `search` -> `adapt`, `pick` -> `decode`, `detect`
//! -> `render` -> `engine`. Nothing here knows of Python.
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod adapt;
pub mod channel;
mod decode;
pub mod detect;
pub mod engine;
pub mod error;
mod language;
pub mod lattice;
pub mod lexicon;
pub mod lm;
mod pick;
mod render;
pub mod replay;
pub mod search;
pub mod text;
