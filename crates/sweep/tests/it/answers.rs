//! One address each: what is asked, what is kept, and what is done about those who mean no good.

use crate::mock::{Mock, PATIENCE, Script, TestClock, fixed, nobody, response};
use afterpatch_model::{FailureKind, Observation};
use afterpatch_sweep::{Options, Target, sweep};
use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(crate) fn options() -> Options {
    Options {
        per_second: 1_000,
        at_once: 32,
        timeout: Duration::from_secs(5),
        body_bytes: 64 << 10,
        user_agent: "afterpatch/test (sweep)".to_owned(),
    }
}

/// Asks one target with short stages, for those who let one wait.
fn ask_briefly(target: &str) -> Observation {
    ask_with(target, &Options { timeout: Duration::from_millis(800), ..options() })
}

fn ask(target: &str) -> Observation {
    ask_with(target, &options())
}

fn ask_with(target: &str, options: &Options) -> Observation {
    let mut seen = Vec::new();
    let targets = [Target::parse(target).unwrap()];
    let Ok(()) = sweep::<Infallible>(&targets, options, &TestClock::start(), &mut |observation| {
        seen.push(observation);
        Ok(())
    });
    seen.pop().unwrap()
}

fn failed(observation: &Observation) -> Option<FailureKind> {
    observation.failure.as_ref().map(|failure| failure.kind)
}

const LOGON: &str = "/owa/auth/logon.aspx?url=x&reason=0";

/// Answers as Exchange does: `/owa/` leads to the logon page.
fn exchange(logon: Vec<u8>) -> Script {
    Arc::new(move |path, wire| match path {
        "/owa/" => {
            wire.write_all(&response("302 Found", &[("Location", LOGON), ("X-FEServer", "EX01")], b""))
        }
        _ => wire.write_all(&logon),
    })
}

#[test]
fn a_server_is_asked_for_its_logon_page_and_for_nothing_else() {
    let page = br#"<link href="/owa/auth/15.1.2106/themes/resources/favicon.ico">"#;
    for address in ["127.0.0.1", "[::1]"] {
        let server = Mock::https(address, exchange(response("200 OK", &[("Set-Cookie", "a=b")], page)));
        let seen = ask(&server.target);
        assert_eq!(server.paths(), ["/owa/", LOGON]);
        assert_eq!(failed(&seen), None);
        let [first, second] = seen.answers.as_slice() else { panic!("{seen:?}") };
        assert_eq!((first.status, second.status), (302, 200));
        assert_eq!(second.owa_paths, ["/owa/auth/15.1.2106/"]);
        assert_eq!(second.certificate, server.certificate, "a certificate of its own is taken and noted");
        assert_eq!(second.body_bytes, page.len() as u64);
        assert!(
            !seen.answers.iter().any(|answer| answer.headers.iter().any(|(name, _)| name == "set-cookie"))
        );
        assert_eq!(seen.addresses, [server.target.trim_start_matches("https://")]);
    }
}

#[test]
fn who_tells_the_build_at_once_is_asked_once() {
    let headers = [("Location", LOGON), ("X-OWA-Version", "15.2.1544.4")];
    let server = Mock::http("127.0.0.1", fixed(response("302 Found", &headers, b"")));
    let seen = ask(&server.target);
    assert_eq!((server.paths(), seen.answers.len()), (vec!["/owa/".to_owned()], 1));
}

#[test]
fn the_request_is_an_ordinary_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    let raw = std::thread::spawn(move || {
        let (mut wire, _) = listener.accept().unwrap();
        let mut bytes = vec![0; 4_096];
        let read = wire.read(&mut bytes).unwrap();
        wire.write_all(&response("200 OK", &[], b"")).unwrap();
        String::from_utf8(bytes[..read].to_vec()).unwrap()
    });
    ask(&target);
    let request = raw.join().unwrap();
    assert!(request.starts_with("GET /owa/ HTTP/1.1\r\n"), "{request}");
    let mut names: Vec<_> = request
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.sort();
    assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"], "no cookie, no credentials");
    assert!(request.contains("afterpatch/test (sweep)"));
}

#[test]
fn no_redirect_leads_to_another_host() {
    let trap = Mock::http("127.0.0.2", fixed(response("200 OK", &[("X-OWA-Version", "15.1.2507.6")], b"")));
    let location = format!("{}/owa/auth/logon.aspx", trap.target);
    let server = Mock::http("127.0.0.1", fixed(response("302 Found", &[("Location", &location)], b"")));
    let seen = ask(&server.target);
    assert_eq!(seen.not_followed.as_deref(), Some(location.as_str()));
    assert_eq!((trap.connections.load(Ordering::SeqCst), server.requests()), (0, 1));
}

#[test]
fn a_circle_of_redirects_is_two_requests() {
    for location in [LOGON, "/owa/auth/logon.aspx?again", "/owa"] {
        let server = Mock::http("127.0.0.1", fixed(response("302 Found", &[("Location", location)], b"")));
        let seen = ask(&server.target);
        assert!(server.requests() <= 2 && seen.answers.len() == server.requests(), "{location}");
    }
    let server = Mock::http("127.0.0.1", fixed(response("302 Found", &[("Location", "/owa/")], b"")));
    ask(&server.target);
    assert_eq!(server.requests(), 1, "to where it was");
}

