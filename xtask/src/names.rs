//! The names under which a module and its JavaScript know each other, made short. wasm-bindgen's hold hashes, which do not
//! compress, and stand in both: half a kilobyte of what a Worker loads.
//!
//! The format: https://webassembly.github.io/spec/core/binary/modules.html

use crate::Result;

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

/// What is imported from where, in one letter.
const MODULE: &str = "i";

/// The JavaScript and the module with short names for what is imported, and without the exports that nobody asks for.
pub fn shorten(bindings: &str, wasm: &[u8]) -> Result<(String, Vec<u8>)> {
    parse(bindings, wasm)
        .ok_or_else(|| "the module is not what xtask/src/names.rs can read".to_owned())
}

fn parse(bindings: &str, wasm: &[u8]) -> Option<(String, Vec<u8>)> {
    let mut bindings = bindings.to_owned();
    let (head, rest) = wasm.split_at_checked(8)?;
    let mut short = head.to_vec();
    let mut rest = Bytes(rest);
    while let Some(section) = rest.byte() {
        let length = rest.number()?;
        let content = rest.take(length)?;
        let content = match section {
            IMPORTS => imports(Bytes(content), &mut bindings)?,
            EXPORTS => exports(Bytes(content), &bindings)?,
            _ => content.to_vec(),
        };
        short.push(section);
        write(content.len(), &mut short);
        short.extend(content);
    }
    Some((bindings, short))
}

fn imports(mut section: Bytes<'_>, bindings: &mut String) -> Option<Vec<u8>> {
    let count = section.number()?;
    let mut short = Vec::new();
    write(count, &mut short);
    for index in 0..count {
        let (module, name) = (section.name()?, section.name()?);
        let letters = letters(index);
        // Both stand as keys in what makes the imports.
        for (key, new) in [
            (format!("\"{module}\": "), format!("\"{MODULE}\": ")),
            (format!(" {name}: "), format!(" {letters}: ")),
        ] {
            if !bindings.contains(&key) && !bindings.contains(&new) {
                return None;
            }
            *bindings = bindings.replace(&key, &new);
        }
        for name in [MODULE, &letters] {
            write(name.len(), &mut short);
            short.extend(name.bytes());
        }
        // wasm-bindgen imports functions alone: by their type.
        let kind = section.byte()?;
        if kind != 0 {
            return None;
        }
        short.push(kind);
        write(section.number()?, &mut short);
    }
    section.0.is_empty().then_some(short)
}

fn exports(mut section: Bytes<'_>, bindings: &str) -> Option<Vec<u8>> {
    let count = section.number()?;
    let mut short = Vec::new();
    let mut kept = 0;
    for _ in 0..count {
        let name = section.name()?;
        let (kind, index) = (section.byte()?, section.number()?);
        if bindings.contains(&format!("wasm.{name}")) {
            kept += 1;
            write(name.len(), &mut short);
            short.extend(name.bytes());
            short.push(kind);
            write(index, &mut short);
        }
    }
    let mut whole = Vec::new();
    write(kept, &mut whole);
    whole.extend(short);
    section.0.is_empty().then_some(whole)
}

/// A, b, … z, ba, bb, …
fn letters(index: usize) -> String {
    let last = char::from(b'a' + u8::try_from(index % 26).unwrap_or(0));
    match index / 26 {
        0 => last.to_string(),
        more => letters(more) + &last.to_string(),
    }
}

/// LEB128, as it is read and written.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn name(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        str::from_utf8(self.take(length)?).ok()
    }
}

fn write(mut number: usize, into: &mut Vec<u8>) {
    loop {
        let byte = u8::try_from(number & 0x7f).unwrap_or(0);
        number >>= 7;
        into.push(if number == 0 { byte } else { byte | 0x80 });
        if number == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"\0asm\x01\0\0\0";
    /// Two functions from one module, and after them two exports of memory.
    const SECTIONS: &[u8] =
        b"\x02\x17\x02\x03./m\x04__wa\0\x01\x03./m\x03__b\0\x80\x01\x07\x11\x02\x06memory\x02\0\x04idle\x02\0";
    const BINDINGS: &str = "{\n __wa: f,\n __b: g,\n }; return { \"./m\": import0 }; wasm.memory;";

    #[test]
    fn names_imports_by_letters_on_both_sides() {
        let (bindings, wasm) = shorten(BINDINGS, &[HEAD, SECTIONS].concat()).expect("it is sound");
        assert_eq!(
            bindings,
            "{\n a: f,\n b: g,\n }; return { \"i\": import0 }; wasm.memory;"
        );
        let expected =
            b"\x02\x0e\x02\x01i\x01a\0\x01\x01i\x01b\0\x80\x01\x07\x0a\x01\x06memory\x02\0";
        assert_eq!(wasm, [HEAD, expected].concat());
    }

    #[test]
    fn counts_on_after_z() {
        let names: Vec<_> = [0, 25, 26, 27, 52].map(letters).to_vec();
        assert_eq!(names, ["a", "z", "ba", "bb", "ca"]);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let whole = [HEAD, SECTIONS].concat();
        for cut in HEAD.len() + 1..whole.len() {
            // What ends between two sections is whole.
            let ends = cut == HEAD.len() + 25;
            let part = whole.get(..cut).unwrap_or_default();
            assert_eq!(shorten(BINDINGS, part).is_ok(), ends, "{cut}");
        }
        assert!(shorten("{}", &whole).is_err(), "nobody imports it");
        let table = whole
            .iter()
            .map(|byte| if *byte == 0x17 { 0x16 } else { *byte });
        assert!(shorten(BINDINGS, &table.collect::<Vec<_>>()).is_err());
    }
}
