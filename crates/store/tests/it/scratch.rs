use crate::evidence::{Bench, options, tree};
use afterpatch_store::{Case, NoProgress, Session};
use std::fmt::Write as _;
use std::time::Instant;
#[test]
fn scratch() {
    let t = Instant::now();
    let s = Session::empty().unwrap();
    eprintln!("empty session {:?}", t.elapsed());
    for _ in 0..3 {
        let t = Instant::now();
        s.rows("SELECT server, count(*) AS n FROM web_requests WHERE uri(url_path, url_query) LIKE '%x%' GROUP BY server ORDER BY 1").unwrap();
        eprintln!("small query {:?}", t.elapsed());
    }
    let bench = Bench::new();
    for day in 1..=9 {
        for site in 1..=2 {
            let mut text = String::from(
                "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n",
            );
            for n in 0..200_000u32 {
                let _ = write!(
                    text,
                    "2021-03-{day:02} {:02}:{:02}:{:02} 10.0.0.5 GET /owa/auth/x{}.js &CorrelationID=<empty>;&cafeReqId=0f1e2d3c-{:04}-4000-8000-00000000{:04}; 443 EXAMPLE\\user{} 203.0.113.{} Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36 - 200 0 0 {}\r\n",
                    n / 8334,
                    n / 139 % 60,
                    n % 60,
                    n % 977,
                    n % 10000,
                    n * 7 % 10000,
                    n % 131,
                    n % 250,
                    n % 433
                );
            }
            bench.write(&format!("C/inetpub/logs/LogFiles/W3SVC{site}/u_ex2103{day:02}.log"), &text);
        }
    }
    let bytes: u64 = tree(&bench.evidence()).values().map(|b| b.len() as u64).sum();
    for threads in [2usize, 1] {
        let mut case = bench.case(&format!("case{threads}"));
        let t = Instant::now();
        let summary = bench.add(&mut case, threads);
        eprintln!(
            "{threads} threads: {} facts, {} MB in {:?}",
            summary.counts.facts,
            bytes >> 20,
            t.elapsed()
        );
    }
    let rss = std::fs::read_to_string("/proc/self/status").unwrap();
    eprintln!("{}", rss.lines().find(|l| l.starts_with("VmHWM")).unwrap());
    let whole = tree(&bench.folder("case2"));
    assert_eq!(whole, tree(&bench.folder("case1")));
    eprintln!("case bytes {} MB in {} files", whole.values().map(Vec::len).sum::<usize>() >> 20, whole.len());
    let case = Case::open(&bench.folder("case2")).unwrap();
    let t = Instant::now();
    let s = case.session().unwrap();
    eprintln!("session {:?}", t.elapsed());
    for sql in [
        "SELECT count(*) AS n FROM web_requests",
        "SELECT server, count(*) AS n, min(time) AS a, max(time) AS b FROM web_requests GROUP BY server",
        "SELECT src_ip, count(*) AS n FROM web_requests WHERE uri(url_path, url_query) LIKE '%x97%' GROUP BY src_ip ORDER BY n DESC LIMIT 3",
        "SELECT * FROM web_requests WHERE time >= TIMESTAMP '2021-03-04T10:00:00Z' AND time < TIMESTAMP '2021-03-04T10:01:00Z'",
        "SELECT * FROM web_requests ORDER BY time LIMIT 5",
    ] {
        let t = Instant::now();
        let n = s.rows(sql).unwrap().len();
        eprintln!("{n} rows {:?} {sql}", t.elapsed());
    }
    // kill after every commit
    let text = String::from_utf8(whole[std::path::Path::new("ledger.jsonl")].clone()).unwrap();
    let mut at = 0;
    let mut ends = vec![];
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.contains("\"kind\":\"commit\"") {
            ends.push(at);
        }
    }
    eprintln!("{} commits", ends.len());
    for end in ends.into_iter().skip(1) {
        std::fs::write(bench.folder("case2").join("ledger.jsonl"), &text[..end]).unwrap();
        let mut case = Case::open(&bench.folder("case2")).unwrap();
        case.add(&[bench.evidence()], &options(2), &NoProgress).unwrap();
        assert!(tree(&bench.folder("case2")) == whole);
    }
}
