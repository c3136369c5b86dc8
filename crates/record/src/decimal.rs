//! Numbers as the C2SP formats write them: ASCII decimal, no sign, no leading zeros.

/// The number `text` stands for, or `None` unless it is exactly how that number is written.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let strict = !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if strict { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_way_to_write_a_number_is_read() {
        assert_eq!(parse("0"), Some(0));
        assert_eq!(parse("70000"), Some(70_000));
        assert_eq!(parse("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "00", "07", "+7", "-7", " 7", "7 ", "7\n", "0x7", "٧", "18446744073709551616"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