#[test]
fn who_keeps_silent_or_drips_is_given_up() {
    let silent: Script = Arc::new(|_, _| {
        std::thread::sleep(PATIENCE);
        Ok(())
    });
    let drip: Script = Arc::new(|_, wire| {
        wire.write_all(b"HTTP/1.1 200 OK\r\nX-A: ")?;
        for _ in 0..PATIENCE.as_millis() / 20 {
            wire.write_all(b"a")?;
            wire.flush()?;
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    });
    for script in [silent, drip] {
        for server in
            [Mock::http("127.0.0.1", Arc::clone(&script)), Mock::https("127.0.0.1", Arc::clone(&script))]
        {
            assert_eq!(
                failed(&ask_briefly(&server.target)),
                Some(FailureKind::TimedOut),
                "{}",
                server.target
            );
        }
    }
}

#[test]
fn a_body_without_end_is_read_to_the_limit_and_its_head_counts() {
    let endless: Script = Arc::new(|_, wire| {
        wire.write_all(b"HTTP/1.1 200 OK\r\nX-OWA-Version: 15.1.2507.6\r\n\r\n")?;
        for _ in 0..4_096 {
            wire.write_all(&[b'a'; 4_096])?;
        }
        Ok(())
    });
    let server = Mock::https("127.0.0.1", endless);
    let seen = ask(&server.target);
    let answer = &seen.answers[0];
    assert_eq!(answer.body_bytes, options().body_bytes);
    assert!(answer.body_cut.as_deref().unwrap().contains("longer than"));
    assert_eq!(answer.headers, [("x-owa-version".to_owned(), "15.1.2507.6".to_owned())]);
    assert_eq!(failed(&seen), None);
}

#[test]
fn a_body_that_drips_keeps_its_head() {
    let drip: Script = Arc::new(|_, wire| {
        wire.write_all(b"HTTP/1.1 200 OK\r\nX-OWA-Version: 15.1.2507.6\r\n\r\n")?;
        for _ in 0..PATIENCE.as_millis() / 20 {
            wire.write_all(b"a")?;
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    });
    let options = Options { timeout: Duration::from_secs(3), ..options() };
    let seen = ask_with(&Mock::http("127.0.0.1", drip).target, &options);
    assert_eq!((seen.answers.len(), failed(&seen)), (1, Some(FailureKind::TimedOut)));
}

#[test]
fn a_head_without_end_is_no_answer() {
    let endless: Script = Arc::new(|_, wire| {
        wire.write_all(b"HTTP/1.1 200 OK\r\n")?;
        for n in 0..100_000 {
            wire.write_all(format!("X-{n}: {}\r\n", "a".repeat(100)).as_bytes())?;
        }
        Ok(())
    });
    let server = Mock::http("127.0.0.1", endless);
    let seen = ask(&server.target);
    assert_eq!((seen.answers.len(), failed(&seen)), (0, Some(FailureKind::NoHttp)), "{:?}", seen.failure);
}

#[test]
fn garbage_is_no_http_and_plain_http_is_no_tls() {
    let garbage = Mock::http("127.0.0.1", fixed(vec![0xFF; 4_096]));
    assert_eq!(failed(&ask(&garbage.target)), Some(FailureKind::NoHttp));
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("https://{}", plain.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut wire, _) = plain.accept().unwrap();
        let _ = wire.read(&mut [0; 4_096]).unwrap();
        wire.write_all(&response("400 Bad Request", &[], b"")).unwrap();
    });
    let seen = ask(&target);
    answering.join().unwrap();
    assert_eq!(failed(&seen), Some(FailureKind::NoTls), "{:?}", seen.failure);
}

#[test]
fn who_is_not_there_or_hangs_up_is_told_apart() {
    assert_eq!(failed(&ask(&format!("http://{}", nobody()))), Some(FailureKind::Unreachable));
    let rude = Mock::http("127.0.0.1", Arc::new(|_, _| Ok(())));
    assert_eq!(failed(&ask(&rude.target)), Some(FailureKind::BrokenOff));
    let short = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nX-OWA-Version: 15.0.1497.2\r\n\r\nabc".to_vec();
    let seen = ask(&Mock::http("127.0.0.1", fixed(short)).target);
    assert_eq!((seen.answers[0].body_bytes, failed(&seen)), (3, Some(FailureKind::BrokenOff)));
}

#[test]
fn a_packed_body_is_not_unpacked() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&vec![b'a'; 8 << 20]).unwrap();
    let bomb = packer.finish().unwrap();
    let server = Mock::http("127.0.0.1", fixed(response("200 OK", &[("Content-Encoding", "gzip")], &bomb)));
    let seen = ask(&server.target);
    assert_eq!(seen.answers[0].body_bytes, bomb.len() as u64);
    assert!(seen.answers[0].body_cut.as_deref().unwrap().contains("packed as gzip"));
}
