//! A table of pairs to predict.

use super::csv::{Row, Table};
use super::{File, Refusal, tables};

/// The pairs of a CSV file with the columns `participant` and `statement`, or `voter-id` and `comment-id`, in any
/// order; further columns are left alone.
///
/// # Errors
/// [`Refusal`] with the line for anything else.
pub fn pairs(name: &str, bytes: &[u8]) -> Result<Vec<(u32, u32)>, Refusal> {
    let (mut table, header): (Table<'_>, _) = tables::open(File { name, bytes })?;
    let polis = header.find("voter-id").is_some() && header.find("participant").is_none();
    let names = if polis { ["voter-id", "comment-id"] } else { ["participant", "statement"] };
    let [participant, statement] = header.need(&table, names)?;
    let mut pairs = Vec::new();
    let mut row = Row::default();
    while header.next(&mut table, &mut row)? {
        pairs.push((row.number(&table, participant, names[0])?, row.number(&table, statement, names[1])?));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_names() {
        let read = |text: &str| pairs("p.csv", text.as_bytes()).map_err(|refusal| refusal.to_string());
        assert_eq!(read("participant,statement\n1,2\n\"3\",4\r\n"), Ok(vec![(1, 2), (3, 4)]));
        assert_eq!(read("\u{feff}agreed,Statement,participant\n1,2,3\n"), Ok(vec![(3, 2)]));
        assert_eq!(read("comment-id,voter-id\n1,2\n"), Ok(vec![(2, 1)]));
        assert_eq!(read("participant,statement\n"), Ok(vec![]));
        assert!(read("participant\n1\n").unwrap_err().starts_with("p.csv, line 1: The column \"statement\""));
        assert!(read("participant,statement\n1,x\n").unwrap_err().starts_with("p.csv, line 2: "));
    }
}
