//! `_tokenize`: the tokenizer as `tokenize` drives it, a line at a time.

use crate::compile::raise_syntax_error;
use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;

use crate::object::{Object, ObjectHead, Owned, Type};
use crate::protocol::call;
use crate::types::{Bytes, Int, Str, Tuple};
use macros::{Traverse, pymodule, pytype};
use std::cell::RefCell;
use syntax::tokenizer::stream::{Next, TokenInfo, TokenStream};

/// Iterator over tokens.
#[derive(Traverse)]
#[repr(C)]
pub struct TokenizerIter {
    head: ObjectHead,
    readline: Owned,
    /// What lines are decoded from; without it they are text.
    encoding: Option<Owned<Str>>,
    #[traverse(skip)]
    stream: RefCell<TokenStream>,
    /// The line of the last token, to be shared by those that follow.
    last_line: RefCell<Option<Owned<Str>>>,
}

fn pair((line, column): (i32, i32)) -> Owned {
    Tuple::pair(Int::from_i64(line as i64).into_object(), Int::from_i64(column as i64).into_object()).into_object()
}

impl TokenizerIter {
    /// The next line as UTF-8; `None` at the end.
    fn read_line(&self) -> PyResult<Option<Vec<u8>>> {
        let Some(line) = errors::catch(call::call0(&self.readline), exceptions::StopIteration())? else { return Ok(None) };
        let Some(encoding) = &self.encoding else {
            let Some(text) = line.downcast::<Str>() else {
                return Err(err!(TypeError, "readline() returned a non-string object"));
            };
            return Ok(Some(text.as_utf8()?.as_bytes().to_vec()).filter(|l| !l.is_empty()));
        };
        let Some(bytes) = line.downcast::<Bytes>() else {
            return Err(err!(TypeError, "readline() returned a non-bytes object"));
        };
        let text = call::call_method(bytes, crate::intern!("decode"), &[encoding, crate::intern!("replace")])?;
        let Some(text) = text.downcast::<Str>() else {
            return Err(err!(TypeError, "decoder returned a non-string object"));
        };
        Ok(Some(text.as_utf8()?.as_bytes().to_vec()).filter(|l| !l.is_empty()))
    }
    fn line_object(&self, text: &str) -> Owned<Str> {
        let mut last = self.last_line.borrow_mut();
        match &*last {
            Some(line) if line.eq_str(text) => line.clone(),
            _ => last.insert(Str::new(text)).clone(),
        }
    }
    fn token_object(&self, token: &TokenInfo) -> Owned {
        let line = self.line_object(&token.line).into_object();
        Tuple::from_owned(vec![
            Int::from_i64(token.kind as i64).into_object(),
            Str::new(&token.string).into_object(),
            pair(token.start),
            pair(token.end),
            line,
        ])
        .into_object()
    }
}

#[pytype(static = PyTokenizerIter_Type, name = "TokenizerIter", module = "_tokenize", flags = HAVE_GC, native)]
impl TokenizerIter {
    #[slot("tokenizeriter(readline, /, *, extra_tokens, encoding=None)")]
    fn tp_new(cls: &Type, readline: &Object, extra_tokens: bool, encoding: Option<&Str>) -> PyResult<Owned<TokenizerIter>> {
        TokenizerIter::construct(
            cls,
            TokenizerIter {
                head: ObjectHead::placeholder(),
                readline: readline.to_owned(),
                encoding: encoding.map(Owned::from_ref),
                stream: RefCell::new(TokenStream::new(extra_tokens)),
                last_line: RefCell::new(None),
            },
        )
    }
    #[slot]
    fn tp_iter(this: &Object) -> Owned {
        this.to_owned()
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        loop {
            let next = match self.stream.try_borrow_mut() {
                Ok(mut stream) => stream.next(),
                Err(_) => return Err(err!(RuntimeError, "tokenizer is already running")),
            };
            match next {
                Ok(Next::Token(token)) => return Ok(Some(self.token_object(&token))),
                Ok(Next::End) => return Ok(None),
                Ok(Next::NeedLine) => {
                    let line = self.read_line()?;
                    let mut stream = self.stream.borrow_mut();
                    match line {
                        Some(line) => stream.push_line(&line),
                        None => stream.finish(),
                    }
                }
                Err(error) => return Err(raise_syntax_error(*error, crate::intern!("<string>"), None)),
            }
        }
    }
}

/// The tokenizer, for tokenize.
#[pymodule(name = "_tokenize")]
#[types(PyTokenizerIter_Type)]
pub mod module {
    use super::*;
}

