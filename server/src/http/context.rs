//! Who asks: the session cookie or the bearer token become the actor of the call's [`Cx`].

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State as Extract},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Code, Instant, Problem};
use services::{Actor, Cx, Request as Origin};

use super::{State, cookie, idempotency, refusal::Refusal, request_id};
use crate::tls::PeerAddr;

/// The call of a request, as handlers take it.
pub struct Call(pub Cx);

impl<S: Send + Sync> FromRequestParts<S> for Call {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let cx = parts.extensions.get::<Cx>().cloned();
        cx.map(Call).ok_or_else(|| Problem::new(Code::Internal, "Something went wrong", "The request has no context.").into())
    }
}

/// The longest that anybody waits for an answer to begin; exports and sockets go on behind it. A database that neither answers
/// nor refuses would keep people waiting for as long as the network believes in it.
const LONGEST: Duration = Duration::from_secs(20);

/// Puts the call into the request, or refuses credentials that are not known.
pub async fn layer(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let reads_page = is_for_a_person(&request);
    let answered = tokio::time::timeout(LONGEST, answer(&state, request, next)).await.unwrap_or_else(|_| {
        let late = "The database does not answer, so this may or may not have been done. Look before you try again.";
        tracing::warn!(request_id = request_id::current(), "no answer within {LONGEST:?}");
        Err(Problem::unavailable(late).into())
    });
    match answered {
        Ok(response) => response,
        Err(refusal) if reads_page => refusal.into_page(&state.assets.css),
        Err(refusal) => refusal.into_response(),
    }
}

/// A browser that goes to a page, or sends a form of one; scripts and programs ask for something else.
fn is_for_a_person(request: &Request) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    accepts.starts_with("text/html") && !request.uri().path().starts_with("/api/")
}

async fn answer(state: &State, mut request: Request, next: Next) -> Result<Response, Refusal> {
    let cx = call(state, &mut request).await?;
    let replayed = cx.replayed.clone();
    request.extensions_mut().insert(cx);
    let mut response = next.run(request).await;
    if replayed.load(std::sync::atomic::Ordering::Relaxed) {
        response.headers_mut().insert("idempotency-replayed", header::HeaderValue::from_static("true"));
    }
    Ok(response)
}

async fn call(state: &State, request: &mut Request) -> Result<Cx, Refusal> {
    let address = address(state, request).to_string();
    let headers = request.headers();
    let actor = actor(state, headers, &address).await?;
    if let Some(expected) = headers.get("x-opsguard-user").and_then(|v| v.to_str().ok()) {
        // What waited offline belongs to the person who wrote it, never to whoever is signed in now.
        let is_theirs = actor.caller.user().is_some_and(|u| expected.parse() == Ok(u));
        if !is_theirs {
            return Err(Problem::new(
                Code::Unauthenticated,
                "Sign in first",
                "This was written by somebody else; sign in as them to send it.",
            )
            .into());
        }
    }
    let source = match (actor.kind, request.uri().path()) {
        ("token", _) => "api",
        _ => "web",
    };
    let acted_at = headers.get("x-opsguard-acted-at").and_then(|v| v.to_str().ok()).and_then(Instant::parse);
    let origin = Origin {
        id: request_id::current(),
        source,
        address: Some(address),
        user_agent: headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).map(|v| v.chars().take(300).collect()),
        acted_at: acted_at.map(|at| at.min(state.app.clock.now())),
    };
    let cx = Cx::new(state.app.clone(), actor, origin);
    idempotency::attach(cx, request).await
}

async fn actor(state: &State, headers: &HeaderMap, address: &str) -> Result<Actor, Refusal> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let unknown = || Problem::new(Code::Unauthenticated, "Token not known", "This API token is unknown, expired or revoked.");
        let token =
            value.to_str().ok().and_then(|v| v.strip_prefix("Bearer ").or_else(|| v.strip_prefix("bearer "))).ok_or_else(unknown)?;
        return Ok(services::account::authenticate_token(&state.app, token.trim()).await?.ok_or_else(unknown)?);
    }
    match cookie::get(headers, cookie::session_name(&state.config)) {
        Some(token) => {
            Ok(services::account::authenticate_session(&state.app, token, Some(address)).await?.unwrap_or_else(Actor::anonymous))
        }
        None => Ok(Actor::anonymous()),
    }
}

/// The client's address: the connection's, or what a trusted proxy says.
pub fn address(state: &State, request: &Request) -> IpAddr {
    let plain = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0);
    let tls = request.extensions().get::<ConnectInfo<PeerAddr>>().map(|c| c.0.0);
    let peer = plain.or(tls).map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    let forwarded = request.headers().get("x-forwarded-for").and_then(|v| v.to_str().ok());
    client(peer, forwarded, |ip| state.config.trusts(ip))
}

/// The last address in the chain that is not a trusted proxy.
fn client(peer: IpAddr, forwarded: Option<&str>, trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut at = peer;
    for hop in forwarded.unwrap_or_default().split(',').rev() {
        if !trusted(at) {
            break;
        }
        match hop.trim().parse() {
            Ok(ip) => at = ip,
            Err(_) => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_say_who_asks() {
        let proxy = |ip: IpAddr| ip == IpAddr::from([10, 0, 0, 1]);
        let ip = |s: &str| s.parse::<IpAddr>().unwrap();
        for (peer, forwarded, expected) in [
            ("9.9.9.9", Some("1.1.1.1"), "9.9.9.9"),
            ("10.0.0.1", Some("1.1.1.1"), "1.1.1.1"),
            ("10.0.0.1", Some("6.6.6.6, 1.1.1.1"), "1.1.1.1"),
            ("10.0.0.1", Some("1.1.1.1, 10.0.0.1"), "1.1.1.1"),
            ("10.0.0.1", Some("nonsense"), "10.0.0.1"),
            ("10.0.0.1", None, "10.0.0.1"),
        ] {
            assert_eq!(client(ip(peer), forwarded, proxy), ip(expected), "{peer} {forwarded:?}");
        }
    }
}
