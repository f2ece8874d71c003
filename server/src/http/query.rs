//! Query parameters and forms: every unknown one is refused by name.

use domain::{
    Id, Instant, Prefixed, Problem,
    list::{MAX_PAGE_SIZE, Paging},
};

/// The decoded pairs of a query or a form body, in order.
pub fn pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> + '_ {
    text.split(|b| *b == b'&').filter(|p| !p.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |b| *b == b'=');
        (decode(halves.next().unwrap_or_default()), decode(halves.next().unwrap_or_default()))
    })
}

fn decode(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut i = 0;
    while i < text.len() {
        match text[i] {
            b'+' => out.push(b' '),
            b'%' => match text.get(i + 1..i + 3).and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok()) {
                Some(byte) => {
                    out.push(byte);
                    i += 2;
                }
                None => out.push(b'%'),
            },
            byte => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).replace('\0', "")
}

/// The parameters of a request, known ones only.
#[derive(Debug, Default, Clone)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query; a name outside `known` is a 400 that says which there are.
    pub fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let found: Vec<_> = pairs(query.unwrap_or_default().as_bytes()).collect();
        if let Some((name, _)) = found.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            return Err(Problem::bad_request(format!("\"{name}\" is not a parameter here; known: {}.", known.join(", "))));
        }
        Ok(Self(found))
    }

    /// Reads a form body.
    pub fn form(body: &[u8]) -> Self {
        Self(pairs(body).collect())
    }

    /// The value of a parameter, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.trim()).filter(|v| !v.is_empty())
    }

    /// The value as it was typed, spaces and emptiness included: for passwords.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All values, commas split.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).flat_map(|(_, v)| v.split(',')).map(str::trim).filter(|v| !v.is_empty())
    }

    /// A value read by `read`, or the 400 that names it and says what is right.
    pub fn parse<T>(&self, name: &str, right: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        self.get(name).map(|v| read(v).ok_or_else(|| wrong(name, v, right))).transpose()
    }

    /// All values read by `read`.
    pub fn parse_all<T>(&self, name: &str, right: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Problem> {
        self.all(name).map(|v| read(v).ok_or_else(|| wrong(name, v, right))).collect()
    }

    /// An id.
    pub fn id<T: Prefixed>(&self, name: &str) -> Result<Option<Id<T>>, Problem> {
        self.parse(name, "an id such as a UUID", |v| v.parse().ok())
    }

    /// An instant.
    pub fn instant(&self, name: &str) -> Result<Option<Instant>, Problem> {
        self.parse(name, "an instant such as 2026-11-20T21:04:02Z", Instant::parse)
    }

    /// `page`, `page_size`, `after`.
    pub fn paging(&self) -> Result<Paging, Problem> {
        let default = Paging::default();
        let number = |name: &str, right: &str| self.parse(name, right, |v| v.parse::<u32>().ok().filter(|n| *n >= 1));
        let page = number("page", "a whole number from 1")?.unwrap_or(1);
        let page_size = number("page_size", "a whole number from 1 to 200")?.unwrap_or(default.page_size);
        if page_size > MAX_PAGE_SIZE {
            return Err(wrong("page_size", &page_size.to_string(), "a whole number from 1 to 200"));
        }
        if u64::from(page) * u64::from(page_size) > 1_000_000 {
            return Err(Problem::bad_request("Pages this deep are walked by cursor: give `next` of an answer as `after`."));
        }
        Ok(Paging { page, page_size, after: self.get("after").map(str::to_owned) })
    }
}

fn wrong(name: &str, value: &str, right: &str) -> Problem {
    let shown: String = value.chars().take(60).collect();
    Problem::bad_request(format!("`{name}` is \"{shown}\"; right is {right}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_split() {
        let p = Params::read(Some("status=open,acknowledged&status=closed&q=a%20b%2Bc+d&x="), &["status", "q", "x"]).unwrap();
        assert_eq!(p.all("status").collect::<Vec<_>>(), ["open", "acknowledged", "closed"]);
        assert_eq!(p.get("q"), Some("a b+c d"));
        assert_eq!(p.get("x"), None);
        assert_eq!(Params::form(b"a=%zz%").get("a"), Some("%zz%"));
    }

    #[test]
    fn what_is_not_known_or_not_right_is_named() {
        let e = Params::read(Some("stauts=open"), &["status", "page"]).unwrap_err();
        assert_eq!(e.detail, "\"stauts\" is not a parameter here; known: status, page.");
        for query in ["page=0", "page=x", "page_size=201", "page=99999&page_size=200"] {
            assert!(Params::read(Some(query), &["page", "page_size"]).unwrap().paging().is_err(), "{query}");
        }
    }
}
