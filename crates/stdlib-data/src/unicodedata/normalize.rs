//! Normalization forms: decomposition, canonical order, composition.

use super::tables::Tables;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Nfc,
    Nfkc,
    Nfd,
    Nfkd,
}

const S_BASE: u32 = 0xac00;
const L_BASE: u32 = 0x1100;
const V_BASE: u32 = 0x1161;
const T_BASE: u32 = 0x11a7;
const L_COUNT: u32 = 19;
const V_COUNT: u32 = 21;
const T_COUNT: u32 = 28;
const S_COUNT: u32 = L_COUNT * V_COUNT * T_COUNT;

/// The text in a normalization form.
pub fn normalize(tables: &Tables, form: Form, text: impl Iterator<Item = u32>) -> Vec<u32> {
    let compatible = matches!(form, Form::Nfkc | Form::Nfkd);
    let mut out = runtime::memory::reserve::with_room(text.size_hint().0);
    for c in text {
        decompose(tables, c, compatible, &mut out);
    }
    order(tables, &mut out);
    if matches!(form, Form::Nfc | Form::Nfkc) {
        compose(tables, &mut out);
    }
    out
}

/// The jamo of a Hangul syllable; the last may be missing.
pub fn jamo(c: u32) -> Option<[u32; 3]> {
    let s = c.checked_sub(S_BASE).filter(|&s| s < S_COUNT)?;
    Some([L_BASE + s / (V_COUNT * T_COUNT), V_BASE + s % (V_COUNT * T_COUNT) / T_COUNT, T_BASE + s % T_COUNT])
}

fn decompose(tables: &Tables, c: u32, compatible: bool, out: &mut Vec<u32>) {
    runtime::memory::reserve::grow(out);
    if c < 0xa0 {
        out.push(c);
    } else if let Some(jamo) = jamo(c) {
        let len = if jamo[2] == T_BASE { 2 } else { 3 };
        out.extend_from_slice(&jamo[..len]);
    } else if let Some(other) = tables.corrected(c) {
        out.push(other);
    } else {
        match tables.mapping(c) {
            // Mappings are short chains; the database has no cycles.
            Some(mapping) if compatible || mapping.is_canonical => {
                mapping.code_points.iter().for_each(|&c| decompose(tables, c, compatible, out));
            }
            _ => out.push(c),
        }
    }
}

/// Runs of combining characters by their classes.
fn order(tables: &Tables, text: &mut [u32]) {
    let class = |c: u32| if c < 0x300 { 0 } else { tables.record(c).combining };
    let mut at = 0;
    while at < text.len() {
        if class(text[at]) == 0 {
            at += 1;
            continue;
        }
        let len = text[at..].iter().take_while(|&&c| class(c) != 0).count();
        text[at..at + len].sort_by_key(|&c| class(c));
        at += len;
    }
}

fn compose_pair(tables: &Tables, a: u32, b: u32) -> Option<u32> {
    if (L_BASE..L_BASE + L_COUNT).contains(&a) && (V_BASE..V_BASE + V_COUNT).contains(&b) {
        return Some(S_BASE + ((a - L_BASE) * V_COUNT + (b - V_BASE)) * T_COUNT);
    }
    if (S_BASE..S_BASE + S_COUNT).contains(&a) && (a - S_BASE) % T_COUNT == 0 && (T_BASE + 1..T_BASE + T_COUNT).contains(&b) {
        return Some(a + (b - T_BASE));
    }
    tables.compose(a, b)
}

fn compose(tables: &Tables, text: &mut Vec<u32>) {
    let mut to = 0;
    let mut starter: Option<usize> = None;
    let mut last_class = 0u8;
    for from in 0..text.len() {
        let c = text[from];
        let class = if c < 0x300 { 0 } else { tables.record(c).combining };
        if let Some(at) = starter {
            // Adjacent to the starter, or behind marks of a lower class only.
            let reachable = at + 1 == to || (last_class != 0 && last_class < class);
            if reachable && let Some(made) = compose_pair(tables, text[at], c) {
                text[at] = made;
                continue;
            }
        }
        if class == 0 {
            starter = Some(to);
        }
        last_class = class;
        text[to] = c;
        to += 1;
    }
    text.truncate(to);
}
