//! Compiling, compressing, and laying out the blob and its index.
//!
//! `code.bin` and `source.bin` are the pieces end to end, `names.txt` all names and paths; `index.rs` has
//! the tables with offsets into them. Offsets instead of references: the tables then need no relocation
//! when the program starts.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::library::{self, File};

pub struct Packed {
    path: String,
    size: usize,
    compressed: Vec<u8>,
    module: Option<Module>,
}

struct Module {
    name: String,
    is_package: bool,
    is_frozen: bool,
    code: Vec<u8>,
}

/// Packs all files on all cores; the order of the input is kept.
pub fn pack_all(files: Vec<File>) -> Vec<Packed> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<Packed>>> = files.iter().map(|_| Mutex::new(None)).collect();
    let work = || {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let index = files
                .iter()
                .position(|other| std::ptr::eq(other, file))
                .unwrap();
            *results[index].lock().unwrap() = Some(pack(file));
        }
    };
    let threads = thread::available_parallelism().map_or(1, |n| n.get());
    thread::scope(|scope| {
        for _ in 0..threads {
            // Deeply nested expressions recurse; the compiler bounds that by the size of a main stack.
            thread::Builder::new()
                .stack_size(16 << 20)
                .spawn_scoped(scope, work)
                .unwrap();
        }
    });
    results
        .into_iter()
        .map(|slot| slot.into_inner().unwrap().unwrap())
        .collect()
}

fn pack(file: &File) -> Packed {
    let module = library::module_of(&file.path).map(|(name, is_package)| {
        let is_frozen = library::is_frozen(&name);
        let filename = if is_frozen {
            format!("<frozen {name}>")
        } else {
            file.path.clone()
        };
        let code = compile(&file.text, &filename);
        Module {
            name,
            is_package,
            is_frozen,
            code,
        }
    });
    let compressed = miniz_oxide::deflate::compress_to_vec_zlib(&file.text, 6);
    Packed {
        path: file.path.clone(),
        size: file.text.len(),
        compressed,
        module,
    }
}

/// The marshalled code of a module, at optimisation level 0. Empty if it does not compile: the module
/// is then compiled when it is imported, and the error is the program's to see.
fn compile(source: &[u8], filename: &str) -> Vec<u8> {
    // A panic of the compiler, too, must not keep the rest from being built.
    let result = std::panic::catch_unwind(|| compile_source(source, filename));
    result
        .unwrap_or_else(|_| Err("panic".to_string()))
        .unwrap_or_else(|error| {
            println!("cargo:warning={filename} does not compile: {error}");
            Vec::new()
        })
}

fn compile_source(source: &[u8], filename: &str) -> Result<Vec<u8>, String> {
    let text = syntax::source::decode(source, filename, &mut syntax::NoHost)
        .map_err(|error| format!("{error:?}"))?;
    let arena = syntax::Arena::new();
    let settings = syntax::Settings::new(syntax::Mode::Exec);
    let module = syntax::parse(&arena, &text, settings, &mut syntax::NoHost)
        .map_err(|error| format!("{error:?}"))?;
    let options = compiler::Options {
        filename: filename.into(),
        flags: 0,
        optimize: 0,
    };
    let code = compiler::compile(&arena, &module, &options, &mut syntax::NoHost)
        .map_err(|error| format!("{error:?}"))?;
    bytecode::marshal::write_code(&Rc::new(code)).map_err(|error| error.message().to_string())
}

pub fn write(out: &Path, packed: &[Packed]) {
    let (mut names, mut sources, mut codes) = (Text::default(), Vec::new(), Vec::new());
    let (mut files, mut modules) = (String::new(), Vec::new());
    for (index, file) in packed.iter().enumerate() {
        let path = names.add(&file.path);
        let (start, length, size) = (sources.len(), file.compressed.len(), file.size);
        writeln!(
            files,
            "FileEntry {{ path: {path}, data: ({start}, {length}), size: {size} }},"
        )
        .unwrap();
        sources.extend_from_slice(&file.compressed);
        if let Some(module) = &file.module {
            modules.push((module, index));
        }
    }
    modules.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    // What every start loads lies together, so that a start touches few pages of the code.
    let (first, rest): (Vec<_>, Vec<_>) = (0..modules.len()).partition(|&i| library::loads_at_start(&modules[i].0.name));
    let mut starts = vec![0; modules.len()];
    for i in first.into_iter().chain(rest) {
        starts[i] = codes.len();
        codes.extend_from_slice(&modules[i].0.code);
    }
    let mut entries = String::new();
    for ((module, file), start) in modules.iter().zip(starts) {
        let name = names.add(&module.name);
        let (is_package, is_frozen) = (module.is_package, module.is_frozen);
        let length = module.code.len();
        writeln!(
            entries,
            "ModuleEntry {{ name: {name}, code: ({start}, {length}), file: {file}, \
             is_package: {is_package}, is_frozen: {is_frozen} }},"
        )
        .unwrap();
    }
    let index = format!(
        "static FILES: [FileEntry; {}] = [\n{files}];\nstatic MODULES: [ModuleEntry; {}] = [\n{entries}];\n",
        packed.len(),
        modules.len(),
    );
    fs::write(out.join("code.bin"), codes).unwrap();
    fs::write(out.join("source.bin"), sources).unwrap();
    fs::write(out.join("names.txt"), names.text).unwrap();
    fs::write(out.join("index.rs"), index).unwrap();
}

/// Strings end to end.
#[derive(Default)]
struct Text {
    text: String,
}

impl Text {
    fn add(&mut self, piece: &str) -> String {
        let start = self.text.len();
        self.text.push_str(piece);
        format!("({start}, {})", piece.len())
    }
}
