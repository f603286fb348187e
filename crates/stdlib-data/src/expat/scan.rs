//! Tokens of XML: where the next one ends, and whether it is well formed.
//!
//! The text is UTF-8 that nobody has checked; a byte 0xFF stands for what could not be decoded. Nothing
//! here looks at meaning, and nothing allocates but for attributes. Incomplete tokens are told apart from
//! wrong ones, because more text may come.

/// Why there is no token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// Nothing is left.
    None,
    /// A token has begun and does not end here.
    Partial,
    /// A character's bytes are not all here.
    PartialChar,
    /// What stands at this place cannot stand there.
    Invalid(usize),
}

pub type Scan<T> = Result<T, Stop>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    Chars,
    Newline,
    /// The code point.
    CharRef(u32),
    EntityRef,
    StartTag { is_empty: bool, name_end: usize },
    EndTag { name_end: usize },
    Comment,
    Pi,
    XmlDecl,
    CdataOpen,
    CdataClose,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Prolog {
    Space,
    DeclOpen,
    DeclClose,
    Name,
    /// A name with `?`, `*` or `+` behind it.
    NameQuantified(u8),
    Nmtoken,
    PoundName,
    Or,
    Comma,
    Percent,
    ParamRef,
    Literal,
    Comment,
    Pi,
    XmlDecl,
    OpenParen,
    CloseParen(u8),
    OpenBracket,
    CloseBracket,
    CondOpen,
    CondClose,
    InstanceStart,
}

/// One attribute in the text of a start tag: offsets of name and value.
pub struct Attribute {
    pub name: (usize, usize),
    pub value: (usize, usize),
    /// The value stands for itself: no references, no spaces but blanks.
    pub is_plain: bool,
}

/// What a byte may be part of.
const NAME_START: u8 = 1;
const NAME: u8 = 2;
/// A character of one byte that ends a name.
const NAME_END: u8 = 4;
const TEXT: u8 = 8;
const VALUE: u8 = 16;

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut c = 0;
    while c < 0x80 {
        let b = c as u8;
        let mut class = 0;
        if b.is_ascii_alphabetic() || b == b'_' {
            class |= NAME_START | NAME;
        } else if b.is_ascii_digit() || b == b'-' || b == b'.' {
            class |= NAME;
        } else if b != b':' && (b >= b' ' || is_space(b)) {
            class |= NAME_END;
        }
        if b == b'\t' || b >= b' ' && b < 0x7F && b != b'<' && b != b'&' && b != b']' {
            class |= TEXT;
        }
        if b >= b' ' && b < 0x7F && b != b'<' && b != b'&' && b != b'"' && b != b'\'' {
            class |= VALUE;
        }
        classes[c] = class;
        c += 1;
    }
    classes
};

/// The end of the run of bytes of a class that begins at `i`.
#[inline(always)]
fn run(s: &[u8], i: usize, class: u8) -> usize {
    let rest = s.get(i..).unwrap_or(&[]);
    i + rest.iter().position(|&b| CLASSES[b as usize] & class == 0).unwrap_or(rest.len())
}

pub const fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\r' | b'\n')
}

/// Length and code point of the character at `i`.
pub fn char_at(s: &[u8], i: usize) -> Scan<(usize, u32)> {
    let Some(&first) = s.get(i) else { return Err(Stop::None) };
    let (len, low, high, bits) = match first {
        0x20..=0x7F | b'\t' | b'\n' | b'\r' => return Ok((1, first as u32)),
        0xC2..=0xDF => (2, 0x80, 0xBF, first & 0x1F),
        0xE0 => (3, 0xA0, 0xBF, 0),
        0xED => (3, 0x80, 0x9F, 0xD),
        0xE1..=0xEF => (3, 0x80, 0xBF, first & 0xF),
        0xF0 => (4, 0x90, 0xBF, 0),
        0xF1..=0xF3 => (4, 0x80, 0xBF, first & 7),
        0xF4 => (4, 0x80, 0x8F, 4),
        _ => return Err(Stop::Invalid(i)),
    };
    let mut code = bits as u32;
    for k in 1..len {
        let Some(&c) = s.get(i + k) else { return Err(Stop::PartialChar) };
        let (low, high) = if k == 1 { (low, high) } else { (0x80, 0xBF) };
        if c < low || c > high {
            return Err(Stop::Invalid(i));
        }
        code = code << 6 | (c & 0x3F) as u32;
    }
    match code {
        0xFFFE | 0xFFFF => Err(Stop::Invalid(i)),
        _ => Ok((len, code)),
    }
}

