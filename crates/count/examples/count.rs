//! `count <file> [--rule R] [--seats N] [--lot 2,1,3] [--json] [--explain] [--what-if] [--vote N] [--html FILE] [--rules]`

use count::report::{Request, report, rules};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            use std::io::Write;
            // A reader that closed early, such as `head`, is no failure.
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, String> {
    let mut request = Request::default();
    let (mut file, mut html, mut json, mut explain) = (None, None, false, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = |what: &str| words.next().ok_or(format!("{word} needs {what} after it."));
        match word.as_str() {
            "--rules" => return Ok(rules()),
            "--json" => json = true,
            "--explain" => explain = true,
            "--what-if" => request.what_if = true,
            "--rule" => request.rule = Some(value("a rule")?),
            "--lot" => request.lot = Some(value("an order of options")?),
            "--html" => html = Some(value("the name of a file")?),
            "--seats" => {
                request.seats = Some(value("a number")?.parse().map_err(|_| "--seats needs a whole number.")?)
            }
            "--vote" => {
                request.vote = Some(value("a number")?.parse().map_err(|_| "--vote needs a whole number.")?)
            }
            other if other.starts_with("--") => return Err(format!("{other} is not known here.")),
            other => file = Some(other.to_owned()),
        }
    }
    let file = file.ok_or("Say which file is to be counted.")?;
    let path = Path::new(&file);
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    let bytes = std::fs::read(path).map_err(|e| format!("{file} cannot be read: {e}."))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let wanted = count::files::wanted(name, &bytes);
    let beside: Vec<(String, Vec<u8>)> = wanted
        .into_iter()
        .filter_map(|n| std::fs::read(folder.join(&n)).ok().map(|b| (n, b)))
        .take(1)
        .collect();
    let report = report(name, &bytes, &beside, &request).map_err(|refusal| refusal.to_string())?;
    if let Some(html) = html {
        std::fs::write(&html, report.html()).map_err(|e| format!("{html} cannot be written: {e}."))?;
    }
    Ok(if json { report.json() } else { report.text(explain) })
}
