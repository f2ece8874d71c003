//! Areas: pages whose code is one file of its own, fetched when the first of them is opened.
//!
//! What stands in every page (frame, live feed, outbox) is in the first file; each area here is one more, cut off by the
//! build. The server names the area's files in the head of the document, so that they arrive beside the first one; the
//! service worker keeps all of them. Data is asked for inside an area, not before: its types belong to its file.

/// Makes a module `$area` with one route type for each page, whose `route()` is given to `<Route view=..>`.
macro_rules! area {
    ($area:ident: $($page:ident = $view:path),+ $(,)?) => {
        pub mod $area {
            use leptos::prelude::*;
            use leptos_router::{Lazy, LazyRoute};

            /// Which page of the area.
            enum Page {
                $($page),+
            }

            /// The way into the area's file.
            #[leptos::lazy]
            fn $area(page: Page) -> AnyView {
                match page {
                    $(Page::$page => $view().into_any()),+
                }
            }

            $(
                #[doc = concat!("The page `", stringify!($view), "`.")]
                pub struct $page;

                impl $page {
                    /// For the table of routes.
                    pub fn route() -> Lazy<Self> {
                        Lazy::new()
                    }
                }

                impl LazyRoute for $page {
                    fn data() -> Self {
                        Self
                    }

                    async fn view(_: Self) -> AnyView {
                        crate::server::preload(stringify!($area));
                        $area(Page::$page).await
                    }
                }
            )+
        }
    };
}

area!(home: Home = crate::home::HomePage);
area!(incidents: List = crate::incident::ListPage, Declare = crate::incident::DeclarePage, Show = crate::incident::ShowPage, Edit = crate::incident::EditPage);
area!(door: SignIn = crate::account::SignIn, Setup = crate::account::Setup, Invite = crate::account::Invite);
// What people open seldom. Each further area would cut what areas share into more files.
area!(rest:
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
    Journal = crate::audit::Journal,
    Waiting = crate::outbox::Waiting,
);
