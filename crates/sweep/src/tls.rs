//! TLS with servers whose certificates nobody vouches for: Exchange signs its own. What was shown is kept.
//!
//! Nothing secret is sent, and what is read is said to be what the address told: a certificate that fails its check
//! would change neither. It is never checked, and its hash is noted.

use afterpatch_model::hex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

/// No TLS session came about.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoTls(String);

/// Opens TLS over a connection, and keeps the hash of the certificate that the server showed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tls {
    shown: Arc<Mutex<Option<String>>>,
}

impl Tls {
    /// Returns the SHA-256 of the certificate that was shown last.
    pub(crate) fn certificate(&self) -> Option<String> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn session(&self, host: &str) -> Result<ClientConnection, NoTls> {
        let failed = |error: &dyn fmt::Display| NoTls(error.to_string());
        let provider = Arc::new(ring::default_provider());
        let witness = Witness { provider: Arc::clone(&provider), shown: Arc::clone(&self.shown) };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(witness))
            .with_no_client_auth();
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare).map_err(|error| failed(&error))?;
        ClientConnection::new(Arc::new(config), name).map_err(|error| failed(&error))
    }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Either<In, TlsTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let mut session = self.session(details.uri.host().unwrap_or_default()).map_err(other)?;
        let mut socket = TransportAdapter::new(transport.boxed(), Arc::clone(&details.current_time));
        socket.set_timeout(details.timeout);
        session.complete_io(&mut socket).map_err(|error| match Error::from(error) {
            timeout @ Error::Timeout(_) => timeout,
            error => other(NoTls(error.to_string())),
        })?;
        let buffers =
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(TlsTransport { buffers, stream: StreamOwned::new(session, socket) })))
    }
}

fn other(error: NoTls) -> Error {
    Error::Other(Box::new(error))
}

/// A connection within TLS.
pub(crate) struct TlsTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport").finish_non_exhaustive()
    }
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.get_mut().set_timeout(timeout);
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        Ok(self.stream.write_all(output)?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        false
    }

    fn is_tls(&self) -> bool {
        true
    }
}

/// Takes every certificate, and keeps its hash.
#[derive(Debug)]
struct Witness {
    provider: Arc<CryptoProvider>,
    shown: Arc<Mutex<Option<String>>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let hash = hex(&Sha256::digest(shown));
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(hash);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        // Old servers sign with SHA-1, which the library no longer checks.
        let checked = self.provider.signature_verification_algorithms.supported_schemes();
        [checked, vec![SignatureScheme::RSA_PKCS1_SHA1]].concat()
    }
}
