//! `restore-lm`: train, measure and look into language models.

use restore_core::lm::{Model, Vocabulary, WordId, MAX_ORDER, MAX_WORDS};
use restore_core::text::{lm_sentences, LmEvent};
use restore_lm::estimate::{all_discounts, Estimate};
use restore_lm::prune::{by_count, by_worth, sizes, Target};
use restore_lm::trie::Trie;
use restore_lm::{corpus, export, input, measure, Failure, Outcome};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "\
usage: restore-lm train --out MODEL [options] TEXT...
         --order N          longest n-grams, 2 to 5 (default 4)
         --min-count N      words seen less often become <unk> (default 4)
         --max-words N      at most so many words
         --prune N,N,...    drop n-grams seen no more often than this, by order (as KenLM)
         --target-mb X      choose the n-grams worth most for a file of X MB (10^6 bytes)
         --min-raw N        with --target-mb: consider n-grams of 3 words and more seen N times (default 2)
         --rounds N         with --target-mb: rounds of choosing and estimating (default 3)
         --arpa FILE        write the unquantised model in ARPA format as well
         --notes TEXT       a line about the origin, stored in the file
       restore-lm perplexity --model MODEL TEXT...
       restore-lm text --model MODEL TEXT...      tokenized sentences; words that MODEL lacks are <rare>
       restore-lm speed --model MODEL TEXT        queries per second over tokenized sentences, one thread
       restore-lm inspect --model MODEL [WORD...] sizes; the scores of a sentence

TEXT is plain, .gz, .xz or .zst: UTF-8, a paragraph a line, a blank line between documents.
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Usage(reason)) => {
            eprint!("restore-lm: {reason}\n{USAGE}");
            ExitCode::from(2)
        }
        Err(Stop::Failed(failure)) => {
            eprintln!("restore-lm: {failure}");
            ExitCode::FAILURE
        }
    }
}

enum Stop {
    Usage(String),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<restore_core::error::Error> for Stop {
    fn from(e: restore_core::error::Error) -> Self {
        Self::Failed(e.into())
    }
}

/// The command line: options with values, and the rest.
struct Arguments {
    options: Vec<(String, String)>,
    rest: Vec<String>,
}

impl Arguments {
    fn parse(words: &[String], known: &[&str]) -> Result<Self, Stop> {
        let (mut options, mut rest) = (Vec::new(), Vec::new());
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if !word.starts_with("--") {
                rest.push(word.clone());
            } else if !known.contains(&word.as_str()) {
                return Err(Stop::Usage(format!("unknown option {word}")));
            } else {
                let value = words.next().ok_or_else(|| Stop::Usage(format!("{word} needs a value")))?;
                options.push((word.clone(), value.clone()));
            }
        }
        Ok(Self { options, rest })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    fn number<T: std::str::FromStr + PartialOrd>(&self, name: &str, low: T, high: T, default: T) -> Result<T, Stop> {
        let Some(text) = self.text(name) else { return Ok(default) };
        match text.parse::<T>() {
            Ok(n) if n >= low && n <= high => Ok(n),
            _ => Err(Stop::Usage(format!("{name} {text}: not a number in its range"))),
        }
    }

    fn path(&self, name: &str) -> Result<PathBuf, Stop> {
        self.text(name).map(PathBuf::from).ok_or_else(|| Stop::Usage(format!("{name} is missing")))
    }

