//! A disk of its own that becomes full: new acts are refused in a sentence before it is, nothing acknowledged is lost
//! when it is, and everything goes on by itself when there is room again.

mod common;

use common::{Server, json};
use record::policy::Policy;
use record::receipt::Receipt;
use record::tile::{BundlePath, decode_bundle};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

/// The writer asks the disk once a second.
const ASKED: Duration = Duration::from_millis(1_200);

#[test]
#[cfg_attr(
    not(veche_mounts),
    ignore = "no small disk can be mounted here (unshare -m, as root or with user namespaces)"
)]
fn a_full_disk_is_said_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    // The disk is seen by this process alone, and is gone with it.
    let script = "mount -t tmpfs -o size=110m none \"$1\" && exec \"$0\" --ignored --exact --nocapture on_a_small_disk";
    let flags = option_env!("VECHE_UNSHARE").unwrap_or("-m");
    let mut child = Command::new("unshare");
    child
        .args([flags, "sh", "-c", script])
        .arg(std::env::current_exe().expect("this program"))
        .arg(folder.path());
    let output = child.env("VECHE_TEST_FOLDER", folder.path()).output().expect("it starts");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "the process of a_full_disk_is_said_and_loses_nothing"]
fn on_a_small_disk() {
    let disk = std::env::var("VECHE_TEST_FOLDER").expect("a folder");
    let disk = Path::new(&disk);
    let data = disk.join("data");
    let place = data.to_str().expect("a path");
    let mut receipts = Vec::new();
    let server = Server::start("demo", &data);
    let act = |receipts: &mut Vec<Receipt>| {
        let (status, answer) = server.try_to_respond("lindenhof", 1);
        if status == 200 {
            receipts.push(answer["receipt"].as_str().expect("a receipt").parse().expect("a receipt"));
        }
        (status, answer["problem"].as_str().unwrap_or_default().to_owned(), answer)
    };
    for _ in 0..5 {
        assert_eq!(act(&mut receipts).0, 200);
    }

    // Almost full.
    fill(disk, free(disk) - (40 << 20));
    sleep(ASKED);
    let (status, problem, answer) = act(&mut receipts);
    assert_eq!((status, &*problem), (507, "full"));
    let sentence = answer["sentence"].as_str().expect("a sentence");
    assert!(sentence.contains("almost full") && sentence.contains("Nothing was recorded"), "{sentence}");
    assert_eq!(server.ask("/lindenhof/q/1").0, 200, "reading goes on");
    let (status, health) = server.ask("/health");
    assert!(status == 503 && health.contains("almost full"), "{health}");
    let doctor = json(&["doctor", "--data", place], 1);
    let room = doctor["findings"].as_array().expect("findings").iter().find(|one| one["about"] == "disk");
    assert_eq!(room.expect("a finding")["status"], "act_now");
    let target = disk.join("backup");
    let refused = json(&["backup", "--data", place, target.to_str().expect("a path")], 2);
    assert!(refused["error"].as_str().expect("a sentence").contains("Make room"), "{refused}");
    let ground = "personal-data-of-another";
    let entry = server.entry_of(3).to_string();
    let erased = json(&["erase", "--data", place, "--entry", &entry, "--ground", ground], 0);
    assert_eq!(erased["gone_from_files"], true, "words are erased out of the reserve");
    fs::remove_file(disk.join("filler")).expect("room");
    sleep(ASKED);
    assert_eq!(act(&mut receipts).0, 200, "it goes on by itself");

    // Full in the middle of a commit, before the writer asks the disk again.
    let mut stopped = false;
    for _ in 0..10 {
        sleep(ASKED);
        assert_eq!(act(&mut receipts).0, 200);
        fill(disk, free(disk));
        let last = loop {
            let (status, problem, _) = act(&mut receipts);
            if status != 200 {
                break problem;
            }
        };
        stopped |= last == "stopped" || last == "unsure";
        fs::remove_file(disk.join("filler")).expect("room");
        sleep(ASKED);
        assert_eq!(act(&mut receipts).0, 200, "it goes on by itself after {last}");
        if stopped {
            break;
        }
    }
    assert!(stopped, "the disk was never full in the middle of a commit");
    drop(server);

    json(&["fsck", "--data", place], 0);
    let checked = json(&["verify", place], 0);
    let policy = Policy::new(checked["key"].as_str().expect("a key").parse().expect("a key"), Vec::new(), 0);
    let policy = policy.expect("a policy");
    let reader = store::Reader::open(&data).expect("a reader");
    let listed = reader.assemblies().expect("assemblies").remove(0);
    for receipt in &receipts {
        let index = receipt.index();
        let path = BundlePath::new(index / 256, (index % 256 + 1) as u16).expect("a path");
        let bundle = reader.bundle(&listed, path).expect("a row").expect("an acknowledged entry was lost");
        let entry = decode_bundle(&bundle, path.width()).expect("entries").pop().expect("an entry").to_vec();
        receipt.verify(&entry, &policy).expect("an acknowledged entry was changed");
    }
    println!("{} acts acknowledged on a disk that was full twice", receipts.len());
    assert!(checked["size"].as_u64() >= receipts.last().map(|last| last.index() + 1));
}

fn free(disk: &Path) -> u64 {
    store::free_bytes(disk).expect("it says")
}

/// Takes so many bytes of the disk, or all there are.
fn fill(disk: &Path, bytes: u64) {
    let mut file = File::create(disk.join("filler")).expect("a file");
    let block = vec![1; 1 << 16];
    let mut left = bytes;
    while left > 0 {
        let part = block.len().min(usize::try_from(left).expect("a size"));
        // Full is what was wanted.
        let Ok(()) = file.write_all(&block[..part]) else { return };
        left -= part as u64;
    }
}
