//! Texts from outside, made fit for a line of a page, a drawing or a terminal.

/// Begin and end of a piece of text that has a direction of its own, whatever stands around it.
const APART: [char; 2] = ['\u{2068}', '\u{2069}'];

/// One line without characters that steer what shows it. Control characters, which could clear a terminal, become
/// spaces. Marks of direction, which could turn around the numbers after a name, are left out: names copied from
/// elsewhere often bring some along, and as each name is set apart it needs none; and so is what nobody sees, except
/// U+200C and U+200D, without which Persian, the scripts of India and many pictures cannot be written.
pub fn harmless(text: &str) -> String {
    let steers = |c: &char| {
        matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{e0000}'..='\u{e007f}')
    };
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().filter(|c| !steers(c)).map(|c| if breaks(c) { ' ' } else { c }).collect()
}

/// A name as it stands in a sentence: harmless, and whatever its direction, that of the sentence stays.
pub fn apart(name: &str) -> String {
    let [begin, end] = APART;
    format!("{begin}{}{end}", harmless(name))
}

/// A sentence that quotes from outside, with what it quotes set apart.
pub(crate) fn quotes_apart(sentence: &str) -> String {
    let [begin, end] = APART;
    harmless(sentence).replace('“', &format!("“{begin}")).replace('”', &format!("{end}”"))
}

/// Characters that mean something in HTML and SVG, harmless.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A name short enough for its place in a drawing; the table has it whole.
pub(super) fn short(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return escape(&apart(name));
    }
    let cut: String = name.chars().take(most.saturating_sub(1)).collect();
    escape(&apart(&format!("{}…", cut.trim_end())))
}