    fn files(&self) -> Result<Vec<PathBuf>, Stop> {
        if self.rest.is_empty() {
            return Err(Stop::Usage("no text files".to_string()));
        }
        Ok(self.rest.iter().map(PathBuf::from).collect())
    }
}

fn run(words: Vec<String>) -> Result<(), Stop> {
    let Some((command, words)) = words.split_first() else { return Err(Stop::Usage("no command".to_string())) };
    match command.as_str() {
        "train" => train(words),
        "perplexity" => perplexity(words),
        "text" => text(words),
        "inspect" => inspect(words),
        "speed" => speed(words),
        "--help" | "-h" | "help" => {
            print!("{USAGE}");
            Ok(())
        }
        other => Err(Stop::Usage(format!("unknown command {other}"))),
    }
}

fn train(words: &[String]) -> Result<(), Stop> {
    let known = [
        "--out",
        "--order",
        "--min-count",
        "--max-words",
        "--prune",
        "--target-mb",
        "--min-raw",
        "--rounds",
        "--arpa",
        "--notes",
    ];
    let args = Arguments::parse(words, &known)?;
    let out = args.path("--out")?;
    let order = args.number("--order", 2, MAX_ORDER, 4)?;
    let min_count = args.number("--min-count", 1, u64::MAX, 4)?;
    let max_words = args.number("--max-words", 4, MAX_WORDS, MAX_WORDS)?;
    let target = args.number("--target-mb", 0.001, 1e6, 0.0)?;
    let min_raw = args.number("--min-raw", 1, u32::MAX, 2)?;
    let rounds = args.number("--rounds", 1, 100, 3)?;
    let thresholds = args
        .text("--prune")
        .map(|list| list.split(',').map(str::parse).collect::<Result<Vec<u32>, _>>())
        .transpose()
        .map_err(|_| Stop::Usage("--prune: not a list of numbers".to_string()))?
        .unwrap_or_default();
    if thresholds.first().is_some_and(|&t| t != 0) || thresholds.windows(2).any(|w| w[0] > w[1]) {
        return Err(Stop::Usage("--prune: thresholds begin with 0 and never fall".to_string()));
    }
    let files = args.files()?;
    let start = Instant::now();
    let mut log = |line: String| eprintln!("[{:7.1} s] {line}", start.elapsed().as_secs_f64());

    let mut corpus = corpus::read(&files, min_count, max_words)?;
    let summary = format!(
        "{} words in {} sentences of {} files; {} of them, of {} types, seen fewer than {min_count} times",
        corpus.tokens,
        corpus.sentences,
        files.len(),
        corpus.unknown,
        corpus.unknown_types
    );
    log(format!("{summary}; {} types kept", corpus.words.len()));
    if corpus.tokens == 0 {
        return Err(Failure("the text files hold no words".to_string()).into());
    }
    let trie = Trie::count(&mut corpus, order);
    let counted: Vec<usize> = trie.levels.iter().map(|l| l.len()).collect();
    log(format!("n-grams by order {counted:?}"));
    let discounts = all_discounts(&trie);
    log(format!("discounts {discounts:.4?}"));
    let (kept, estimate) = if target > 0.0 {
        let empty = export::bytes_without_ngrams(&corpus.words, order);
        let bytes = ((target * 1e6) as usize).saturating_sub(empty);
        by_worth(&trie, &discounts, &Target { bytes, min_raw, rounds }, &mut log)
            .ok_or_else(|| Failure(format!("{target} MB are too few: the words alone take {empty} bytes")))?
    } else {
        let kept = by_count(&trie, &thresholds);
        let estimate = Estimate::new(&trie, &discounts, &kept, false);
        (kept, estimate)
    };
    log(format!("estimated; (contexts, others) by order from 2: {:?}", sizes(&trie, &kept)));
    if let Some(path) = args.text("--arpa") {
        let failed = |e: std::io::Error| Failure(format!("{path}: {e}"));
        let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).map_err(failed)?);
        export::arpa(&trie, &corpus.words, &kept, &estimate, &mut file).and_then(|()| file.flush()).map_err(failed)?;
        log(format!("wrote {path}"));
    }
    let options: Vec<String> = (args.options.iter())
        .filter(|(name, _)| !matches!(name.as_str(), "--out" | "--arpa" | "--notes"))
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    let notes = format!(
        "trained on {summary}\noptions: {}\n{}\n",
        options.join(" "),
        args.text("--notes").unwrap_or("").trim()
    );
    let parts = export::parts(&trie, &corpus.words, &kept, &estimate, notes);
    drop((trie, estimate, kept));
    let bytes = parts.assemble();
    write_atomically(&out, &bytes)?;
    log(format!("wrote {} ({} bytes)", out.display(), bytes.len()));
    if let Some(peak) = peak_memory() {
        log(format!("peak memory {peak}"));
    }
    eprint!("{}", Model::open(&out)?.describe());
    Ok(())
}

/// The most memory this process ever held, where the system tells (Linux).
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmHWM:")).map(|v| v.trim().to_string())
}

