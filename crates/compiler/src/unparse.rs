//! Expressions back to text, as `from __future__ import annotations` stores them: normalised spacing, parentheses only
//! where precedence asks for them. (`ast.unparse` is Python code and does the whole language.)

use bytecode::Constant as Value;
use syntax::ast::*;

use crate::host::{CompileError, Result, StackGuard};

/// Precedence, loosest first.
mod level {
    pub const TUPLE: u8 = 0;
    pub const TEST: u8 = 1;
    pub const OR: u8 = 2;
    pub const AND: u8 = 3;
    pub const NOT: u8 = 4;
    pub const CMP: u8 = 5;
    pub const EXPR: u8 = 6;
    pub const BOR: u8 = 6;
    pub const BXOR: u8 = 7;
    pub const BAND: u8 = 8;
    pub const SHIFT: u8 = 9;
    pub const ARITH: u8 = 10;
    pub const TERM: u8 = 11;
    pub const FACTOR: u8 = 12;
    pub const POWER: u8 = 13;
    pub const AWAIT: u8 = 14;
    pub const ATOM: u8 = 15;
}

/// The text of an annotation, in UTF-8 with surrogates let through.
pub fn unparse(e: &Expr<'_>, guard: StackGuard) -> Result<Vec<u8>> {
    let mut writer = Unparser { out: Vec::new(), guard };
    writer.expr(e, level::TEST)?;
    Ok(writer.out)
}

struct Unparser {
    out: Vec<u8>,
    guard: StackGuard,
}

impl Unparser {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn parens(&mut self, wanted: bool, write: impl FnOnce(&mut Self) -> Result) -> Result {
        if wanted {
            self.text("(");
        }
        write(self)?;
        if wanted {
            self.text(")");
        }
        Ok(())
    }

