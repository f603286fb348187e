//! The verifier: code from outside (marshal data, `CodeType`, `replace`) passes it before it runs.
//!
//! What it guarantees, on every path, exception handlers included:
//! - Only base instructions, whole ones, with arguments in their ranges and empty caches; control stays
//!   inside and lands on instructions; the exception table is sorted and sane.
//! - The value stack never underflows nor outgrows `co_stacksize`; depths agree where paths meet; an
//!   instruction that may raise leaves the stack at least as deep as its handler expects.
//! - NULL reaches only instructions that expect it: `CALL` and its relatives in their second slot,
//!   `POP_TOP`, `STORE_FAST`, `WITH_EXCEPT_START`. `LOAD_FAST` and its relatives but `LOAD_FAST_CHECK`
//!   find their variable bound; instructions on cells find a cell.
//! - A borrowed reference is gone from the stack before its variable changes, and is never stored in a
//!   variable.
//! - `LIST_APPEND`, `LIST_EXTEND`, `MAP_ADD`, `DICT_UPDATE`, `DICT_MERGE`, `SET_UPDATE` find their container,
//!   `CALL_KW` a constant tuple of strings, `CALL_FUNCTION_EX` a dict or NULL, `MAKE_FUNCTION` a code
//!   constant; a closure has as many cells as its code needs.
//! - `RETURN_GENERATOR` stands before all branches, once, exactly in code of generators, coroutines and
//!   asynchronous generators; only they yield.
//!
//! What the interpreter has to check itself: all else about types. That is, exceptions where one is expected
//! (`RERAISE`, `POP_EXCEPT`, `PUSH_EXC_INFO`, `CHECK_EG_MATCH`, ...), the set of `SET_ADD`, iterators
//! (`FOR_ITER`, `SEND`), attributes of functions (`SET_FUNCTION_ATTRIBUTE` but for closures), pieces of
//! templates, arguments of intrinsics.
//!
//! Time and memory are linear for what a compiler writes, and bounded ([`BUDGET`]) for everything else.

mod decode;
mod flow;
mod state;

use crate::code::{CodeUnit, Constant, co, kinds};

/// Steps after which code counts as too complex: a fraction of a second and some 100 MB at most.
const BUDGET: usize = 1 << 25;

/// Code inside code inside code ...: how deep [`verify_unit`] follows.
const MAX_NESTING: usize = 200;

/// Why code is refused; the offset is in bytes, of the instruction at fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    pub offset: Option<usize>,
    pub message: &'static str,
}

impl VerifyError {
    fn at(unit: usize, message: &'static str) -> VerifyError {
        VerifyError {
            offset: Some(unit * 2),
            message,
        }
    }

    fn whole(message: &'static str) -> VerifyError {
        VerifyError {
            offset: None,
            message,
        }
    }
}

type Result<T> = std::result::Result<T, VerifyError>;

/// What the verifier wants to know about a constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstKind {
    Other,
    Tuple,
    /// A tuple of strings only; also of none.
    Names(usize),
    /// Code with so many free variables.
    Code {
        free: usize,
    },
}

/// The code to be verified. The runtime makes one of a code object, [`verify_unit`] of a unit.
pub struct CodeView<'a> {
    pub code: &'a [u8],
    pub exceptiontable: &'a [u8],
    pub stacksize: u32,
    pub flags: u32,
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
    pub localspluskinds: &'a [u8],
    pub names: usize,
    pub consts: usize,
    pub const_kind: &'a dyn Fn(usize) -> ConstKind,
}

impl CodeView<'_> {
    fn total_args(&self) -> usize {
        self.argcount as usize
            + self.kwonlyargcount as usize
            + (self.flags & co::VARARGS != 0) as usize
            + (self.flags & co::VARKEYWORDS != 0) as usize
    }

    fn is_generator(&self) -> bool {
        self.flags & (co::GENERATOR | co::COROUTINE | co::ASYNC_GENERATOR) != 0
    }

    fn free_count(&self) -> usize {
        self.localspluskinds
            .iter()
            .filter(|&kind| kind & kinds::FREE != 0)
            .count()
    }
}

/// Verifies one code object, not those among its constants (each is verified when it is made).
pub fn verify(view: &CodeView) -> Result<()> {
    verify_header(view)?;
    let decoded = decode::decode(view)?;
    flow::run(view, &decoded)
}

/// Verifies a unit and all units among its constants.
pub fn verify_unit(unit: &CodeUnit) -> Result<()> {
    verify_nested(unit, 0)
}

fn verify_nested(unit: &CodeUnit, nesting: usize) -> Result<()> {
    if nesting > MAX_NESTING {
        return Err(VerifyError::whole("code nested too deeply"));
    }
    if unit.localsplusnames.len() != unit.localspluskinds.len() {
        return Err(VerifyError::whole(
            "names and kinds of locals differ in number",
        ));
    }
    verify(&CodeView {
        code: &unit.code,
        exceptiontable: &unit.exceptiontable,
        stacksize: unit.stacksize,
        flags: unit.flags,
        argcount: unit.argcount,
        posonlyargcount: unit.posonlyargcount,
        kwonlyargcount: unit.kwonlyargcount,
        localspluskinds: &unit.localspluskinds,
        names: unit.names.len(),
        consts: unit.consts.len(),
        const_kind: &|index| unit.consts.get(index).map_or(ConstKind::Other, const_kind),
    })?;
    verify_consts(&unit.consts, nesting + 1)
}

fn verify_consts(consts: &[Constant], nesting: usize) -> Result<()> {
    consts.iter().try_for_each(|constant| match constant {
        Constant::Code(code) => verify_nested(code, nesting),
        Constant::Tuple(items) | Constant::FrozenSet(items) if nesting <= MAX_NESTING => {
            verify_consts(items, nesting + 1)
        }
        _ => Ok(()),
    })
}

fn const_kind(constant: &Constant) -> ConstKind {
    match constant {
        Constant::Tuple(items) if items.iter().all(|item| matches!(item, Constant::Str(_))) => {
            ConstKind::Names(items.len())
        }
        Constant::Tuple(_) => ConstKind::Tuple,
        Constant::Code(code) => ConstKind::Code {
            free: code.freevars().count(),
        },
        _ => ConstKind::Other,
    }
}

/// Counts and kinds of variables.
fn verify_header(view: &CodeView) -> Result<()> {
    let kinds = view.localspluskinds;
    if view.posonlyargcount > view.argcount {
        return Err(VerifyError::whole(
            "more positional-only arguments than positional ones",
        ));
    }
    let args = view.total_args();
    if args > kinds.len() || kinds[..args].iter().any(|kind| kind & kinds::LOCAL == 0) {
        return Err(VerifyError::whole("code: varnames is too small"));
    }
    let free = view.free_count();
    let (others, frees) = kinds.split_at(kinds.len() - free);
    let is_kind = |kind: &u8| kind & (kinds::LOCAL | kinds::CELL | kinds::FREE) != 0;
    if frees.iter().any(|kind| kind & kinds::FREE == 0) || !others.iter().all(is_kind) {
        return Err(VerifyError::whole(
            "locals, cells and free variables are out of order",
        ));
    }
    if view.stacksize as usize + kinds.len() > i32::MAX as usize / 16 {
        return Err(VerifyError::whole("code: co_stacksize is too large"));
    }
    Ok(())
}
