//! Small drawings of numbers: inline SVG, the same on server and client (fixed formatting, no clock).

use crate::{
    number::{decimal, short},
    tone::Tone,
    view,
};
use leptos::prelude::*;

/// A line over time. `None` leaves a gap.
#[component]
pub fn Sparkline(
    values: Vec<Option<f64>>,
    /// What is drawn: "Error ratio, last hour".
    #[prop(into)]
    title: String,
    /// What there is to see: "rose from 0.2 % to 8 % at 21:02 UTC".
    #[prop(optional, into)]
    desc: String,
    #[prop(default = Tone::Accent)] tone: Tone,
    /// 88 px high instead of 24, with the area below the line.
    #[prop(optional)]
    tall: bool,
) -> impl IntoView {
    let (line, area) = paths(&values, 100.0, 24.0);
    let name = label(&title, &desc);
    view! {
        <svg class=class(tone, tall) viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label=name>
            <title>{title}</title>
            <desc>{desc}</desc>
            {tall.then(|| view! { <path class="chart-area" d=area></path> })}
            <path class="chart-line" d=line></path>
        </svg>
    }
}

/// One bar: its name and value are its title; without a value it is a grey stub; a tone of its own (uptime bars).
#[derive(Clone, Debug, PartialEq)]
pub struct BarPoint {
    pub label: String,
    pub value: Option<f64>,
    pub tone: Option<Tone>,
}

/// Bars side by side, from zero to the largest value (or to `max`).
#[component]
pub fn Bars(
    values: Vec<BarPoint>,
    #[prop(into)] title: String,
    #[prop(optional, into)] desc: String,
    #[prop(default = Tone::Accent)] tone: Tone,
    #[prop(optional)] max: Option<f64>,
    #[prop(optional)] tall: bool,
) -> impl IntoView {
    let top = max.unwrap_or_else(|| values.iter().filter_map(|bar| bar.value).fold(0.0, f64::max)).max(f64::MIN_POSITIVE);
    let name = label(&title, &desc);
    let slot = 100.0 / values.len().max(1) as f64;
    let bars = values.into_iter().enumerate().map(|(index, bar)| {
        let height = bar.value.map_or(24.0, |value| (value / top * 24.0).clamp(0.5, 24.0));
        let class = match (bar.value, bar.tone) {
            (None, _) => "chart-none".to_owned(),
            (Some(_), None) => "chart-bar".to_owned(),
            (Some(_), Some(tone)) => format!("chart-bar {}", tone.text_class()),
        };
        let text = format!("{}: {}", bar.label, bar.value.map_or("no data".to_owned(), short));
        view! {
            <rect class=class x=fixed(index as f64 * slot) y=fixed(24.0 - height) width=fixed(slot * 0.8) height=fixed(height)><title>{text}</title></rect>
        }
    }).collect_view();
    view! {
        <svg class=class(tone, tall) viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label=name>
            <title>{title}</title>
            <desc>{desc}</desc>
            {bars}
        </svg>
    }
}

/// The numbers of a chart, folded away below it.
#[component]
pub fn ChartTable(
    /// Heads of the two columns.
    head: (&'static str, &'static str),
    rows: Vec<(String, String)>,
) -> impl IntoView {
    let rows = rows.into_iter().map(|(name, value)| view! { <tr><td>{name}</td><td class="end">{value}</td></tr> }).collect_view();
    view! {
        <details>
            <summary class="sum link-target">"Show as table"</summary>
            <div class="table-wrap"><table class="table"><thead><tr><th>{head.0}</th><th class="end">{head.1}</th></tr></thead><tbody>{rows}</tbody></table></div>
        </details>
    }
}

fn class(tone: Tone, tall: bool) -> String {
    format!("chart{} {}", if tall { " chart-tall" } else { "" }, tone.text_class())
}

fn label(title: &str, desc: &str) -> String {
    if desc.is_empty() { title.to_owned() } else { format!("{title}: {desc}") }
}

/// One decimal: the same text on both sides of hydration.
fn fixed(value: f64) -> String {
    decimal::<1>(value)
}

/// Path data of the line and of the area below it, the values scaled between a small margin above and below.
fn paths(values: &[Option<f64>], width: f64, height: f64) -> (String, String) {
    let known = || values.iter().flatten().copied().filter(|value| value.is_finite());
    let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let spread = if high > low { high - low } else { 1.0 };
    let step = width / values.len().saturating_sub(1).max(1) as f64;
    let (mut line, mut area) = (String::new(), String::new());
    let mut open_at = None;
    let close =
        |area: &mut String, from: f64, to: f64| *area += &format!("L{} {} L{} {}Z", fixed(to), fixed(height), fixed(from), fixed(height));
    for (index, value) in values.iter().enumerate() {
        let x = index as f64 * step;
        match (value.filter(|value| value.is_finite()), open_at) {
            (Some(value), from) => {
                let y = height - 2.0 - (value - low) / spread * (height - 4.0);
                let point = format!("{}{} {}", if from.is_none() { 'M' } else { 'L' }, fixed(x), fixed(y));
                line += &point;
                area += &point;
                open_at = Some(from.unwrap_or(x));
            }
            (None, Some(from)) => {
                close(&mut area, from, x - step);
                open_at = None;
            }
            (None, None) => {}
        }
    }
    if let Some(from) = open_at {
        close(&mut area, from, width);
    }
    (line, area)
}

#[cfg(test)]
mod tests {
    use super::paths;

    #[test]
    fn a_line_spans_the_drawing() {
        assert_eq!(paths(&[Some(0.0), Some(10.0)], 100.0, 24.0).0, "M0.0 22.0L100.0 2.0");
    }

    #[test]
    fn a_gap_starts_a_new_line() {
        let (line, area) = paths(&[Some(1.0), None, Some(1.0)], 100.0, 24.0);
        assert_eq!(line, "M0.0 22.0M100.0 22.0");
        assert_eq!(area, "M0.0 22.0L0.0 24.0 L0.0 24.0ZM100.0 22.0L100.0 24.0 L100.0 24.0Z");
    }

    #[test]
    fn nothing_draws_nothing() {
        assert_eq!(paths(&[], 100.0, 24.0), (String::new(), String::new()));
    }
}