    fn expr(&mut self, e: &Expr<'_>, at: u8) -> Result {
        self.guard.check()?;
        match e.kind {
            ExprKind::BoolOp { op, values } => {
                let (word, own) = match op {
                    BoolOp::And => (" and ", level::AND),
                    BoolOp::Or => (" or ", level::OR),
                };
                self.parens(at > own, |w| w.separated(values, word, own + 1))
            }
            ExprKind::BinOp { left, op, right } => {
                let (sign, own) = binary(op);
                let right_associative = (op == Operator::Pow) as u8;
                self.parens(at > own, |w| {
                    w.expr(left, own + right_associative)?;
                    w.text(sign);
                    w.expr(right, own + 1 - right_associative)
                })
            }
            ExprKind::UnaryOp { op, operand } => {
                let (sign, own) = match op {
                    UnaryOp::Invert => ("~", level::FACTOR),
                    UnaryOp::Not => ("not ", level::NOT),
                    UnaryOp::UAdd => ("+", level::FACTOR),
                    UnaryOp::USub => ("-", level::FACTOR),
                };
                self.parens(at > own, |w| {
                    w.text(sign);
                    w.expr(operand, own)
                })
            }
            ExprKind::Lambda { args, body } => self.parens(at > level::TEST, |w| {
                let positional = !args.args.is_empty() || !args.posonlyargs.is_empty();
                w.text(if positional { "lambda " } else { "lambda" });
                w.arguments(args)?;
                w.text(": ");
                w.expr(body, level::TEST)
            }),
            ExprKind::IfExp { test, body, orelse } => self.parens(at > level::TEST, |w| {
                w.expr(body, level::TEST + 1)?;
                w.text(" if ");
                w.expr(test, level::TEST + 1)?;
                w.text(" else ");
                w.expr(orelse, level::TEST)
            }),
            ExprKind::Dict { keys, values } => self.dict(keys, values),
            ExprKind::Set { elts } => self.bracketed("{", elts, "}"),
            ExprKind::List { elts, .. } => self.bracketed("[", elts, "]"),
            ExprKind::Tuple { elts: [], .. } => {
                self.text("()");
                Ok(())
            }
            ExprKind::Tuple { elts, .. } => self.parens(at > level::TUPLE, |w| {
                w.separated(elts, ", ", level::TEST)?;
                if elts.len() == 1 {
                    w.text(",");
                }
                Ok(())
            }),
            ExprKind::GeneratorExp { elt, generators } => self.comprehension("(", elt, None, generators, ")"),
            ExprKind::ListComp { elt, generators } => self.comprehension("[", elt, None, generators, "]"),
            ExprKind::SetComp { elt, generators } => self.comprehension("{", elt, None, generators, "}"),
            ExprKind::DictComp { key, value, generators } => {
                self.comprehension("{", key, Some(value), generators, "}")
            }
            ExprKind::Yield { value: None } => {
                self.text("(yield)");
                Ok(())
            }
            ExprKind::Yield { value: Some(value) } => {
                self.text("(yield ");
                self.expr(value, level::TEST)?;
                self.text(")");
                Ok(())
            }
            ExprKind::YieldFrom { value } => {
                self.text("(yield from ");
                self.expr(value, level::TEST)?;
                self.text(")");
                Ok(())
            }
            ExprKind::Await { value } => self.parens(at > level::AWAIT, |w| {
                w.text("await ");
                w.expr(value, level::ATOM)
            }),
            ExprKind::Compare { left, ops, comparators } => self.parens(at > level::CMP, |w| {
                w.expr(left, level::CMP + 1)?;
                for (op, comparator) in ops.iter().zip(comparators) {
                    w.text(comparison(*op));
                    w.expr(comparator, level::CMP + 1)?;
                }
                Ok(())
            }),
            ExprKind::Call { func, args, keywords } => self.call(func, args, keywords),
            ExprKind::Constant { value: Constant::Ellipsis, .. } => {
                self.text("...");
                Ok(())
            }
            ExprKind::Constant { ref value, kind } => {
                if let Some(kind) = kind {
                    self.out.extend_from_slice(kind.as_bytes());
                }
                self.constant(value);
                Ok(())
            }
            ExprKind::JoinedStr { values } => self.joined_str(values, false),
            ExprKind::TemplateStr { values } => self.template_str(values),
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                self.formatted_value(value, conversion, format_spec)
            }
            ExprKind::Interpolation { str, conversion, format_spec, .. } => {
                self.interpolation(str, conversion, format_spec)
            }
            ExprKind::Attribute { value, attr, .. } => {
                self.expr(value, level::ATOM)?;
                // `1 .real`
                let is_int = matches!(
                    value.kind,
                    ExprKind::Constant { value: Constant::Int(_) | Constant::BigInt(_), .. }
                );
                self.text(if is_int { " ." } else { "." });
                self.text(&attr);
                Ok(())
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value, level::ATOM)?;
                self.text("[");
                self.expr(slice, level::TUPLE)?;
                self.text("]");
                Ok(())
            }
            ExprKind::Starred { value, .. } => {
                self.text("*");
                self.expr(value, level::EXPR)
            }
            ExprKind::Slice { lower, upper, step } => {
                self.optional("", lower)?;
                self.text(":");
                self.optional("", upper)?;
                self.optional(":", step)
            }
            ExprKind::Name { id, .. } => {
                self.text(&id);
                Ok(())
            }
            ExprKind::NamedExpr { target, value } => self.parens(at > level::TUPLE, |w| {
                w.expr(target, level::ATOM)?;
                w.text(" := ");
                w.expr(value, level::ATOM)
            }),
        }
    }

    fn optional(&mut self, before: &str, e: Option<ExprRef<'_>>) -> Result {
        let Some(e) = e else { return Ok(()) };
        self.text(before);
        self.expr(e, level::TEST)
    }

    fn separated(&mut self, list: &[ExprRef<'_>], separator: &str, at: u8) -> Result {
        for (i, e) in list.iter().enumerate() {
            if i > 0 {
                self.text(separator);
            }
            self.expr(e, at)?;
        }
        Ok(())
    }

    fn bracketed(&mut self, open: &str, list: &[ExprRef<'_>], close: &str) -> Result {
        self.text(open);
        self.separated(list, ", ", level::TEST)?;
        self.text(close);
        Ok(())
    }

    fn dict(&mut self, keys: &[Option<ExprRef<'_>>], values: &[ExprRef<'_>]) -> Result {
        self.text("{");
        for (i, (key, value)) in keys.iter().zip(values).enumerate() {
            if i > 0 {
                self.text(", ");
            }
            match key {
                Some(key) => {
                    self.expr(key, level::TEST)?;
                    self.text(": ");
                    self.expr(value, level::TEST)?;
                }
                None => {
                    self.text("**");
                    self.expr(value, level::EXPR)?;
                }
            }
        }
        self.text("}");
        Ok(())
    }

    fn comprehension(
        &mut self,
        open: &str,
        elt: ExprRef<'_>,
        value: Option<ExprRef<'_>>,
        generators: &[Comprehension<'_>],
        close: &str,
    ) -> Result {
        self.text(open);
        self.expr(elt, level::TEST)?;
        self.optional(": ", value)?;
        for generator in generators {
            self.text(if generator.is_async != 0 { " async for " } else { " for " });
            self.expr(generator.target, level::TUPLE)?;
            self.text(" in ");
            self.expr(generator.iter, level::TEST + 1)?;
            for condition in generator.ifs {
                self.text(" if ");
                self.expr(condition, level::TEST + 1)?;
            }
        }
        self.text(close);
        Ok(())
    }

    fn call(&mut self, func: ExprRef<'_>, args: &[ExprRef<'_>], keywords: &[Keyword<'_>]) -> Result {
        self.expr(func, level::ATOM)?;
        if let ([Expr { kind: ExprKind::GeneratorExp { elt, generators }, .. }], []) = (args, keywords) {
            return self.comprehension("(", elt, None, generators, ")");
        }
        self.text("(");
        self.separated(args, ", ", level::TEST)?;
        for (i, keyword) in keywords.iter().enumerate() {
            if i > 0 || !args.is_empty() {
                self.text(", ");
            }
            match keyword.arg {
                Some(arg) => {
                    self.text(&arg);
                    self.text("=");
                }
                None => self.text("**"),
            }
            self.expr(keyword.value, level::TEST)?;
        }
        self.text(")");
        Ok(())
    }

    fn arguments(&mut self, args: &Arguments<'_>) -> Result {
        let mut first = true;
        let mut comma = |w: &mut Self| {
            if !std::mem::replace(&mut first, false) {
                w.text(", ");
            }
        };
        let positional = args.posonlyargs.len() + args.args.len();
        for (i, arg) in args.posonlyargs.iter().chain(args.args).enumerate() {
            comma(self);
            self.arg(arg)?;
            let default = (i + args.defaults.len()).checked_sub(positional).and_then(|at| args.defaults.get(at));
            self.optional("=", default.copied())?;
            if i + 1 == args.posonlyargs.len() {
                self.text(", /");
            }
        }
        if args.vararg.is_some() || !args.kwonlyargs.is_empty() {
            comma(self);
            self.text("*");
            if let Some(arg) = args.vararg {
                self.arg(arg)?;
            }
        }
        for (arg, default) in args.kwonlyargs.iter().zip(args.kw_defaults) {
            comma(self);
            self.arg(arg)?;
            self.optional("=", *default)?;
        }
        if let Some(arg) = args.kwarg {
            comma(self);
            self.text("**");
            self.arg(arg)?;
        }
        Ok(())
    }

    fn arg(&mut self, arg: &Arg<'_>) -> Result {
        self.text(&arg.arg);
        self.optional(": ", arg.annotation)
    }

    /// The `repr()` of a constant; infinities as literals that overflow to them.
    fn constant(&mut self, value: &Constant<'_>) {
        if let Constant::Tuple(items) = value {
            self.text("(");
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    self.text(", ");
                }
                self.constant(item);
            }
            self.text(if items.len() == 1 { ",)" } else { ")" });
            return;
        }
        let mut text = repr(&to_constant(value));
        if matches!(value, Constant::Complex(_)) || matches!(value, Constant::Float(value) if value.is_infinite()) {
            text = text.replace("inf", "1e309");
        }
        self.text(&text);
    }

    fn joined_str(&mut self, values: &[ExprRef<'_>], is_format_spec: bool) -> Result {
        let body = self.interpolated_body(values, is_format_spec)?;
        if is_format_spec {
            self.out.extend_from_slice(&body);
        } else {
            self.text("f");
            self.text(&repr_of_text(&body));
        }
        Ok(())
    }

    /// A t-string; parts that stem from an adjacent f-string are f-strings of their own.
    fn template_str(&mut self, values: &[ExprRef<'_>]) -> Result {
        if values.is_empty() {
            return self.prefixed("t", values);
        }
        let mut begin = 0;
        for (i, value) in values.iter().enumerate() {
            if !matches!(value.kind, ExprKind::FormattedValue { .. }) {
                continue;
            }
            if i > begin {
                self.prefixed("t", &values[begin..i])?;
                self.text(" ");
            }
            self.prefixed("f", &values[i..=i])?;
            if i + 1 < values.len() {
                self.text(" ");
            }
            begin = i + 1;
        }
        if begin < values.len() {
            self.prefixed("t", &values[begin..])?;
        }
        Ok(())
    }

    fn prefixed(&mut self, prefix: &str, values: &[ExprRef<'_>]) -> Result {
        let body = self.interpolated_body(values, false)?;
        self.text(prefix);
        self.text(&repr_of_text(&body));
        Ok(())
    }

    /// What stands between the quotes of an f-string or t-string, before escaping.
    fn interpolated_body(&mut self, values: &[ExprRef<'_>], is_format_spec: bool) -> Result<Vec<u8>> {
        let mut body = Unparser { out: Vec::new(), guard: self.guard };
        for value in values {
            body.interpolated_element(value, is_format_spec)?;
        }
        Ok(body.out)
    }

    fn interpolated_element(&mut self, e: &Expr<'_>, is_format_spec: bool) -> Result {
        self.guard.check()?;
        match e.kind {
            ExprKind::Constant { value: Constant::Str(text), .. } => {
                for &byte in text.as_bytes() {
                    if matches!(byte, b'{' | b'}') {
                        self.out.push(byte);
                    }
                    self.out.push(byte);
                }
                Ok(())
            }
            ExprKind::JoinedStr { values } => self.joined_str(values, is_format_spec),
            ExprKind::TemplateStr { values } => self.template_str(values),
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                self.formatted_value(value, conversion, format_spec)
            }
            ExprKind::Interpolation { str, conversion, format_spec, .. } => {
                self.interpolation(str, conversion, format_spec)
            }
            _ => Err(CompileError::system("unknown expression kind inside f-string or t-string")),
        }
    }

    fn formatted_value(&mut self, value: ExprRef<'_>, conversion: i32, spec: Option<ExprRef<'_>>) -> Result {
        let mut inner = Unparser { out: Vec::new(), guard: self.guard };
        // Parentheses around a lambda, whose colon would begin a format.
        inner.expr(value, level::TEST + 1)?;
        let inner = inner.out;
        self.field(&inner, conversion, spec)
    }

    fn interpolation(&mut self, text: &Constant<'_>, conversion: i32, spec: Option<ExprRef<'_>>) -> Result {
        match text {
            Constant::Str(text) => self.field(text.as_bytes(), conversion, spec),
            _ => self.field(b"", conversion, spec),
        }
    }

    fn field(&mut self, text: &[u8], conversion: i32, spec: Option<ExprRef<'_>>) -> Result {
        self.text(if text.first() == Some(&b'{') { "{ " } else { "{" });
        self.out.extend_from_slice(text);
        match u8::try_from(conversion) {
            _ if conversion < 0 => {}
            Ok(letter @ (b'a' | b'r' | b's')) => self.out.extend([b'!', letter]),
            _ => return Err(CompileError::system("unknown f-value conversion kind")),
        }
        if let Some(spec) = spec {
            self.text(":");
            self.interpolated_element(spec, true)?;
        }
        self.text("}");
        Ok(())
    }
}

fn binary(op: Operator) -> (&'static str, u8) {
    match op {
        Operator::Add => (" + ", level::ARITH),
        Operator::Sub => (" - ", level::ARITH),
        Operator::Mult => (" * ", level::TERM),
        Operator::MatMult => (" @ ", level::TERM),
        Operator::Div => (" / ", level::TERM),
        Operator::Mod => (" % ", level::TERM),
        Operator::LShift => (" << ", level::SHIFT),
        Operator::RShift => (" >> ", level::SHIFT),
        Operator::BitOr => (" | ", level::BOR),
        Operator::BitXor => (" ^ ", level::BXOR),
        Operator::BitAnd => (" & ", level::BAND),
        Operator::FloorDiv => (" // ", level::TERM),
        Operator::Pow => (" ** ", level::POWER),
    }
}

fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => " == ",
        CmpOp::NotEq => " != ",
        CmpOp::Lt => " < ",
        CmpOp::LtE => " <= ",
        CmpOp::Gt => " > ",
        CmpOp::GtE => " >= ",
        CmpOp::Is => " is ",
        CmpOp::IsNot => " is not ",
        CmpOp::In => " in ",
        CmpOp::NotIn => " not in ",
    }
}

/// Python's `repr()`.
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    bytecode::repr::write_repr(&mut out, value);
    out
}

/// `repr()` of a string given as UTF-8 with surrogates let through.
pub fn repr_of_text(text: &[u8]) -> String {
    let text = bytecode::Wtf8::from_bytes(text).unwrap_or_default();
    repr(&Value::Str(text))
}

/// A constant of the tree as the constant of a code unit.
pub fn to_constant(value: &Constant<'_>) -> Value {
    match *value {
        Constant::None => Value::None,
        Constant::True => Value::True,
        Constant::False => Value::False,
        Constant::Ellipsis => Value::Ellipsis,
        Constant::Int(value) => Value::Int(value),
        Constant::BigInt(value) => Value::int(value.to_bigint()),
        Constant::Float(value) => Value::Float(value),
        Constant::Complex(value) => Value::Complex(value.real, value.imag),
        Constant::Str(text) => Value::Str(bytecode::Wtf8::from_bytes(text.as_bytes()).unwrap_or_default()),
        Constant::Bytes(bytes) => Value::Bytes(bytes.into()),
        Constant::Tuple(items) => Value::Tuple(items.iter().map(to_constant).collect()),
        Constant::FrozenSet(items) => Value::FrozenSet(items.iter().map(to_constant).collect()),
    }
}
