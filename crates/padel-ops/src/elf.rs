//! The little of an ELF header that tells whether a program starts in the sandbox.
//!
//! A library would not be worth its weight for these 80 lines. The ELF reader of `object` 0.40
//! alone adds 5 MB and, on two cores, 25 seconds to a debug build; `goblin` 0.10 adds seven crates,
//! `syn` among them, 14 MB and 45 seconds. Either parses lazily and leaves to us what matters here:
//! that all segments lie within the file, and that one dynamic section is read, not thousands.

/// The facts of an ELF file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elf {
    /// `e_machine`.
    pub(crate) machine: u16,
    /// Has a program interpreter or needs shared libraries.
    pub(crate) dynamic: bool,
    /// `ET_EXEC` or `ET_DYN` with something to load.
    pub(crate) program: bool,
}

/// `e_machine` of x86-64.
pub(crate) const X86_64: u16 = 62;
/// `e_machine` of 64-bit ARM.
pub(crate) const AARCH64: u16 = 183;

/// The bytes of one program header.
const HEADER: u64 = 56;
const PT_LOAD: u64 = 1;
const PT_DYNAMIC: u64 = 2;
const PT_INTERP: u64 = 3;
const DT_NEEDED: u64 = 1;

/// The data begins like an ELF file.
pub(crate) fn is_elf(data: &[u8]) -> bool {
    data.starts_with(b"\x7fELF")
}

/// Reads the headers. `Err` says what it is instead of a 64-bit little-endian ELF file.
pub(crate) fn parse_elf(data: &[u8]) -> Result<Elf, &'static str> {
    if !is_elf(data) {
        return Err("not an ELF file");
    }
    if data.get(4) != Some(&2) {
        return Err("not a 64-bit ELF file");
    }
    if data.get(5) != Some(&1) {
        return Err("not a little-endian ELF file");
    }
    parse_headers(data).ok_or("a truncated or broken ELF file")
}

fn parse_headers(data: &[u8]) -> Option<Elf> {
    let kind = read_number(data, 16, 2)?;
    let machine = u16::try_from(read_number(data, 18, 2)?).ok()?;
    let (start, size, count) = (
        read_number(data, 32, 8)?,
        read_number(data, 54, 2)?,
        read_number(data, 56, 2)?,
    );
    // Another size is none that a kernel starts.
    if count > 0 && size != HEADER {
        return None;
    }
    let (mut dynamic, mut load, mut sections) = (false, false, 0);
    for index in 0..count {
        let at = usize::try_from(start.checked_add(index * size)?).ok()?;
        let (offset, length) = (
            read_number(data, at.checked_add(8)?, 8)?,
            read_number(data, at.checked_add(32)?, 8)?,
        );
        // A copy that was cut off has all of its headers, but not what they speak of.
        let end = usize::try_from(offset.checked_add(length)?).ok()?;
        let kind = read_number(data, at, 4)?;
        if matches!(kind, PT_LOAD | PT_DYNAMIC) && end > data.len() {
            return None;
        }
        match kind {
            PT_LOAD => load = true,
            PT_INTERP => dynamic = true,
            PT_DYNAMIC => {
                // Many of them, each as long as the file, would take hours to read.
                sections += 1;
                dynamic |= sections == 1 && needs_library(data, offset, length)?;
            }
            _ => {}
        }
    }
    (sections < 2).then_some(Elf {
        machine,
        dynamic,
        program: matches!(kind, 2 | 3) && load,
    })
}

/// Finds out whether a dynamic section names a shared library; a static-pie has the section, but no
/// such entry.
fn needs_library(data: &[u8], start: u64, size: u64) -> Option<bool> {
    let start = usize::try_from(start).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    for entry in data.get(start..end)?.chunks_exact(16) {
        match read_number(entry, 0, 8)? {
            0 => break,
            DT_NEEDED => return Some(true),
            _ => {}
        }
    }
    Some(false)
}

/// A little-endian number of `size` bytes at an offset, if the file is that long.
fn read_number(data: &[u8], at: usize, size: usize) -> Option<u64> {
    let bytes = data.get(at..at.checked_add(size)?)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}
