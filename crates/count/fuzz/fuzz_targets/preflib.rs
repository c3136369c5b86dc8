//! PrefLib files, old and new: read, counted, written and read again. The first byte chooses the extension.
#![no_main]

use count::files::preflib;
use count::{Lot, Rule, count};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let extension = ["soc", "soi", "toc", "toi", "cat"][usize::from(*first) % 5];
    let Ok(read) = preflib::read(rest, extension) else { return };
    let lot = Lot::ballot_order(read.election.options.len());
    for name in ["irv", "borda", "approval", "meek"] {
        if let Ok(rule) = Rule::parse(name, None) {
            let _ = count(&read.election, &rule, &lot);
        }
    }
    if let Ok((extension, text)) = preflib::write(&read.election) {
        assert!(preflib::read(text.as_bytes(), extension).is_ok());
    }
});
