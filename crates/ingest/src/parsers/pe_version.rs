//! Version resources of programs: the build of Exchange in ExSetup.exe, and what agents and modules call themselves.
//!
//! The object crate finds the resource; the few fields of it that matter are read here.

use super::hive::utf16;
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits, problem_code};
use crate::served::served_folder;
use afterpatch_model::tables::{BuildSighting, Setting};
use afterpatch_model::{Artifact, Build, ProblemCode, Question, Rows, extension, file_name, path_key};
use object::LittleEndian;
use object::pe::{IMAGE_NT_OPTIONAL_HDR64_MAGIC, ImageNtHeaders32, ImageNtHeaders64, RT_VERSION};
use object::read::pe::{
    ImageNtHeaders, PeFile, ResourceDirectory, ResourceDirectoryEntryData, ResourceDirectoryTable,
    ResourceNameOrId, optional_header_magic,
};
use serde_json::{Map, Value as Json};
use std::io::Read;

/// The parser of programs of which the version matters.
#[derive(Debug)]
pub(super) struct PeVersion;

static GUIDE: Guide = Guide {
    what: "The versions of Exchange's own programs, of transport agents and of IIS modules",
    locations: &[
        Location::new(Root::Exchange, r"Bin\ExSetup.exe"),
        Location::new(Root::Exchange, r"TransportRoles\agents\**\*.dll"),
        Location::new(Root::Windows, r"System32\inetsrv\*.dll"),
    ],
    serves: &[
        (Question::Exposed, "the build with its security update, of ExSetup.exe"),
        (Question::StillInside, "agents and modules that do not call themselves Microsoft's"),
    ],
    quirks: &[
        "A program's time is that of its making or of its copying, not of the update: the sighting has no time.",
        "Anybody can write any version into a program; the signature is not checked.",
        "Programs in folders that the web server serves are listed as files and not read here.",
    ],
};

/// The strings that are kept.
const KEPT: [&str; 7] = [
    "CompanyName",
    "FileDescription",
    "FileVersion",
    "InternalName",
    "OriginalFilename",
    "ProductName",
    "ProductVersion",
];

/// The most bytes of a version resource that are looked at.
const RESOURCE_BYTES: usize = 64 << 10;

impl Parser for PeVersion {
    fn name(&self) -> &'static str {
        "pe-version"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        if head.starts_with(b"MZ") && is_wanted(path) { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut bytes = Vec::new();
        if let Err(error) = Read::take(&mut *input, limits.memory_bytes).read_to_end(&mut bytes) {
            rows.remark(problem_code(&error), None, error.to_string());
        }
        if u64::try_from(bytes.len()) == Ok(limits.memory_bytes) {
            let detail = format!("the first {} bytes are looked at", bytes.len());
            rows.remark(ProblemCode::TooLarge, None, detail);
        }
        match version_of(&bytes) {
            Ok(version) => give(artifact, &version.unwrap_or_default(), rows),
            Err(why) => rows.lost(ProblemCode::Damaged, 0, why),
        }
    }
}

/// Tells whether a program's version says something: the setup's, an agent's, a module's.
fn is_wanted(path: &str) -> bool {
    let key = path_key(path);
    let is_library = extension(&key) == "dll";
    let is_extension = key.contains("/transportroles/agents/") || key.contains("/system32/inetsrv/");
    // What is served stays a file among the others there.
    served_folder(path).is_none() && (is_setup(path) || (is_library && is_extension))
}

fn is_setup(path: &str) -> bool {
    file_name(path).eq_ignore_ascii_case("ExSetup.exe")
}

fn give(artifact: &Artifact, version: &Version, rows: &mut Rows<'_>) {
    let rest = Json::Object(version.strings.clone()).to_string();
    let file = version.file.map(|build| build.to_string());
    rows.fact(&Setting {
        time: artifact.modified,
        name: Some("file_version"),
        value: file.as_deref(),
        scope: Some(&artifact.path),
        rest: Some(&rest),
        ..Setting::default()
    });
    let of_exchange = version.file.filter(|build| is_setup(&artifact.path) && build.product().is_some());
    if let Some(build) = of_exchange {
        rows.derived(&BuildSighting {
            build: Some(&build.to_string()),
            seen_in: Some("ExSetup.exe"),
            ..BuildSighting::default()
        });
    }
}

/// What a version resource says.
#[derive(Debug, Default)]
struct Version {
    file: Option<Build>,
    strings: Map<String, Json>,
}

/// Reads the version of a program; none where it has no version resource.
fn version_of(bytes: &[u8]) -> Result<Option<Version>, String> {
    let magic = optional_header_magic(bytes).map_err(|error| error.to_string())?;
    let found = if magic == IMAGE_NT_OPTIONAL_HDR64_MAGIC {
        find_resource::<ImageNtHeaders64>(bytes)
    } else {
        find_resource::<ImageNtHeaders32>(bytes)
    };
    let Some(resource) = found.map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let version = read_version(resource);
    version.map(Some).ok_or_else(|| "the version resource is damaged".to_owned())
}

