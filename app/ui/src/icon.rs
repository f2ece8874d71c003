//! Icons: 24 px stroke drawings, each a single path, inline so that they take the text colour and need no request.

use crate::view;
use leptos::prelude::*;

macro_rules! glyphs {
    ($($(#[$doc:meta])* $name:ident = $path:literal,)+) => {
        /// Every drawing the interface has. Names say what is drawn or, where the field has a fixed sign, what it means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Glyph { $($(#[$doc])* $name,)+ }

        impl Glyph {
            /// All glyphs, for a test or a gallery.
            pub const ALL: &'static [Glyph] = &[$(Glyph::$name),+];

            /// SVG path data on a 24 x 24 grid, drawn as a stroke.
            pub const fn path(self) -> &'static str {
                match self { $(Glyph::$name => $path),+ }
            }
        }
    };
}

glyphs! {
    Alert = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.5v5M12 16h.01",
    ArrowDown = "M12 5v14M6 13l6 6 6-6",
    ArrowLeft = "M19 12H5M11 6l-6 6 6 6",
    ArrowRight = "M5 12h14M13 6l6 6-6 6",
    ArrowUp = "M12 19V5M6 11l6-6 6 6",
    Audit = "M9 3h6v3.5H9zM9 4.5H6a1 1 0 0 0-1 1V20a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1V5.5a1 1 0 0 0-1-1h-3M9 11.5h6M9 15.5h4",
    Bell = "M6 16v-5.5a6 6 0 0 1 12 0V16l1.5 2.5h-15zM10 21.5h4",
    Bolt = "M13 2.5 4.5 13.5H11l-1 8 8.5-11H12z",
    Calendar = "M5 5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM4 10h16M8 3v4M16 3v4",
    Chart = "M4 4v15a1 1 0 0 0 1 1h15M9 16v-4M13.5 16V8M18 16v-6",
    Check = "M5 12.5 10 17.5 19.5 7",
    CheckDouble = "M2.5 12.5 7 17 16 7.5M12.5 16l1 1L22 7.5",
    ChevronDown = "M6 9.5l6 6 6-6",
    ChevronLeft = "M14.5 6l-6 6 6 6",
    ChevronRight = "M9.5 6l6 6-6 6",
    ChevronUp = "M6 14.5l6-6 6 6",
    Circle = "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z",
    Clock = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
    Copy = "M10 9h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM5.5 15H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v.5",
    Deploy = "M12 15.5V4M7 8.5l5-5 5 5M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4",
    Download = "M12 4v11.5M7 10.5l5 5 5-5M4 20h16",
    Edit = "M4 20l1-4.5L16.5 4a2.1 2.1 0 0 1 3 3L8.5 18.8zM14.5 6l3.5 3.5",
    Equal = "M6 9.5h12M6 14.5h12",
    External = "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
    Eye = "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
    Filter = "M4 6h16M7 12h10M10 18h4",
    Flag = "M5 21V4M5 4h13l-2.5 4.5L18 13H5",
    Globe = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18",
    History = "M3.5 12a8.5 8.5 0 1 0 2.7-6.2L3.5 8.3M3.5 3.5v4.8h4.8M12 7.5V12l3 2",
    Home = "M4 10.5 12 4l8 6.5V19a1 1 0 0 1-1 1h-4.5v-6h-5v6H5a1 1 0 0 1-1-1z",
    /// A siren: the area of incidents.
    Incident = "M7 17.5V12a5 5 0 0 1 10 0v5.5M5.5 20.5h13a1 1 0 0 0 1-1v-1a1 1 0 0 0-1-1h-13a1 1 0 0 0-1 1v1a1 1 0 0 0 1 1zM12 2.5v1.5M4.5 5l1.2 1.2M19.5 5l-1.2 1.2",
    Info = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 8h.01",
    /// A plug: integrations.
    Integration = "M9 3v4.5M15 3v4.5M6.5 7.5h11V11a5.5 5.5 0 0 1-11 0zM12 16.5V21",
    Key = "M8 20a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM11.3 12.3 20 3.5M16.5 7l3 3",
    Keyboard = "M4 6h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zM7 10h.01M10.3 10h.01M13.7 10h.01M17 10h.01M8 14h8",
    Link = "M10 13.5a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.3 1.3M14 10.5a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.3-1.3",
    Lock = "M6 11h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM8 11V8a4 4 0 0 1 8 0v3",
    Log = "M6 3.5h12a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1zM9 8.5h6M9 12h6M9 15.5h3",
    Mail = "M4 5.5h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1zM3.5 7l8.5 6 8.5-6",
    Menu = "M4 7h16M4 12h16M4 17h16",
    Message = "M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-7l-4.5 4V16H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z",
    Minus = "M5 12h14",
    Monitor = "M4 4.5h16a1 1 0 0 1 1 1V15a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5.5a1 1 0 0 1 1-1zM8 20h8M12 16v4",
    Moon = "M20 14.5A8.5 8.5 0 1 1 9.5 4 7 7 0 0 0 20 14.5z",
    More = "M4.8 12a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0zM11.3 12a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0zM17.8 12a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0z",
    Pause = "M8.5 5v14M15.5 5v14",
    Phone = "M21 16.5v2.8a1.9 1.9 0 0 1-2 1.9A18 18 0 0 1 2.8 5a1.9 1.9 0 0 1 1.9-2h2.8a1.4 1.4 0 0 1 1.4 1.2c.1.9.4 1.8.7 2.6a1.4 1.4 0 0 1-.4 1.5L8 9.5a14.5 14.5 0 0 0 6.5 6.5l1.2-1.2a1.4 1.4 0 0 1 1.5-.4c.8.3 1.7.6 2.6.7a1.4 1.4 0 0 1 1.2 1.4z",
    Play = "M7 4.5v15l12-7.5z",
    Plus = "M12 5v14M5 12h14",
    Pulse = "M3 12h4l3-7.5 4.5 15 3-7.5H21",
    Refresh = "M20 11a8 8 0 0 0-14.3-4L3.5 9.5M3.5 4.5v5h5M4 13a8 8 0 0 0 14.3 4l2.2-2.5M20.5 19.5v-5h-5",
    Search = "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20.5 20.5 16 16",
    Send = "M20.5 3.5 10 14M20.5 3.5 14 20.5 10 14 3.5 10z",
    /// A box: services.
    Service = "M12 3l8 4.3v9.4L12 21l-8-4.3V7.3zM4 7.3l8 4.4 8-4.4M12 11.7V21",
    Settings = "M4 7h8.5M17.5 7H20M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM4 17h2.5M11.5 17H20M9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
    Shield = "M12 3 4.5 6v6c0 4.5 3.2 7.7 7.5 9 4.3-1.3 7.5-4.5 7.5-9V6z",
    SignOut = "M14 4.5H6a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h8M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5",
    /// Three quarters of a circle, turned by the `spin` class.
    Spinner = "M12 3.5a8.5 8.5 0 1 0 8.5 8.5",
    Sun = "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M2.5 12h2M19.5 12h2M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
    Team = "M12 10.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6.5 19.5V18a4 4 0 0 1 4-4h3a4 4 0 0 1 4 4v1.5M5.5 7a2 2 0 0 0-.5 3.8M2.5 17v-.5a3 3 0 0 1 2-2.8M18.5 7a2 2 0 0 1 .5 3.8M21.5 17v-.5a3 3 0 0 0-2-2.8",
    Ticket = "M4 6h16a1 1 0 0 1 1 1v2.5a2.5 2.5 0 0 0 0 5V17a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-2.5a2.5 2.5 0 0 0 0-5V7a1 1 0 0 1 1-1zM14 6v2.5M14 11v2M14 15.5V18",
    Trash = "M4 6.5h16M9 6.5V4h6v2.5M6 6.5l1 13a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1l1-13M10 10.5v6M14 10.5v6",
    Undo = "M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-3",
    User = "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0",
    UserPlus = "M10 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2.5 20.5a7.5 7.5 0 0 1 15 0M19 8v6M22 11h-6",
    Users = "M9.5 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20v-1.5a4 4 0 0 1 4-4h5a4 4 0 0 1 4 4V20M16 4.8a3.5 3.5 0 0 1 0 6.4M18.5 14.7a4 4 0 0 1 2.5 3.8V20",
    Warning = "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17h.01",
    WifiOff = "M3 3l18 18M9 16a4.5 4.5 0 0 1 6 0M5.5 12.5a9.5 9.5 0 0 1 4.5-2.4M14.5 10.3a9.5 9.5 0 0 1 4 2.2M2.5 9a14 14 0 0 1 4-2.5M10.5 5.1A14 14 0 0 1 21.5 9M12 19.5h.01",
    Wrench = "M14.5 6.5a4.5 4.5 0 0 1 5.8-2.8l-2.8 2.8 2 2 2.8-2.8a4.5 4.5 0 0 1-6 5.8L8.5 19.5a2.1 2.1 0 0 1-3-3l8-7.8a4.5 4.5 0 0 1 1-2.2z",
    X = "M6 6l12 12M18 6 6 18",
}

/// One drawing. Decorative (hidden from assistive technology) unless `label` is given: beside a word it must stay without.
#[component]
pub fn Icon(
    glyph: Glyph,
    /// 20 px instead of 16.
    #[prop(optional)]
    big: bool,
    /// Turns, for work under way.
    #[prop(optional)]
    spin: bool,
    /// Accessible name, only where no word stands beside the icon.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    let class = match (big, spin) {
        (false, false) => "icon",
        (true, false) => "icon-big",
        (false, true) => "icon spin",
        (true, true) => "icon-big spin",
    };
    let hidden = label.is_none().then_some("true");
    let role = label.is_some().then_some("img");
    view! {
        <svg class=class viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden=hidden role=role aria-label=label>
            <path d=glyph.path()></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::Glyph;

    #[test]
    fn every_path_starts_with_a_move_and_stays_on_one_line() {
        for glyph in Glyph::ALL {
            assert!(glyph.path().starts_with('M') && !glyph.path().contains('\n'), "{glyph:?}");
        }
    }
}
