//! A keep-alive HTTP/1.1 client over one TCP connection: as little as possible between the clock and the server.
//!
//! Loopback only, no TLS, no redirects. It reads bodies with a length and chunked ones (streamed pages).

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What a signed-in browser would send with each request.
#[derive(Clone, Default)]
pub struct Session {
    pub cookie: String,
    /// Whether answers may be compressed.
    pub gzip: bool,
}

pub struct Client {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    session: Session,
}

pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    pub fn connect(address: SocketAddr, session: &Session) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream), address, session: session.clone() })
    }

    pub fn reconnect(&mut self) -> io::Result<()> {
        *self = Self::connect(self.address, &self.session)?;
        Ok(())
    }

    pub fn get(&mut self, path: &str) -> io::Result<Response> {
        self.send("GET", path, None)
    }

    pub fn post(&mut self, path: &str, json: &str) -> io::Result<Response> {
        self.send("POST", path, Some(json))
    }

    fn send(&mut self, method: &str, path: &str, json: Option<&str>) -> io::Result<Response> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\n", self.address);
        if !self.session.cookie.is_empty() {
            request.push_str(&format!("Cookie: {}\r\n", self.session.cookie));
        }
        if self.session.gzip {
            request.push_str("Accept-Encoding: gzip\r\n");
        }
        if let Some(json) = json {
            request.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}", json.len()));
        } else {
            request.push_str("Accept: text/html, application/json\r\n\r\n");
        }
        self.stream.get_mut().write_all(request.as_bytes())?;
        read_response(&mut self.stream)
    }
}

/// Status line and headers. Also the answer to a websocket handshake, which has no body.
pub fn read_head(stream: &mut impl BufRead) -> io::Result<(u16, Vec<(String, String)>)> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| invalid(&line))?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        if line.trim_end().is_empty() {
            return Ok((status, headers));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| invalid(&line))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn read_response(stream: &mut impl BufRead) -> io::Result<Response> {
    let (status, headers) = read_head(stream)?;
    let header = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let body = if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        read_chunks(stream)?
    } else {
        let mut body = vec![0; header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
        stream.read_exact(&mut body)?;
        body
    };
    Ok(Response { status, headers, body })
}

fn read_chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let length =
            line.trim_end().split(';').next().and_then(|length| u64::from_str_radix(length, 16).ok()).ok_or_else(|| invalid(&line))?;
        if stream.by_ref().take(length).read_to_end(&mut body)? as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.clear();
        stream.read_line(&mut line)?;
        if length == 0 {
            return Ok(body);
        }
    }
}

fn invalid(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not HTTP: {line:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_answers_on_one_connection() {
        let mut stream: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhiHTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n";
        let first = read_response(&mut stream).unwrap();
        assert_eq!((first.status, first.text()), (200, "hi".into()));
        let second = read_response(&mut stream).unwrap();
        assert_eq!((second.status, second.text()), (201, "abc0123456789".into()));
        assert!(stream.is_empty());
    }

    #[test]
    fn a_cut_body_is_an_error() {
        assert!(read_response(&mut &b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi"[..]).is_err());
        assert!(read_response(&mut &b"SSH-2.0\r\n\r\n"[..]).is_err());
    }
}
