//! The native module `restore._core`: the engine as Python sees it, and nothing else.
//!
//! What happens here: arguments in, offsets from bytes to code points, errors to Python's exceptions, the interpreter's
//! lock let go while the engine works. A panic of the engine is caught and becomes `restore.EngineError`.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use restore_core::engine::{self, Options, Report};
use restore_core::error::{Error, Kind, Result};
use restore_core::replay;

mod errors {
    pyo3::import_exception!(restore._errors, EngineError);
    pyo3::import_exception!(restore._errors, LexiconError);
    pyo3::import_exception!(restore._errors, ModelError);
    pyo3::import_exception!(restore._errors, UsageError);
}

/// The lexicon that ships with the package, compiled by build.rs.
static LEXICON: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lexicon.bin"));

/// A model and a lexicon, opened once. Immutable, so that any number of threads may use it.
#[pyclass(frozen, module = "restore._core")]
struct Engine {
    inner: engine::Engine,
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (model_path, *, lexicons = Vec::new()))]
    fn new(py: Python<'_>, model_path: &str, lexicons: Vec<(String, String)>) -> PyResult<Self> {
        let inner = guarded(py, || engine::Engine::open(Path::new(model_path), LEXICON, &lexicons))?;
        Ok(Self { inner })
    }

    #[pyo3(signature = (text, *, min_confidence))]
    fn restore(&self, py: Python<'_>, text: &str, min_confidence: f32) -> PyResult<Found> {
        guarded(py, || {
            let mut report = self.inner.restore(text, &options(min_confidence))?;
            to_code_points(text, &mut report);
            Ok(Found { report })
        })
    }

    #[pyo3(signature = (text, *, min_confidence))]
    fn clean(&self, py: Python<'_>, text: &str, min_confidence: f32) -> PyResult<Option<String>> {
        guarded(py, || {
            let report = self.inner.restore(text, &options(min_confidence))?;
            Ok((!report.edits.is_empty()).then(|| replay::apply(text, &report.edits)))
        })
    }

    fn detect(&self, py: Python<'_>, text: &str) -> PyResult<(f64, f64, usize)> {
        let report = guarded(py, || self.inner.detect(text, &Options::default()))?;
        Ok((number(report.spun), number(report.rate), report.words))
    }
}

/// What the engine found in one text; offsets are in code points.
#[pyclass(frozen, name = "Result", module = "restore._core")]
struct Found {
    report: Report,
}

#[pymethods]
impl Found {
    #[getter]
    fn edits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let edits = PyList::empty(py);
        for edit in &self.report.edits {
            let alternatives = PyList::empty(py);
            for (reading, probability) in &edit.alternatives {
                alternatives.append((PyString::new(py, reading), number(*probability)))?;
            }
            let row: Bound<'py, PyTuple> = (
                edit.start,
                edit.end,
                PyString::new(py, &edit.after),
                PyString::intern(py, edit.kind.as_str()),
                number(edit.confidence),
                alternatives,
            )
                .into_pyobject(py)?;
            edits.append(row)?;
        }
        Ok(edits)
    }

    #[getter]
    fn spun(&self) -> f64 {
        number(self.report.spun)
    }

    #[getter]
    fn rate(&self) -> f64 {
        number(self.report.rate)
    }

    #[getter]
    fn words(&self) -> usize {
        self.report.words
    }

    #[getter]
    fn log_likelihood_ratio(&self) -> f64 {
        number(self.report.llr)
    }

    #[getter]
    fn spinner(&self) -> Option<(String, f64)> {
        self.report.spinner.as_ref().map(|(family, probability)| (family.clone(), number(*probability)))
    }
}

fn options(min_confidence: f32) -> Options {
    Options { min_confidence, ..Options::default() }
}

/// Run `work` without the interpreter's lock; its error, and a panic too, becomes an exception.
fn guarded<T: Send>(py: Python<'_>, work: impl Send + FnOnce() -> Result<T>) -> PyResult<T> {
    match py.allow_threads(|| catch_unwind(AssertUnwindSafe(work))) {
        Ok(result) => result.map_err(exception),
        Err(panic) => Err(errors::EngineError::new_err(format!("defect in the engine: {}", panic_message(&*panic)))),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(message), _) => message,
        (_, Some(message)) => message,
        _ => "no message",
    }
}

fn exception(error: Error) -> PyErr {
    let message = error.to_string();
    match error.kind() {
        Kind::Io | Kind::Model => errors::ModelError::new_err(message), // the only file that the engine opens
        Kind::Lexicon => errors::LexiconError::new_err(message),
        Kind::Argument => errors::UsageError::new_err(message),
        _ => errors::EngineError::new_err(message),
    }
}

/// A single-precision figure as Python should show it: 0.9 rather than 0.8999999761581421.
fn number(value: f32) -> f64 {
    (f64::from(value) * 1e6).round() / 1e6
}

/// Turn the offsets of `report`, which count bytes of `text`, into code points. The edits are in order.
fn to_code_points(text: &str, report: &mut Report) {
    if text.is_ascii() {
        return;
    }
    let (mut bytes, mut points) = (0, 0);
    let mut convert = |to: usize| {
        points += text.as_bytes()[bytes..to].iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        bytes = to;
        points
    };
    for edit in &mut report.edits {
        edit.start = convert(edit.start);
        edit.end = convert(edit.end);
    }
}

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Engine>()?;
    module.add_class::<Found>()
}
