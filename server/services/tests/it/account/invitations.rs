//! Invitations.

use std::sync::Arc;

use domain::{
    Code,
    account::{AcceptIn, InvitationIn, NewInvitation, Role, TeamIn},
    time::{DAY, MINUTE},
};
use services::{App, Cx, account};

use super::{PASSWORD, code, fields, given, joined, kinds, nobody, user, with_cookie};
use crate::support::on_both;

fn to(email: &str) -> InvitationIn {
    InvitationIn { email: email.into(), role: Role::Responder, team_id: None }
}

fn accept(invitation: &NewInvitation) -> AcceptIn {
    AcceptIn {
        token: invitation.token.clone(),
        name: "Mara".into(),
        password: PASSWORD.into(),
        time_zone: "Europe/Berlin".into(),
        locale: "de".into(),
        installed: false,
    }
}

/// The words for who opens the link and for who accepts, which are the same.
async fn refused(app: &Arc<App>, invitation: &NewInvitation) -> String {
    let peeked = account::peek_invitation(app, &invitation.token.0).await.unwrap_err().problem();
    let accepted = account::accept_invitation(&nobody(app), accept(invitation)).await.unwrap_err().problem();
    assert_eq!(peeked, accepted);
    peeked.title + &peeked.detail
}

async fn invited(cx: &Cx, email: &str) -> NewInvitation {
    account::invite(cx, to(email)).await.unwrap()
}

#[tokio::test]
async fn who_is_invited_joins_the_team_in_the_role_and_is_signed_in() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        let team = TeamIn { name: "Payments".into(), description: String::new(), time_zone: "UTC".into(), locale: "en".into() };
        let team = account::create_team(&ada, team).await.unwrap();
        let invitation = account::invite(&ada, InvitationIn { team_id: Some(team.id), ..to("Mara@Example.org") }).await.unwrap();
        let seen = account::peek_invitation(&app, &invitation.token.0).await.unwrap();
        assert_eq!((seen.email.as_str(), seen.role, seen.invited_by_name.as_str()), ("mara@example.org", Role::Responder, "Ada"));
        assert_eq!(seen.team_name.as_deref(), Some("Payments"));
        assert_eq!(account::list_invitations(&ada).await.unwrap(), std::slice::from_ref(&invitation.invitation));

        let weak = AcceptIn { name: String::new(), password: "mara".into(), ..accept(&invitation) };
        assert_eq!(fields(account::accept_invitation(&nobody(&app), weak).await), ["name", "password", "password"]);
        let session = account::accept_invitation(&nobody(&app), accept(&invitation)).await.unwrap();
        assert_eq!((session.user.role, session.user.time_zone.as_str()), (Role::Responder, "Europe/Berlin"));
        let mara = with_cookie(&app, &session.token.0).await.unwrap();
        let me = account::me(&mara).await.unwrap();
        assert_eq!((me.teams[0].name.as_str(), me.teams[0].lead), ("Payments", false));
        assert!(account::sign_in(&nobody(&app), given("mara@example.org", PASSWORD)).await.is_ok());
        assert!(account::list_invitations(&ada).await.unwrap().is_empty());
        let told = kinds(&app).await;
        assert!(["user.invited", "user.joined", "team.member_added"].iter().all(|k| told.iter().any(|t| t == k)));
    })
    .await;
}

#[tokio::test]
async fn a_link_that_does_not_hold_says_the_same_whatever_the_reason() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        let bo = joined(&app, "Bo", Role::Admin).await;
        let mut words = Vec::new();

        let used = invited(&ada, "used@example.org").await;
        account::accept_invitation(&nobody(&app), accept(&used)).await.unwrap();
        words.push(refused(&app, &used).await);

        let withdrawn = invited(&ada, "withdrawn@example.org").await;
        account::revoke_invitation(&ada, withdrawn.invitation.id).await.unwrap();
        words.push(refused(&app, &withdrawn).await);

        let replaced = invited(&ada, "again@example.org").await;
        invited(&ada, "again@example.org").await;
        words.push(refused(&app, &replaced).await);

        let overtaken = invited(&ada, "overtaken@example.org").await;
        user(&app, "Overtaken", Role::Viewer).await;
        words.push(refused(&app, &overtaken).await);

        let orphan = invited(&bo, "orphan@example.org").await;
        account::archive_user(&ada, bo.user().unwrap()).await.unwrap();
        words.push(refused(&app, &orphan).await);

        let old = invited(&ada, "old@example.org").await;
        app.clock.advance(7 * DAY - MINUTE);
        assert!(account::peek_invitation(&app, &old.token.0).await.is_ok());
        app.clock.advance(MINUTE);
        words.push(refused(&app, &old).await);

        let unknown = NewInvitation { token: "x".repeat(43).as_str().into(), ..old };
        words.push(refused(&app, &unknown).await);
        assert!(words.iter().all(|w| *w == words[0]), "{words:?}");
    })
    .await;
}

#[tokio::test]
async fn a_link_works_once_even_when_it_is_used_twice_at_once() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        let invitation = invited(&ada, "mara@example.org").await;
        let cx = nobody(&app);
        let (a, b) =
            tokio::join!(account::accept_invitation(&cx, accept(&invitation)), account::accept_invitation(&cx, accept(&invitation)));
        assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn only_administrators_invite_and_only_who_has_no_account() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        let manager = joined(&app, "Max", Role::Manager).await;
        let invitation = invited(&ada, "mara@example.org").await;
        assert_eq!(code(account::invite(&manager, to("x@example.org")).await), Code::Forbidden);
        assert_eq!(code(account::list_invitations(&manager).await), Code::Forbidden);
        assert_eq!(code(account::revoke_invitation(&manager, invitation.invitation.id).await), Code::Forbidden);
        assert_eq!(fields(account::invite(&ada, to("MAX@example.org")).await), ["email"]);
        assert_eq!(fields(account::invite(&ada, to("not an address")).await), ["email"]);
        let strange = InvitationIn { team_id: Some(domain::Id::mint(1, [1; 10])), ..to("y@example.org") };
        assert_eq!(fields(account::invite(&ada, strange).await), ["team_id"]);
        account::accept_invitation(&nobody(&app), accept(&invitation)).await.unwrap();
        assert_eq!(code(account::revoke_invitation(&ada, invitation.invitation.id).await), Code::Conflict);
    })
    .await;
}
