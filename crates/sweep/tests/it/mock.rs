//! Servers on loopback addresses, over TCP or TLS, that answer by a script.

use afterpatch_model::Timestamp;
use afterpatch_sweep::Clock;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A connection as a script sees it.
pub(crate) trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

/// What a server does with a request of which the path is given. An error ends the connection, as a hang-up should.
pub(crate) type Script = Arc<dyn Fn(&str, &mut dyn Wire) -> io::Result<()> + Send + Sync>;

/// The longest that a script may sit on a connection, so that no test leaves a thread that writes for ever.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server that runs until the test's process ends.
#[derive(Debug)]
pub(crate) struct Mock {
    pub(crate) target: String,
    /// The paths that were asked for, in order.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    /// Connections that were accepted.
    pub(crate) connections: Arc<AtomicUsize>,
    /// The SHA-256 of its certificate.
    pub(crate) certificate: Option<String>,
}

impl Mock {
    /// A server without TLS.
    pub(crate) fn http(address: &str, script: Script) -> Self {
        Self::start(address, None, script)
    }

    /// A server with a certificate that it signed itself.
    pub(crate) fn https(address: &str, script: Script) -> Self {
        let signed = rcgen::generate_simple_self_signed(["mail.example.org".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(signed.signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![signed.cert.der().clone()], key)
            .unwrap();
        let hash = sha2::Sha256::digest(signed.cert.der());
        let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        Self { certificate: Some(hash), ..Self::start(address, Some(Arc::new(config)), script) }
    }

    fn start(address: &str, tls: Option<Arc<ServerConfig>>, script: Script) -> Self {
        let listener = TcpListener::bind(format!("{address}:0")).unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let target = format!("{scheme}://{}", listener.local_addr().unwrap());
        let (asked, connections) = (Arc::default(), Arc::default());
        let server = Server { tls, script, asked: Arc::clone(&asked), connections: Arc::clone(&connections) };
        std::thread::spawn(move || server.run(&listener));
        Self { target, asked, connections, certificate: None }
    }

    pub(crate) fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

use sha2::Digest as _;

#[derive(Clone)]
struct Server {
    tls: Option<Arc<ServerConfig>>,
    script: Script,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    fn run(&self, listener: &TcpListener) {
        for connection in listener.incoming().flatten() {
            self.connections.fetch_add(1, Ordering::SeqCst);
            let server = self.clone();
            std::thread::spawn(move || drop(server.serve(connection)));
        }
    }

    fn serve(&self, connection: TcpStream) -> io::Result<()> {
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_write_timeout(Some(PATIENCE))?;
        match &self.tls {
            None => self.answer(connection),
            Some(config) => {
                let session = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
                let mut stream = StreamOwned::new(session, connection);
                self.answer(&mut stream)?;
                stream.conn.send_close_notify();
                stream.flush()
            }
        }
    }

    fn answer(&self, mut wire: impl Read + Write) -> io::Result<()> {
        let path = read_request(&mut wire)?;
        self.asked.lock().unwrap().push(path.clone());
        (self.script)(&path, &mut wire)
    }
}

/// Reads a request to its empty line and returns its path.
fn read_request(wire: &mut impl Read) -> io::Result<String> {
    let mut lines = BufReader::with_capacity(1, wire).lines();
    let first = lines.next().unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    Ok(first.split(' ').nth(1).unwrap_or_default().to_owned())
}

/// A script that sends the same answer to every request.
pub(crate) fn fixed(answer: Vec<u8>) -> Script {
    Arc::new(move |_, wire| wire.write_all(&answer))
}

/// Writes down an answer with a body and its length.
pub(crate) fn response(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for (name, value) in headers {
        head += &[name, ": ", value, "\r\n"].concat();
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// An address at which nothing listens.
pub(crate) fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// The machine's clock.
#[derive(Debug)]
pub(crate) struct TestClock {
    start: Instant,
}

impl TestClock {
    pub(crate) fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "servers on this machine answer in real time")]
        let start = Instant::now();
        Self { start }
    }
}

impl Clock for TestClock {
    fn time(&self) -> Timestamp {
        "2026-03-24T08:15:00Z".parse().unwrap()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, length: Duration) {
        std::thread::sleep(length);
    }
}
