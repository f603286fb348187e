//! The symbol table: for every block of the program, which names occur in it and where each is bound.
//!
//! It is built in two passes. [`collect`] walks the tree and notes what it sees (assigned here, used here, parameter
//! ...); [`analyze`] then walks the blocks and decides the scope of every name. After that a symbol's flags hold both.
//!
//! Invariant: `symbols` and `children` keep the order of first occurrence, which `_symtable` shows to programs and on
//! which inlined comprehensions depend.

mod analyze;
mod collect;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use syntax::Location;
use syntax::ast::{Arena, Mod};

use crate::future::FutureFeatures;
use crate::host::{Host, Result, StackGuard};
use crate::mangle::mangle;
use crate::names::{Name, Names};

/// What is known of a name in a block; the numbers are those of the `_symtable` module.
pub mod symbol {
    pub const DEF_GLOBAL: u32 = 1;
    pub const DEF_LOCAL: u32 = 2;
    pub const DEF_PARAM: u32 = 2 << 1;
    pub const DEF_NONLOCAL: u32 = 2 << 2;
    pub const USE: u32 = 2 << 3;
    pub const DEF_FREE_CLASS: u32 = 2 << 5;
    pub const DEF_IMPORT: u32 = 2 << 6;
    pub const DEF_ANNOT: u32 = 2 << 7;
    pub const DEF_COMP_ITER: u32 = 2 << 8;
    pub const DEF_TYPE_PARAM: u32 = 2 << 9;
    pub const DEF_COMP_CELL: u32 = 2 << 10;
    pub const DEF_BOUND: u32 = DEF_LOCAL | DEF_PARAM | DEF_IMPORT;
    pub const SCOPE_OFFSET: u32 = 12;
    pub const SCOPE_MASK: u32 = DEF_GLOBAL | DEF_LOCAL | DEF_PARAM | DEF_NONLOCAL;
}

/// Where a name is bound, as seen from a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Scope {
    /// The name does not occur in the block.
    Unknown = 0,
    Local = 1,
    GlobalExplicit = 2,
    GlobalImplicit = 3,
    Free = 4,
    Cell = 5,
}