fn is_name_start(c: u32) -> bool {
    match c {
        0..0x80 => (c as u8).is_ascii_alphabetic() || c == b'_' as u32 || c == b':' as u32,
        0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0x2FF | 0x370..=0x37D | 0x37F..=0x1FFF | 0x200C..=0x200D => true,
        0x2070..=0x218F | 0x2C00..=0x2FEF | 0x3001..=0xD7FF | 0xF900..=0xFDCF | 0xFDF0..=0xFFFD => true,
        _ => false,
    }
}

fn is_name_char(c: u32) -> bool {
    is_name_start(c) || matches!(c, 0x2D | 0x2E | 0x30..=0x39 | 0xB7 | 0x300..=0x36F | 0x203F..=0x2040)
}

/// The end of the name at `i`; with `namespaces`, of one with at most one colon, which stands inside.
#[inline(always)]
fn name(s: &[u8], i: usize, namespaces: bool) -> Scan<usize> {
    if let Some(&first) = s.get(i)
        && CLASSES[first as usize] & NAME_START != 0
    {
        let end = run(s, i + 1, NAME);
        if let Some(&next) = s.get(end)
            && CLASSES[next as usize] & NAME_END != 0
        {
            return Ok(end);
        }
    }
    any_name(s, i, namespaces)
}

#[inline(never)]
fn any_name(s: &[u8], i: usize, namespaces: bool) -> Scan<usize> {
    let mut at = i;
    let mut colons = 0;
    let mut at_start = true;
    loop {
        let (len, c) = match char_at(s, at) {
            Ok(found) => found,
            // The name is all that is there; its end is not known.
            Err(Stop::None) => return Err(Stop::Partial),
            Err(stop) => return Err(stop),
        };
        if at_start {
            if !is_name_start(c) || (namespaces && c == b':' as u32) {
                return Err(Stop::Invalid(at));
            }
            at_start = false;
        } else if c == b':' as u32 && namespaces {
            colons += 1;
            if colons > 1 {
                return Err(Stop::Invalid(at));
            }
            at_start = true;
        } else if !is_name_char(c) {
            return Ok(at);
        }
        at += len;
    }
}

/// The place behind `end`, from `i` on; what lies between must be characters.
fn until(s: &[u8], mut i: usize, end: &[u8]) -> Scan<usize> {
    loop {
        if s[i.min(s.len())..].starts_with(end) {
            return Ok(i + end.len());
        }
        match char_at(s, i) {
            Ok((len, _)) => i += len,
            Err(Stop::None) => return Err(Stop::Partial),
            Err(stop) => return Err(stop),
        }
    }
}

fn byte(s: &[u8], i: usize) -> Scan<u8> {
    s.get(i).copied().ok_or(Stop::Partial)
}

/// Behind `<!-`.
fn comment(s: &[u8], i: usize) -> Scan<usize> {
    if byte(s, i)? != b'-' {
        return Err(Stop::Invalid(i));
    }
    let end = until(s, i + 1, b"--")?;
    if byte(s, end)? != b'>' {
        return Err(Stop::Invalid(end));
    }
    Ok(end + 1)
}

/// Behind `<?`: the end, and whether the target is `xml`.
fn pi(s: &[u8], i: usize, namespaces: bool) -> Scan<(usize, bool)> {
    let end = name(s, i, namespaces)?;
    let is_xml = s[i..end].eq_ignore_ascii_case(b"xml");
    if is_xml && &s[i..end] != b"xml" {
        return Err(Stop::Invalid(end));
    }
    let c = byte(s, end)?;
    if c != b'?' && !is_space(c) {
        return Err(Stop::Invalid(end));
    }
    if c == b'?' && byte(s, end + 1)? != b'>' {
        return Err(Stop::Invalid(end + 1));
    }
    Ok((until(s, end, b"?>")?, is_xml))
}

