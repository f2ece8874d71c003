//! Teams and their members.

use domain::{
    Code,
    account::{Action, MemberIn, Role, Target, Team, TeamIn, TeamPatch},
    list::Paging,
};
use services::{
    Cx,
    account::{self, TeamFilter},
};

use super::{code, fields, joined, kinds, nobody, signed_in, user};
use crate::support::on_both;

fn new(name: &str) -> TeamIn {
    TeamIn { name: name.into(), description: String::new(), time_zone: "UTC".into(), locale: "en".into() }
}

fn patch(json: &str) -> TeamPatch {
    serde_json::from_str(json).unwrap()
}

async fn team(cx: &Cx, name: &str) -> Team {
    account::create_team(cx, new(name)).await.unwrap()
}

#[tokio::test]
async fn a_manager_makes_edits_archives_and_restores_a_team() {
    on_both(|app| async move {
        let max = joined(&app, "Max", Role::Manager).await;
        let payments = team(&max, "Payments").await;
        assert_eq!(fields(account::create_team(&max, new("PAYMENTS")).await), ["name"]);
        assert_eq!(fields(account::create_team(&max, TeamIn { time_zone: "Mars/Base".into(), ..new(" ") }).await), ["name", "time_zone"]);
        let edited = account::edit_team(&max, payments.id, patch(r#"{"name": "Money", "time_zone": "Asia/Tokyo"}"#), 1).await.unwrap();
        assert_eq!((edited.name.as_str(), edited.time_zone.as_str(), edited.version), ("Money", "Asia/Tokyo", 2));
        assert_eq!(code(account::edit_team(&max, payments.id, patch(r#"{"name": "X"}"#), 1).await), Code::Stale);

        account::archive_team(&max, payments.id).await.unwrap();
        team(&max, "Money").await;
        assert_eq!(fields(account::restore_team(&max, payments.id).await), ["name"]);
        account::edit_team(&max, payments.id, patch(r#"{"name": "Payments"}"#), 2).await.unwrap();
        assert_eq!(account::restore_team(&max, payments.id).await.unwrap().archived_at, None);
        let told: Vec<_> = kinds(&app).await.into_iter().filter(|k| k.starts_with("team.")).collect();
        assert_eq!(told, ["team.created", "team.edited", "team.archived", "team.created", "team.edited", "team.restored"]);
    })
    .await;
}

#[tokio::test]
async fn members_are_added_lead_and_leave_and_their_rights_follow_at_once() {
    on_both(|app| async move {
        let max = joined(&app, "Max", Role::Manager).await;
        let payments = team(&max, "Payments").await;
        let mara = user(&app, "Mara", Role::Responder).await;
        let member = |lead| MemberIn { user_id: mara.id, lead };
        account::set_member(&max, payments.id, member(false)).await.unwrap();
        let own = Target { team: Some(payments.id), ..Target::ANY };
        let cx = signed_in(&app, &mara).await;
        assert_eq!(code(cx.authorize(Action::ConfigureService, &own, "service")), Code::Forbidden);

        account::set_member(&max, payments.id, member(true)).await.unwrap();
        account::set_member(&max, payments.id, member(true)).await.unwrap();
        let lead = signed_in(&app, &mara).await;
        assert!(lead.authorize(Action::ConfigureService, &own, "service").is_ok());
        let [listed] = account::team_members(&lead, payments.id).await.unwrap().try_into().unwrap();
        assert_eq!((listed.name.as_str(), listed.lead), ("Mara", true));
        assert_eq!(account::get_team(&lead, payments.id).await.unwrap().members, 1);
        assert!(account::me(&lead).await.unwrap().teams[0].lead);

        account::remove_member(&lead, payments.id, mara.id).await.unwrap();
        account::remove_member(&max, payments.id, mara.id).await.unwrap();
        assert!(account::team_members(&max, payments.id).await.unwrap().is_empty());
        let told: Vec<_> = kinds(&app).await.into_iter().filter(|k| k.starts_with("team.")).collect();
        assert_eq!(told, ["team.created", "team.member_added", "team.lead_changed", "team.member_removed"]);
    })
    .await;
}

#[tokio::test]
async fn a_lead_manages_their_own_team_and_no_other() {
    on_both(|app| async move {
        let max = joined(&app, "Max", Role::Manager).await;
        let (own, other) = (team(&max, "Payments").await, team(&max, "Search").await);
        let mara = user(&app, "Mara", Role::Responder).await;
        let bo = user(&app, "Bo", Role::Viewer).await;
        account::set_member(&max, own.id, MemberIn { user_id: mara.id, lead: true }).await.unwrap();
        let lead = signed_in(&app, &mara).await;
        let member = || MemberIn { user_id: bo.id, lead: false };
        account::set_member(&lead, own.id, member()).await.unwrap();
        assert_eq!(code(account::set_member(&lead, other.id, member()).await), Code::Forbidden);
        assert_eq!(code(account::create_team(&lead, new("Mine")).await), Code::Forbidden);
        let viewer = signed_in(&app, &bo).await;
        assert_eq!(code(account::remove_member(&viewer, own.id, mara.id).await), Code::Forbidden);
        assert_eq!(code(account::archive_team(&viewer, own.id).await), Code::Forbidden);
        assert_eq!(code(account::team_members(&nobody(&app), own.id).await), Code::Unauthenticated);
    })
    .await;
}

#[tokio::test]
async fn teams_are_listed_by_name_with_their_members_in_use() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        let (search, payments) = (team(&ada, "search").await, team(&ada, "Payments").await);
        let gone = team(&ada, "Gone").await;
        account::archive_team(&ada, gone.id).await.unwrap();
        let (mara, bo) = (user(&app, "Mara", Role::Viewer).await, user(&app, "Bo", Role::Viewer).await);
        for user in [mara.id, bo.id] {
            account::set_member(&ada, payments.id, MemberIn { user_id: user, lead: false }).await.unwrap();
        }
        account::archive_user(&ada, bo.id).await.unwrap();
        let page = account::list_teams(&ada, &TeamFilter::default(), &Paging::default()).await.unwrap();
        let rows: Vec<_> = page.items.iter().map(|r| (r.team.id, r.members)).collect();
        assert_eq!((rows, page.total), (vec![(payments.id, 1), (search.id, 0)], 2));
        let found = account::list_teams(&ada, &TeamFilter { q: Some("EAR".into()), archived: false }, &Paging::default()).await.unwrap();
        assert_eq!(found.items[0].team.id, search.id);
        let archived = account::list_teams(&ada, &TeamFilter { q: None, archived: true }, &Paging::default()).await.unwrap();
        assert_eq!(archived.items[0].team.id, gone.id);
        assert_eq!(fields(account::set_member(&ada, payments.id, MemberIn { user_id: bo.id, lead: false }).await), ["user_id"]);
    })
    .await;
}
