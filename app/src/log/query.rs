//! What the lists of the log show, as their addresses say it: the address is the state of the page.

use domain::{
    Id, Instant,
    account::User,
    list::Paging,
    log::{BlockerFilter, BlockerState, UpdateFilter},
    time::DAY,
};
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

use crate::incident::query::joined;

/// The query of `/log`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateQuery {
    /// By this person.
    pub author_id: String,
    /// A day, `2026-11-20`: from its beginning, UTC.
    pub start_date: String,
    /// A day: to its end, UTC.
    pub end_date: String,
    /// With this tag.
    pub tag: String,
    /// Words.
    pub q: String,
    /// 1 and up.
    pub page: u32,
}

/// The query of `/log/blockers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BlockerQuery {
    /// `active`, `resolved`; both when empty.
    pub status: String,
    /// Who waits: an id, or `me`.
    pub owner_id: String,
    /// For whom: an id, or `me`.
    pub waits_for_id: String,
    /// Words.
    pub q: String,
    /// 1 and up.
    pub page: u32,
}

fn text(params: &ParamsMap, name: &str) -> String {
    params.get(name).map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn page(params: &ParamsMap) -> u32 {
    params.get("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1)
}

fn said(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

fn address(path: &str, filters: Vec<(&'static str, String)>, page: u32) -> String {
    let mut pairs: Vec<_> = filters.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if page > 1 {
        pairs.push(("page", page.to_string()));
    }
    joined(path, &pairs)
}

impl UpdateQuery {
    /// Reads the address. What cannot be read is as if it were not there.
    pub fn read(params: &ParamsMap) -> Self {
        Self {
            author_id: text(params, "author_id"),
            start_date: text(params, "start_date"),
            end_date: text(params, "end_date"),
            tag: text(params, "tag"),
            q: text(params, "q"),
            page: page(params),
        }
    }

    /// The filters as the API names them; empty ones narrow nothing.
    pub fn filters(&self) -> Vec<(&'static str, String)> {
        let Self { author_id, start_date, end_date, tag, q, .. } = self.clone();
        vec![("author_id", author_id), ("start_date", start_date), ("end_date", end_date), ("tag", tag), ("q", q)]
    }

    /// The address, at a page.
    pub fn address(&self, page: u32) -> String {
        address("/log", self.filters(), page)
    }

    /// As the use case takes it.
    pub fn resolve(&self) -> (UpdateFilter, Paging) {
        let day = |text: &str| Instant::parse(&format!("{text}T00:00:00Z"));
        let filter = UpdateFilter {
            author_id: self.author_id.parse().ok(),
            from: day(&self.start_date),
            to: day(&self.end_date).map(|at| at.plus(DAY)),
            tag: said(&self.tag),
            q: said(&self.q),
        };
        (filter, Paging { page: self.page.max(1), ..Paging::default() })
    }
}

impl BlockerQuery {
    /// Reads the address. What cannot be read is as if it were not there.
    pub fn read(params: &ParamsMap) -> Self {
        Self {
            status: text(params, "status"),
            owner_id: text(params, "owner_id"),
            waits_for_id: text(params, "waits_for_id"),
            q: text(params, "q"),
            page: page(params),
        }
    }

    /// The filters as the API names them; empty ones narrow nothing.
    pub fn filters(&self) -> Vec<(&'static str, String)> {
        let Self { status, owner_id, waits_for_id, q, .. } = self.clone();
        vec![("status", status), ("owner_id", owner_id), ("waits_for_id", waits_for_id), ("q", q)]
    }

    /// The address, at a page.
    pub fn address(&self, page: u32) -> String {
        address("/log/blockers", self.filters(), page)
    }

    /// As the use case takes it.
    pub fn resolve(&self, me: Option<Id<User>>) -> (BlockerFilter, Paging) {
        let person = |text: &str| if text == "me" { me } else { text.parse().ok() };
        let filter = BlockerFilter {
            status: BlockerState::parse(&self.status),
            owner_id: person(&self.owner_id),
            waits_for_id: person(&self.waits_for_id),
            q: said(&self.q),
            ..BlockerFilter::default()
        };
        (filter, Paging { page: self.page.max(1), ..Paging::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&'static str, &str)]) -> ParamsMap {
        let mut params = ParamsMap::new();
        pairs.iter().for_each(|(name, value)| params.insert(*name, (*value).to_owned()));
        params
    }

    #[test]
    fn an_address_survives_reading() {
        for (pairs, expected) in [
            (&[][..], "/log"),
            (&[("tag", "deploy"), ("q", " "), ("page", "2")], "/log?tag=deploy&page=2"),
            (&[("start_date", "2026-11-01"), ("page", "-1")], "/log?start_date=2026-11-01"),
        ] {
            let query = UpdateQuery::read(&params(pairs));
            assert_eq!(query.address(query.page), expected);
        }
        let query = BlockerQuery::read(&params(&[("status", "active"), ("waits_for_id", "me")]));
        assert_eq!(query.address(1), "/log/blockers?status=active&waits_for_id=me");
    }

    #[test]
    fn the_last_day_is_inside() {
        let query = UpdateQuery::read(&params(&[("start_date", "2026-11-01"), ("end_date", "2026-11-01")]));
        let (filter, _) = query.resolve();
        assert_eq!(filter.to.zip(filter.from).map(|(to, from)| to.since(from)), Some(DAY));
        assert_eq!(UpdateQuery { start_date: "yesterday".into(), ..UpdateQuery::default() }.resolve().0, UpdateFilter::default());
    }
}
