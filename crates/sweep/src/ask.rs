//! Asks one address: one ordinary request for `/owa/`, and one more where that leads to the logon page.

use crate::Options;
use crate::announced;
use crate::pace::Pace;
use crate::targets::Target;
use crate::tls::{NoTls, Tls};
use afterpatch_model::{Failure, FailureKind, HttpAnswer, Observation, Timestamp, VERSION_HEADER, hex};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use ureq::config::Config;
use ureq::http::{Response, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector, NextTimeout, TcpConnector};
use ureq::{Agent, Body, Error};
use url::Url;

/// The largest head of an answer that is read, in bytes.
const HEAD_BYTES: usize = 32 << 10;
/// The longest redirect that is followed or noted, in bytes.
const REDIRECT_BYTES: usize = 2_048;
/// The paths that a redirect may lead to and be followed: OWA itself, and its logon page.
const LOGON: [&str; 3] = ["/owa", "/owa/", "/owa/auth/logon.aspx"];

/// Asks `target`, and says what came of it. It always ends: each stage has its time.
pub(crate) fn ask(target: &Target, options: &Options, pace: &Pace<'_>, time: Timestamp) -> Observation {
    let mut asking = Asking {
        options,
        told: Observation {
            target: target.to_string(),
            time,
            addresses: Vec::new(),
            answers: Vec::new(),
            not_followed: None,
            failure: None,
        },
    };
    if let Some(Next::Logon(url)) = asking.request(target.url()) {
        pace.wait();
        asking.request(&url);
    }
    asking.told
}

/// Where a redirect leads.
enum Next {
    /// To OWA or its logon page on the same host.
    Logon(Url),
    /// To anything else; it is not followed.
    Elsewhere(String),
}

struct Asking<'o> {
    options: &'o Options,
    told: Observation,
}

impl Asking<'_> {
    /// Makes one request, notes what came, and returns where a redirect leads that is worth a second one.
    fn request(&mut self, url: &Url) -> Option<Next> {
        let (tls, addresses) = (Tls::default(), Addresses::default());
        let connector = ().chain(TcpConnector::default()).chain(tls.clone());
        let agent = Agent::with_parts(self.options.config(), connector, addresses.clone());
        let response = agent.get(url.as_str()).call();
        for address in addresses.taken() {
            if !self.told.addresses.contains(&address) {
                self.told.addresses.push(address);
            }
        }
        let response = match response {
            Ok(response) => response,
            Err(error) => {
                self.told.failure = Some(failure(&error));
                return None;
            }
        };
        let next = next(url, &response);
        let (answer, failure) = self.read(url, &tls, response);
        let is_told = answer.headers.iter().any(|(name, _)| name == VERSION_HEADER);
        self.told.answers.push(answer);
        self.told.failure = failure;
        match next? {
            Next::Elsewhere(location) => {
                self.told.not_followed = Some(location);
                None
            }
            // Who has told the whole build is not asked again.
            Next::Logon(_) if is_told => None,
            logon @ Next::Logon(_) => Some(logon),
        }
    }

    /// Reads an answer: the headers that matter, and of the body no more than is allowed.
    fn read(&self, url: &Url, tls: &Tls, response: Response<Body>) -> (HttpAnswer, Option<Failure>) {
        let headers = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let headers = announced::headers(headers);
        let status = response.status().as_u16();
        let mut body = Vec::new();
        let limit = self.options.body_bytes;
        let ended = response.into_body().into_reader().take(limit.saturating_add(1)).read_to_end(&mut body);
        let is_too_long = body.len() as u64 > limit;
        body.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let packed = headers.iter().find(|(name, value)| name == "content-encoding" && value != "identity");
        let failure = ended.err().map(|error| failure(&Error::from(error)));
        let body_cut = match (&failure, packed) {
            (Some(failure), _) => Some(failure.detail.clone()),
            (None, Some((_, how))) => Some(format!("packed as {how}, which was not asked for: not unpacked")),
            (None, None) => is_too_long.then(|| format!("longer than {limit} bytes")),
        };
        let answer = HttpAnswer {
            url: url.to_string(),
            status,
            headers,
            certificate: tls.certificate(),
            body_sha256: hex(&Sha256::digest(&body)),
            body_bytes: body.len() as u64,
            body_cut,
            owa_paths: announced::owa_paths(&body),
        };
        (answer, failure)
    }
}

/// Returns where an answer leads; none where it is no redirect.
fn next(asked: &Url, response: &Response<Body>) -> Option<Next> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = String::from_utf8_lossy(response.headers().get("location")?.as_bytes()).into_owned();
    Some(lead(asked, &location))
}

