//! The client's half of RFC 6455 as far as a benchmark needs it: handshake, masked text, frames from the server.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::http::{Session, read_head};

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

pub struct Socket {
    stream: BufReader<TcpStream>,
}

impl Socket {
    pub fn connect(address: SocketAddr, path: &str, session: &Session) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        // Any 16 bytes will do as a key: it guards against caches, and there is none on loopback.
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            session.cookie
        )?;
        // Small: there are thousands of these.
        let mut stream = BufReader::with_capacity(2048, stream);
        match read_head(&mut stream)? {
            (101, _) => Ok(Self { stream }),
            (status, _) => Err(io::Error::other(format!("{path} answered {status} instead of 101"))),
        }
    }

    pub fn send(&mut self, text: &str) -> io::Result<()> {
        let frame = frame(TEXT, text.as_bytes());
        self.stream.get_mut().write_all(&frame)
    }

    /// How long `next` waits for the beginning of a message.
    pub fn set_patience(&self, patience: Duration) -> io::Result<()> {
        self.stream.get_ref().set_read_timeout(Some(patience))
    }

    /// The next text message; `None` when none began within the patience. Pings are answered on the way.
    pub fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            match self.stream.fill_buf() {
                Ok([]) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => return Ok(None),
                Err(error) => return Err(error),
            }
            match read_frame(&mut self.stream)? {
                (TEXT, payload) => return Ok(Some(payload)),
                (PING, payload) => self.stream.get_mut().write_all(&frame(PONG, &payload))?,
                (CLOSE, payload) => {
                    return Err(io::Error::other(format!("the server closed the socket: {}", String::from_utf8_lossy(&payload))));
                }
                _ => {}
            }
        }
    }
}

/// A client's frame is masked; a mask of zeros leaves the bytes as they are.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// Opcode and payload of an unfragmented frame from the server.
fn read_frame(stream: &mut impl Read) -> io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    let length = match head[1] & 0x7F {
        126 => u64::from(u16::from_be_bytes(read_array(stream)?)),
        127 => u64::from_be_bytes(read_array(stream)?),
        short => u64::from(short),
    };
    if length > 16 * 1024 * 1024 {
        return Err(io::Error::other(format!("a frame of {length} bytes")));
    }
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload)?;
    Ok((head[0] & 0x0F, payload))
}

fn read_array<const N: usize>(stream: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_both_sizes() {
        assert_eq!(frame(TEXT, b"hi"), [0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
        assert_eq!(frame(TEXT, &[b'x'; 200])[..4], [0x81, 0xFE, 0, 200]);
        assert_eq!(read_frame(&mut &[0x81, 2, b'h', b'i'][..]).unwrap(), (TEXT, b"hi".to_vec()));
        let mut long = vec![0x81, 126, 1, 0];
        long.extend([b'x'; 256]);
        assert_eq!(read_frame(&mut &long[..]).unwrap().1.len(), 256);
        assert!(read_frame(&mut &[0x81, 5, b'h'][..]).is_err());
    }
}
