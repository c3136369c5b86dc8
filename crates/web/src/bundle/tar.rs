//! Archives in the form of POSIX ustar, of plain files only: what a bundle needs, and nothing that could surprise.
//!
//! There is one way to write a header. A reader makes the header anew from name, length and time and compares all its
//! 512 bytes, so an archive with links, folders, devices, owners, extensions or long names is none of ours, and nothing
//! in it is ever acted upon. A library that reads all kinds of archives would have to be told about each of these.

/// Headers and contents begin at multiples of this.
pub const BLOCK: usize = 512;
/// What an archive ends with.
pub const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];
/// The longest name, in bytes.
const MAX_NAME: usize = 100;
/// The largest file and the latest time that eleven octal digits can say.
const MAX_NUMBER: u64 = (1 << 33) - 1;

/// A header that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name, with its folders.
    pub name: String,
    /// The length of what follows, in bytes, without what fills its last block.
    pub size: u64,
}

/// A file as it stands in an archive: header, contents, and zeros to the end of the block. `None` if the name or a
/// number does not fit.
pub fn file(name: &str, bytes: &[u8], mtime: u64) -> Option<Vec<u8>> {
    let header = header(name, bytes.len() as u64, mtime.min(MAX_NUMBER))?;
    let mut out = Vec::with_capacity(BLOCK + bytes.len().next_multiple_of(BLOCK));
    out.extend_from_slice(&header);
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
    Some(out)
}

/// Reads a header; `None` if it is not byte for byte one that [`file()`] writes.
pub fn read(block: &[u8; BLOCK]) -> Option<Header> {
    let name = block.get(..MAX_NAME)?.split(|byte| *byte == 0).next()?;
    let name = std::str::from_utf8(name).ok()?;
    let (size, mtime) = (octal(block.get(124..135)?)?, octal(block.get(136..147)?)?);
    (header(name, size, mtime)? == *block).then(|| Header { name: name.to_owned(), size })
}

fn header(name: &str, size: u64, mtime: u64) -> Option<[u8; BLOCK]> {
    if name.is_empty() || name.len() > MAX_NAME || size > MAX_NUMBER || mtime > MAX_NUMBER {
        return None;
    }
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| {
        block.iter_mut().skip(at).zip(bytes).for_each(|(to, from)| *to = *from);
    };
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    // Owner and group: nobody.
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, format!("{mtime:011o}\0").as_bytes());
    // While the sum is made, its own place holds spaces.
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    block.iter_mut().skip(148).zip(sum.as_bytes()).for_each(|(to, from)| *to = *from);
    Some(block)
}

fn octal(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .try_fold(0u64, |number, digit| digit.is_ascii_digit().then(|| number * 8 + u64::from(digit - b'0')))
}
