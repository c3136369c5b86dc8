//! "Who vouches for it": the witnesses of a record's head, in plain sentences.

use super::pieces::{count, moment};
use maud::{Markup, html};
use store::{Seen, Vouching};

/// The section of the check page. `changes` are the entries by which the record changed its key, `as_of` is the entry up
/// to which the page's numbers go.
pub(crate) fn vouching(slug: &str, key: &str, changes: &[u64], as_of: u64, vouching: &Vouching) -> Markup {
    html! {
        section {
            h2 { "Who vouches for it" }
            @if vouching.witnesses.is_empty() {
                p {
                    "Only this server vouches for the record: no independent witness signs it yet. Keep the signed head below. If "
                    "this server ever shows a record that does not grow out of it, the two heads together prove it."
                }
            } @else {
                (witnesses(slug, vouching))
            }
            @if as_of > vouching.size {
                p {
                    "The numbers on this page go up to entry " (as_of - 1) ", and the head below covers "
                    (count(vouching.size, "entry", "entries")) ": the witnesses are being asked about the rest. It takes a few seconds, "
                    "and little more than a minute if they do not answer."
                }
            }
            h3 { "Key of the record" }
            pre.code { code { (key) } }
            @for entry in changes {
                p { "The record changed its key: entry " (entry) " hands over to the next one, and is signed by the key before and the key after it. Whoever trusts an earlier key is led to this one." }
            }
            h3 { "Signed head" }
            pre.code { code { (vouching.head) } }
        }
    }
}

fn witnesses(slug: &str, vouching: &Vouching) -> Markup {
    let all = vouching.witnesses.len() as u64;
    let signed = vouching.witnesses.iter().filter(|seen| seen.signed.is_some()).count();
    html! {
        p {
            (signed) " of " (count(all, "independent witness", "independent witnesses"))
            " signed the head below. A witness signs a head only if it continues the last one it signed, so nobody can show "
            "you a record that was rewritten without a witness helping."
        }
        p {
            @if !vouching.policy.has_quorum() {
                "This server asks for no quorum: heads are published whoever has signed them."
            } @else if vouching.quorum {
                "The quorum that this server goes by is met: " (vouching.policy.rule()) "."
            } @else {
                "The quorum that this server goes by is not met: " (vouching.policy.rule()) ". Until it is, only those named "
                "below vouch for this head. Witnesses that do not answer are asked again."
            }
        }
        ul {
            @for seen in &vouching.witnesses { li { (one(seen)) } }
        }
        details {
            summary { "Keys of the witnesses" }
            pre.code { code { @for seen in &vouching.witnesses { (seen.key) "\n" } } }
        }
        p {
            "Whoever runs this server chose these witnesses; this is "
            a href={ "/" (slug) "/record/policy" } { "its list" }
            ". To be safe from this server, too, write a list of witnesses you trust and check with "
            code { "veche verify --policy" } "."
        }
    }
}

fn one(seen: &Seen) -> Markup {
    let last = seen.time.zip(seen.size);
    html! {
        strong { bdi { (seen.key.name()) } }
        @match (seen.signed, last) {
            (Some(time), _) => { " signed this head on " (moment(time.saturating_mul(1_000))) "." }
            (None, Some((time, size))) => {
                " has not signed this head. The last it is known to have signed has " (count(size, "entry", "entries"))
                ", on " (moment(time.saturating_mul(1_000))) "."
            }
            (None, None) => " has not signed this head, nor any that this server knows of.",
        }
    }
}
