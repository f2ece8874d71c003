//! Cookies: reading one, and writing the session's. `__Host-` and Secure wherever the public address is https.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::config::Config;

/// The value of a cookie.
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(n, _)| *n == name).map(|(_, v)| v))
}

/// The name of the session cookie: the plain one only on http.
pub fn session_name(config: &Config) -> &'static str {
    if config.is_https() { "__Host-opsguard" } else { "opsguard" }
}

/// Sets the session cookie for this long.
pub fn session(config: &Config, token: &str, seconds: i64) -> HeaderValue {
    write(config, session_name(config), token, seconds, true)
}

/// A cookie of ours.
pub fn write(config: &Config, name: &str, value: &str, seconds: i64, http_only: bool) -> HeaderValue {
    let secure = if config.is_https() { "; Secure" } else { "" };
    let script = if http_only { "; HttpOnly" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{script}{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cookie_is_found_among_many() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; theme=dark"));
        headers.append(header::COOKIE, HeaderValue::from_static("opsguard=x=y"));
        assert_eq!(get(&headers, "theme"), Some("dark"));
        assert_eq!(get(&headers, "opsguard"), Some("x=y"));
        assert_eq!(get(&headers, "them"), None);
    }
}
