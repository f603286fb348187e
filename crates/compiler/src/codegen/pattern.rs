//! `match` (PEP 634).
//!
//! Each pattern consumes the subject on top of the stack and jumps on failure. Names are bound only when the whole
//! pattern has matched: until then captures wait on the stack below what is in work, in the order of
//! [`PatternContext::stores`]. Invariant: on failure exactly `on_top` items and the captures are to be popped, which
//! is done by jumping to the right label of `fail_pop`.

use bytecode::Opcode as Op;
use bytecode::operands::{NB_SUBSCR, NB_SUBTRACT};
use syntax::Location;
use syntax::ast::*;

use super::Generator;
use crate::host::Result;
use crate::instruction::{Label, NEXT_LOCATION, NO_LOCATION};
use crate::names::Name;
use crate::unit::Const;
use crate::unparse::{repr, repr_of_text, to_constant};

#[derive(Default)]
struct PatternContext {
    /// Names captured so far, in the order of their values on the stack.
    stores: Vec<Name>,
    /// The pattern may be one that always matches.
    allow_irrefutable: bool,
    /// Jumping to `fail_pop[n]` pops `n` items and goes on with the next case.
    fail_pop: Vec<Label>,
    /// Items in work on top of the captures.
    on_top: usize,
}

impl<'a> Generator<'a, '_> {
    pub(super) fn match_(&mut self, subject: ExprRef<'a>, cases: &'a [MatchCase<'a>]) -> Result {
        self.expr(subject)?;
        let end = self.new_label();
        let Some(last) = cases.last() else { return Ok(()) };
        let has_default = is_wildcard(last.pattern) && cases.len() > 1;
        let tested = &cases[..cases.len() - has_default as usize];
        for (i, case) in tested.iter().enumerate() {
            let at = case.pattern.location;
            let last_tested = i + 1 == tested.len();
            // The last case may use up the subject.
            if !last_tested {
                self.op_i(at, Op::COPY, 1);
            }
            let mut pc = PatternContext {
                allow_irrefutable: case.guard.is_some() || i + 1 == cases.len(),
                ..PatternContext::default()
            };
            self.pattern(case.pattern, &mut pc)?;
            debug_assert_eq!(pc.on_top, 0);
            for &name in &pc.stores {
                self.nameop(at, name, ExprContext::Store);
            }
            if let Some(guard) = case.guard {
                self.ensure_fail_pop(&mut pc, 0);
                let next = pc.fail_pop[0];
                self.jump_if(at, guard, next, false)?;
            }
            if !last_tested {
                self.op(NEXT_LOCATION, Op::POP_TOP);
            }
            self.statements(case.body)?;
            self.op_jump(NO_LOCATION, Op::JUMP, end);
            // The clean-up belongs to the pattern that failed, not to the end of the body.
            self.emit_fail_pop(at, &mut pc);
        }
        if has_default {
            // `case _` tests nothing, but its line counts.
            self.op(last.pattern.location, Op::NOP);
            if let Some(guard) = last.guard {
                self.jump_if(last.pattern.location, guard, end, false)?;
            }
            self.statements(last.body)?;
        }
        self.use_label(end);
        Ok(())
    }

    fn pattern(&mut self, p: &'a Pattern<'a>, pc: &mut PatternContext) -> Result {
        self.guard.check()?;
        let at = p.location;
        match p.kind {
            PatternKind::MatchValue { value } => {
                if !matches!(value.kind, ExprKind::Constant { .. } | ExprKind::Attribute { .. }) {
                    return self.error(at, "patterns may only match literals and attribute lookups");
                }
                self.expr(value)?;
                self.compare_op(at, CmpOp::Eq);
                self.op(at, Op::TO_BOOL);
                self.jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
                Ok(())
            }
            PatternKind::MatchSingleton { ref value } => {
                self.load_const_ast(at, value);
                self.compare_op(at, CmpOp::Is);
                self.jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
                Ok(())
            }
            PatternKind::MatchSequence { patterns } => self.sequence_pattern(at, patterns, pc),
            PatternKind::MatchMapping { keys, patterns, rest } => self.mapping_pattern(at, keys, patterns, rest, pc),
            PatternKind::MatchClass(class) => self.class_pattern(at, class, pc),
            PatternKind::MatchStar { name } => self.capture(at, name, pc),
            PatternKind::MatchAs { pattern, name } => self.as_pattern(at, pattern, name, pc),
            PatternKind::MatchOr { patterns } => self.or_pattern(p, patterns, pc),
        }
    }

    /// A pattern inside another, where one that always matches is all right.
    fn subpattern(&mut self, p: &'a Pattern<'a>, pc: &mut PatternContext) -> Result {
        let outer = std::mem::replace(&mut pc.allow_irrefutable, true);
        self.pattern(p, pc)?;
        pc.allow_irrefutable = outer;
        Ok(())
    }

    fn ensure_fail_pop(&mut self, pc: &mut PatternContext, n: usize) {
        while pc.fail_pop.len() <= n {
            let label = self.new_label();
            pc.fail_pop.push(label);
        }
    }

    fn jump_to_fail_pop(&mut self, at: Location, pc: &mut PatternContext, opcode: Op) {
        let pops = pc.on_top + pc.stores.len();
        self.ensure_fail_pop(pc, pops);
        self.op_jump(at, opcode, pc.fail_pop[pops]);
    }

    fn emit_fail_pop(&mut self, at: Location, pc: &mut PatternContext) {
        while let Some(label) = pc.fail_pop.pop() {
            self.use_label(label);
            if !pc.fail_pop.is_empty() {
                self.op(at, Op::POP_TOP);
            }
        }
    }

    /// Moves the top of the stack below the next `count - 1` items.
    fn rotate(&mut self, at: Location, count: usize) {
        for n in (2..=count).rev() {
            self.op_i(at, Op::SWAP, n as u32);
        }
    }

    fn capture(&mut self, at: Location, name: Option<Identifier<'a>>, pc: &mut PatternContext) -> Result {
        let Some(identifier) = name else {
            self.op(at, Op::POP_TOP);
            return Ok(());
        };
        let name = self.intern(identifier);
        self.check_duplicate(at, name, pc)?;
        self.rotate(at, pc.on_top + pc.stores.len() + 1);
        pc.stores.push(name);
        Ok(())
    }

    fn check_duplicate(&self, at: Location, name: Name, pc: &PatternContext) -> Result {
        if pc.stores.contains(&name) {
            let shown = repr_of_text(self.names.text(name).as_bytes());
            return self.error(at, format!("multiple assignments to name {shown} in pattern"));
        }
        Ok(())
    }

    fn as_pattern(
        &mut self,
        at: Location,
        pattern: Option<PatternRef<'a>>,
        name: Option<Identifier<'a>>,
        pc: &mut PatternContext,
    ) -> Result {
        let Some(pattern) = pattern else {
            if !pc.allow_irrefutable {
                return match name {
                    Some(name) => {
                        let shown = repr_of_text(name.as_bytes());
                        self.error(at, format!("name capture {shown} makes remaining patterns unreachable"))
                    }
                    None => self.error(at, "wildcard makes remaining patterns unreachable"),
                };
            }
            return self.capture(at, name, pc);
        };
        // A copy to store.
        pc.on_top += 1;
        self.op_i(at, Op::COPY, 1);
        self.pattern(pattern, pc)?;
        pc.on_top -= 1;
        self.capture(at, name, pc)
    }

    fn sequence_pattern(
        &mut self,
        at: Location,
        patterns: &'a [PatternRef<'a>],
        pc: &mut PatternContext,
    ) -> Result {
        let mut star = None;
        let mut star_wildcard = false;
        let mut only_wildcard = true;
        for (i, pattern) in patterns.iter().enumerate() {
            if let PatternKind::MatchStar { name } = pattern.kind {
                if star.is_some() {
                    return self.error(at, "multiple starred names in sequence pattern");
                }
                star_wildcard = name.is_none();
                only_wildcard &= star_wildcard;
                star = Some(i);
            } else {
                only_wildcard &= is_wildcard(pattern);
            }
        }
        pc.on_top += 1;
        self.op(at, Op::MATCH_SEQUENCE);
        self.jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
        match star {
            None => self.check_length(at, patterns.len(), CmpOp::Eq, pc),
            Some(_) if patterns.len() > 1 => self.check_length(at, patterns.len() - 1, CmpOp::GtE, pc),
            Some(_) => {}
        }
        pc.on_top -= 1;
        if only_wildcard {
            self.op(at, Op::POP_TOP);
            return Ok(());
        }
        match star {
            Some(star) if star_wildcard => self.sequence_by_subscript(at, patterns, star, pc),
            _ => self.sequence_by_unpacking(at, patterns, pc),
        }
    }

    fn check_length(&mut self, at: Location, length: usize, op: CmpOp, pc: &mut PatternContext) {
        self.op(at, Op::GET_LEN);
        self.load_const(at, Const::Int(length as i64));
        self.compare_op(at, op);
        self.jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
    }

    fn sequence_by_unpacking(
        &mut self,
        at: Location,
        patterns: &'a [PatternRef<'a>],
        pc: &mut PatternContext,
    ) -> Result {
        let star = patterns.iter().position(|pattern| matches!(pattern.kind, PatternKind::MatchStar { .. }));
        match star {
            Some(i) => {
                let after = patterns.len() - i - 1;
                if i >= 1 << 8 || after >= (i32::MAX >> 8) as usize {
                    return self.error(at, "too many expressions in star-unpacking sequence pattern");
                }
                self.op_i(at, Op::UNPACK_EX, (i + (after << 8)) as u32);
            }
            None => self.op_i(at, Op::UNPACK_SEQUENCE, patterns.len() as u32),
        }
        pc.on_top += patterns.len();
        for pattern in patterns {
            pc.on_top -= 1;
            self.subpattern(pattern, pc)?;
        }
        Ok(())
    }

    /// `[first, *_]` and the like: only the items that are wanted are taken.
    fn sequence_by_subscript(
        &mut self,
        at: Location,
        patterns: &'a [PatternRef<'a>],
        star: usize,
        pc: &mut PatternContext,
    ) -> Result {
        pc.on_top += 1;
        for (i, pattern) in patterns.iter().enumerate() {
            if i == star || is_wildcard(pattern) {
                continue;
            }
            self.op_i(at, Op::COPY, 1);
            if i < star {
                self.load_const(at, Const::Int(i as i64));
            } else {
                // The subject may not know negative indices.
                self.op(at, Op::GET_LEN);
                self.load_const(at, Const::Int((patterns.len() - i) as i64));
                self.op_i(at, Op::BINARY_OP, NB_SUBTRACT);
            }
            self.op_i(at, Op::BINARY_OP, NB_SUBSCR);
            self.subpattern(pattern, pc)?;
        }
        pc.on_top -= 1;
        self.op(at, Op::POP_TOP);
        Ok(())
    }

    fn class_pattern(&mut self, at: Location, class: &'a MatchClass<'a>, pc: &mut PatternContext) -> Result {
        let (names, named) = (class.kwd_attrs, class.kwd_patterns);
        if names.len() != named.len() {
            return self.error(
                at,
                format!(
                    "kwd_attrs ({}) / kwd_patterns ({}) length mismatch in class pattern",
                    names.len(),
                    named.len()
                ),
            );
        }
        for (i, attr) in names.iter().enumerate() {
            if let Some(other) = names[i + 1..].iter().position(|other| other == attr) {
                return self.error(
                    named[i + 1 + other].location,
                    format!("attribute name repeated in class pattern: {attr}"),
                );
            }
        }
        self.expr(class.cls)?;
        self.load_const_tuple(at, names.iter().map(|name| Const::str(name.as_str())));
        self.op_i(at, Op::MATCH_CLASS, class.patterns.len() as u32);
        self.unless_none(at, 1, pc);
        let count = class.patterns.len() + named.len();
        self.op_i(at, Op::UNPACK_SEQUENCE, count as u32);
        pc.on_top += count;
        pc.on_top -= 1;
        for pattern in class.patterns.iter().chain(named) {
            pc.on_top -= 1;
            if is_wildcard(pattern) {
                self.op(at, Op::POP_TOP);
            } else {
                self.subpattern(pattern, pc)?;
            }
        }
        Ok(())
    }

    /// Fails if the top of the stack, which has just got `more` items higher, is None.
    fn unless_none(&mut self, at: Location, more: usize, pc: &mut PatternContext) {
        self.op_i(at, Op::COPY, 1);
        self.load_const(at, Const::None);
        self.op_i(at, Op::IS_OP, 1);
        pc.on_top += more;
        self.jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
    }

    fn mapping_pattern(
        &mut self,
        at: Location,
        keys: &'a [ExprRef<'a>],
        patterns: &'a [PatternRef<'a>],
        rest: Option<Identifier<'a>>,
        pc: &mut PatternContext,
    ) -> Result {
        if keys.len() != patterns.len() {
            return self.error(
                at,
                format!("keys ({}) / patterns ({}) length mismatch in mapping pattern", keys.len(), patterns.len()),
            );
        }
        let size = keys.len();
        pc.on_top += 1;
        self.op(at, Op::MATCH_MAPPING);
        self.jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
        if size == 0 && rest.is_none() {
            pc.on_top -= 1;
            self.op(at, Op::POP_TOP);
            return Ok(());
        }
        if size > 0 {
            self.check_length(at, size, CmpOp::GtE, pc);
        }
        self.mapping_keys(at, keys)?;
        self.op_i(at, Op::BUILD_TUPLE, size as u32);
        self.op(at, Op::MATCH_KEYS);
        // The keys and their values are on top of the subject now.
        self.unless_none(at, 2, pc);
        self.op_i(at, Op::UNPACK_SEQUENCE, size as u32);
        pc.on_top += size;
        pc.on_top -= 1;
        for pattern in patterns {
            pc.on_top -= 1;
            self.subpattern(pattern, pc)?;
        }
        // What is left are the keys and the subject.
        pc.on_top -= 2;
        if rest.is_none() {
            self.op(at, Op::POP_TOP);
            self.op(at, Op::POP_TOP);
            return Ok(());
        }
        // A copy of the subject without the keys.
        self.op_i(at, Op::BUILD_MAP, 0);
        self.op_i(at, Op::SWAP, 3);
        self.op_i(at, Op::DICT_UPDATE, 2);
        self.op_i(at, Op::UNPACK_SEQUENCE, size as u32);
        for left in (1..=size).rev() {
            self.op_i(at, Op::COPY, 1 + left as u32);
            self.op_i(at, Op::SWAP, 2);
            self.op(at, Op::DELETE_SUBSCR);
        }
        self.capture(at, rest, pc)
    }

    fn mapping_keys(&mut self, at: Location, keys: &'a [ExprRef<'a>]) -> Result {
        let mut seen: Vec<&'a Constant<'a>> = Vec::new();
        for key in keys {
            match key.kind {
                ExprKind::Constant { ref value, .. } => {
                    if seen.iter().any(|other| equal(other, value)) {
                        let shown = repr(&to_constant(value));
                        return self.error(at, format!("mapping pattern checks duplicate key ({shown})"));
                    }
                    seen.push(value);
                }
                ExprKind::Attribute { .. } => {}
                _ => {
                    return self
                        .error(at, "mapping pattern keys may only match literals and attribute lookups");
                }
            }
            self.expr(key)?;
        }
        Ok(())
    }

    /// Alternatives bind the same names; their captures are brought into the order of the first one's.
    fn or_pattern(
        &mut self,
        p: &'a Pattern<'a>,
        patterns: &'a [PatternRef<'a>],
        pc: &mut PatternContext,
    ) -> Result {
        let end = self.new_label();
        let mut control: Option<Vec<Name>> = None;
        for (i, alternative) in patterns.iter().enumerate() {
            let at = alternative.location;
            let mut inner = PatternContext {
                allow_irrefutable: i + 1 == patterns.len() && pc.allow_irrefutable,
                ..PatternContext::default()
            };
            self.op_i(at, Op::COPY, 1);
            self.pattern(alternative, &mut inner)?;
            match &control {
                None => control = Some(inner.stores.clone()),
                Some(control) => self.reorder_captures(p, at, control, &mut inner.stores)?,
            }
            self.op_jump(at, Op::JUMP, end);
            self.emit_fail_pop(at, &mut inner);
        }
        // No alternative matched: pop the last copy of the subject.
        self.op(p.location, Op::POP_TOP);
        self.jump_to_fail_pop(p.location, pc, Op::JUMP);
        self.use_label(end);
        let control = control.unwrap_or_default();
        // The new captures go below all that was there before, the copy of the subject included.
        let rotations = control.len() + 1 + pc.on_top + pc.stores.len();
        for name in control {
            self.rotate(p.location, rotations);
            self.check_duplicate(p.location, name, pc)?;
            pc.stores.push(name);
        }
        self.op(p.location, Op::POP_TOP);
        Ok(())
    }

    fn reorder_captures(
        &mut self,
        p: &Pattern<'a>,
        at: Location,
        control: &[Name],
        stores: &mut Vec<Name>,
    ) -> Result {
        const DIFFERENT: &str = "alternative patterns bind different names";
        if stores.len() != control.len() {
            return self.error(p.location, DIFFERENT);
        }
        for wanted in (0..control.len()).rev() {
            let Some(found) = stores.iter().position(|&name| name == control[wanted]) else {
                return self.error(p.location, DIFFERENT);
            };
            if found == wanted {
                continue;
            }
            // What lies up to the name goes as a whole above what lies between.
            let rotated: Vec<Name> = stores.drain(..=found).collect();
            let place = wanted - found;
            stores.splice(place..place, rotated);
            for _ in 0..=found {
                self.rotate(at, wanted + 1);
            }
        }
        Ok(())
    }
}

