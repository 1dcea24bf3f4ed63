//! `restore-channel`: runs the engine over a folder of annotated or plain documents, with evidence left out.
//!
//! ```text
//! restore-channel MODEL LANGUAGE_DIR GOLD_DIR OUT_DIR [--leave none|document|family] [--set name=value]...
//! ```
//!
//! Every `NAME.gold.txt` of GOLD_DIR loses its marks, is restored and written to OUT_DIR/NAME.txt, ready for the scorer, its
//! edits with their posteriors to OUT_DIR/NAME.edits.tsv; one line a document says how spun it was found. `--leave document` compiles the lexicon anew for every document without that document's
//! evidence, `--leave family` without its whole family's evidence and labels: these are the figures that say what an unseen
//! document, or an unseen spinner, would get. `--set` changes a weight of the channel, a strength of the lexicon's prior or an
//! option (`lm`, `edit`, `sigma`, `min_confidence`, ...).

use restore_core::engine::{Engine, Options};
use restore_core::error::{Error, Kind, Result};
use restore_core::lexicon::{compile, Directory, Family, LeaveOut, Prior};
use restore_core::lm::Model;
use restore_core::replay::apply;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

#[derive(Default)]
struct Arguments {
    paths: Vec<PathBuf>,
    leave: String,
    prior: Prior,
    options: Options,
}

fn main() -> ExitCode {
    match arguments().and_then(|a| run(&a)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("restore-channel: {error}");
            ExitCode::from(2)
        }
    }
}

fn arguments() -> Result<Arguments> {
    let mut a = Arguments { leave: "none".to_string(), ..Arguments::default() };
    let mut rest = std::env::args().skip(1);
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| usage(&format!("{argument} needs a value")));
        match argument.as_str() {
            "--leave" => a.leave = value()?,
            "--set" => set(&mut a, &value()?)?,
            _ => a.paths.push(PathBuf::from(argument)),
        }
    }
    if !["none", "document", "family"].contains(&a.leave.as_str()) {
        return Err(usage("--leave is one of none, document, family"));
    }
    if a.paths.len() != 4 {
        return Err(usage("expected MODEL LANGUAGE_DIR GOLD_DIR OUT_DIR"));
    }
    Ok(a)
}

fn set(a: &mut Arguments, assignment: &str) -> Result<()> {
    let (name, value) = assignment.split_once('=').ok_or_else(|| usage("--set name=value"))?;
    let value: f32 = value.parse().map_err(|_| usage(&format!("not a number: {value}")))?;
    let Options { weights: w, min_confidence, min_spun, beam, rounds } = &mut a.options;
    let p = &mut a.prior;
    let place = match name {
        "lm" => &mut w.lm,
        "channel" => &mut w.channel,
        "edit" => &mut w.edit,
        "keep" => &mut w.keep,
        "hyphen" => &mut w.hyphen,
        "name" => &mut w.name,
        "length" => &mut w.length,
        "habit" => &mut w.habit,
        "against" => &mut w.against,
        "article" => &mut w.article,
        "unnamed" => &mut p.unnamed,
        "unstated" => &mut p.unstated,
        "unlisted" => &mut p.unlisted,
        "strength" => &mut p.strength,
        "foreign" => &mut p.foreign,
        "unknown" => &mut p.unknown,
        "sigma" => &mut p.sigma,
        "sigma_strength" => &mut p.sigma_strength,
        "inflected" => &mut p.inflected,
        "min_confidence" => min_confidence,
        "min_spun" => min_spun,
        "margin" => &mut beam.margin,
        "rounds" => {
            *rounds = value as usize;
            return Ok(());
        }
        "states" => {
            beam.states = value as usize;
            return Ok(());
        }
        _ => return Err(usage(&format!("no weight is called {name}"))),
    };
    *place = value;
    Ok(())
}

fn usage(message: &str) -> Error {
    Error::new(Kind::Argument, message)
}

