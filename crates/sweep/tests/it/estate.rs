//! Two hundred servers of ten generations, a tenth of them slow, silent, resetting or lying.

use crate::answers::options;
use crate::mock::{Mock, PATIENCE, Script, TestClock, Wire, fixed, nobody, response};
use afterpatch_ingest::{Known, Limits, read_artifact};
use afterpatch_model::{Artifact, Batch, CollectionId, ProblemCode, Timestamp};
use afterpatch_sweep::{Clock, Options, SweepFile, Target, sweep};
use arrow_array::Array;
use arrow_array::cast::AsArray;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How a generation answers, and what that tells.
struct Generation {
    /// The header that names the build, on the logon page.
    version: Option<&'static str>,
    /// The path from which the logon page loads its parts.
    path: Option<&'static str>,
    told: (&'static str, Option<&'static str>),
}

const fn generation(
    version: Option<&'static str>,
    path: Option<&'static str>,
    told: (&'static str, Option<&'static str>),
) -> Generation {
    Generation { version, path, told }
}

static GENERATIONS: [Generation; 10] = [
    generation(None, Some("/owa/8.3.83.4/"), ("Exchange 2007", Some("8.3.83.4"))),
    generation(None, Some("/owa/14.3.123.4/"), ("Exchange 2010", Some("14.3.123.4"))),
    generation(None, Some("/owa/auth/15.0.1497/"), ("Exchange 2013", Some("15.0.1497"))),
    generation(Some("15.0.1497.48"), Some("/owa/auth/15.0.1497/"), ("Exchange 2013", Some("15.0.1497.48"))),
    generation(None, Some("/owa/auth/15.1.2106/"), ("Exchange 2016", Some("15.1.2106"))),
    generation(Some("15.1.2507.39"), Some("/owa/auth/15.1.2507/"), ("Exchange 2016", Some("15.1.2507.39"))),
    generation(None, Some("/owa/auth/15.2.792/"), ("Exchange 2019", Some("15.2.792"))),
    generation(Some("15.2.1544.9"), None, ("Exchange 2019", Some("15.2.1544.9"))),
    generation(Some("15.2.2562.17"), Some("/owa/auth/15.2.2562/"), ("Exchange SE", Some("15.2.2562.17"))),
    generation(None, None, ("Exchange", None)),
];

/// What an address comes to: class, build, and the problem that says why there is none.
type Outcome = (String, Option<String>, Option<ProblemCode>);

fn outcome(class: &str, build: Option<&str>, problem: Option<ProblemCode>) -> Outcome {
    (class.to_owned(), build.map(str::to_owned), problem)
}

impl Generation {
    fn script(&self, name: String) -> Script {
        let (version, path) = (self.version, self.path);
        Arc::new(move |asked, wire| {
            let mut headers = vec![("X-FEServer", name.as_str()), ("Server", "Microsoft-IIS/10.0")];
            if asked == "/owa/" {
                headers.push(("Location", "/owa/auth/logon.aspx?url=x&reason=0"));
                return wire.write_all(&response("302 Found", &headers, b""));
            }
            headers.extend(version.map(|version| ("X-OWA-Version", version)));
            let page = path
                .map(|path| format!("<html><link rel=\"icon\" href=\"{path}themes/resources/favicon.ico\">"));
            wire.write_all(&response("200 OK", &headers, page.unwrap_or_default().as_bytes()))
        })
    }

    fn outcome(&self) -> Outcome {
        let (class, build) = self.told;
        outcome(class, build, build.is_none().then_some(ProblemCode::NoBuildTold))
    }
}

fn sleepy() -> Script {
    Arc::new(|_, _| {
        std::thread::sleep(PATIENCE);
        Ok(())
    })
}

/// Sends `piece` again and again after `head`, and waits `pause` each time.
/// A piece of a body that never ends.
static LARGE: [u8; 65_536] = [b'a'; 65_536];

fn flood(head: &'static [u8], piece: &'static [u8], pause: Duration) -> Script {
    Arc::new(move |_, wire: &mut dyn Wire| -> io::Result<()> {
        wire.write_all(head)?;
        for _ in 0..PATIENCE.as_millis() / pause.as_millis().max(1) {
            wire.write_all(piece)?;
            wire.flush()?;
            std::thread::sleep(pause);
        }
        Ok(())
    })
}

fn page(headers: &[(&str, &str)], body: &[u8]) -> Script {
    fixed(response("200 OK", headers, body))
}