/// `_`
fn is_wildcard(p: &Pattern<'_>) -> bool {
    matches!(p.kind, PatternKind::MatchAs { pattern: None, name: None })
}

/// Equality as Python's `==` has it between constants: `1`, `1.0` and `True` are equal.
fn equal(left: &Constant<'_>, right: &Constant<'_>) -> bool {
    use Constant::*;
    match (left, right) {
        (None, None) | (Ellipsis, Ellipsis) => true,
        (Str(left), Str(right)) => left == right,
        (Bytes(left), Bytes(right)) => left == right,
        (BigInt(left), BigInt(right)) => left == right,
        (Tuple(left), Tuple(right)) => {
            left.len() == right.len() && left.iter().zip(*right).all(|(left, right)| equal(left, right))
        }
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left == right,
            _ => false,
        },
    }
}

/// A number as integer, if it is a whole one, and else as its parts.
#[derive(PartialEq)]
enum Number {
    Int(i64),
    Complex(f64, f64),
}

fn number(value: &Constant<'_>) -> Option<Number> {
    let (real, imag) = match *value {
        Constant::True => return Some(Number::Int(1)),
        Constant::False => return Some(Number::Int(0)),
        Constant::Int(value) => return Some(Number::Int(value)),
        Constant::Float(value) => (value, 0.0),
        Constant::Complex(value) => (value.real, value.imag),
        _ => return None,
    };
    let whole = imag == 0.0 && real == real.trunc() && (-(2f64.powi(63))..2f64.powi(63)).contains(&real);
    Some(if whole { Number::Int(real as i64) } else { Number::Complex(real, imag) })
}
