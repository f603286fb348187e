//! The Python half of the standard library, embedded: code compiled at build time, sources and data
//! files compressed.
//!
//! The tables are sorted and static; looking up a module costs a binary search and touches nothing
//! else. The code of a module that CPython freezes says `<frozen NAME>` for its file, all others say
//! their path relative to `lib/python3.14`, to be completed by whoever loads them.

include!(concat!(env!("OUT_DIR"), "/index.rs"));

static NAMES: &str = include_str!(concat!(env!("OUT_DIR"), "/names.txt"));
static CODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/code.bin"));
static SOURCE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/source.bin"));

/// Offset and length.
type Range = (u32, u32);

struct FileEntry {
    path: Range,
    data: Range,
    size: u32,
}

struct ModuleEntry {
    name: Range,
    code: Range,
    file: u16,
    is_package: bool,
    is_frozen: bool,
}

/// A module of the library.
#[derive(Clone, Copy)]
pub struct Module {
    /// Dotted.
    pub name: &'static str,
    pub is_package: bool,
    /// Among those that CPython keeps in its executable.
    pub is_frozen: bool,
    /// Marshalled code for optimisation level 0, without a header.
    pub code: &'static [u8],
    pub file: File,
}

/// A file of the library: a module's source, or data beside it.
#[derive(Clone, Copy)]
pub struct File {
    /// Relative to `lib/python3.14`.
    pub path: &'static str,
    /// Size of the contents.
    pub size: usize,
    compressed: &'static [u8],
}

/// The module with this dotted name.
pub fn find(name: &str) -> Option<Module> {
    let index = MODULES
        .binary_search_by(|entry| text(entry.name).cmp(name))
        .ok()?;
    Some(MODULES[index].module())
}

/// All modules, sorted by name.
pub fn modules() -> impl ExactSizeIterator<Item = Module> {
    MODULES.iter().map(ModuleEntry::module)
}

/// The file with this path relative to `lib/python3.14`.
pub fn find_file(path: &str) -> Option<File> {
    let index = FILES
        .binary_search_by(|entry| text(entry.path).cmp(path))
        .ok()?;
    Some(FILES[index].file())
}

/// All files, sorted by path.
pub fn files() -> impl ExactSizeIterator<Item = File> {
    FILES.iter().map(FileEntry::file)
}

impl Module {
    /// The source text, as bytes of the file.
    pub fn source(&self) -> Vec<u8> {
        self.file.contents()
    }
}

impl File {
    pub fn contents(&self) -> Vec<u8> {
        // What the build wrote is intact, and an empty file is the only wrong answer that is harmless.
        miniz_oxide::inflate::decompress_to_vec_zlib(self.compressed).unwrap_or_default()
    }
}

impl FileEntry {
    fn file(&self) -> File {
        let compressed = slice(SOURCE, self.data);
        File {
            path: text(self.path),
            size: self.size as usize,
            compressed,
        }
    }
}

impl ModuleEntry {
    fn module(&self) -> Module {
        Module {
            name: text(self.name),
            is_package: self.is_package,
            is_frozen: self.is_frozen,
            code: slice(CODE, self.code),
            file: FILES[self.file as usize].file(),
        }
    }
}

fn text((start, length): Range) -> &'static str {
    &NAMES[start as usize..(start + length) as usize]
}

fn slice(data: &'static [u8], (start, length): Range) -> &'static [u8] {
    &data[start as usize..(start + length) as usize]
}