fn bomb() -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&vec![b'a'; 4 << 20]).unwrap();
    packer.finish().unwrap()
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nX-FEServer: EX99\r\n\r\n";
const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\nX-OWA-Version: 15.1.2507.39\r\n\r\n";
const TICK: Duration = Duration::from_millis(20);

/// The twenty that mean no good, each with what is said of it.
fn wicked(number: usize, trap: &str) -> (Script, Outcome) {
    let silent = || outcome("no answer", None, Some(ProblemCode::NoAnswer));
    let untold = |class| outcome(class, None, Some(ProblemCode::NoBuildTold));
    match number {
        0 | 10 => (sleepy(), silent()),
        1 => (flood(b"HTTP/1.1 200 OK\r\nX-A: ", b"a", TICK), silent()),
        2 => (flood(OK, b"a", TICK), untold("Exchange")),
        3 => (Arc::new(|_, _| Ok(())), silent()),
        4 => (flood(ENDLESS, &LARGE, Duration::ZERO), outcome("Exchange 2016", Some("15.1.2507.39"), None)),
        5 => (
            flood(b"HTTP/1.1 200 OK\r\n", b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", Duration::ZERO),
            silent(),
        ),
        6 => (fixed(response("302 Found", &[("Location", "/owa/auth/logon.aspx")], b"")), untold("other")),
        7 => (fixed(response("302 Found", &[("Location", trap)], b"")), untold("other")),
        8 => (fixed(vec![0x16; 2_000]), silent()),
        9 => (page(&[("Content-Encoding", "gzip")], &bomb()), untold("other")),
        11 => (page(&[("X-OWA-Version", "99.1.2.3")], b""), untold("Exchange")),
        12 => (page(&[("X-OWA-Version", "15.1")], b""), untold("Exchange")),
        13 => (
            page(&[("X-Proxy-Version", "15.1.2507.39"), ("Via", "1.1 edge (15.2.986.5)")], b""),
            untold("other"),
        ),
        14 => (page(&[], b"<p>Exchange 15.1.2106.2, see /owa/auth/15.1.2106/x</p>"), untold("other")),
        15 => (
            page(&[("X-OWA-Version", "15.1.2507.39")], b"<img src='/owa/auth/15.2.986/x.gif'>"),
            outcome("Exchange", Some("15.1.2507.39 15.2.986"), Some(ProblemCode::BuildsDisagree)),
        ),
        16 => (
            fixed(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\nX-FEServer: EX99\r\n\r\nabc".to_vec()),
            untold("Exchange"),
        ),
        17 => (fixed(b"HTTP/1.1 200 OK\r\nX-OWA-Version: \xff\xfe\r\n\r\n".to_vec()), untold("Exchange")),
        18 => (
            fixed(response("503 Service Unavailable", &[("Server", "Microsoft-IIS/10.0")], b"")),
            untold("other"),
        ),
        _ => (
            page(&[("X-OWA-Version", "15.20.7828.19")], b""),
            outcome("Exchange Online", Some("15.20.7828.19"), None),
        ),
    }
}

const SERVERS: usize = 200;

/// Starts the estate; every second server speaks TLS, and some have an address of IPv6.
fn estate(trap: &str) -> (Vec<Mock>, BTreeMap<String, Outcome>) {
    let (mut servers, mut expected) = (Vec::new(), BTreeMap::new());
    for number in 0..SERVERS {
        let (row, place) = (number / 10, number % 10);
        let (script, outcome) = if place == row % 10 {
            wicked(row, trap)
        } else {
            (GENERATIONS[place].script(format!("EX{number:03}")), GENERATIONS[place].outcome())
        };
        let address = if number % 7 == 0 { "[::1]".to_owned() } else { format!("127.0.1.{}", number + 1) };
        let server =
            if number % 2 == 0 { Mock::http(&address, script) } else { Mock::https(&address, script) };
        expected.insert(server.target.clone(), outcome);
        servers.push(server);
    }
    (servers, expected)
}

/// Sweeps into a file in `folder`, and stops after so many as a killed run would.
fn sweep_into(folder: &Path, targets: &[Target], stop_after: usize) {
    let clock = TestClock::start();
    let mut file = SweepFile::open(folder, clock.time(), "test").unwrap();
    let left: Vec<Target> = targets.iter().filter(|target| !file.has_asked(target)).cloned().collect();
    let mut n_asked = 0;
    let options = Options { timeout: Duration::from_secs(6), at_once: 48, ..options() };
    let ended = sweep(&left, &options, &clock, &mut |observation| {
        if n_asked == stop_after {
            return Err(());
        }
        n_asked += 1;
        file.add(&observation).unwrap();
        Ok(())
    });
    if ended.is_ok() {
        file.seal().unwrap();
    }
}

/// Reads the one sealed file as `ingest` does.
fn outcomes(folder: &Path) -> BTreeMap<String, Outcome> {
    let sealed = SweepFile::sealed(folder).unwrap();
    let bytes = std::fs::read(&sealed[0]).unwrap();
    let artifact = Artifact {
        id: Artifact::derive_id(None, "sweep.jsonl", "00"),
        collection: CollectionId::new("c"),
        path: "sweep.jsonl".to_owned(),
        container_path: "sweep.jsonl".into(),
        size_bytes: bytes.len() as u64,
        modified: None,
        created: None,
        sha256: "00".to_owned(),
        server: None,
    };
    let mut batches = Vec::new();
    let mut input = io::Cursor::new(bytes);
    let read = read_artifact(&artifact, &mut input, Known::default(), &Limits::default(), &mut |batch| {
        batches.push(batch);
    });
    assert_eq!((read.parser, read.tally.lost), (Some("sweep"), 0));
    let mut builds: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (record, build) in cells(&batches, "builds", "build") {
        builds.entry(record).or_default().push(build);
    }
    let targets: BTreeMap<i64, String> = cells(&batches, "settings", "scope").collect();
    let row = |(record, class): (i64, String)| {
        let problem = read.problems.iter().find(|problem| problem.record == u64::try_from(record).ok());
        let build = builds.get(&record).map(|builds| builds.join(" "));
        (targets[&record].clone(), (class, build, problem.map(|problem| problem.code)))
    };
    cells(&batches, "settings", "value").map(row).collect()
}

/// Returns the texts of a column with their record numbers.
fn cells<'b>(
    batches: &'b [Batch],
    table: &'b str,
    column: &'b str,
) -> impl Iterator<Item = (i64, String)> + 'b {
    batches.iter().filter(move |batch| batch.table.name == table).flat_map(move |batch| {
        let records =
            batch.rows.column_by_name("record").unwrap().as_primitive::<arrow_array::types::Int64Type>();
        let values = batch.rows.column_by_name(column).unwrap().as_string::<i32>();
        (0..values.len()).map(move |place| (records.value(place), values.value(place).to_owned()))
    })
}

