use opinion::evaluate::{self, Score};
use opinion::export::{Files, read};
fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let mut sums: Vec<(String, Score)> = vec![];
    let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut n = 0.0;
    for f in folders {
        let files: Vec<(String, Vec<u8>)> = std::fs::read_dir(&f).unwrap().map(|e| e.unwrap().path())
            .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&p).unwrap())).collect();
        let c = read(&files.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect::<Files<'_>>()).unwrap();
        let (r, fl) = (c.responses(), c.flags());
        n += 1.0;
        let name = f.file_name().unwrap().to_string_lossy().into_owned();
        print!("{:24}", &name[..name.len().min(22)]);
        let mut at = 0;
        let mut run = |label: &str, p: &dyn Fn(&opinion::Responses, &[(u32, u32)]) -> Vec<f64>| {
            if !only.is_empty() && !only.split(',').any(|o| label.starts_with(o)) { return; }
            let s = evaluate::judge(&r, &fl, p);
            print!(" {label} {:.4}/{:.3}", s.log_loss, s.calibration);
            if sums.len() <= at { sums.push((label.into(), Score::default())); }
            sums[at].1.log_loss += s.log_loss; sums[at].1.calibration += s.calibration; sums[at].1.accuracy += s.accuracy;
            at += 1;
        };
        run("means", &evaluate::statement_means);
        run("groups", &evaluate::classic_groups);
        run("2d", &evaluate::classic_positions);
        run("predict", &|t, p| opinion::predict(t, p));
        println!();
    }
    for (l, s) in sums { println!("{l:10} {:.4} cal {:.4} acc {:.4}", s.log_loss / n, s.calibration / n, s.accuracy / n); }
}
