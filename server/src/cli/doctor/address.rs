//! The public URL, as a browser would use it: it answers, it is us, its certificate lasts, and its proxy lets websockets
//! through.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use domain::Instant;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        self, ClientConfig, DigitallySignedStruct, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, ServerName, UnixTime},
    },
};

use super::{Report, certificate, expiry};
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn look(report: &mut Report, config: &Config, now: Instant) {
    let Some(host) = config.public_host() else { return };
    let loopback = ["127.", "localhost", "[::1]"].iter().any(|h| host.starts_with(h));
    if !config.is_https() && !loopback {
        report.warn(
            "https",
            "the public URL is plain http: browsers will not install it, push to it, or keep it offline; put https in front",
        );
    }
    match ask(config, host, "/livez", "").await {
        Err(e) => {
            return report.warn(
                "public URL",
                format!(
                    "{} does not answer ({e:#}); right when the server is down, else look at DNS, the proxy and OPSGUARD_PUBLIC_URL",
                    config.public_url
                ),
            );
        }
        Ok(answer) if answer.status != Some(200) || !answer.text.ends_with("ok\n") => {
            return report.fail(
                "public URL",
                format!("something else than OpsGuard answers at {}; right: the proxy passes it on to {}", config.public_url, config.addr),
            );
        }
        Ok(answer) => {
            report.ok("public URL", format!("OpsGuard answers at {}", config.public_url));
            if let Some(end) = answer.certificate.as_ref().and_then(|c| certificate::not_after(c)) {
                expiry(report, "certificate", end, now);
            }
        }
    }
    let upgrade = format!(
        "origin: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
        config.public_url
    );
    match ask(config, host, "/live", &upgrade).await.map(|answer| answer.status) {
        // Nobody is signed in here: being asked to is what the socket says first.
        Ok(Some(101 | 401)) => report.ok("websocket", "upgrades reach OpsGuard"),
        Ok(Some(status)) => report.fail("websocket", format!("the upgrade of /live is answered {status}: pages would not be live; right: the proxy passes Upgrade and Connection on (README, \"Behind nginx\")")),
        Ok(None) | Err(_) => report.fail("websocket", "the upgrade of /live is not answered: pages would not be live; right: the proxy passes Upgrade and Connection on (README, \"Behind nginx\")"),
    }
}

struct Answer {
    status: Option<u16>,
    text: String,
    certificate: Option<CertificateDer<'static>>,
}

async fn ask(config: &Config, host: &str, path: &str, headers: &str) -> anyhow::Result<Answer> {
    let default_port = if config.is_https() { ":443" } else { ":80" };
    // A colon inside brackets belongs to an IPv6 address.
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
    let address = if has_port { host.to_owned() } else { format!("{host}{default_port}") };
    let connection = if headers.is_empty() { "connection: close\r\n" } else { "" };
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: opsguard-doctor\r\n{connection}{headers}\r\n");
    let answered = async {
        let stream = TcpStream::connect(&address).await?;
        if !config.is_https() {
            return read(stream, &request, None).await;
        }
        let name = address.rsplit_once(':').map_or(address.as_str(), |(name, _)| name).trim_matches(['[', ']']).to_owned();
        let stream = connector()?.connect(ServerName::try_from(name)?, stream).await?;
        let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(|c| c.clone().into_owned());
        read(stream, &request, shown).await
    };
    timeout(PATIENCE, answered).await.map_err(|_| anyhow!("no answer within {} s", PATIENCE.as_secs()))?
}

/// Reads until the other side ends, or a little of what goes on.
async fn read(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
    certificate: Option<CertificateDer<'static>>,
) -> anyhow::Result<Answer> {
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut bytes = Vec::new();
    let upgrades = request.contains("upgrade: websocket");
    let mut part = [0; 2048];
    while bytes.len() < 16 * 1024 {
        // A peer that cuts TLS off without a farewell has said all it had to say.
        let count = stream.read(&mut part).await.unwrap_or(0);
        bytes.extend_from_slice(&part[..count]);
        if count == 0 || upgrades && bytes.windows(4).any(|four| four == b"\r\n\r\n") {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
    Ok(Answer { status, text, certificate })
}

/// A client that believes every certificate: the expiry is looked at, and whom to trust is the browser's to say. Nothing
/// secret is sent.
fn connector() -> anyhow::Result<TlsConnector> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .context("TLS")?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Believes(provider)))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[derive(Debug)]
struct Believes(Arc<CryptoProvider>);

impl ServerCertVerifier for Believes {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
