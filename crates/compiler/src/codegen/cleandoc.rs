//! Docstrings without the indentation of the source: as `inspect.cleandoc`, but no line is dropped.

use std::borrow::Cow;

use syntax::ast::{Arena, Str};

use crate::host::{CompileError, Result};

pub fn cleandoc<'a>(arena: &'a Arena, doc: Str<'a>) -> Result<Str<'a>> {
    // The reference goes through UTF-8 here, which has no surrogates.
    if doc.as_str().is_none() {
        return Err(CompileError::UnencodableDocstring(doc.as_bytes().to_vec()));
    }
    let text = expand_tabs(doc.as_bytes());
    let margin = text
        .split(|&byte| byte == b'\n')
        .skip(1)
        .filter_map(|line| line.iter().position(|&byte| byte != b' '))
        .min()
        .unwrap_or(0);
    if margin == 0 && text.first() != Some(&b' ') {
        return Ok(match text {
            Cow::Borrowed(_) => doc,
            Cow::Owned(text) => Str::from_wtf8(arena.alloc_slice_copy(&text)),
        });
    }
    let mut clean = Vec::with_capacity(text.len());
    for (i, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if i > 0 {
            clean.push(b'\n');
        }
        let spaces = line.iter().take_while(|&&byte| byte == b' ').count();
        let cut = if i == 0 { spaces } else { spaces.min(margin) };
        clean.extend_from_slice(&line[cut..]);
    }
    Ok(Str::from_wtf8(arena.alloc_slice_copy(&clean)))
}

/// `str.expandtabs()`: tab stops every eight columns.
fn expand_tabs(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\t') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + 32);
    let mut column = 0;
    for &byte in text {
        match byte {
            b'\t' => {
                let fill = 8 - column % 8;
                out.extend(std::iter::repeat_n(b' ', fill));
                column += fill;
                continue;
            }
            b'\n' | b'\r' => column = 0,
            // The bytes after the first of a character.
            0x80..=0xbf => {}
            _ => column += 1,
        }
        out.push(byte);
    }
    Cow::Owned(out)
}
