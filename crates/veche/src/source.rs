//! Where a record can be read from by somebody who checks it: a server, a folder of plain files in the
//! layout of tlog-tiles, a bundle, or a data folder of Veche.

use crate::bundle::Bundle;
use crate::fail::Failed;
use assembly::{Field, Opened, QuestionId};
use record::checkpoint::SignedCheckpoint;
use record::commitment::Salt;
use record::tile::{BundlePath, FilePath, TilePath, TileSource};
use record::verify::LogSource;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{Listed, Reader};
use web::bundle::archive::{MAX_FILE, MAX_RESULTS, Name};
use web::bundle::{ABOUT, About, CHECKPOINT, README, RESULTS};

/// How long a server may take for each step towards one file: to take the call, to begin its answer, to end it.
const PATIENCE: Duration = Duration::from_secs(30);
/// Connections to one server that are kept for the next request: as many as there are threads that copy.
const CONNECTIONS: usize = 8;

/// A record that can be read.
pub enum Source {
    /// From a server. `base` is the address of the record, without a slash at its end.
    Url {
        /// For all requests.
        agent: ureq::Agent,
        /// `https://example.org/assembly/record`
        base: String,
    },
    /// From plain files: a copy, or a bundle that was unpacked.
    Files {
        /// Where.
        folder: PathBuf,
        /// What it says of itself, if it was a bundle.
        about: Option<About>,
    },
    /// From a bundle.
    Bundle(Bundle),
    /// From a data folder. The server may be running on it.
    Data {
        /// An open reader.
        reader: Box<Reader>,
        /// Which assembly.
        assembly: Listed,
        /// Where.
        folder: PathBuf,
    },
}

impl Source {
    /// Finds the record at an address or in a folder.
    ///
    /// # Errors
    ///
    /// A sentence, if there is none or more than one.
    pub fn find(place: &str) -> Result<Self, Failed> {
        if place.starts_with("http://") || place.starts_with("https://") {
            return Self::at_url(place);
        }
        let folder = Path::new(place);
        if folder.join(store::DATABASE).is_file() {
            return Self::in_data(folder);
        }
        if is_database(folder) {
            return Self::only(Reader::open_file(folder)?, folder);
        }
        if folder.join(CHECKPOINT).is_file() {
            return Self::in_folder(folder);
        }
        if folder.is_file() {
            return Bundle::open(folder).map(Source::Bundle);
        }
        Err(Failed::new(format!(
            "There is no record in {place}: neither a data folder of Veche ({}) nor a backup of one, nor a copy of a \
             record (a file named checkpoint), and it is no bundle either. Give the address of an assembly, or one of \
             these.",
            store::DATABASE
        )))
    }

    /// The copy of a record in a folder of plain files.
    pub fn copy(folder: &Path) -> Self {
        Source::Files { folder: folder.to_owned(), about: None }
    }

    /// A copy, or a bundle that was unpacked.
    fn in_folder(folder: &Path) -> Result<Self, Failed> {
        let mut source = Self::copy(folder);
        if let Some(about) = source.find_file(ABOUT)? {
            let head = SignedCheckpoint::from_bytes(&source.checkpoint()?).map_err(|error| {
                Failed::new(format!(
                    "The signed head (checkpoint) in {} cannot be read. {error}",
                    folder.display()
                ))
            })?;
            let (readme, results) = (source.find_file(README)?, source.find_file(RESULTS)?);
            let read = About::read(&about, head.checkpoint(), readme.as_deref(), results.as_deref());
            let read = read.map_err(|sentence| Failed::new(format!("{}: {sentence}", folder.display())))?;
            source = Source::Files { folder: folder.to_owned(), about: Some(read) };
        }
        Ok(source)
    }

    fn in_data(folder: &Path) -> Result<Self, Failed> {
        Self::only(Reader::open(folder)?, folder)
    }

    /// The only record of a data folder or a backup.
    fn only(reader: Reader, folder: &Path) -> Result<Self, Failed> {
        let reader = Box::new(reader);
        let mut assemblies = reader.assemblies()?;
        match (assemblies.len(), assemblies.pop()) {
            (1, Some(assembly)) => Ok(Source::Data { reader, assembly, folder: folder.to_owned() }),
            (0, _) => {
                Err(Failed::new(format!("The data folder {} holds no assembly yet.", folder.display())))
            }
            (many, _) => Err(Failed::new(format!(
                "The data folder {} holds {many} assemblies. Check each at its address on the running server.",
                folder.display()
            ))),
        }
    }