impl Scope {
    #[inline]
    pub fn of(flags: u32) -> Scope {
        match (flags >> symbol::SCOPE_OFFSET) & symbol::SCOPE_MASK {
            1 => Scope::Local,
            2 => Scope::GlobalExplicit,
            3 => Scope::GlobalImplicit,
            4 => Scope::Free,
            5 => Scope::Cell,
            _ => Scope::Unknown,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BlockId(u32);

impl BlockId {
    /// The module's block.
    pub const TOP: BlockId = BlockId(0);

    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which block of a node is meant: some nodes open more than one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum BlockRole {
    Module,
    /// Body of a function, class or type alias.
    Statement,
    /// Body of a lambda or comprehension.
    Expression,
    /// Annotations of a function's parameters and result.
    Annotations,
    /// Annotations of the variables of a module, class or function.
    VariableAnnotations,
    TypeParams,
    /// Bound or constraints of a type variable; the default of the other kinds of type parameter.
    Bound,
    Default,
}

/// The address of the node that opens the block, and which of its blocks it is.
pub type BlockKey = (usize, BlockRole);

/// The key of a node's block.
#[inline]
pub fn key_of<T>(node: &T, role: BlockRole) -> BlockKey {
    (std::ptr::from_ref(node) as usize, role)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockKind {
    Function,
    Class,
    Module,
    Annotation,
    TypeAlias,
    TypeParameters,
    TypeVariable,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComprehensionKind {
    List,
    Dict,
    Set,
    Generator,
}

/// One block: module, class, function, comprehension, annotation scope.
#[derive(Debug)]
pub struct Block {
    pub key: BlockKey,
    pub name: Name,
    pub kind: BlockKind,
    pub symbols: Symbols,
    /// Parameters in order.
    pub varnames: Vec<Name>,
    pub children: Vec<BlockId>,
    /// `global` and `nonlocal` statements, to point errors at.
    directives: Vec<(Name, Location)>,
    /// In the type parameters of a class and what is inside: the only names to be mangled.
    mangled_names: Option<MangledNames>,
    /// What a type variable's block is, for errors.
    scope_info: &'static str,
    pub location: Location,
    pub comprehension: Option<ComprehensionKind>,
    pub annotation_block: Option<BlockId>,
    /// How many iterables of comprehensions the collecting pass is in.
    comp_iter_expr: u32,
    pub nested: bool,
    pub generator: bool,
    pub coroutine: bool,
    pub annotations_used: bool,
    pub varargs: bool,
    pub varkeywords: bool,
    pub returns_value: bool,
    pub needs_class_closure: bool,
    pub needs_classdict: bool,
    pub comp_inlined: bool,
    comp_iter_target: bool,
    pub can_see_class_scope: bool,
    pub has_docstring: bool,
    pub method: bool,
    pub has_conditional_annotations: bool,
    in_conditional_block: bool,
    in_unevaluated_annotation: bool,
}

impl Block {
    /// Its names live in fast locals.
    #[inline]
    pub fn is_function_like(&self) -> bool {
        !matches!(self.kind, BlockKind::Class | BlockKind::Module)
    }

    #[inline]
    pub fn symbol(&self, name: Name) -> u32 {
        self.symbols.get(name).unwrap_or(0)
    }

    #[inline]
    pub fn scope(&self, name: Name) -> Scope {
        Scope::of(self.symbol(name))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct MangledNames(u32);

#[derive(Debug)]
pub struct SymbolTable {
    pub blocks: Vec<Block>,
    by_key: FxHashMap<BlockKey, BlockId>,
    mangled_sets: Vec<FxHashSet<Name>>,
}

impl SymbolTable {
    /// Both passes.
    pub fn build<'a>(
        module: &Mod<'a>,
        names: &mut Names<'a>,
        future: &FutureFeatures,
        guard: StackGuard,
    ) -> Result<Self> {
        let mut table = SymbolTable { blocks: Vec::new(), by_key: FxHashMap::default(), mangled_sets: Vec::new() };
        collect::collect(&mut table, module, names, future, guard)?;
        analyze::analyze(&mut table, names)?;
        Ok(table)
    }

    #[inline]
    pub fn block(&self, id: BlockId) -> &Block {
        &self.blocks[id.index()]
    }

    #[inline]
    pub fn block_mut(&mut self, id: BlockId) -> &mut Block {
        &mut self.blocks[id.index()]
    }

    pub fn top(&self) -> &Block {
        self.block(BlockId::TOP)
    }

    pub fn lookup(&self, key: BlockKey) -> Option<BlockId> {
        self.by_key.get(&key).copied()
    }

    /// `name` mangled as names in `block` are.
    #[inline]
    pub fn maybe_mangle(&self, names: &mut Names<'_>, private: Option<Name>, block: BlockId, name: Name) -> Name {
        if private.is_none() {
            return name;
        }
        if let Some(set) = self.block(block).mangled_names
            && !self.mangled_sets[set.0 as usize].contains(&name)
        {
            return name;
        }
        mangle(names, private, name)
    }
}

/// For `_symtable.symtable`: parses nothing, compiles nothing, only builds the table.
pub fn symtable<'a>(
    module: &Mod<'a>,
    arena: &'a Arena,
    flags: u32,
    host: &dyn Host,
) -> Result<(SymbolTable, Names<'a>)> {
    let mut future = FutureFeatures::from_ast(module)?;
    future.features |= flags;
    let mut names = Names::new(arena);
    let table = SymbolTable::build(module, &mut names, &future, StackGuard::new(host))?;
    Ok((table, names))
}

/// Above this size a block's symbols are found by hash.
const LINEAR: usize = 8;

/// Flags by name, in order of insertion.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    entries: SmallVec<[(Name, u32); LINEAR]>,
    positions: FxHashMap<Name, u32>,
}

impl Symbols {
    #[inline]
    fn position(&self, name: Name) -> Option<usize> {
        if self.entries.len() <= LINEAR {
            self.entries.iter().position(|entry| entry.0 == name)
        } else {
            self.positions.get(&name).map(|&position| position as usize)
        }
    }

    #[inline]
    pub fn get(&self, name: Name) -> Option<u32> {
        self.position(name).map(|position| self.entries[position].1)
    }

    pub fn set(&mut self, name: Name, flags: u32) {
        match self.position(name) {
            Some(position) => self.entries[position].1 = flags,
            None => {
                self.entries.push((name, flags));
                if self.entries.len() == LINEAR + 1 {
                    self.index();
                } else if self.entries.len() > LINEAR {
                    self.positions.insert(name, self.entries.len() as u32 - 1);
                }
            }
        }
    }

    pub fn remove(&mut self, name: Name) {
        if let Some(position) = self.position(name) {
            self.entries.remove(position);
            self.index();
        }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Name, u32)> + '_ {
        self.entries.iter().copied()
    }

    /// The entry at a position of the order of insertion.
    #[inline]
    pub fn entry(&self, position: usize) -> (Name, u32) {
        self.entries[position]
    }

    fn entries_mut(&mut self) -> &mut [(Name, u32)] {
        &mut self.entries
    }

    fn index(&mut self) {
        self.positions.clear();
        if self.entries.len() > LINEAR {
            self.positions.extend(self.entries.iter().zip(0..).map(|(entry, position)| (entry.0, position)));
        }
    }
}
