//! Incidents by words: one page and the total, in a million incidents too, whether the words are in one of them or in half.
//!
//! Neither database does this by itself: to sort, both read all that matches; or PostgreSQL, hoping for frequent words, walks
//! all incidents in order to find the only one. Here what few incidents have is gathered and sorted, and what many have is found
//! in the order of the list until a page is full. Each database does so in its way.
//!
//! Totals are as exact as those of any list, but in a large installation ([`LARGE`]) of words that many have: to count these
//! takes longer than to find the page. Told is then what was come upon, and that there are more.

mod postgres;
mod sqlite;

use domain::{
    account::Scope,
    incident::{Filter, Severity, Sort},
    list::Paging,
};
use sea_orm::{DbBackend, Select};

use super::{entity::Entity, list::After};
use crate::store::page::Count;

/// An installation that has had more incidents than this is large.
const LARGE: i64 = 32_768;
/// No more than this are few. So many are counted in a large installation too, or else as many as a page comes upon.
const FEW: u64 = 99;

/// The incidents of one page with these words and the rest of `filter`, and how many there are.
pub(super) fn look(
    backend: DbBackend,
    scope: &Scope,
    filter: &Filter,
    words: &str,
    sort: Sort,
    after: Option<After>,
    paging: &Paging,
) -> (Count, Select<Entity>) {
    let most = paging.offset() * u64::from(after.is_none()) + u64::from(paging.page_size) + 1;
    match backend {
        DbBackend::Postgres => postgres::look(scope, filter, words, sort, after, most),
        _ => sqlite::look(scope, filter, words, sort, after, most),
    }
}

/// In a large installation, how many are counted: one more than what is told to be all of them.
fn counted_if_large(most: u64) -> u64 {
    most.max(FEW + 1)
}

/// The severities that a list by severity has behind `after`, in its order.
fn ranks(filter: &Filter, after: Option<After>) -> Vec<i64> {
    let wanted = Severity::ALL.iter().filter(|severity| filter.severity.is_empty() || filter.severity.contains(severity));
    wanted.map(|severity| severity.rank()).filter(|rank| after.is_none_or(|after| *rank >= after.rank)).collect()
}