    fn at_url(url: &str) -> Result<Self, Failed> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            // Each step has its time. One limit over all of them would start a thread for every request, to look
            // the server's name up in.
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_recv_body(Some(PATIENCE))
            .max_idle_connections_per_host(CONNECTIONS)
            .user_agent(concat!("veche/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        let url = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/');
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let mut parts = rest.split('/');
        let host = parts.next().unwrap_or_default();
        let segments: Vec<&str> = parts.collect();
        // The address of a record, of an assembly, of a page in it, or of the server alone.
        if let Some(record) = segments.iter().rposition(|segment| *segment == "record") {
            let base = format!("{scheme}://{host}/{}", segments[..=record].join("/"));
            return Ok(Source::Url { agent, base });
        }
        if let Some(slug) = segments.first() {
            let slug = slug.trim_end_matches(".json");
            return Ok(Source::Url { agent, base: format!("{scheme}://{host}/{slug}/record") });
        }
        let index = format!("{scheme}://{host}/assemblies.json");
        let list = get(&agent, &index, 1 << 20)?;
        let list: Assemblies = serde_json::from_slice(&list)
            .map_err(|error| Failed::new(format!("{index} is not a list of assemblies: {error}.")))?;
        match &list.assemblies[..] {
            [one] => Ok(Source::Url { agent, base: format!("{scheme}://{host}/{}/record", one.slug) }),
            all => Err(Failed::new(format!(
                "There are {} assemblies at {url}. Give the address of one: {}.",
                all.len(),
                all.iter().map(|one| format!("{url}/{}", one.slug)).collect::<Vec<_>>().join(", ")
            ))),
        }
    }

    /// A word for messages: the address or the folder.
    pub fn name(&self) -> String {
        match self {
            Source::Url { base, .. } => base.trim_end_matches("/record").to_owned(),
            Source::Files { folder, .. } | Source::Data { folder, .. } => folder.display().to_string(),
            Source::Bundle(bundle) => bundle.path().display().to_string(),
        }
    }

    /// The one question whose texts are here; `None`: the texts of all are.
    pub fn question(&self) -> Option<QuestionId> {
        self.about().and_then(About::question)
    }

    fn about(&self) -> Option<&About> {
        match self {
            Source::Bundle(bundle) => Some(bundle.about()),
            Source::Files { about, .. } => about.as_ref(),
            _ => None,
        }
    }

    /// How many files of texts are here, where that can be known without asking for each.
    pub fn text_files(&self) -> Option<u64> {
        match self {
            Source::Bundle(bundle) => Some(bundle.texts()),
            _ => None,
        }
    }

    /// The results that a bundle brings along: a list as JSON.
    pub fn results(&self) -> Option<Result<Vec<u8>, Failed>> {
        match self {
            Source::Bundle(bundle) => bundle.read(Name::Results).transpose(),
            Source::Files { about: Some(_), .. } => self.find_file(RESULTS).transpose(),
            _ => None,
        }
    }

    /// The signed head, as served.
    pub fn checkpoint(&self) -> Result<Vec<u8>, Failed> {
        match self {
            Source::Data { reader, assembly, .. } => {
                let newest = reader.checkpoint(assembly)?;
                // The same head with the signatures of witnesses, if it has them already.
                let text = newest.split_once("\n\n").map_or(&*newest, |(text, _)| text);
                let cosigned = reader.cosigned(assembly)?;
                let cosigned =
                    cosigned.filter(|head| head.split_once("\n\n").is_some_and(|(of, _)| of == text));
                Ok(cosigned.unwrap_or(newest).into_bytes())
            }
            _ => self.file(CHECKPOINT),
        }
    }

    /// The policy that the server goes by, as it publishes it, or as a copy has kept it; `None` where there is
    /// none.
    ///
    /// # Errors
    ///
    /// A sentence, if it cannot be fetched.
    pub fn policy(&self) -> Result<Option<Vec<u8>>, Failed> {
        match self {
            Source::Data { .. } => Ok(None),
            _ => self.find_file("policy"),
        }
    }

    /// The words kept beside an entry, by field. None where there are none: erased, or missing.
    pub fn texts(&self, entry: u64) -> Result<Vec<(Field, Opened)>, Failed> {
        if let Source::Data { reader, assembly, .. } = self {
            return Ok(reader.texts(assembly, entry)?);
        }
        let file = match self {
            Source::Bundle(bundle) => bundle.read(Name::Text(entry))?,
            _ => self.find_file(&format!("text/{entry}"))?,
        };
        match file {
            Some(bytes) => read_texts(&bytes, entry),
            None => Ok(Vec::new()),
        }
    }

    /// A page of the server as JSON; `None` where the source is no server.
    pub fn page(&self, path: &str) -> Option<Result<Vec<u8>, Failed>> {
        let Source::Url { agent, base } = self else { return None };
        Some(get(agent, &format!("{}{path}", base.trim_end_matches("/record")), MAX_RESULTS))
    }

    /// A file that need not be there.
    fn find_file(&self, path: &str) -> Result<Option<Vec<u8>>, Failed> {
        match self {
            Source::Url { agent, base } => fetch(agent, &format!("{base}/{path}"), MAX_FILE),
            Source::Files { folder, .. } if !folder.join(path).exists() => Ok(None),
            _ => self.file(path).map(Some),
        }
    }

    fn file(&self, path: &str) -> Result<Vec<u8>, Failed> {
        match self {
            Source::Url { agent, base } => get(agent, &format!("{base}/{path}"), MAX_FILE),
            Source::Files { folder, .. } => {
                let file = folder.join(path);
                std::fs::read(&file).map_err(|error| Failed::io(format!("Reading {}", file.display()), error))
            }
            Source::Bundle(bundle) if path == CHECKPOINT => packed(bundle, Name::Checkpoint, path),
            Source::Bundle(_) | Source::Data { .. } => {
                Err(Failed::new(format!("There is no file {path} in {}.", self.name())))
            }
        }
    }
}

/// Refuses a folder that no server has kept anything in.
///
/// # Errors
///
/// A sentence, if it is none.
pub fn need_data_folder(folder: &Path) -> Result<(), Failed> {
    if folder.join(store::DATABASE).is_file() {
        return Ok(());
    }
    Err(Failed::new(format!(
        "There is no data folder of Veche in {}: it would hold a file {}.",
        folder.display(),
        store::DATABASE
    )))
}

/// Whether a file is a database, as backups are.
pub fn is_database(file: &Path) -> bool {
    let mut start = [0; 16];
    let read =
        std::fs::File::open(file).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start));
    read.is_ok() && start == *b"SQLite format 3\0"
}

