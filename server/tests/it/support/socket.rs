//! A browser tab's live socket, over a real listener.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::{Client, SOON, TestApp};

/// Serves the app on a free port until the test ends.
pub async fn listen(app: &TestApp) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    let stopping = app.state.app.stopping.clone();
    tokio::spawn(async move { axum::serve(listener, service).with_graceful_shutdown(stopping.cancelled_owned()).await });
    address
}

/// An open socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens as this caller; answers the socket and its hello.
    pub async fn open(address: SocketAddr, client: &Client) -> (Self, Value) {
        let mut socket = Self::try_open(address, client, "http://127.0.0.1:3000").await.unwrap();
        let hello = socket.next().await;
        assert_eq!(hello["t"], "hello");
        (socket, hello)
    }

    /// Opens from a page of this origin, or answers the status of the refusal.
    pub async fn try_open(address: SocketAddr, client: &Client, origin: &str) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/live").into_client_request().unwrap();
        for (name, value) in client.headers() {
            request.headers_mut().insert(name, value);
        }
        request.headers_mut().insert("origin", origin.parse().unwrap());
        match tokio::time::timeout(SOON, connect_async(request)).await.expect("an answer to the upgrade") {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(e) => panic!("{e}"),
        }
    }

    pub async fn send(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// The next frame that says something.
    pub async fn next(&mut self) -> Value {
        loop {
            match tokio::time::timeout(SOON, self.0.next()).await.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if frame["t"] != "ping" {
                        return frame;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no frame but {other:?}"),
            }
        }
    }

    /// The next event, whatever else is said before it.
    pub async fn event(&mut self) -> Value {
        self.until(|frame| frame["t"] == "event").await
    }

    /// The first frame that is this.
    pub async fn until(&mut self, is: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.next().await;
            if is(&frame) {
                return frame;
            }
        }
    }

    /// The code that the server closes with.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match tokio::time::timeout(SOON, self.0.next()).await.expect("the end in time") {
                Some(Ok(Message::Close(frame))) => return frame.map_or(1005, |f| f.code.into()),
                Some(Ok(_)) => {}
                other => panic!("the server let go without a word: {other:?}"),
            }
        }
    }
}
