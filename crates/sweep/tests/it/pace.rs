//! Every request goes by the pace, the second to an address too; and an end of writing ends the asking.

use crate::answers::options;
use crate::mock::{Mock, fixed, response};
use afterpatch_model::Timestamp;
use afterpatch_sweep::{Clock, Options, Target, sweep};
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

/// A clock that stands still, and notes until when it was told to wait.
#[derive(Default)]
struct Still {
    until: Mutex<Vec<Duration>>,
}

impl Clock for Still {
    fn time(&self) -> Timestamp {
        Timestamp::from_nanos(0)
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, length: Duration) {
        self.until.lock().unwrap().push(length);
    }
}

#[test]
fn every_request_has_its_own_place_in_the_pace() {
    let logon = response("302 Found", &[("Location", "/owa/auth/logon.aspx")], b"");
    let servers: Vec<Mock> = (0..12).map(|_| Mock::http("127.0.0.1", fixed(logon.clone()))).collect();
    let targets: Vec<Target> = servers.iter().map(|server| Target::parse(&server.target).unwrap()).collect();
    let clock = Still::default();
    let options = Options { per_second: 5, ..options() };
    let mut n_seen = 0;
    let Ok(()) = sweep::<Infallible>(&targets, &options, &clock, &mut |_| {
        n_seen += 1;
        Ok(())
    });
    let requests: usize = servers.iter().map(Mock::requests).sum();
    assert_eq!((n_seen, requests), (12, 24));
    let mut until = clock.until.into_inner().unwrap();
    until.sort_unstable();
    let expected: Vec<Duration> = (1..24).map(|place| Duration::from_millis(200) * place).collect();
    assert_eq!(until, expected, "a fifth of a second apart, and the first at once");
}

#[test]
fn who_cannot_be_written_down_is_not_asked() {
    let servers: Vec<Mock> =
        (0..40).map(|_| Mock::http("127.0.0.1", fixed(response("200 OK", &[], b"")))).collect();
    let targets: Vec<Target> = servers.iter().map(|server| Target::parse(&server.target).unwrap()).collect();
    let options = Options { at_once: 2, ..options() };
    let mut n_seen = 0;
    let ended = sweep(&targets, &options, &Still::default(), &mut |_| {
        n_seen += 1;
        if n_seen == 3 { Err("the disk is full") } else { Ok(()) }
    });
    assert_eq!((ended, n_seen), (Err("the disk is full"), 3));
    let requests: usize = servers.iter().map(Mock::requests).sum();
    assert!(requests <= 3 + 2 * 2, "{requests} asked: what was under way and what was waiting");
}
