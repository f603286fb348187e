//! `_symtable`: the compiler's symbol tables, for `symtable`.

use crate::compile::{self, Mode, Request};
use crate::err;
use crate::errors::PyResult;
use crate::modules::builtins::evaluate::{fs_decode, source_bytes};
use crate::object::{Object, ObjectHead, Owned, PyTyped};
use crate::types::{self, Dict, Int, List, Str};
use compiler::flags::PyCF_IGNORE_COOKIE;
use compiler::names::Names;
use compiler::symtable::{BlockId, BlockKind, SymbolTable, symbol};
use macros::{Traverse, pymodule, pytype};
use std::mem::offset_of;

/// A block.
#[derive(Traverse)]
#[repr(C)]
pub struct Entry {
    head: ObjectHead,
    name: Owned<Str>,
    symbols: Owned<Dict>,
    varnames: Owned<List>,
    children: Owned<List>,
    nested: i32,
    kind: i32,
    line: i32,
}

#[pytype(static = PySTEntry_Type, name = "symtable entry", flags = HAVE_GC | DISALLOW_INSTANTIATION, native,
    members = [
        ("name", T_OBJECT, offset_of!(Entry, name), READONLY),
        ("symbols", T_OBJECT, offset_of!(Entry, symbols), READONLY),
        ("varnames", T_OBJECT, offset_of!(Entry, varnames), READONLY),
        ("children", T_OBJECT, offset_of!(Entry, children), READONLY),
        ("nested", T_INT, offset_of!(Entry, nested), READONLY),
        ("type", T_INT, offset_of!(Entry, kind), READONLY),
        ("lineno", T_INT, offset_of!(Entry, line), READONLY),
    ])]
impl Entry {
    #[slot]
    fn tp_repr(&self) -> String {
        format!("<symtable entry {}({}), line {}>", &*self.name, self.id(), self.line)
    }
    #[getter]
    fn id(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }
}

fn number_of(kind: BlockKind) -> i32 {
    match kind {
        BlockKind::Function => 0,
        BlockKind::Class => 1,
        BlockKind::Module => 2,
        BlockKind::Annotation => 3,
        BlockKind::TypeAlias => 4,
        BlockKind::TypeParameters => 5,
        BlockKind::TypeVariable => 6,
    }
}

/// The entry of a block, with those of the blocks in it.
fn entry(table: &SymbolTable, names: &Names<'_>, id: BlockId) -> PyResult<Owned<Entry>> {
    crate::tstate::check_recursion(" while building the symbol table")?;
    let block = table.block(id);
    let text = |name| Str::intern(Str::new(names.text(name)));
    let symbols = Dict::new();
    for (name, flags) in block.symbols.iter() {
        symbols.set_str(&text(name), &*Int::from_i64(flags as i64))?;
    }
    let children = List::new();
    for &child in &block.children {
        children.append(entry(table, names, child)?.as_object())?;
    }
    let varnames = List::from_owned(block.varnames.iter().map(|&name| text(name).into_object()).collect());
    let made = Entry {
        head: ObjectHead::placeholder(),
        name: text(block.name),
        symbols,
        varnames,
        children,
        nested: block.nested as i32,
        kind: number_of(block.kind),
        line: block.location.lineno,
    };
    Entry::construct(Entry::type_object(), made)
}

/// Symbol tables.
#[pymodule(name = "_symtable")]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &types::Module) -> PyResult<()> {
        let numbers = [
            ("USE", symbol::USE),
            ("DEF_GLOBAL", symbol::DEF_GLOBAL),
            ("DEF_NONLOCAL", symbol::DEF_NONLOCAL),
            ("DEF_LOCAL", symbol::DEF_LOCAL),
            ("DEF_PARAM", symbol::DEF_PARAM),
            ("DEF_TYPE_PARAM", symbol::DEF_TYPE_PARAM),
            ("DEF_FREE_CLASS", symbol::DEF_FREE_CLASS),
            ("DEF_IMPORT", symbol::DEF_IMPORT),
            ("DEF_BOUND", symbol::DEF_BOUND),
            ("DEF_ANNOT", symbol::DEF_ANNOT),
            ("DEF_COMP_ITER", symbol::DEF_COMP_ITER),
            ("DEF_COMP_CELL", symbol::DEF_COMP_CELL),
            ("TYPE_FUNCTION", 0),
            ("TYPE_CLASS", 1),
            ("TYPE_MODULE", 2),
            ("TYPE_ANNOTATION", 3),
            ("TYPE_TYPE_ALIAS", 4),
            ("TYPE_TYPE_PARAMETERS", 5),
            ("TYPE_TYPE_VARIABLE", 6),
            ("LOCAL", 1),
            ("GLOBAL_EXPLICIT", 2),
            ("GLOBAL_IMPLICIT", 3),
            ("FREE", 4),
            ("CELL", 5),
            ("SCOPE_OFF", symbol::SCOPE_OFFSET),
            ("SCOPE_MASK", symbol::SCOPE_MASK),
        ];
        for (name, number) in numbers {
            module.add(name, &*Int::from_i64(number as i64))?;
        }
        types::type_ready(Entry::type_object())
    }

    /// The symbol table of a program; those of its functions and classes are in it.
    #[function("symtable($module, source, filename, startstr, /)")]
    fn symtable(source: &Object, filename: &Object, startstr: &str) -> PyResult<Owned<Entry>> {
        let filename = fs_decode(filename)?;
        let (bytes, is_text) = source_bytes(source, "symtable", "string or bytes")?;
        let mode = match startstr {
            "exec" => Mode::Exec,
            "eval" => Mode::Eval,
            "single" => Mode::Single,
            _ => return Err(err!(ValueError, "symtable() arg 3 must be 'exec' or 'eval' or 'single'")),
        };
        let flags = if is_text { PyCF_IGNORE_COOKIE } else { 0 };
        let request =
            Request { source: &bytes, decode: !is_text, filename: &filename, mode, flags, optimize: -1, feature_version: 14 };
        compile::with_tree(&request, |arena, module, host, _| {
            let built = compiler::symtable::symtable(module, arena, flags, host);
            let (table, names) = built.map_err(|error| compile::raise_compile_error(error, host))?;
            entry(&table, &names, BlockId::TOP)
        })
    }
}
