//! A caller: its credentials, its address, and how it reads answers.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, HeaderValue, Request},
};
use serde_json::Value;
use tower::ServiceExt;

/// Somebody who asks.
#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: Vec<(String, String)>,
    address: IpAddr,
}

impl Client {
    pub fn of(router: &Router) -> Self {
        Self { router: router.clone(), headers: Vec::new(), address: [127, 0, 0, 1].into() }
    }

    /// The same caller who also sends this header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.into(), value.into()));
        client
    }

    pub fn with_cookie(&self, cookie: &str) -> Self {
        self.with("cookie", cookie)
    }

    /// The same caller at another address.
    pub fn from(&self, address: impl Into<IpAddr>) -> Self {
        Self { address: address.into(), ..self.clone() }
    }

    /// What this caller sends with every request.
    pub fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> + '_ {
        self.headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    /// Any method, with a JSON body or none.
    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        match body {
            Some(json) => self.raw(method, path, "application/json", json.to_string()).await,
            None => self.raw(method, path, "", "").await,
        }
    }

    /// Any method with these bytes.
    pub async fn raw(&self, method: &str, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:3000");
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.extension(ConnectInfo(SocketAddr::new(self.address, 4_000))).body(body.into()).unwrap();
        let asked = format!("{method} {path}");
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 64 * 1024 * 1024).await.unwrap();
        Answer { asked, status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The answer, which has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self
    }

    /// The refusal in the one shape of all refusals.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.asked);
        let problem = answer.json();
        assert_eq!(
            (&problem["status"], &problem["code"], &problem["type"]),
            (&status.into(), &code.into(), &"about:blank".into()),
            "{}",
            answer.asked
        );
        assert!(["title", "detail"].iter().all(|k| problem[k].as_str().is_some_and(|text| !text.is_empty())), "{problem}");
        assert_eq!(problem["request_id"].as_str(), answer.header("x-request-id"), "{}", answer.asked);
        problem
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|v| v.to_str().unwrap())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{}: {e}: {}", self.asked, self.text()))
    }

    pub fn json_or_null(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The `name=value` of the cookie that is set.
    #[track_caller]
    pub fn cookie(&self) -> String {
        let set = self.header("set-cookie").unwrap_or_else(|| panic!("{} sets no cookie", self.asked));
        set.split(';').next().unwrap().to_owned()
    }
}