/// The reference behind `&`: its end, and the code point of a character reference.
pub fn reference(s: &[u8], i: usize, namespaces: bool) -> Scan<(usize, Option<u32>)> {
    if byte(s, i)? != b'#' {
        let end = name(s, i, namespaces)?;
        if s[end] != b';' {
            return Err(Stop::Invalid(end));
        }
        return Ok((end + 1, None));
    }
    let (radix, start) = if byte(s, i + 1)? == b'x' { (16, i + 2) } else { (10, i + 1) };
    let mut value = 0u32;
    let mut at = start;
    loop {
        let c = byte(s, at)?;
        if let Some(digit) = (c as char).to_digit(radix) {
            value = (value.saturating_mul(radix) + digit).min(0x11_0000);
        } else if c == b';' && at > start {
            return Ok((at + 1, Some(value)));
        } else {
            return Err(Stop::Invalid(at));
        }
        at += 1;
    }
}

/// The start tag whose `<` is at `i`: its name's end, its end, whether it is empty. Attributes are added.
pub fn start_tag(s: &[u8], i: usize, namespaces: bool, attributes: &mut Vec<Attribute>) -> Scan<(usize, usize, bool)> {
    let name_end = name(s, i + 1, namespaces)?;
    let mut at = name_end;
    loop {
        let before = at;
        while is_space(byte(s, at)?) {
            at += 1;
        }
        match s[at] {
            b'>' => return Ok((name_end, at + 1, false)),
            b'/' if byte(s, at + 1)? == b'>' => return Ok((name_end, at + 2, true)),
            b'/' => return Err(Stop::Invalid(at + 1)),
            _ if at == before => return Err(Stop::Invalid(at)),
            _ => {}
        }
        let start = at;
        let end = name(s, at, namespaces)?;
        at = end;
        while is_space(byte(s, at)?) {
            at += 1;
        }
        if s[at] != b'=' {
            return Err(Stop::Invalid(at));
        }
        at += 1;
        while is_space(byte(s, at)?) {
            at += 1;
        }
        let quote = s[at];
        if quote != b'"' && quote != b'\'' {
            return Err(Stop::Invalid(at));
        }
        at += 1;
        let value = at;
        let mut is_plain = true;
        loop {
            at = run(s, at, VALUE);
            match char_at(s, at) {
                Ok((_, c)) if c == quote as u32 => break,
                Ok((_, 0x3C)) => return Err(Stop::Invalid(at)),
                Ok((_, 0x26)) => {
                    is_plain = false;
                    at = reference(s, at + 1, namespaces)?.0;
                }
                Ok((_, 0x9 | 0xA | 0xD)) => {
                    is_plain = false;
                    at += 1;
                }
                Ok((len, _)) => at += len,
                Err(Stop::None) => return Err(Stop::Partial),
                Err(stop) => return Err(stop),
            }
        }
        attributes.push(Attribute { name: (start, end), value: (value, at), is_plain });
        at += 1;
    }
}

/// The next token of an element's content and its end. `more`: whether text may follow what is here.
pub fn content(s: &[u8], i: usize, more: bool, namespaces: bool, attributes: &mut Vec<Attribute>) -> Scan<(Content, usize)> {
    match s.get(i) {
        None => Err(Stop::None),
        Some(b'<') => markup(s, i, namespaces, attributes),
        Some(b'&') => {
            let (end, code) = reference(s, i + 1, namespaces)?;
            Ok((code.map_or(Content::EntityRef, Content::CharRef), end))
        }
        Some(b'\n') => Ok((Content::Newline, i + 1)),
        Some(b'\r') => carriage_return(s, i, more),
        Some(b']') if s[i..].starts_with(b"]]>") => Err(Stop::Invalid(i + 2)),
        Some(b']') if more && (s.len() == i + 1 || &s[i..] == b"]]") => Err(Stop::Partial),
        Some(_) => {
            let mut at = i + (s[i] == b']') as usize;
            loop {
                at = run(s, at, TEXT);
                match s.get(at) {
                    None | Some(b'<' | b'&' | b'\n' | b'\r') => break,
                    Some(b']') if s[at..].starts_with(b"]]>") => return Err(Stop::Invalid(at + 2)),
                    Some(b']') if more && s.len() - at < 3 && s[at..].iter().all(|&c| c == b']') => break,
                    Some(0x20..=0x7E) => at += 1,
                    Some(_) => match char_at(s, at) {
                        Ok((len, _)) => at += len,
                        Err(_) if at > i => break,
                        Err(stop) => return Err(stop),
                    },
                }
            }
            Ok((Content::Chars, at))
        }
    }
}

