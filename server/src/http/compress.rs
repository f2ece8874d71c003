//! Compression of what is made for one request: pages, lists, exports. Files of the site are compressed when it is built.
//!
//! Nothing secret is beside what others can put into an answer: sessions live in cookies, a form's key is good for that
//! form only, and cross-site requests are refused by their origin, not by a token in the page. So lengths tell nothing.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{Predicate, SizeAbove},
    },
};

/// Bytes from which compression is worth its time.
const FROM_BYTES: u16 = 1024;

/// Compresses text for who accepts gzip, at its quickest: the 142 kB of a page of incidents become 11 kB.
pub fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(SizeAbove::new(FROM_BYTES).and(is_text))
}

/// Text without a strong ETag, which would promise the same bytes in each coding.
fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let kind = value(header::CONTENT_TYPE).unwrap_or_default();
    let is_text = kind.starts_with("text/") || kind.split(';').next().is_some_and(|kind| kind.ends_with("json"));
    is_text && value(header::ETAG).is_none_or(|tag| tag.starts_with("W/"))
}
