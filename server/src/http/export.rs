//! Exports: all matching rows of a list as CSV or JSON, streamed page by page, never held whole; each is journalled.

use std::{convert::Infallible, future::Future};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{OriginalUri, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::list::{Page, Paging};
use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use serde_json::Value;
use services::{Cx, event};
use tower::ServiceExt as _;

use super::{
    query::pairs,
    refusal::{self, Refusal},
};

/// What the caller wants instead of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma separated, a header line first.
    Csv,
    /// One array.
    Json,
}

impl Format {
    const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// Marks an answer that is a file.
#[derive(Debug, Clone, Copy)]
struct File;

/// Journals each file before its first row is sent. One that cannot be journalled does not leave.
pub async fn layer(request: Request, next: Next) -> Response {
    let Some(format) = wanted(request.uri().path(), request.headers()).filter(|_| request.method() == Method::GET) else {
        return next.run(request).await;
    };
    let (cx, uri) = (request.extensions().get::<Cx>().cloned(), request.uri().clone());
    let response = next.run(request).await;
    let Some(cx) = cx.filter(|_| response.extensions().get::<File>().is_some()) else { return response };
    let filters: serde_json::Map<_, _> =
        pairs(uri.query().unwrap_or_default().as_bytes()).map(|(name, value)| (name, Value::from(value))).collect();
    match event::exported(&cx, list(uri.path()), format.ending(), Value::from(filters)).await {
        Ok(()) => response,
        Err(e) => Refusal::from(e).into_response(),
    }
}

/// `incidents` of `/api/v1/incidents.csv`.
fn list(path: &str) -> &str {
    let below = path.strip_prefix("/api/").unwrap_or(path);
    let below = below.strip_prefix("v1/").unwrap_or(below);
    ending(below).map_or(below, |(_, list)| list)
}

/// A path that ends with `.csv` or `.json` asks for that; `Accept: text/csv` for CSV, `Accept: application/json;rows=all` for
/// JSON of every row.
pub fn wanted(path: &str, headers: &HeaderMap) -> Option<Format> {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let accepted = || {
        accept.split(',').find_map(|range| match range.trim().split_once(';').unwrap_or((range.trim(), "")) {
            ("text/csv", _) => Some(Format::Csv),
            ("application/json", parameters) if parameters.split(';').any(|p| p.trim() == "rows=all") => Some(Format::Json),
            _ => None,
        })
    };
    ending(path).map(|(format, _)| format).or_else(accepted)
}

/// The format that an address ends with, and the address of the list itself.
fn ending(path: &str) -> Option<(Format, &str)> {
    let json = || path.strip_suffix(".json").map(|list| (Format::Json, list));
    path.strip_suffix(".csv").map(|list| (Format::Csv, list)).or_else(json)
}

/// Whatever below `/api/` is no address of its own: the file of a list whose address is, such as `incidents/418/alerts.csv`.
pub async fn of_any_list(lists: Router, mut request: Request) -> Result<Response, Infallible> {
    let unknown = || Ok(refusal::no_such_address().into_response());
    // Where this is nested, that is taken off.
    let asked = request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().clone(), |uri| uri.0.clone());
    let query = asked.query().map(|query| format!("?{query}"));
    let Some((format, list)) = ending(asked.path()).filter(|_| request.method() == Method::GET) else { return unknown() };
    let Ok(uri) = format!("{list}{}", query.unwrap_or_default()).parse() else { return unknown() };
    *request.uri_mut() = uri;
    let accept = match format {
        Format::Csv => "text/csv",
        Format::Json => "application/json;rows=all",
    };
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(accept));
    let response = lists.oneshot(request).await?;
    // What cannot be read, or is an item, is no list. A refusal tells why.
    let is_list = response.extensions().get::<File>().is_some();
    let is_refusal = !response.status().is_success() && response.status() != StatusCode::METHOD_NOT_ALLOWED;
    if is_list || is_refusal { Ok(response) } else { unknown() }
}