fn run(a: &Arguments) -> Result<()> {
    let [model, language, gold, out] = a.paths.as_slice() else { return Err(usage("four paths")) };
    let directory = Directory::read(language)?;
    let families = families(&gold.join("FAMILIES.tsv"));
    std::fs::create_dir_all(out).map_err(|e| Error::io(out, &e))?;
    let mut engines: BTreeMap<String, Engine> = BTreeMap::new();
    for (name, text) in documents(gold)? {
        let family = families.get(&name).copied();
        let (key, leave_out) = match a.leave.as_str() {
            "document" => (name.clone(), LeaveOut { documents: vec![name.clone()], family: None }),
            "family" => (family.map_or("none", Family::name).to_string(), LeaveOut { documents: Vec::new(), family }),
            _ => ("none".to_string(), LeaveOut::default()),
        };
        if !engines.contains_key(&key) {
            if a.leave == "document" {
                engines.clear();
            }
            let model = Model::open(model)?;
            let (lexicon, report) = compile(&directory.sources, &directory.morphology, &a.prior, &leave_out, &model);
            if a.leave != "document" {
                eprintln!("lexicon without {key}: {report:?}");
            }
            engines.insert(key.clone(), Engine::new(model, lexicon, &[])?);
        }
        let started = Instant::now();
        let report = engines[&key].restore(&text, &a.options)?;
        let seconds = started.elapsed().as_secs_f64();
        let restored = apply(&text, &report.edits);
        let path = out.join(format!("{name}.txt"));
        std::fs::write(&path, restored).map_err(|e| Error::io(&path, &e))?;
        let rows = report.edits.iter().map(|e| {
            let others: Vec<String> = e.alternatives.iter().map(|(t, p)| format!("{t}={p:.3}")).collect();
            let others = others.join("|");
            format!("{}\t{}\t{}\t{}\t{:.3}\t{others}\n", e.start, e.end, &text[e.start..e.end], e.after, e.confidence)
        });
        let path = out.join(format!("{name}.edits.tsv"));
        std::fs::write(&path, rows.collect::<String>()).map_err(|e| Error::io(&path, &e))?;
        let (profile, p) = report.spinner.clone().unwrap_or(("-".to_string(), 0.0));
        println!(
            "{name}\tfamily {}\twords {}\tspun {:.4}\tllr {:.1}\trate {:.3}\tprofile {profile} {p:.2}\tedits {}\tMB/s {:.3}",
            family.map_or("-", Family::name),
            report.words,
            report.spun,
            report.llr,
            report.rate,
            report.edits.len(),
            text.len() as f64 / 1e6 / seconds
        );
    }
    Ok(())
}

/// The documents of a folder without their marks, by name.
fn documents(folder: &Path) -> Result<Vec<(String, String)>> {
    let listing = std::fs::read_dir(folder).map_err(|e| Error::io(folder, &e))?;
    let mut out = Vec::new();
    for entry in listing {
        let path = entry.map_err(|e| Error::io(folder, &e))?.path();
        let file = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        if let Some(name) = file.strip_suffix(".gold.txt").or_else(|| file.strip_suffix(".txt")) {
            let gold = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, &e))?;
            out.push((name.to_string(), without_marks(&gold)));
        }
    }
    out.sort();
    Ok(out)
}

/// `[[spun=>original]]` becomes `spun`.
fn without_marks(gold: &str) -> String {
    let mut out = String::with_capacity(gold.len());
    let mut rest = gold;
    while let Some((before, mark)) = rest.split_once("[[") {
        out.push_str(before);
        match mark.split_once("=>").and_then(|(spun, tail)| Some((spun, tail.split_once("]]")?.1))) {
            Some((spun, tail)) => {
                out.push_str(spun);
                rest = tail;
            }
            None => {
                out.push_str("[[");
                rest = mark;
            }
        }
    }
    out + rest
}

fn families(path: &Path) -> BTreeMap<String, Family> {
    let table = std::fs::read_to_string(path).unwrap_or_default();
    let row = |line: &str| {
        let mut cells = line.split('\t');
        Some((cells.next()?.to_string(), Family::from_letter(cells.next()?.chars().next()?)?))
    };
    table.lines().filter_map(row).collect()
}
