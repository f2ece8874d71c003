//! Areas: pages whose code is one file of its own, fetched when the first of them is opened.
//!
//! What stands in every page (frame, live feed, outbox) is in the first file, and so is home, where people land; each area
//! here is one more, cut off by the build. The server names the area's files in the head of the document, so that they
//! arrive beside the first one; the service worker keeps all of them. Data is asked for inside an area, not before: its
//! types belong to its file.

use leptos::prelude::*;
use leptos_router::ChooseView;

/// Makes [`Page`], and for each area the function that is the way into its file.
macro_rules! areas {
    (first { $landing:ident = $landing_view:path } $($area:ident { $($page:ident = $view:path),+ $(,)? })+) => {
        /// Every page, for the table of routes: one type, because each would cost the router a copy of itself.
        #[derive(Clone, Copy)]
        pub enum Page {
            $landing,
            $($($page),+),+
        }

        impl ChooseView for Page {
            async fn choose(self) -> AnyView {
                match self {
                    Self::$landing => $landing_view().into_any(),
                    $($(Self::$page)|+ => {
                        crate::server::preload(stringify!($area));
                        $area(Some(self)).await
                    })+
                }
            }

            async fn preload(&self) {}
        }

        /// Fetches the file of an area, before hydration begins. If hydration waited for it half way, effects would change
        /// the rest of the page meanwhile, and it would no longer be what the server sent.
        pub async fn fetch(area: &str) {
            match area {
                $(stringify!($area) => drop($area(None).await),)+
                _ => {}
            }
        }

        $(
            #[leptos::lazy]
            fn $area(page: Option<Page>) -> AnyView {
                match page {
                    $(Some(Page::$page) => $view().into_any(),)+
                    // `choose` asks each area for its own pages only.
                    _ => ().into_any(),
                }
            }
        )+
    };
}

areas! {
    // A file of its own would be compressed by itself: 288 kB in eleven files became 254 kB in one.
    first { Home = crate::home::HomePage }
    incidents {
        Incidents = crate::incident::ListPage,
        Declare = crate::incident::DeclarePage,
        Incident = crate::incident::ShowPage,
        EditIncident = crate::incident::EditPage,
    }
    door { SignIn = crate::account::SignIn, Setup = crate::account::Setup, Invite = crate::account::Invite }
    // What people open seldom. Each further area would cut what areas share into more files.
    rest {
        Services = crate::service::List,
        NewService = crate::service::New,
        Service = crate::service::Show,
        EditService = crate::service::Edit,
        Integration = crate::service::ShowIntegration,
        Welcome = crate::service::Welcome,
        People = crate::account::People,
        Teams = crate::account::Teams,
        Team = crate::account::Team,
        Profile = crate::settings::Profile,
        Security = crate::settings::Security,
        Tokens = crate::settings::Tokens,
        Audit = crate::audit::Journal,
        Updates = crate::log::Updates,
        NewUpdate = crate::log::NewUpdate,
        Update = crate::log::ShowUpdate,
        EditUpdate = crate::log::EditUpdate,
        Blockers = crate::log::Blockers,
        NewBlocker = crate::log::NewBlocker,
        Blocker = crate::log::ShowBlocker,
        EditBlocker = crate::log::EditBlocker,
        Waiting = crate::outbox::Waiting,
    }
}
