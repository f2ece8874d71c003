//! Tones: the only colours that carry meaning. Always shown with an icon and a word.

use crate::icon::Glyph;

/// What a colour means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    Crit,
    High,
    Med,
    Low,
    Ok,
    Maint,
    Accent,
    #[default]
    Neutral,
}

impl Tone {
    /// The icon used where none is given, so that no tone is colour alone.
    pub const fn glyph(self) -> Glyph {
        match self {
            Tone::Crit => Glyph::Warning,
            Tone::High => Glyph::ArrowUp,
            Tone::Med => Glyph::Equal,
            Tone::Low => Glyph::ArrowDown,
            Tone::Ok => Glyph::Check,
            Tone::Maint => Glyph::Wrench,
            Tone::Accent => Glyph::Info,
            Tone::Neutral => Glyph::Circle,
        }
    }

    /// `chip chip-*`: soft background and strong text (also for a banner).
    pub const fn chip_class(self) -> &'static str {
        match self {
            Tone::Crit => "chip chip-crit",
            Tone::High => "chip chip-high",
            Tone::Med => "chip chip-med",
            Tone::Low => "chip chip-low",
            Tone::Ok => "chip chip-ok",
            Tone::Maint => "chip chip-maint",
            Tone::Accent => "chip chip-accent",
            Tone::Neutral => "chip chip-neutral",
        }
    }

    pub(crate) const fn soft_class(self) -> &'static str {
        match self {
            Tone::Crit => "chip-crit",
            Tone::High => "chip-high",
            Tone::Med => "chip-med",
            Tone::Low => "chip-low",
            Tone::Ok => "chip-ok",
            Tone::Maint => "chip-maint",
            Tone::Accent => "chip-accent",
            Tone::Neutral => "chip-neutral",
        }
    }

    /// Text (and, by `currentColor`, drawing) colour.
    pub const fn text_class(self) -> &'static str {
        match self {
            Tone::Crit => "text-crit",
            Tone::High => "text-high",
            Tone::Med => "text-med",
            Tone::Low => "text-low",
            Tone::Ok => "text-ok",
            Tone::Maint => "text-maint",
            Tone::Accent => "text-accent",
            Tone::Neutral => "text-ink-3",
        }
    }

    /// The dot of an `<li>` in `.timeline`.
    pub const fn timeline_class(self) -> &'static str {
        match self {
            Tone::Crit => "at-crit",
            Tone::High => "at-high",
            Tone::Med => "at-med",
            Tone::Low => "at-low",
            Tone::Ok => "at-ok",
            Tone::Maint => "at-maint",
            Tone::Accent => "at-accent",
            Tone::Neutral => "",
        }
    }
}
