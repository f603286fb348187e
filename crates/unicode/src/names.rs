//! Names of characters: those of the Unicode Character Database (crate unicode_names2), their aliases, and the named sequences.
//!
//! A name is looked up exactly, but for the case of its letters; `NAMES`, sorted, has the aliases and sequences.

include!(concat!(env!("OUT_DIR"), "/names.rs"));

/// The name of a character.
pub fn name(c: u32) -> Option<String> {
    unicode_names2::name(char::from_u32(c)?).map(|name| name.to_string())
}

/// The character with a name or alias.
pub fn character(name: &str) -> Option<u32> {
    if !name.is_ascii() {
        return None;
    }
    if let Some(c) = ideograph(name) {
        return Some(c);
    }
    match in_table(name) {
        Some(&[c]) => return Some(c),
        Some(_) => return None,
        None => {}
    }
    // The crate forgives differences in spaces and hyphens.
    let found = unicode_names2::character(name)?;
    let own = unicode_names2::name(found)?;
    own.to_string().eq_ignore_ascii_case(name).then_some(found as u32)
}

/// The characters of a named sequence.
pub fn sequence(name: &str) -> Option<&'static [u32]> {
    in_table(name).filter(|points| points.len() > 1)
}

/// Characters whose name is made of their number.
fn ideograph(name: &str) -> Option<u32> {
    const RANGES: [(&str, &[(u32, u32)]); 1] = [("TANGUT IDEOGRAPH-", &[(0x17000, 0x187f7), (0x18d00, 0x18d08)])];
    for (prefix, ranges) in RANGES {
        let Some((head, digits)) = name.split_at_checked(prefix.len()) else { continue };
        if head.eq_ignore_ascii_case(prefix) && digits.len() == 5 && digits.bytes().all(|d| d.is_ascii_hexdigit()) {
            let c = u32::from_str_radix(digits, 16).ok()?;
            return ranges.iter().any(|&(first, last)| (first..=last).contains(&c)).then_some(c);
        }
    }
    None
}

fn in_table(name: &str) -> Option<&'static [u32]> {
    let upper = name.to_ascii_uppercase();
    NAMES.binary_search_by(|(own, _)| (*own).cmp(upper.as_str())).ok().map(|at| NAMES[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact_but_for_case() {
        assert_eq!(character("latin small letter a"), Some(0x61));
        assert_eq!(character("LATIN-SMALL LETTER A"), None);
        assert_eq!(character("LATIN CAPITAL LETTER GHA"), Some(0x1a2));
        assert_eq!(character("TANGUT IDEOGRAPH-187F7"), Some(0x187f7));
        assert_eq!(character("TANGUT IDEOGRAPH-017000"), None);
        assert_eq!(character("TAMIL SYLLABLE SAI"), None);
        assert_eq!(sequence("TAMIL SYLLABLE SAI"), Some(&[0x0bb8, 0x0bc8][..]));
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
    }
}
