//! What a list of incidents shows, as its address says it: the address is the state of the page.

use domain::{
    Id,
    account::User,
    incident::{Filter, Row, Severity, Sort, State},
    list::Paging,
};
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

/// The query of `/incidents`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Narrowed to this; `assigned=me` is not in it.
    pub filter: Filter,
    /// `assigned=me`.
    pub mine: bool,
    /// `status=all`: not even the default holds.
    pub every_state: bool,
    /// Order.
    pub sort: Sort,
    /// 1 and up.
    pub page: u32,
}

/// Whether a row belongs to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    In,
    /// It does not.
    Out,
    /// Only the server can tell.
    Unknown,
}

impl Query {
    /// Reads the address. What cannot be read is as if it were not there.
    pub fn read(params: &ParamsMap) -> Self {
        let words = |name: &str| params.get_all(name).unwrap_or_default();
        let one = |name: &str| params.get(name).filter(|text| !text.trim().is_empty());
        Self {
            filter: Filter {
                status: words("status").iter().filter_map(|word| State::parse(word)).collect(),
                severity: words("severity").iter().filter_map(|word| Severity::parse(word)).collect(),
                service_id: one("service_id").and_then(|id| id.parse().ok()),
                team_id: one("team_id").and_then(|id| id.parse().ok()),
                assigned_to_id: one("assigned_to_id").and_then(|id| id.parse().ok()),
                q: one("q"),
                ..Filter::default()
            },
            mine: one("assigned").as_deref() == Some("me"),
            every_state: words("status").iter().any(|word| word == "all"),
            sort: match one("sort").as_deref() {
                Some("newest") => Sort::Newest,
                Some("oldest") => Sort::Oldest,
                _ => Sort::Severity,
            },
            page: one("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1),
        }
    }

    /// The address, without what is default.
    pub fn address(&self) -> String {
        self.at("/incidents")
    }

    /// The filters as the API names them; empty ones narrow nothing.
    pub fn filters(&self) -> Vec<(&'static str, String)> {
        let words = |words: Vec<&str>| words.join(",");
        let mut pairs = vec![
            ("status", words(self.states().iter().map(|state| state.as_str()).collect())),
            ("severity", words(self.filter.severity.iter().map(|severity| severity.as_str()).collect())),
            ("service_id", self.filter.service_id.map(|id| id.to_string()).unwrap_or_default()),
            ("team_id", self.filter.team_id.map(|id| id.to_string()).unwrap_or_default()),
            ("assigned_to_id", self.filter.assigned_to_id.map(|id| id.to_string()).unwrap_or_default()),
            ("q", self.filter.q.clone().unwrap_or_default()),
        ];
        if self.mine {
            pairs[4].1 = "me".to_owned();
        }
        pairs
    }

    fn at(&self, path: &str) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        if self.every_state {
            pairs.push(("status", "all".to_owned()));
        }
        pairs.extend(self.filter.status.iter().map(|state| ("status", state.as_str().to_owned())));
        pairs.extend(self.filter.severity.iter().map(|severity| ("severity", severity.as_str().to_owned())));
        pairs.extend(self.filter.service_id.map(|id| ("service_id", id.to_string())));
        pairs.extend(self.filter.team_id.map(|id| ("team_id", id.to_string())));
        pairs.extend(self.filter.assigned_to_id.map(|id| ("assigned_to_id", id.to_string())));
        pairs.extend(self.mine.then(|| ("assigned", "me".to_owned())));
        pairs.extend(self.filter.q.iter().map(|words| ("q", words.clone())));
        match self.sort {
            Sort::Severity => {}
            Sort::Newest => pairs.push(("sort", "newest".to_owned())),
            Sort::Oldest => pairs.push(("sort", "oldest".to_owned())),
        }
        if self.page > 1 {
            pairs.push(("page", self.page.to_string()));
        }
        joined(path, &pairs)
    }

    /// The same list at another page.
    pub fn page(&self, page: u32) -> Self {
        Self { page, ..self.clone() }
    }

    /// Nothing but the defaults.
    pub fn is_default(&self) -> bool {
        Self { sort: Sort::Severity, page: 1, ..self.clone() } == Self { page: 1, ..Self::default() }
    }

    /// The states that the list shows: those that are not over, unless the address names others.
    pub fn states(&self) -> Vec<State> {
        match (self.every_state, self.filter.status.is_empty()) {
            (true, _) => Vec::new(),
            (false, true) => Filter::live().status,
            (false, false) => self.filter.status.clone(),
        }
    }

    /// As the use case takes it.
    pub fn resolve(&self, me: Option<Id<User>>) -> (Filter, Sort, Paging) {
        let mut filter = Filter { status: self.states(), ..self.filter.clone() };
        if self.mine {
            filter.assigned_to_id = me;
        }
        (filter, self.sort, Paging { page: self.page.max(1), ..Paging::default() })
    }

    /// Whether a row that changed belongs to the list.
    pub fn fits(&self, row: &Row, me: Option<Id<User>>) -> Fit {
        let (filter, ..) = self.resolve(me);
        let incident = &row.incident;
        let known = (filter.status.is_empty() || filter.status.contains(&incident.status))
            && (filter.severity.is_empty() || filter.severity.contains(&incident.severity))
            && filter.service_id.is_none_or(|id| id == incident.service_id)
            && filter.assigned_to_id.is_none_or(|id| Some(id) == incident.assigned_to_id);
        match (known, filter.q.is_some() || filter.team_id.is_some()) {
            (false, _) => Fit::Out,
            (true, true) => Fit::Unknown,
            (true, false) => Fit::In,
        }
    }
}

/// A path with a query.
pub fn joined(path: &str, pairs: &[(&str, String)]) -> String {
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// Percent-encoding of a query value (RFC 3986, unreserved stays).
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> Query {
        let mut params = ParamsMap::new();
        pairs.iter().for_each(|(name, value)| params.insert(*name, (*value).to_owned()));
        Query::read(&params)
    }

    #[test]
    fn an_address_survives_reading() {
        for (pairs, address) in [
            (&[][..], "/incidents"),
            (&[("status", ""), ("q", " ")], "/incidents"),
            (&[("status", "open"), ("status", "resolved"), ("page", "2")], "/incidents?status=open&status=resolved&page=2"),
            (&[("status", "all"), ("sort", "oldest"), ("assigned", "me")], "/incidents?status=all&assigned=me&sort=oldest"),
            (&[("q", "disk full & more")], "/incidents?q=disk+full+%26+more"),
            (&[("status", "nonsense"), ("page", "-3")], "/incidents"),
        ] {
            assert_eq!(read(pairs).address(), address);
        }
    }

    #[test]
    fn an_export_names_what_the_page_leaves_out() {
        let exported = |pairs| read(pairs).filters().into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>();
        assert_eq!(exported(&[]), [("status", "open,acknowledged,in_progress".to_owned())]);
        assert_eq!(exported(&[("status", "all"), ("assigned", "me")]), [("assigned_to_id", "me".to_owned())]);
    }

    #[test]
    fn the_default_is_what_is_not_over() {
        assert!(read(&[]).is_default());
        assert_eq!(read(&[]).states().len(), 3);
        assert_eq!(read(&[("status", "all")]).states(), []);
        assert!(!read(&[("status", "all")]).is_default());
    }
}