/// Streams every page that `fetch` answers, following the cursor.
pub fn stream<T, F, Fut>(format: Format, name: &str, columns: &'static [&'static str], fetch: F) -> Response
where
    T: Serialize + Send + 'static,
    F: Fn(Paging) -> Fut + Send + 'static,
    Fut: Future<Output = services::Result<Page<T>>> + Send,
{
    enum At {
        Start,
        After(String),
        End,
    }
    let pages = stream::unfold((At::Start, fetch, true), move |(at, fetch, first)| async move {
        let after = match at {
            At::End => return None,
            At::Start => None,
            At::After(cursor) => Some(cursor),
        };
        let paging = Paging { page: 1, page_size: domain::list::MAX_PAGE_SIZE, after };
        let page = match fetch(paging).await {
            Ok(page) => page,
            // The headers are sent: cutting the stream is the only way to say that it is not whole.
            Err(e) => return Some((Err(std::io::Error::other(e.to_string())), (At::End, fetch, false))),
        };
        let last = page.next.is_none();
        let text = chunk(format, columns, &page.items, first, last);
        let at = page.next.map_or(At::End, At::After);
        Some((Ok(Bytes::from(text)), (at, fetch, false)))
    });
    // Who compresses asks once more behind the end.
    file(format, name, Body::from_stream(pages.fuse()))
}

/// A list that fits one answer: as it is asked for, by its ETag or as a file.
pub fn view<T: Serialize>(headers: &HeaderMap, name: &str, columns: &'static [&'static str], items: &[T]) -> Response {
    match wanted("", headers) {
        Some(format) => file(format, name, Body::from(chunk(format, columns, items, true, true))),
        None => super::tag::view(headers, &items),
    }
}

fn file(format: Format, name: &str, body: Body) -> Response {
    let content_type = match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Json => "application/json",
    };
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{}\"", format.ending())),
        (header::CACHE_CONTROL, "no-store".into()),
    ];
    (axum::Extension(File), headers, body).into_response()
}

fn chunk<T: Serialize>(format: Format, columns: &[&str], items: &[T], first: bool, last: bool) -> String {
    let mut out = String::new();
    match format {
        Format::Csv => {
            if first {
                out.push_str(&columns.join(","));
                out.push_str("\r\n");
            }
            for item in items {
                let value = serde_json::to_value(item).unwrap_or_default();
                out.push_str(&columns.iter().map(|c| cell(at(&value, c))).collect::<Vec<_>>().join(","));
                out.push_str("\r\n");
            }
        }
        Format::Json => {
            if first {
                out.push('[');
            }
            for (n, item) in items.iter().enumerate() {
                if !(first && n == 0) {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(item).unwrap_or_else(|_| "null".into()));
            }
            if last {
                out.push(']');
            }
        }
    }
    out
}

/// What a column shows: `name`, or `actor.name` of a part.
fn at<'a>(value: &'a Value, column: &str) -> &'a Value {
    column.split('.').fold(value, |value, name| &value[name])
}

/// A cell, quoted where needed; what a spreadsheet would run as a formula is made text.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !value.is_number();
    let text = if is_formula { format!("'{text}") } else { text };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cell_is_never_a_formula_and_keeps_its_text() {
        for (value, cell_text) in [
            (json!("plain"), "plain"),
            (json!("=1+1"), "'=1+1"),
            (json!("-x"), "'-x"),
            (json!(-5), "-5"),
            (json!("a,\"b\""), "\"a,\"\"b\"\"\""),
            (json!(null), ""),
        ] {
            assert_eq!(cell(&value), cell_text);
        }
    }

    #[test]
    fn a_column_may_name_a_part() {
        let item = json!({ "seq": 7, "actor": { "name": "Mara" } });
        assert_eq!(chunk(Format::Csv, &["seq", "actor.name", "actor.id"], &[item], false, true), "7,Mara,\r\n");
    }

    #[test]
    fn a_list_is_named_by_its_address_without_what_says_how_it_is_sent() {
        for (path, named) in
            [("/api/v1/incidents.csv", "incidents"), ("/api/users.json", "users"), ("/api/v1/incidents/418/alerts", "incidents/418/alerts")]
        {
            assert_eq!(list(path), named);
        }
    }

    #[test]
    fn pages_join_to_one_array() {
        let text = chunk(Format::Json, &[], &[1, 2], true, false) + &chunk(Format::Json, &[], &[3], false, true);
        assert_eq!(text, "[1,2,3]");
        assert_eq!(chunk::<i32>(Format::Json, &[], &[], true, true), "[]");
    }
}
