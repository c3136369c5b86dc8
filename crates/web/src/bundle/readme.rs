//! The page in plain words that lies in a bundle.

use crate::when;
use assembly::{QuestionId, UnixMs};
use record::checkpoint::Checkpoint;

/// What a bundle is, how to check it, and what it does not hold. It quotes nobody: words may have to be erased.
pub fn text(head: &Checkpoint, question: Option<QuestionId>, at: UnixMs, results: bool) -> String {
    let (origin, size, root) = (head.origin(), head.size(), head.root());
    let what = match question {
        Some(id) => format!("question {id} of the record"),
        None => "the whole record".into(),
    };
    let texts = match question {
        Some(id) => format!(
            "what people wrote: for question {id}, and the name of the assembly. The texts of other\n                  \
             questions are not here. Their entries are, because otherwise nobody could see\n                  \
             that no entry of question {id} was left out."
        ),
        None => "what people wrote. What was erased is not here; an entry says so, and why.".into(),
    };
    let published = match results {
        true => {
            "the results as the server published them, each with the number of entries\n                  it was counted from"
        }
        false => "(not here: it was packed from a copy, and a copy publishes no results)",
    };
    let recount = question.map_or_else(String::new, |id| format!(" --question {id}"));
    format!(
        "This is {what}\n\
         {origin}\n\
         with its first {size} entries, the last of them of {}.\n\
         \n\
         A record is a list of entries that nobody can change without it being noticed: all entries together lead to\n\
         one number, the root, and the server has signed that number. You need nothing from that server, and no\n\
         network, to check it:\n\
         \n    \
         veche verify  <this bundle>               every signature, every entry, every text\n    \
         veche recount <this bundle>{recount:15}every number, counted again and compared\n\
         \n\
         \"This bundle\" is the file as you got it, or the folder that it unpacks to. Keep the file as it is: packed\n\
         again by another program it is no longer read, the folder is.\n\
         \n\
         In this folder\n\
         \n\
         checkpoint        the signed head: name, number of entries, root, signatures\n\
         tile/entries/     the entries, 256 to a file, each one line of text after two bytes of length\n\
         tile/0/, 1/, …    the tree over them\n\
         text/             {texts}\n\
         results.json      {published}\n\
         bundle.json       what this bundle is of\n\
         \n\
         The layout is tlog-tiles (https://c2sp.org/tlog-tiles) and the head a signed note\n\
         (https://c2sp.org/tlog-checkpoint), so other people's tools read it as well.\n\
         \n\
         The root is {root}\n\
         Compare it, or the key in entry 0, with what others have: from a printed page, a receipt, a mirror, a witness.\n\
         A bundle alone shows that nothing in it was changed after it was signed, not that everybody was shown the same.\n\
         \n\
         People are numbers in the entries. Who is who is not on the record. Words that are erased later stay in\n\
         bundles made before: if you keep this, delete them here as well (verify a newer bundle; it names what is gone).\n",
        when::absolute(at)
    )
}