fn carriage_return(s: &[u8], i: usize, more: bool) -> Scan<(Content, usize)> {
    match s.get(i + 1) {
        None if more => Err(Stop::Partial),
        Some(b'\n') => Ok((Content::Newline, i + 2)),
        _ => Ok((Content::Newline, i + 1)),
    }
}

#[inline]
fn markup(s: &[u8], i: usize, namespaces: bool, attributes: &mut Vec<Attribute>) -> Scan<(Content, usize)> {
    match byte(s, i + 1)? {
        b'!' => match byte(s, i + 2)? {
            b'-' => Ok((Content::Comment, comment(s, i + 3)?)),
            b'[' => {
                for (k, &c) in b"CDATA[".iter().enumerate() {
                    if byte(s, i + 3 + k)? != c {
                        return Err(Stop::Invalid(i + 3 + k));
                    }
                }
                Ok((Content::CdataOpen, i + 9))
            }
            _ => Err(Stop::Invalid(i + 2)),
        },
        b'?' => {
            let (end, is_xml) = pi(s, i + 2, namespaces)?;
            Ok((if is_xml { Content::XmlDecl } else { Content::Pi }, end))
        }
        b'/' => {
            let name_end = name(s, i + 2, namespaces)?;
            let mut at = name_end;
            while is_space(byte(s, at)?) {
                at += 1;
            }
            if s[at] != b'>' {
                return Err(Stop::Invalid(at));
            }
            Ok((Content::EndTag { name_end }, at + 1))
        }
        _ => {
            let (name_end, end, is_empty) = start_tag(s, i, namespaces, attributes)?;
            Ok((Content::StartTag { is_empty, name_end }, end))
        }
    }
}

/// The next token in a CDATA section.
pub fn cdata(s: &[u8], i: usize, more: bool) -> Scan<(Content, usize)> {
    match s.get(i) {
        None => Err(Stop::None),
        Some(b'\n') => Ok((Content::Newline, i + 1)),
        Some(b'\r') => carriage_return(s, i, more),
        Some(b']') if s[i..].starts_with(b"]]>") => Ok((Content::CdataClose, i + 3)),
        Some(b']') if s.len() - i < 3 && (s.len() == i + 1 || s[i + 1] == b']') => Err(Stop::Partial),
        Some(_) => {
            let mut at = i + (s[i] == b']') as usize;
            loop {
                match char_at(s, at) {
                    Ok((_, 0x5D | 0xA | 0xD)) => break,
                    Ok((len, _)) => at += len,
                    Err(Stop::None) => break,
                    Err(_) if at > i => break,
                    Err(stop) => return Err(stop),
                }
            }
            Ok((Content::Chars, at))
        }
    }
}

/// The end of a section that is ignored: behind the `]]>` that belongs to `depth`.
pub fn ignored(s: &[u8], mut i: usize) -> Scan<usize> {
    let mut depth = 0;
    loop {
        if s[i.min(s.len())..].starts_with(b"<![") {
            depth += 1;
            i += 3;
        } else if s[i.min(s.len())..].starts_with(b"]]>") {
            i += 3;
            if depth == 0 {
                return Ok(i);
            }
            depth -= 1;
        } else {
            match char_at(s, i) {
                Ok((len, _)) => i += len,
                Err(Stop::None) => return Err(Stop::Partial),
                Err(stop) => return Err(stop),
            }
        }
    }
}