/// Writes beside `path` and renames, so that no process ever maps half a model.
fn write_atomically(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let failed = |e: std::io::Error| Failure(format!("{}: {e}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let partial = path.with_extension("partial");
    std::fs::write(&partial, bytes).and_then(|()| std::fs::rename(&partial, path)).map_err(|e| {
        let _ = std::fs::remove_file(&partial);
        failed(e)
    })
}

fn perplexity(words: &[String]) -> Result<(), Stop> {
    let args = Arguments::parse(words, &["--model"])?;
    let model = Model::open(&args.path("--model")?)?;
    let mut sum = measure::Score::default();
    println!("perplexity  of known words    words  unknown  text");
    let line = |score: &measure::Score, name: &str| {
        let (all, known) = (score.perplexity(), score.perplexity_known());
        println!("{all:10.3} {known:15.3} {:8} {:8}  {name}", score.events, score.unknown);
    };
    for path in args.files()? {
        let score = measure::file(&model, &path)?;
        if score.events > 0 {
            line(&score, &path.file_name().unwrap_or_default().to_string_lossy());
            sum.add(&score);
        }
    }
    line(&sum, "all");
    Ok(())
}

fn text(words: &[String]) -> Result<(), Stop> {
    let args = Arguments::parse(words, &["--model"])?;
    let model = Model::open(&args.path("--model")?)?;
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let mut result = Ok(());
    for path in args.files()? {
        input::paragraphs(&path, &mut |paragraph| {
            let mut first = true;
            lm_sentences(paragraph, &mut |event| {
                let text = match event {
                    LmEvent::Word(w) if model.vocabulary().id(w).is_some() => w,
                    LmEvent::Word(_) => "<rare>",
                    LmEvent::EndSentence => "\n",
                };
                let gap = if first || text == "\n" { "" } else { " " };
                first = text == "\n";
                if result.is_ok() {
                    result = write!(out, "{gap}{text}");
                }
            });
        })?;
    }
    result.and_then(|()| out.flush()).map_err(|e| Failure(format!("standard output: {e}")).into())
}

/// Scores the lines of a tokenized file (as `text` writes it) word by word. Ids are looked up beforehand, as in KenLM's benchmark.
fn speed(words: &[String]) -> Result<(), Stop> {
    let args = Arguments::parse(words, &["--model", "--runs"])?;
    let runs = args.number("--runs", 1, 1000, 5)?;
    let model = Model::open(&args.path("--model")?)?;
    let mut lines = Vec::new();
    for path in args.files()? {
        input::paragraphs(&path, &mut |line| lines.push(line.to_string()))?;
    }
    let start = Instant::now();
    let mut ids = Vec::new();
    for line in &lines {
        ids.extend(line.split(' ').map(|w| model.vocabulary().id(w).unwrap_or(Vocabulary::UNKNOWN)));
        ids.push(Vocabulary::END);
    }
    let look_up = start.elapsed().as_nanos() as f64 / ids.len() as f64;
    for _ in 0..runs {
        let start = Instant::now();
        let (mut sum, mut state) = (0.0f64, model.begin());
        for &id in &ids {
            let (p, next) = model.score(&state, id);
            sum += f64::from(p);
            state = if id == Vocabulary::END { model.begin() } else { next };
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{:.0} queries/s ({} queries, sum {sum:.1})", ids.len() as f64 / seconds, ids.len());
    }
    println!("{look_up:.0} ns to cut off a word and find its id");
    Ok(())
}

fn inspect(words: &[String]) -> Result<(), Stop> {
    let args = Arguments::parse(words, &["--model"])?;
    let model = Model::open(&args.path("--model")?)?;
    print!("{}", model.describe());
    println!("vocabulary digest {:016x}", model.vocabulary().digest());
    let mut state = model.begin();
    let ids = args.rest.iter().map(|w| model.vocabulary().id(w).unwrap_or(Vocabulary::UNKNOWN));
    let ids: Vec<WordId> = ids.chain((!args.rest.is_empty()).then_some(Vocabulary::END)).collect();
    for id in ids {
        let (p, next) = model.score(&state, id);
        println!("{:9.4} {} words of history, then {}: {}", p, state.len(), next.len(), model.vocabulary().word(id));
        state = next;
    }
    Ok(())
}
