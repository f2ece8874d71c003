//! TLS: a listener over rustls whose certificate is read again when its files change.

use std::{
    fs,
    io::{self, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, bail};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};

/// Handshakes that take longer are dropped.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Accepts connections and their handshakes; a slow handshake holds up nobody else.
pub struct Listener {
    ready: tokio::sync::mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    local: SocketAddr,
}

impl Listener {
    /// Reads certificate and key, and begins to accept.
    pub fn new(listener: TcpListener, cert: &Path, key: &Path) -> anyhow::Result<Self> {
        let local = listener.local_addr()?;
        let first = Arc::new(read(cert, key)?);
        let (found, ready) = tokio::sync::mpsc::channel(64);
        let (cert, key) = (cert.to_owned(), key.to_owned());
        tokio::spawn(async move {
            let mut files = Files { stamp: stamp(&cert, &key), cert, key, current: first };
            let mut look = tokio::time::interval(LOOK);
            loop {
                tokio::select! {
                    _ = look.tick() => files.look(),
                    accepted = listener.accept() => {
                        let Ok((stream, peer)) = accepted else { continue };
                        let _ = stream.set_nodelay(true);
                        let (acceptor, found) = (TlsAcceptor::from(files.current.clone()), found.clone());
                        tokio::spawn(async move {
                            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                                // The server is gone when nobody takes it.
                                let _ = found.send((stream, peer)).await;
                            }
                        });
                    }
                    () = found.closed() => return,
                }
            }
        });
        Ok(Self { ready, local })
    }
}

impl axum::serve::Listener for Listener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.local)
    }
}

impl axum::extract::connect_info::Connected<axum::serve::IncomingStream<'_, Listener>> for PeerAddr {
    fn connect_info(stream: axum::serve::IncomingStream<'_, Listener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// The other end of a TLS connection.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddr(pub SocketAddr);

struct Files {
    cert: PathBuf,
    key: PathBuf,
    stamp: Option<(SystemTime, SystemTime)>,
    current: Arc<ServerConfig>,
}

impl Files {
    fn look(&mut self) {
        let stamp = stamp(&self.cert, &self.key);
        if stamp.is_none() || stamp == self.stamp {
            return;
        }
        match read(&self.cert, &self.key) {
            Ok(config) => {
                self.current = Arc::new(config);
                self.stamp = stamp;
                tracing::info!("the certificate was read again");
            }
            // The old one goes on; a half-written pair is looked at again.
            Err(e) => tracing::warn!(error = %e, "the new certificate cannot be used; the old one stays"),
        }
    }
}

fn stamp(cert: &Path, key: &Path) -> Option<(SystemTime, SystemTime)> {
    let changed = |p: &Path| fs::metadata(p).and_then(|m| m.modified()).ok();
    Some((changed(cert)?, changed(key)?))
}

fn read(cert: &Path, key: &Path) -> anyhow::Result<ServerConfig> {
    let open = |variable: &str, path: &Path| {
        fs::File::open(path)
            .map(BufReader::new)
            .with_context(|| format!("{variable}: {} cannot be read; right: the path of a PEM file", path.display()))
    };
    let chain = rustls_pemfile::certs(&mut open("OPSGUARD_TLS_CERT", cert)?).collect::<Result<Vec<_>, _>>()?;
    if chain.is_empty() {
        bail!("OPSGUARD_TLS_CERT: {} holds no certificate; right: a PEM file with the whole chain", cert.display());
    }
    let Some(key) = rustls_pemfile::private_key(&mut open("OPSGUARD_TLS_KEY", key)?)? else {
        bail!("OPSGUARD_TLS_KEY: {} holds no key; right: a PEM file with the certificate's key", key.display());
    };
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