#[test]
fn two_hundred_servers_are_classified_or_said_to_be_unknown() {
    let trap = Mock::http("127.0.0.9", page(&[("X-OWA-Version", "15.1.2507.39")], b""));
    let (servers, mut expected) = estate(&format!("{}/owa/auth/logon.aspx", trap.target));
    let absent = format!("https://{}", nobody());
    expected.insert(absent.clone(), outcome("no answer", None, Some(ProblemCode::NoAnswer)));
    let targets: Vec<Target> = expected.keys().map(|target| Target::parse(target).unwrap()).collect();
    let folder = tempfile::tempdir().unwrap();
    let clock = TestClock::start();

    // The first run is cut short; the second goes on with what is left, and asks nobody twice.
    sweep_into(folder.path(), &targets, 120);
    let open = SweepFile::open(folder.path(), Timestamp::from_nanos(0), "test").unwrap();
    let asked: Vec<&Mock> =
        servers.iter().filter(|server| open.has_asked(&Target::parse(&server.target).unwrap())).collect();
    assert!(open.was_there() && asked.len() >= 100, "{}", asked.len());
    let before: Vec<usize> = asked.iter().map(|server| server.requests()).collect();
    drop(open);
    sweep_into(folder.path(), &targets, usize::MAX);
    let after: Vec<usize> = asked.iter().map(|server| server.requests()).collect();
    assert_eq!(before, after, "who was asked is not asked again");

    let told = outcomes(folder.path());
    for (target, outcome) in &expected {
        assert_eq!(told.get(target), Some(outcome), "{target}");
    }
    assert_eq!(told.len(), SERVERS + 1);
    assert_eq!(trap.requests(), 0, "no redirect leads to another host");
    // Bounded by the stages' times: twenty of four stages of six seconds, 48 at once, and room for a slow machine.
    assert!(clock.elapsed() < Duration::from_mins(2), "{:?}", clock.elapsed());
}
