//! Pabulib files
#![no_main]

use count::report::{Request, report};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let request = Request { vote: Some(1), ..Request::default() };
    if let Ok(report) = report(" read, counted by their own rule, written and read again.:x.pb", data, &[], &request) {
        let page = report.html();
        assert!(!page.contains("<script"));
        let text = count::files::pabulib::write(report.election());
        assert!(count::files::pabulib::read(text.as_bytes()).is_ok());
    }
});
