#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| assembly_fuzz::entry(data));