/// Finds the version resource: the first language of the first name of its type. One that lies outside the file
/// is empty.
fn find_resource<Header: ImageNtHeaders>(bytes: &[u8]) -> object::Result<Option<&[u8]>> {
    let file = PeFile::<Header>::parse(bytes)?;
    let sections = file.section_table();
    let Some(directory) = file.data_directories().resource_directory(bytes, &sections)? else {
        return Ok(None);
    };
    let Some(names) = versions(directory)? else {
        return Ok(None);
    };
    let mut next = first(directory, &names)?;
    if let Some(ResourceDirectoryEntryData::Table(languages)) = next {
        next = first(directory, &languages)?;
    }
    let Some(ResourceDirectoryEntryData::Data(entry)) = next else {
        return Ok(None);
    };
    let at = entry.offset_to_data.get(LittleEndian);
    let size = usize::try_from(entry.size.get(LittleEndian)).unwrap_or(usize::MAX).min(RESOURCE_BYTES);
    let behind = sections.pe_data_at(bytes, at);
    Ok(Some(behind.map_or(&[], |behind| behind.get(..size).unwrap_or(behind))))
}

/// Returns the table of resources that are versions.
fn versions(directory: ResourceDirectory<'_>) -> object::Result<Option<ResourceDirectoryTable<'_>>> {
    let is_version = |name| matches!(name, ResourceNameOrId::Id(id) if id == RT_VERSION);
    let entry = directory.root()?.entries.iter().find(|entry| is_version(entry.name_or_id()));
    Ok(entry.map(|entry| entry.data(directory)).transpose()?.and_then(ResourceDirectoryEntryData::table))
}

fn first<'d>(
    directory: ResourceDirectory<'d>,
    table: &ResourceDirectoryTable<'d>,
) -> object::Result<Option<ResourceDirectoryEntryData<'d>>> {
    table.entries.first().map(|entry| entry.data(directory)).transpose()
}

/// Reads `VS_VERSION_INFO`: the numbers of its fixed part, and the strings of its first language.
fn read_version(bytes: &[u8]) -> Option<Version> {
    let (root, _) = Block::read(bytes)?;
    let mut version = Version { file: fixed_version(root.value), strings: Map::new() };
    let strings = blocks(root.below).find(|block| block.key == "StringFileInfo");
    let table = strings.and_then(|strings| blocks(strings.below).next());
    for block in table.into_iter().flat_map(|table| blocks(table.below)) {
        if KEPT.contains(&block.key.as_str()) {
            let text = utf16(block.value).0;
            let text = text.split('\0').next().unwrap_or_default().trim();
            version.strings.insert(block.key, text.into());
        }
    }
    Some(version)
}

/// Returns the file's version in `VS_FIXEDFILEINFO`.
fn fixed_version(value: &[u8]) -> Option<Build> {
    const SIGNATURE: [u8; 4] = 0xFEEF_04BD_u32.to_le_bytes();
    let number = |at: usize| u16_at(value, at).map(u32::from);
    if !value.starts_with(&SIGNATURE) {
        return None;
    }
    Some(Build { major: number(10)?, minor: number(8)?, build: number(14)?, revision: number(12)? })
}

/// A block of a version resource: a key, a value, and blocks below it.
struct Block<'b> {
    key: String,
    value: &'b [u8],
    below: &'b [u8],
}

impl<'b> Block<'b> {
    /// Reads a block and returns what stands behind it.
    fn read(bytes: &'b [u8]) -> Option<(Self, &'b [u8])> {
        const HEAD: usize = 6;
        let length = usize::from(u16_at(bytes, 0)?);
        let own = bytes.get(..length).filter(|own| own.len() > HEAD)?;
        let is_text = u16_at(own, 4)? == 1;
        let key = own.get(HEAD..)?;
        let key_units = key.chunks_exact(2).position(|unit| unit == [0, 0])?;
        let (key, _) = utf16(key.get(..key_units.saturating_mul(2))?);
        let begin = aligned(key_units.saturating_add(1).saturating_mul(2).saturating_add(HEAD));
        // The length of text is in characters, that of anything else in bytes.
        let value_bytes = usize::from(u16_at(own, 2)?).saturating_mul(if is_text { 2 } else { 1 });
        let end = begin.saturating_add(value_bytes).min(own.len());
        let value = own.get(begin..end).unwrap_or_default();
        let below = own.get(aligned(end)..).unwrap_or_default();
        Some((Self { key, value, below }, bytes.get(aligned(length)..).unwrap_or_default()))
    }
}

/// Reads blocks that stand one behind the other; each is longer than nothing, so that they end.
fn blocks(bytes: &[u8]) -> impl Iterator<Item = Block<'_>> {
    let mut left = bytes;
    std::iter::from_fn(move || {
        let (block, behind) = Block::read(left)?;
        left = behind;
        Some(block)
    })
}

fn aligned(at: usize) -> usize {
    at.saturating_add(3) & !3
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}
