//! The names of a document: each has a number, so that a name that comes again costs no allocation.

use std::collections::HashMap;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Name(u32);

impl Name {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

struct Entry {
    text: Box<str>,
    is_plain: bool,
}

#[derive(Default)]
pub struct Names {
    list: Vec<Entry>,
    /// The hash has a key of its own: names are chosen by whoever wrote the document.
    numbers: HashMap<Box<str>, Name>,
    /// The last name for each weak hash: most documents need nothing else.
    recent: Box<[Option<Name>]>,
}

const RECENT: usize = 128;

impl Names {
    /// The name with this text, which the scanner has checked.
    #[inline]
    pub fn name(&mut self, text: &[u8]) -> Name {
        let place = weak_hash(text);
        if let Some(Some(name)) = self.recent.get(place)
            && self.list[name.index()].text.as_bytes() == text
        {
            return *name;
        }
        self.search(place, text)
    }
    #[inline(never)]
    fn search(&mut self, place: usize, text: &[u8]) -> Name {
        if self.recent.is_empty() {
            self.recent = Box::new([None; RECENT]);
        }
        let text = String::from_utf8_lossy(text);
        let name = match self.numbers.get(&*text) {
            Some(known) => *known,
            None => {
                let name = Name(self.list.len() as u32);
                let text: Box<str> = text.into();
                self.list.push(Entry { is_plain: !text.contains(':') && &*text != "xmlns", text: text.clone() });
                self.numbers.insert(text, name);
                name
            }
        };
        self.recent[place] = Some(name);
        name
    }
    pub fn text(&self, name: Name) -> &str {
        &self.list[name.index()].text
    }
    #[inline]
    pub fn is(&self, name: Name, text: &[u8]) -> bool {
        self.list[name.index()].text.as_bytes() == text
    }
    /// Whether a name has no prefix and declares no namespace.
    #[inline]
    pub fn is_plain(&self, name: Name) -> bool {
        self.list[name.index()].is_plain
    }
}

#[inline]
fn weak_hash(text: &[u8]) -> usize {
    let (first, last) = (text.first().copied().unwrap_or(0) as usize, text.last().copied().unwrap_or(0) as usize);
    let middle = text.get(text.len() / 2).copied().unwrap_or(0) as usize;
    (first.wrapping_mul(5) ^ last.wrapping_mul(31) ^ middle.wrapping_mul(13) ^ text.len().wrapping_mul(17)) % RECENT
}
