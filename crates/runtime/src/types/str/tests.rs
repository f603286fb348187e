use super::hash::siphash13;
use super::{Str, StrBuilder};
use crate::object::Owned;
const ABC: i64 = -4594863902769663758;
const SPAM: i64 = -1835052400639646948;

#[test]
fn siphash_agrees_with_the_reference_under_seed_zero() {
    // hash("abc"), hash("spam and eggs") with PYTHONHASHSEED=0.
    assert_eq!(siphash13(0, 0, b"abc") as i64, ABC);
    assert_eq!(siphash13(0, 0, b"spam and eggs") as i64, SPAM);
}

fn points(s: &Str) -> Vec<u32> {
    s.code_points().collect()
}

#[test]
fn constructors_choose_the_smallest_form() {
    let all = [("abc", 0x7f), ("abé", 0xff), ("ab\u{20ac}", 0xffff), ("ab\u{1f600}", 0x10ffff)];
    for (text, max) in all {
        let s = Str::new(text);
        assert_eq!(s.max_char(), max);
        assert_eq!(s.to_string(), text);
        assert!(s.eq_str(text));
        assert!(Str::equal(&s, &Str::from_code_points(&points(&s))));
    }
    assert!(std::ptr::eq(&*Str::new("é"), Str::latin1_char(0xe9)));
    assert!(std::ptr::eq(&*Str::new(""), Str::empty()));
    assert_eq!(points(&Str::from_wtf8(b"a\xed\xa0\x80")), [0x61, 0xd800]);
}

#[test]
fn appending_grows_in_place_only_when_alone() {
    let a = Str::append(Str::new("ab"), &Str::new("cd")).unwrap();
    let shared = a.clone();
    let b = Str::append(a, &Str::new("é")).unwrap();
    assert_eq!((shared.to_string().as_str(), b.to_string().as_str()), ("abcd", "abcdé"));
}

#[test]
fn builder_widens() {
    let mut b = StrBuilder::new();
    b.push_str("abc");
    b.push_char(0xe9);
    b.push_str_object(&Str::new("\u{20ac}")).unwrap();
    b.push_str("\u{1f600}!");
    b.push_repeated('x' as u32, 3).unwrap();
    let s = b.finish().unwrap();
    assert_eq!(s.to_string(), "abcé\u{20ac}\u{1f600}!xxx");
    assert_eq!(s.kind(), 4);
}

#[test]
fn equal_interned_strings_are_one_object() {
    let a = Str::intern(Str::new("some_name"));
    let b = Str::intern(Str::new("some_name"));
    assert_eq!(a.raw(), b.raw());
    let many: Vec<Owned<Str>> = (0..5000).map(|i| Str::intern(Str::new(&format!("name{i}")))).collect();
    for (i, name) in many.iter().enumerate() {
        assert_eq!(name.raw(), Str::intern(Str::new(&format!("name{i}"))).raw());
    }
    assert!(std::ptr::eq(crate::intern!("some_name"), &*a));
}
