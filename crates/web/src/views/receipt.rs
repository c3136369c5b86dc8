//! A receipt to look at, to print and to scan.

use super::pieces::moment;
use super::qr::qr;
use super::shell::{Frame, Script, page};
use assembly::UnixMs;
use maud::{Markup, html};

/// A receipt with what belongs to it.
pub(crate) struct Receipt<'a> {
    /// The entry's number.
    pub index: u64,
    /// When it was written.
    pub at: UnixMs,
    /// The entry itself, one line.
    pub line: &'a str,
    /// The receipt as it is downloaded (C2SP tlog-proof).
    pub text: &'a str,
    /// The name of the record.
    pub origin: &'a str,
    /// Entries of the record that the receipt was made for.
    pub size: u64,
    /// The root over them.
    pub root: &'a str,
    /// The verifier key of the record.
    pub key: &'a str,
}

/// The page of a receipt. What the entry says is folded away, and is printed only by whoever opens it.
pub(crate) fn receipt(frame: &Frame<'_>, receipt: &Receipt<'_>) -> Markup {
    let Receipt { index, at, line, text, origin, size, root, key } = *receipt;
    let slug = frame.place.map_or("", |place| place.slug);
    let file = format!("receipt-{index}.txt");
    let label = format!("QR code with the receipt for entry {index}");
    let code = qr(text, &label);
    let content = html! {
        h1 { "Receipt for entry " (index) }
        p.sentence { "Entry " (index) ", written on " (moment(at)) ", stands on the record of this assembly, one of its " (size) " entries." }
        p {
            "This receipt proves it without this server. If anybody ever shows a record of that name without this entry, or with another one "
            "in its place, the receipt and that record together show that it was changed."
        }
        p.go.stop {
            a href={ "/" (slug) "/record/receipt/" (index) } download=(file) { "Download it" }
            a href={ "/" (slug) "/me" } { "All your receipts" }
        }
        figure.code-figure {
            @match &code {
                Some(code) => {
                    (code)
                    figcaption { "The code holds the whole receipt: " (text.len()) " bytes of text. Any reader of QR codes gives it back; save that text as a file." }
                }
                None => p { "This receipt is longer than a QR code can be, because many witnesses signed it. Download the file, or use the text below." },
            }
        }
        section {
            h2 { "What it does not say" }
            p {
                "It does not say what the entry says. But the record is public: whoever knows the number " (index)
                " can look the entry up. If the entry is how you answered, then whoever sees this receipt can find out how you answered. "
                "Show it only to people who may know."
            }
            details.more {
                summary { "What the entry says" }
                p.quiet { "Printed only while this is open. It is needed to check the receipt, and it can be read on the record at any time." }
                pre.code { code { (line) } }
            }
        }
        section {
            h2 { "Check it" }
            p { "On any computer with Veche, with the receipt in a file (downloaded, scanned or typed) and the entry read from the record:" }
            pre.code { code { "veche verify-receipt " (file) " --from " (frame.public_url) "/" (slug) } }
            p { "Without a network, with the entry in a file of its own and the key below:" }
            pre.code { code { "veche verify-receipt " (file) " --entry entry-" (index) ".txt --key " (key) } }
        }
        section {
            h2 { "What it stands on" }
            dl.facts {
                dt { "Record" } dd { code.long { (origin) } }
                dt { "Entry" } dd { (index) " (the first is 0)" }
                dt { "Entries of the record then" } dd { (size) }
                dt { "Root over them" } dd { code.long { (root) } }
                dt { "Key of the record" } dd { code.long { (key) } }
            }
            details.more open[code.is_none()] {
                summary { "The receipt as text" }
                pre.code { code { (text) } }
            }
        }
    };
    page(frame, &format!("Receipt for entry {index}"), Script::None, &content)
}
