//! A page of a list, and the honest total beside it.

use serde::{Deserialize, Serialize};

/// Totals are counted exactly up to here; above, the total is this and says that it is a floor.
pub const EXACT_TOTAL: u64 = 10_000;
/// The largest `page_size`.
pub const MAX_PAGE_SIZE: u32 = 200;
/// The `page_size` when none is asked for.
pub const DEFAULT_PAGE_SIZE: u32 = 50;

/// Which page of a list: by number, or after a cursor for deep walks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paging {
    /// 1 and up.
    pub page: u32,
    /// 1 to [`MAX_PAGE_SIZE`].
    pub page_size: u32,
    /// The `next` of an earlier answer.
    pub after: Option<String>,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page: 1, page_size: DEFAULT_PAGE_SIZE, after: None }
    }
}

/// One page of `T`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many rows match; when it is not exact, how far was counted: 10,000, or less of a search for words that many have.
    pub total: u64,
    /// False when more match than were counted.
    pub total_is_exact: bool,
    /// The number of this page.
    pub page: u32,
    /// Rows asked for.
    pub page_size: u32,
    /// How many pages can be asked for by number: those of the rows that were counted, and of the first 10,000. `next` goes on
    /// behind them.
    pub pages: u32,
    /// Give this as `after` for the rows behind these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// How many rows match a list's filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// So many: counted, or kept by a counter.
    Exact(u64),
    /// At least so many: counting stopped there.
    Beyond(u64),
}

impl Total {
    /// Of a count that stops at `EXACT_TOTAL + 1`.
    pub fn counted(rows: u64) -> Self {
        if rows > EXACT_TOTAL { Self::Beyond(EXACT_TOTAL) } else { Self::Exact(rows) }
    }
}

impl<T> Page<T> {
    /// A page with its arithmetic.
    pub fn new(items: Vec<T>, total: Total, paging: &Paging, next: Option<String>) -> Self {
        let (total, total_is_exact) = match total {
            Total::Exact(rows) => (rows, true),
            Total::Beyond(counted) => (counted, false),
        };
        let pages = total.min(EXACT_TOTAL).div_ceil(u64::from(paging.page_size.max(1))) as u32;
        Self { items, total, total_is_exact, page: paging.page, page_size: paging.page_size, pages, next }
    }
}

impl Paging {
    /// Rows to pass over.
    pub fn offset(&self) -> u64 {
        u64::from(self.page.saturating_sub(1)) * u64::from(self.page_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_exact_where_it_was_counted_or_kept() {
        for (total, told, is_exact, pages) in [
            (Total::counted(0), 0, true, 0),
            (Total::counted(51), 51, true, 2),
            (Total::counted(EXACT_TOTAL), EXACT_TOTAL, true, 200),
            (Total::counted(EXACT_TOTAL + 1), EXACT_TOTAL, false, 200),
            (Total::Exact(1_000_000), 1_000_000, true, 200),
            (Total::Beyond(101), 101, false, 3),
        ] {
            let page = Page::<()>::new(Vec::new(), total, &Paging::default(), None);
            assert_eq!((page.total, page.total_is_exact, page.pages), (told, is_exact, pages), "{total:?}");
        }
    }
}
