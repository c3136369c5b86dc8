//! BLT files
#![no_main]

use count::report::{Request, report};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let request = Request { vote: Some(1), ..Request::default() };
    if let Ok(report) = report(" read, counted, written and read again.:x.blt", data, &[], &request) {
        let page = report.html();
        assert!(!page.contains("<script"));
        if let Ok(text) = count::files::blt::write(report.election()) {
            assert!(count::files::blt::read(text.as_bytes()).is_ok());
        }
    }
});