/// The words that a file `text/<entry>` holds, by field.
///
/// # Errors
///
/// A sentence, if it is not such a file or that of another entry.
pub fn read_texts(bytes: &[u8], entry: u64) -> Result<Vec<(Field, Opened)>, Failed> {
    let page: TextPage = serde_json::from_slice(bytes).map_err(|error| {
        Failed::new(format!("text/{entry} is not what the record's texts look like: {error}."))
    })?;
    if page.index != entry {
        return Err(Failed::new(format!("text/{entry} is the text of entry {} instead.", page.index)));
    }
    let known = |(field, text): (String, SaltedText)| {
        let opened = Opened { salt: text.salt, text: text.text.into() };
        Field::named(&field).map(|field| (field, opened))
    };
    Ok(page.texts.into_iter().filter_map(known).collect())
}

fn get(agent: &ureq::Agent, url: &str, limit: u64) -> Result<Vec<u8>, Failed> {
    fetch(agent, url, limit)?.ok_or_else(|| refused(404, url))
}

/// The body at an address, or `None` if the server says that there is nothing, or nothing any more.
///
/// # Errors
///
/// A sentence, if the server cannot be reached or answers with another status than 200, 404 and 410.
pub fn fetch(agent: &ureq::Agent, url: &str, limit: u64) -> Result<Option<Vec<u8>>, Failed> {
    let failed = |error: ureq::Error| match error {
        ureq::Error::StatusCode(code) => refused(code, url),
        error => Failed::new(format!("{url} cannot be fetched: {error}. Is the server running?")),
    };
    match agent.get(url).call() {
        Ok(mut response) => {
            response.body_mut().with_config().limit(limit).read_to_vec().map(Some).map_err(failed)
        }
        Err(ureq::Error::StatusCode(404 | 410)) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn refused(code: u16, url: &str) -> Failed {
    Failed::new(format!(
        "The server answers {code} for {url}. Check the address; if it is right, the record is not whole."
    ))
}

#[derive(Deserialize)]
struct Assemblies {
    assemblies: Vec<Slug>,
}

#[derive(Deserialize)]
struct Slug {
    slug: String,
}

#[derive(Deserialize)]
struct TextPage {
    index: u64,
    texts: BTreeMap<String, SaltedText>,
}

#[derive(Deserialize)]
struct SaltedText {
    salt: Salt,
    text: String,
}

impl TileSource for Source {
    type Error = Failed;

    fn tile(&self, path: TilePath) -> Result<Vec<u8>, Failed> {
        match self {
            Source::Data { reader, assembly, .. } => {
                reader.tile(assembly, path)?.ok_or_else(|| missing(&path))
            }
            Source::Bundle(bundle) => packed(bundle, Name::Row(FilePath::Tile(path)), &path),
            _ => self.file(&path.to_string()),
        }
    }
}

impl LogSource for Source {
    fn bundle(&self, path: BundlePath) -> Result<Vec<u8>, Failed> {
        match self {
            Source::Data { reader, assembly, .. } => {
                reader.bundle(assembly, path)?.ok_or_else(|| missing(&path))
            }
            Source::Bundle(bundle) => packed(bundle, Name::Row(FilePath::Bundle(path)), &path),
            _ => self.file(&path.to_string()),
        }
    }
}

fn packed(bundle: &Bundle, name: Name, path: &(impl std::fmt::Display + ?Sized)) -> Result<Vec<u8>, Failed> {
    bundle
        .read(name)?
        .ok_or_else(|| Failed::new(format!("The bundle {} holds no file {path}.", bundle.path().display())))
}

fn missing(path: &dyn std::fmt::Display) -> Failed {
    Failed::new(format!("The database has no row {path}, or it is too short."))
}
