//! Instants. The server writes UTC with fixed formatting; once hydrated the same element reads in the reader's zone.

use crate::browser::{device_now_ms, zone_offset_min};
use crate::view;
use leptos::prelude::*;
use std::{
    cell::{Cell, OnceCell},
    thread::LocalKey,
    time::Duration,
};

/// How an instant reads once hydrated. The exact time is always in the title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeShow {
    /// `4 min ago`, kept fresh.
    #[default]
    Relative,
    /// `21:04:02`, for a timeline whose day is known.
    Clock,
    /// `2026-11-20 21:04`.
    Exact,
}

/// An instant. The server (and the first hydrated render) writes UTC, so that both agree without a clock.
#[component]
pub fn Time(
    /// Milliseconds since 1970, UTC.
    utc_ms: i64,
    #[prop(optional)] show: TimeShow,
) -> impl IntoView {
    let fixed = match show {
        TimeShow::Clock => clock_at(utc_ms, 0) + " UTC",
        _ => exact_at(utc_ms, 0) + " UTC",
    };
    let local = RwSignal::new(None::<(String, String)>);
    Effect::new(move |_| {
        let offset = zone_offset_min(utc_ms);
        let text = match show {
            TimeShow::Relative => relative(utc_ms, ticking(&SLOW, 15)),
            TimeShow::Clock => clock_at(utc_ms, offset),
            TimeShow::Exact => exact_at(utc_ms, offset),
        };
        local.set(Some((text, title_at(utc_ms, offset))));
    });
    view! {
        <time class="num" datetime=rfc3339(utc_ms) title=move || local.get().map(|(_, title)| title)>
            {move || local.get().map_or_else(|| fixed.clone(), |(text, _)| text)}
        </time>
    }
}

/// Time left until an instant, `2:14`, each second. The server writes the instant itself.
#[component]
pub fn Countdown(
    /// Milliseconds since 1970, UTC.
    until_ms: i64,
    /// What stands there once it is reached.
    #[prop(default = "now")]
    reached: &'static str,
    /// What follows the time while there is some: " left".
    #[prop(default = "")]
    after: &'static str,
) -> impl IntoView {
    let fixed = clock_at(until_ms, 0) + " UTC";
    let left = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let left_ms = until_ms - ticking(&FAST, 1);
        left.set(Some(if left_ms > 0 { countdown(left_ms) + after } else { reached.to_owned() }));
    });
    view! {
        <time class="num" datetime=rfc3339(until_ms)>{move || left.get().unwrap_or_else(|| fixed.clone())}</time>
    }
}

thread_local! {
    /// One interval per period for the whole page, started by the first element that needs it.
    static SLOW: OnceCell<ArcTrigger> = const { OnceCell::new() };
    static FAST: OnceCell<ArcTrigger> = const { OnceCell::new() };
    /// Server time minus device time.
    static SKEW_MS: Cell<i64> = const { Cell::new(0) };
}

/// Tells the page what time the server has (from the live socket's hello), so that "4 min ago" and countdowns are
/// right on a device whose clock is wrong. Browser only.
pub fn set_server_now(utc_ms: i64) {
    SKEW_MS.set(utc_ms - device_now_ms());
}

/// The server's time as far as this device knows it, in milliseconds since 1970. Browser only.
pub fn now_ms() -> i64 {
    device_now_ms() + SKEW_MS.get()
}

/// The current time as a tracked read that changes every `seconds`.
fn ticking(shared: &'static LocalKey<OnceCell<ArcTrigger>>, seconds: u64) -> i64 {
    // Counted, not owned: it lives as long as the page, not as the element that asked first.
    let tick = shared.with(|tick| {
        tick.get_or_init(|| {
            let tick = ArcTrigger::new();
            let again = tick.clone();
            set_interval(move || again.notify(), Duration::from_secs(seconds));
            tick
        })
        .clone()
    });
    tick.track();
    now_ms()
}

struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// Days to a civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn civil(utc_ms: i64, offset_min: i32) -> Civil {
    let seconds = utc_ms.div_euclid(1000) + i64::from(offset_min) * 60;
    let (days, second_of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        hour: second_of_day / 3_600,
        minute: second_of_day / 60 % 60,
        second: second_of_day % 60,
    }
}

/// `2026-11-20T21:04:02Z`, for `datetime` attributes (RFC 3339).
pub fn rfc3339(utc_ms: i64) -> String {
    let at = civil(utc_ms, 0);
    format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", at.year, at.month, at.day, at.hour, at.minute, at.second)
}

