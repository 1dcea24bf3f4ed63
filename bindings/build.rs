//! Compiles the lexicon sources against the shipped language model; the binding embeds the result.

use restore_core::lexicon::{compile, Directory, LeaveOut, Prior};
use restore_core::lm::Model;
use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let language = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/restore/data/en");
    let model_path = language.join("model.bin");
    for watched in [language.join("lexicon"), language.join("morphology"), model_path.clone()] {
        println!("cargo:rerun-if-changed={}", watched.display());
    }
    let model = Model::open(&model_path)?;
    let Directory { sources, morphology } = Directory::read(&language)?;
    let (lexicon, _) = compile(&sources, &morphology, &Prior::default(), &LeaveOut::default(), &model);
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("lexicon.bin");
    std::fs::write(out, lexicon.to_bytes())?;
    Ok(())
}