/// Decides whether a redirect is to the logon page of the same host, at the same door or from HTTP to HTTPS.
fn lead(asked: &Url, location: &str) -> Next {
    let elsewhere = || Next::Elsewhere(location.chars().take(REDIRECT_BYTES).collect());
    let Ok(url) = asked.join(location) else {
        return elsewhere();
    };
    let is_same_door = url.origin() == asked.origin();
    let is_to_https =
        asked.scheme() == "http" && url.scheme() == "https" && asked.port().or(url.port()).is_none();
    let is_same = asked.host() == url.host() && (is_same_door || is_to_https);
    let is_logon = LOGON.iter().any(|path| url.path().eq_ignore_ascii_case(path));
    let is_plain = url.username().is_empty() && url.password().is_none() && location.len() <= REDIRECT_BYTES;
    // A redirect to where one was is a circle.
    let is_on = url.as_str() != asked.as_str();
    if is_same && is_logon && is_plain && is_on { Next::Logon(url) } else { elsewhere() }
}

impl Options {
    /// No proxy, no cookies, no redirects by the library, and a bound to each stage.
    fn config(&self) -> Config {
        let stage = Some(self.timeout);
        Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(&self.user_agent)
            .accept("text/html")
            .accept_encoding("identity")
            .max_response_header_size(HEAD_BYTES)
            .input_buffer_size(HEAD_BYTES)
            .output_buffer_size(4 << 10)
            .max_idle_connections(0)
            .timeout_resolve(stage)
            .timeout_connect(stage)
            .timeout_send_request(stage)
            .timeout_recv_response(stage)
            .timeout_recv_body(stage)
            .build()
    }
}

/// Resolves names as the system does, and keeps what a name stood for.
#[derive(Debug, Clone, Default)]
struct Addresses {
    taken: Arc<Mutex<Vec<String>>>,
    system: Arc<DefaultResolver>,
}

impl Addresses {
    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Resolver for Addresses {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.system.resolve(uri, config, timeout)?;
        let shown = found.iter().map(ToString::to_string).collect();
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = shown;
        Ok(found)
    }
}

/// Says in one line why there is no answer.
fn failure(error: &Error) -> Failure {
    Failure { kind: kind(error), detail: error.to_string().chars().take(300).collect() }
}

fn kind(error: &Error) -> FailureKind {
    use io::ErrorKind as Io;
    match error {
        Error::Timeout(_) => FailureKind::TimedOut,
        Error::HostNotFound => FailureKind::NoSuchHost,
        Error::Other(error) if error.is::<NoTls>() => FailureKind::NoTls,
        Error::Protocol(_) | Error::Http(_) | Error::LargeResponseHeader(..) => FailureKind::NoHttp,
        Error::Io(error) => match error.kind() {
            Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe | Io::UnexpectedEof => {
                FailureKind::BrokenOff
            }
            Io::ConnectionRefused | Io::HostUnreachable | Io::NetworkUnreachable | Io::NetworkDown => {
                FailureKind::Unreachable
            }
            Io::TimedOut | Io::WouldBlock => FailureKind::TimedOut,
            // The system's resolver has no kind of its own for a name that is not there.
            _ if error.to_string().contains("lookup address") => FailureKind::NoSuchHost,
            _ => FailureKind::Other,
        },
        _ => FailureKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(asked: &str, location: &str) -> Option<String> {
        match lead(&Url::parse(asked).unwrap(), location) {
            Next::Logon(url) => Some(url.to_string()),
            Next::Elsewhere(_) => None,
        }
    }

    #[test]
    fn only_the_logon_page_of_the_same_host_is_followed() {
        const ASKED: &str = "https://mail.example.org/owa/";
        let logon = "https://mail.example.org/owa/auth/logon.aspx?url=https%3a%2f%2fmail.example.org%2fowa%2f&reason=0";
        assert_eq!(leads(ASKED, logon).as_deref(), Some(logon));
        assert_eq!(
            leads(ASKED, "/OWA/auth/Logon.aspx?replaceCurrent=1").as_deref(),
            Some("https://mail.example.org/OWA/auth/Logon.aspx?replaceCurrent=1")
        );
        assert!(leads("http://mail.example.org/owa/", ASKED).is_some(), "from HTTP to HTTPS");
        for elsewhere in [
            "https://mail.example.com/owa/auth/logon.aspx",
            "https://mail.example.org.example.com/owa/auth/logon.aspx",
            "https://mail.example.org:8443/owa/auth/logon.aspx",
            "http://mail.example.org/owa/auth/logon.aspx",
            "https://u:p@mail.example.org/owa/auth/logon.aspx",
            "https://mail.example.org/owa/auth/x.js",
            "https://mail.example.org/owa/auth/logon.aspx/../../../ecp/x.js",
            "https://mail.example.org/owa/",
            "//mail.example.com/owa/",
            "ldap://mail.example.org/owa/",
            "/adfs/ls/?wa=wsignin1.0",
            "https://",
            "",
        ] {
            assert_eq!(leads(ASKED, elsewhere), None, "{elsewhere}");
        }
        assert_eq!(leads(ASKED, &format!("/owa/auth/logon.aspx?{}", "a".repeat(REDIRECT_BYTES))), None);
        assert_eq!(leads("http://mail.example.org:81/owa/", ASKED), None, "another door");
    }
}
