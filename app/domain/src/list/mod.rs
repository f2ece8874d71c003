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
    /// How many rows match; at most [`EXACT_TOTAL`] when it is not exact.
    pub total: u64,
    /// False when more match than were counted.
    pub total_is_exact: bool,
    /// The number of this page.
    pub page: u32,
    /// Rows asked for.
    pub page_size: u32,
    /// How many pages `total` makes.
    pub pages: u32,
    /// Give this as `after` for the rows behind these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page with its arithmetic. `counted` may stop at `EXACT_TOTAL + 1`.
    pub fn new(items: Vec<T>, counted: u64, paging: &Paging, next: Option<String>) -> Self {
        let total_is_exact = counted <= EXACT_TOTAL;
        let total = counted.min(EXACT_TOTAL);
        let pages = total.div_ceil(u64::from(paging.page_size.max(1))) as u32;
        Self { items, total, total_is_exact, page: paging.page, page_size: paging.page_size, pages, next }
    }
}

impl Paging {
    /// Rows to pass over.
    pub fn offset(&self) -> u64 {
        u64::from(self.page.saturating_sub(1)) * u64::from(self.page_size)
    }
}
