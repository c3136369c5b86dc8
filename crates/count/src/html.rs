//! A page with the result that a town clerk could publish: one file, nothing fetched from anywhere, good on paper.

use crate::election::Election;
use crate::picture::{Picture, Table, escape, harmless, pictures, quotes_apart};
use crate::report::Report;
use crate::sentence::{Sentence, Words};
use std::fmt::Write;

/// Sentences shown at once; the rest is under a heading that can be folded away.
const FIRST_SENTENCES: usize = 12;

const STYLE: &str = "
:root{--paper:#faf8f4;--ink:#1c1b19;--quiet:#5d5a54;--line:#d8d3c8;--accent:#9b2c1f}
@media(prefers-color-scheme:dark){:root{--paper:#161513;--ink:#ece8e1;--quiet:#a9a49a;--line:#3a3733;--accent:#ee8a78}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:38rem;margin:0 auto;padding:24px 16px 64px}
h1,h2{font-family:ui-serif,Georgia,serif;line-height:1.2;margin:0}
h1{font-size:1.8rem}
h2{font-size:1.25rem;margin:48px 0 12px;padding-top:12px;border-top:1px solid var(--line)}
p{margin:8px 0}
.quiet{color:var(--quiet);font-size:.875rem}
ol.winners{padding-inline-start:2.2em;font-size:1.25rem;font-family:ui-serif,Georgia,serif;margin:16px 0}
ol.winners li{margin:4px 0}
ol.winners small{font:.875rem system-ui,sans-serif;color:var(--quiet)}
ul{padding-inline-start:1.2em}
li{margin:4px 0}
.notice{border-inline-start:4px solid var(--accent);padding:4px 12px;margin:16px 0}
figure{margin:16px 0}
.wide{overflow-x:auto}
.wide+.wide{margin-top:24px}
.wide:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
svg{display:block;height:auto}
.fit svg{width:100%;max-width:32rem}
@media(min-width:64rem){figure.wide{margin-inline:calc(19rem - min(50vw - 2rem,36rem))}}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;min-width:100%}
th,td{padding:4px 0;padding-inline-end:12px;border-bottom:1px solid var(--line);text-align:end;vertical-align:top;overflow-wrap:normal}
td{white-space:nowrap}
th:first-child,td:first-child,.words{text-align:start}
.words{white-space:normal}
td.words{min-width:6rem}
td.words:first-child{min-width:9rem}
thead th{border-bottom:2px solid var(--ink)}
summary{cursor:pointer;padding:12px 0;min-height:48px}
code{font-size:.8rem;word-break:break-all}
.sign{display:none}
@media print{
:root{--paper:#fff;--ink:#000;--quiet:#333;--line:#999;--accent:#000}
body{font-size:10.5pt}main{max-width:none;padding:0}
h2{break-after:avoid;margin-top:20pt}figure,tr,li{break-inside:avoid}
.wide{overflow:visible}figure.wide{margin-inline:0}.wide svg{max-width:100%}
.fit svg{max-width:11cm}
table{font-size:8.5pt}
.sign{display:flex;gap:2cm;margin-top:2cm}.sign span{flex:1;border-top:1px solid #000;padding-top:4pt}
}";

/// The page. Every text from outside is escaped; there is no script and no link to anywhere.
pub fn page(report: &Report, election: &Election, words: &Words) -> String {
    let mut out = String::from("<!doctype html>\n<html lang=\"");
    let _ = write!(
        out,
        "{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title><style>{STYLE}</style></head>\n<body><main>\n",
        escape(&words.text("language")),
        escape(&harmless(&report.title))
    );
    head(&mut out, report, words);
    for picture in pictures(election, &report.outcome, words) {
        figure(&mut out, &picture, words);
    }
    explanation(&mut out, report, words);
    close(&mut out, report, words);
    file(&mut out, report, words);
    out.push_str("</main></body></html>\n");
    out
}

/// A name or another text from outside: it keeps its own direction and does not touch that of what follows.
fn outside(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(&harmless(text)))
}

fn head(out: &mut String, report: &Report, words: &Words) {
    let text = |key: &str| escape(&words.text(key));
    let _ = write!(
        out,
        "<h1 dir=\"auto\">{}</h1>\n<p class=\"quiet\">{} · {}</p>\n",
        escape(&harmless(&report.title)),
        escape(&report.rule_name),
        report.take_part().map_or_else(
            || format!("{} {}", crate::Number::from(report.outcome.voters).plain(0), text("page.voters")),
            |sentence| escape(&sentence)
        )
    );
    let winners = &report.outcome.winners;
    if winners.is_empty() {
        let _ = writeln!(out, "<p class=\"notice\">{}</p>", escape(&report.nobody()));
    } else {
        let _ = writeln!(out, "<h2>{}</h2>\n<ol class=\"winners\">", text("page.result"));
        for winner in winners {
            let about = report.election().options.get(*winner).map_or("", |o| o.about.as_str());
            let _ = write!(out, "<li>{}", outside(report.name(*winner)));
            if !about.is_empty() {
                let _ = write!(out, " <small>{}</small>", outside(about));
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ol>\n");
    }
    for notice in report.notices() {
        let _ = writeln!(out, "<p class=\"notice\">{}</p>", escape(&notice));
    }
}

fn figure(out: &mut String, picture: &Picture, words: &Words) {
    // A drawing as wide as a phone grows with the page; a wider one is scrolled.
    let fits = picture.svg.contains("viewBox=\"0 0 400 ");
    let class = if fits { "fit" } else { "wide" };
    let focus = if fits { "" } else { " tabindex=\"0\"" };
    let key = match &picture.key {
        Some(key) => format!("<p class=\"quiet\">{}</p>\n", escape(key)),
        None => String::new(),
    };
    let _ = write!(
        out,
        "<h2>{}</h2>\n<figure class=\"{class}\"{focus}>{}</figure>\n{key}<details open><summary>{}</summary>\n",
        escape(&picture.caption),
        picture.svg,
        escape(&words.text("page.table"))
    );
    for part in &picture.tables {
        table(out, part);
    }
    out.push_str("</details>\n");
}

fn table(out: &mut String, table: &Table) {
    // Numbers stand under each other and are not broken; words are read from the start of the line.
    let words = |column: usize| {
        let said = |row: &Vec<String>| row.get(column).is_some_and(|c| c.contains(char::is_alphabetic));
        table.rows.iter().any(said)
    };
    let classes: Vec<&str> =
        (0..table.head.len()).map(|i| if words(i) { " class=\"words\"" } else { "" }).collect();
    let class = |i: usize| classes.get(i).copied().unwrap_or("");
    out.push_str("<div class=\"wide\" tabindex=\"0\"><table><thead><tr>");
    for (i, cell) in table.head.iter().enumerate() {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(i), escape(cell));
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (i, cell) in row.iter().enumerate() {
            // The first column names the row.
            let cell = if i == 0 { outside(cell) } else { escape(cell) };
            let _ = write!(out, "<td{}>{cell}</td>", class(i));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

fn explanation(out: &mut String, report: &Report, words: &Words) {
    let _ = writeln!(out, "<h2>{}</h2>", escape(&words.text("page.how")));
    let list = |out: &mut String, part: &[Sentence]| {
        out.push_str("<ul>\n");
        for sentence in part {
            let _ = writeln!(out, "<li>{}</li>", escape(&report.say(sentence)));
        }
        out.push_str("</ul>\n");
    };
    let explanation = &report.outcome.explanation;
    let (first, rest) = explanation.split_at(explanation.len().min(FIRST_SENTENCES));
    list(out, first);
    if !rest.is_empty() {
        let _ = writeln!(
            out,
            "<details open><summary>{} ({})</summary>",
            escape(&words.text("page.more")),
            rest.len()
        );
        list(out, rest);
        out.push_str("</details>\n");
    }
    let _ =
        writeln!(out, "<h2>{}</h2>\n<p>{}</p>", escape(&words.text("page.by_hand")), escape(&report.recipe));
}

fn close(out: &mut String, report: &Report, words: &Words) {
    if let Some(margin) = &report.margin {
        let said = report.say(&margin.sentence);
        let _ = writeln!(out, "<h2>{}</h2>\n<p>{}</p>", escape(&words.text(margin.heading())), escape(&said));
    }
    if !report.what_if.is_empty() {
        let head = ["page.rule", "page.would_win"].map(|k| words.text(k)).to_vec();
        let rows = report.what_if.iter().map(|o| vec![words.text(&o.key), report.alternative(o)]).collect();
        let _ = writeln!(out, "<h2>{}</h2>", escape(&words.text("page.what_if")));
        table(out, &Table { head, rows });
    }
    if let Some(survival) = &report.survival {
        let _ = writeln!(
            out,
            "<h2>{}</h2>\n<p>{}</p>",
            escape(&words.text("page.survival")),
            escape(&report.say(&survival.sentence()))
        );
        let head = ["picture.option", "page.times"].map(|k| words.text(k)).to_vec();
        let rows = survival
            .wins
            .iter()
            .take(60)
            .map(|(o, n)| vec![report.name(*o).to_owned(), n.to_string()])
            .collect();
        table(out, &Table { head, rows });
    }
}

fn file(out: &mut String, report: &Report, words: &Words) {
    let text = |key: &str| escape(&words.text(key));
    if !report.repairs.is_empty() {
        let _ = writeln!(out, "<h2>{}</h2>\n<ul>", text("page.repairs"));
        for repair in &report.repairs {
            let _ = writeln!(out, "<li>{}</li>", escape(&quotes_apart(&repair.to_string())));
        }
        out.push_str("</ul>\n");
    }
    let rule = serde_json::to_string(&report.outcome.rule).unwrap_or_default();
    let _ = write!(
        out,
        "<h2>{}</h2>\n<p>{}</p>\n<p class=\"quiet\">{}<br><code>{}</code></p>\n<p class=\"quiet\">{}<br><code>{}</code></p>\n<p class=\"quiet\">{}<br><code>{}</code></p>\n",
        text("page.check"),
        text("page.check_how"),
        text("page.rule_complete"),
        escape(&harmless(&rule)),
        text("page.rule_digest"),
        escape(&report.outcome.rule_digest),
        text("page.votes_digest"),
        escape(&report.outcome.votes_digest)
    );
    let _ = writeln!(
        out,
        "<div class=\"sign\"><span>{}</span><span>{}</span></div>",
        text("page.place_date"),
        text("page.signature")
    );
}
