//! Text as the engine sees it: tokens with byte offsets, sentences, protected spans and case patterns.
//!
//! Nothing here changes text. The tokenizer cuts a document into [`Token`]s and sentences so that the language
//! model, the lexicon and the lattice can work on word ids; every token remembers the bytes it came from, and
//! the renderer writes only over the tokens of an edit. The same tokenizer prepares the training text, so
//! the model and the decoder can never disagree about what a word is.

mod case;
mod chars;
mod normal;
mod protect;
mod tokenize;

pub use case::{apply_case, pattern_of, CasePattern};
pub use normal::{lm_sentences, lower_into, normal_form, LmEvent};
pub use tokenize::{tokenize, Case, Document, Gap, Token, TokenKind};