/// `2026-11-20 21:04`, that many minutes ahead of UTC.
pub fn exact_at(utc_ms: i64, offset_min: i32) -> String {
    let at = civil(utc_ms, offset_min);
    format!("{:04}-{:02}-{:02} {:02}:{:02}", at.year, at.month, at.day, at.hour, at.minute)
}

/// `21:04:02`, that many minutes ahead of UTC.
pub fn clock_at(utc_ms: i64, offset_min: i32) -> String {
    let at = civil(utc_ms, offset_min);
    format!("{:02}:{:02}:{:02}", at.hour, at.minute, at.second)
}

/// `2026-11-20T21:04`: the value of a `datetime-local` field.
pub fn field_at(utc_ms: i64, offset_min: i32) -> String {
    exact_at(utc_ms, offset_min).replace(' ', "T")
}

fn title_at(utc_ms: i64, offset_min: i32) -> String {
    let at = civil(utc_ms, offset_min);
    let sign = if offset_min < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset_min.abs() / 60, offset_min.abs() % 60);
    format!("{}:{:02} (UTC{sign}{hours:02}:{minutes:02})", exact_at(utc_ms, offset_min), at.second)
}

/// `4 min ago`, `in 2 h`, `just now`.
pub fn relative(utc_ms: i64, now_ms: i64) -> String {
    let seconds = (now_ms - utc_ms) / 1000;
    let amount = match seconds.abs() {
        0..=9 => return "just now".to_owned(),
        s @ 10..=59 => format!("{s} s"),
        s @ 60..=3_599 => format!("{} min", s / 60),
        s @ 3_600..=86_399 => format!("{} h", s / 3_600),
        s @ 86_400..=5_183_999 => format!("{} d", s / 86_400),
        s @ 5_184_000..=63_071_999 => format!("{} months", s / 2_592_000),
        s => format!("{} years", s / 31_536_000),
    };
    if seconds > 0 { format!("{amount} ago") } else { format!("in {amount}") }
}

/// A length of time in its two largest units: `48 s`, `1 min 52 s`, `3 h 4 min`, `2 d 1 h`.
pub fn duration(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let two = |large: i64, unit: &str, small: i64, small_unit: &str| match small {
        0 => format!("{large} {unit}"),
        small => format!("{large} {unit} {small} {small_unit}"),
    };
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3_599 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..=86_399 => two(seconds / 3_600, "h", seconds / 60 % 60, "min"),
        _ => two(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

/// `2:14`, or `1:02:14` from an hour on; a started second counts as whole, so that zero means reached.
pub fn countdown(left_ms: i64) -> String {
    let seconds = (left_ms.max(0) + 999) / 1000;
    match seconds / 3_600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_208_642_000; // 2026-11-20 21:04:02 UTC

    #[test]
    fn dates_are_civil() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (AT, "2026-11-20T21:04:02Z"),
        ] {
            assert_eq!(rfc3339(ms), text);
        }
    }

    #[test]
    fn zones_shift_the_day() {
        assert_eq!(exact_at(AT, 0), "2026-11-20 21:04");
        assert_eq!(exact_at(AT, 330), "2026-11-21 02:34");
        assert_eq!(clock_at(AT, -300), "16:04:02");
        assert_eq!(field_at(AT, 60), "2026-11-20T22:04");
        assert_eq!(title_at(AT, -210), "2026-11-20 17:34:02 (UTC-03:30)");
    }

    #[test]
    fn relative_times_read_naturally() {
        for (ago_s, text) in [
            (0, "just now"),
            (-5, "just now"),
            (42, "42 s ago"),
            (240, "4 min ago"),
            (-7_300, "in 2 h"),
            (90_000, "1 d ago"),
            (5_200_000, "2 months ago"),
            (70_000_000, "2 years ago"),
        ] {
            assert_eq!(relative(AT - ago_s * 1000, AT), text);
        }
    }

    #[test]
    fn lengths_use_two_units() {
        for (s, text) in [(48, "48 s"), (112, "1 min 52 s"), (120, "2 min"), (11_040, "3 h 4 min"), (176_400, "2 d 1 h")] {
            assert_eq!(duration(s * 1000), text);
        }
    }

    #[test]
    fn a_countdown_shows_started_seconds() {
        for (ms, text) in [(134_000, "2:14"), (133_001, "2:14"), (1, "0:01"), (0, "0:00"), (3_734_000, "1:02:14")] {
            assert_eq!(countdown(ms), text);
        }
    }
}
