//! The design system: components that know no noun of the domain.
//!
//! Everything renders on the server, works as plain HTML, and gets better once hydrated. Looks live in
//! `style/main.css`; a component names classes only, whole and literal, and never emits a `style` attribute (CSP).
//! Calls into the browser are in `browser`, and only effects and event handlers use them.
//!
//! Texts are `TextProp` where they may change: a string, a signal or a closure. States are `Signal`s: a plain value
//! converts; wrap a closure in `Signal::derive`.

pub mod avatar;
pub mod banner;
mod browser;
pub mod button;
pub mod card;
pub mod chart;
pub mod chip;
pub mod code;
pub mod dialog;
pub mod dot;
pub mod erase;
pub mod facts;
pub mod field;
pub mod form;
pub mod icon;
pub mod kbd;
pub mod keys;
pub mod list;
pub mod markdown;
pub mod menu;
pub mod number;
pub mod page;
pub mod pagination;
pub mod palette;
pub mod progress;
mod score;
pub mod shell;
pub mod skip;
pub mod stat;
pub mod tabs;
pub mod theme;
pub mod time;
pub mod toast;
pub mod tone;

pub use avatar::*;
pub use banner::*;
pub use browser::hydrated;
pub use button::*;
pub use card::*;
pub use chart::*;
pub use chip::*;
pub use code::*;
pub use dialog::*;
pub use dot::*;
pub use facts::*;
pub use field::*;
pub use form::*;
pub use icon::*;
pub use kbd::*;
pub use keys::*;
pub use list::*;
pub use markdown::*;
pub use menu::*;
pub use page::*;
pub use pagination::*;
pub use palette::*;
pub use progress::*;
pub use shell::*;
pub use skip::*;
pub use stat::*;
pub use tabs::*;
pub use theme::*;
pub use time::{Countdown, Time, TimeShow};
pub use toast::*;
pub use tone::*;