/// The next token of prolog, document type and epilog. At the end of all text (`more` is false) names,
/// literals and spaces end there.
pub fn prolog(s: &[u8], i: usize, more: bool, namespaces: bool) -> Scan<(Prolog, usize)> {
    use Prolog::*;
    let Some(&c) = s.get(i) else { return Err(Stop::None) };
    let single = |token| Ok((token, i + 1));
    match c {
        b'"' | b'\'' => {
            let end = until(s, i + 1, &[c])?;
            match s.get(end) {
                None if more => Err(Stop::Partial),
                None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'%' | b'[') => Ok((Literal, end)),
                Some(_) => Err(Stop::Invalid(end)),
            }
        }
        b'<' => prolog_markup(s, i, namespaces),
        b' ' | b'\t' | b'\r' | b'\n' => {
            let end = i + s[i..].iter().take_while(|&&c| is_space(c)).count();
            // A carriage return may be half of a line end.
            if end == s.len() && more && s[end - 1] == b'\r' {
                return if end - 1 > i { Ok((Space, end - 1)) } else { Err(Stop::Partial) };
            }
            Ok((Space, end))
        }
        b'%' => match s.get(i + 1) {
            None if more => Err(Stop::Partial),
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'%') => single(Percent),
            Some(_) => {
                let end = name(s, i + 1, namespaces)?;
                if s[end] != b';' {
                    return Err(Stop::Invalid(end));
                }
                Ok((ParamRef, end + 1))
            }
        },
        b',' => single(Comma),
        b'[' => single(OpenBracket),
        b']' => match (s.get(i + 1), s.get(i + 2)) {
            (None, _) if more => Err(Stop::Partial),
            (Some(b']'), None) if more => Err(Stop::Partial),
            (Some(b']'), Some(b'>')) => Ok((CondClose, i + 3)),
            _ => single(CloseBracket),
        },
        b'(' => single(OpenParen),
        b')' => match s.get(i + 1) {
            None if more => Err(Stop::Partial),
            Some(&c @ (b'*' | b'?' | b'+')) => Ok((CloseParen(c), i + 2)),
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b'|' | b'>' | b')' | b'%') => single(CloseParen(0)),
            Some(_) => Err(Stop::Invalid(i + 1)),
        },
        b'|' => single(Or),
        b'>' => single(DeclClose),
        b'#' => {
            let end = prolog_name(s, i + 1, more, namespaces)?;
            match s.get(end) {
                None | Some(b' ' | b'\t' | b'\r' | b'\n' | b')' | b'>' | b'%' | b'|') => Ok((PoundName, end)),
                Some(_) => Err(Stop::Invalid(end)),
            }
        }
        _ => {
            let (_, c) = char_at(s, i)?;
            if !is_name_char(c) {
                return Err(Stop::Invalid(i));
            }
            let is_name = is_name_start(c) && !(namespaces && c == b':' as u32);
            let end = if is_name { prolog_name(s, i, more, namespaces)? } else { nmtoken(s, i, more)? };
            let token = if is_name { Name } else { Nmtoken };
            match s.get(end) {
                None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'>' | b')' | b',' | b'|' | b'[' | b'%') => Ok((token, end)),
                Some(&c @ (b'*' | b'?' | b'+')) if is_name => Ok((NameQuantified(c), end + 1)),
                Some(_) => Err(Stop::Invalid(end)),
            }
        }
    }
}

/// As `name`; but where no text can follow, the end of the text ends it.
fn prolog_name(s: &[u8], i: usize, more: bool, namespaces: bool) -> Scan<usize> {
    match name(s, i, namespaces) {
        Err(Stop::Partial) if !more && i < s.len() => Ok(s.len()),
        result => result,
    }
}

fn nmtoken(s: &[u8], mut i: usize, more: bool) -> Scan<usize> {
    loop {
        match char_at(s, i) {
            Ok((len, c)) if is_name_char(c) => i += len,
            Ok(_) => return Ok(i),
            Err(Stop::None) if !more => return Ok(i),
            Err(Stop::None) => return Err(Stop::Partial),
            Err(stop) => return Err(stop),
        }
    }
}

fn prolog_markup(s: &[u8], i: usize, namespaces: bool) -> Scan<(Prolog, usize)> {
    match byte(s, i + 1)? {
        b'!' => match byte(s, i + 2)? {
            b'-' => Ok((Prolog::Comment, comment(s, i + 3)?)),
            b'[' => Ok((Prolog::CondOpen, i + 3)),
            c if c.is_ascii_alphabetic() => {
                let mut at = i + 3;
                while byte(s, at)?.is_ascii_alphabetic() {
                    at += 1;
                }
                match s[at] {
                    b'%' if byte(s, at + 1)? == b'%' || is_space(s[at + 1]) => Err(Stop::Invalid(at)),
                    c if c == b'%' || is_space(c) => Ok((Prolog::DeclOpen, at)),
                    _ => Err(Stop::Invalid(at)),
                }
            }
            _ => Err(Stop::Invalid(i + 2)),
        },
        b'?' => {
            let (end, is_xml) = pi(s, i + 2, namespaces)?;
            Ok((if is_xml { Prolog::XmlDecl } else { Prolog::Pi }, end))
        }
        _ => match char_at(s, i + 1)? {
            (_, c) if is_name_start(c) => Ok((Prolog::InstanceStart, i)),
            _ => Err(Stop::Invalid(i + 1)),
        },
    }
}
