//! `import` and `from ... import`.

use bytecode::Opcode as Op;
use bytecode::operands::INTRINSIC_IMPORT_STAR;
use syntax::Location;
use syntax::ast::*;

use super::Generator;
use crate::host::Result;
use crate::instruction::NO_LOCATION;
use crate::names::known;
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    pub(super) fn import(&mut self, s: &Stmt<'a>, aliases: &'a [Alias<'a>]) -> Result {
        for alias in aliases {
            self.load_const(s.location, Const::Int(0));
            self.load_const(s.location, Const::None);
            let module = self.intern(alias.name);
            self.op_name(s.location, Op::IMPORT_NAME, module);
            match alias.asname {
                Some(asname) => self.import_as(s.location, alias.name, asname),
                None => {
                    // `import spam.eggs` binds `spam`.
                    let name = match alias.name.as_str().split_once('.') {
                        Some((package, _)) => self.names.intern_text(package),
                        None => module,
                    };
                    self.nameop(s.location, name, ExprContext::Store);
                }
            }
        }
        Ok(())
    }

    /// Binds the module that `IMPORT_NAME` left, or the submodule of it that is meant.
    fn import_as(&mut self, location: Location, module: Identifier<'a>, asname: Identifier<'a>) {
        let asname = self.intern(asname);
        let mut parts = module.as_str().split('.').skip(1).peekable();
        let dotted = parts.peek().is_some();
        while let Some(part) = parts.next() {
            let name = self.names.intern_text(part);
            let index = self.unit.metadata.names.add(name);
            self.op_i(location, Op::IMPORT_FROM, index);
            if parts.peek().is_some() {
                self.op_i(location, Op::SWAP, 2);
                self.op(location, Op::POP_TOP);
            }
        }
        self.nameop(location, asname, ExprContext::Store);
        if dotted {
            self.op(location, Op::POP_TOP);
        }
    }

    pub(super) fn import_from(
        &mut self,
        s: &Stmt<'a>,
        module: Option<Identifier<'a>>,
        aliases: &'a [Alias<'a>],
        level: Option<i32>,
    ) -> Result {
        let at = s.location;
        self.load_const(at, Const::Int(level.unwrap_or(0) as i64));
        self.load_const_tuple(at, aliases.iter().map(|alias| Const::str(alias.name.as_str())));
        let module = module.map_or(known::EMPTY, |module| self.intern(module));
        self.op_name(at, Op::IMPORT_NAME, module);
        for (i, alias) in aliases.iter().enumerate() {
            if i == 0 && alias.name.as_str().starts_with('*') {
                self.op_i(at, Op::CALL_INTRINSIC_1, INTRINSIC_IMPORT_STAR);
                self.op(NO_LOCATION, Op::POP_TOP);
                return Ok(());
            }
            let name = self.intern(alias.name);
            self.op_name(at, Op::IMPORT_FROM, name);
            let bound = alias.asname.map_or(name, |asname| self.intern(asname));
            self.nameop(at, bound, ExprContext::Store);
        }
        self.op(at, Op::POP_TOP);
        Ok(())
    }
}
