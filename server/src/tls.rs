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
use services::App;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};

/// Handshakes that take longer are dropped.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Accepts connections and their handshakes; a slow handshake holds up nobody else.
pub struct Listener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    local: SocketAddr,
}

impl Listener {
    /// Reads certificate and key, and begins to accept: as one of the loops that the node keeps going.
    pub fn new(app: &Arc<App>, listener: TcpListener, cert: &Path, key: &Path) -> anyhow::Result<Self> {
        let local = listener.local_addr()?;
        let files = Files { stamp: stamp(cert, key), current: Arc::new(read(cert, key)?), cert: cert.to_owned(), key: key.to_owned() };
        let (found, ready) = mpsc::channel(64);
        // What must outlive a loop that panics: the door stays open, and who waits before it is let in by the next one.
        let door = Arc::new(Mutex::new(Door { listener, files, found }));
        app.keep("https", move |_| {
            let door = door.clone();
            async move { door.lock().await.keep().await }
        });
        Ok(Self { ready, local })
    }
}

struct Door {
    listener: TcpListener,
    files: Files,
    found: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
}

impl Door {
    /// Until nobody takes connections any more.
    async fn keep(&mut self) {
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                _ = look.tick() => self.files.look(),
                // As without TLS: when no further file may be opened, it waits a second and tries again.
                (stream, peer) = axum::serve::Listener::accept(&mut self.listener) => self.greet(stream, peer),
                () = self.found.closed() => return,
            }
        }
    }

    fn greet(&self, stream: TcpStream, peer: SocketAddr) {
        let _ = stream.set_nodelay(true);
        let (acceptor, found) = (TlsAcceptor::from(self.files.current.clone()), self.found.clone());
        tokio::spawn(async move {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                // The server is gone when nobody takes it.
                let _ = found.send((stream, peer)).await;
            }
        });
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
