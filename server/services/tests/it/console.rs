//! What the administration pages ask for: the audit journal, a test alert, and what a form brings back to a visitor.

use domain::{
    Code,
    account::Role,
    incident::{Filter, Severity, Sort},
    integration::{IntegrationIn, Kind, Settings},
    list::Paging,
    service::ServicePatch,
};
use services::{Cx, Request, account, event, incident, integration};

use crate::support::{on_both, person, service, system};

#[tokio::test]
async fn a_test_alert_opens_one_incident_through_every_kind_of_integration() {
    on_both(|app| async move {
        let ana = person(&app, "Ana", Role::Manager).await;
        for (n, kind) in Kind::ALL.into_iter().enumerate() {
            let s = service(&app, kind.as_str(), |_| {}).await;
            let made =
                integration::create(&ana, s.id, IntegrationIn { kind, name: String::new(), settings: Settings::default() }).await.unwrap();
            let first = integration::send_test(&ana, made.integration.id).await.unwrap();
            assert_eq!(first, Some(n as i64 + 1), "{kind:?}");
            assert_eq!(integration::send_test(&ana, made.integration.id).await.unwrap(), first, "a second test is the same alert");
        }
        let rows = incident::list(&system(&app), &Filter::default(), Sort::Oldest, &Paging::default()).await.unwrap().items;
        assert!(rows.iter().all(|row| row.incident.severity == Severity::High), "as the page promises");
    })
    .await;
}

#[tokio::test]
async fn only_who_configures_the_service_sends_a_test_and_a_held_one_says_so() {
    on_both(|app| async move {
        let (ana, rob) = (person(&app, "Ana", Role::Manager).await, person(&app, "Rob", Role::Responder).await);
        let s = service(&app, "api", |s| s.alerts.auto_pause_minutes = 5).await;
        let made =
            integration::create(&ana, s.id, IntegrationIn { kind: Kind::Generic, name: String::new(), settings: Settings::default() })
                .await
                .unwrap();
        let refused = integration::send_test(&rob, made.integration.id).await.unwrap_err();
        assert_eq!(refused.problem().code, Code::Forbidden);
        assert_eq!(integration::send_test(&ana, made.integration.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn the_audit_shows_addresses_and_changes_to_administrators_only() {
    on_both(|app| async move {
        let ada = person(&app, "Ada", Role::Admin).await;
        let s = service(&app, "api", |_| {}).await;
        let from_outside =
            Cx::new(app.clone(), (*ada.actor).clone(), Request { address: Some("203.0.113.9".into()), ..Request::inside("web") });
        let patch = ServicePatch { name: Some("payments-api".into()), ..ServicePatch::default() };
        services::service::edit(&from_outside, s.id, patch, s.version).await.unwrap();
        let query = event::read::Query { kind: Some("service.edited".into()), limit: 10, ..Default::default() };
        let found = event::audit(&ada, &query).await.unwrap();
        let entry = &found[0];
        assert_eq!((found.len(), entry.event.actor.name.as_str(), entry.address.as_deref()), (1, "Ada", Some("203.0.113.9")));
        let name = |value: &Option<serde_json::Value>| value.as_ref().unwrap()["name"].as_str().unwrap().to_owned();
        assert_eq!((name(&entry.before), name(&entry.after)), ("api".into(), "payments-api".into()));
        let manager = person(&app, "Max", Role::Manager).await;
        assert_eq!(event::audit(&manager, &query).await.unwrap_err().problem().code, Code::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn a_visitor_finds_what_their_form_brought_back_by_their_own_key_once() {
    on_both(|app| async move {
        let nobody = Cx::new(app.clone(), services::Actor::anonymous(), Request::inside("web"));
        let (mine, other) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        let content = serde_json::json!({ "values": { "email": "a@example.org" } });
        account::put_visitor_flash(&nobody, mine, "sign-in", &content).await.unwrap();
        assert_eq!(account::take_visitor_flash(&nobody, other, "sign-in").await.unwrap(), None);
        assert_eq!(account::take_visitor_flash(&nobody, mine, "sign-in").await.unwrap(), Some(content));
        assert_eq!(account::take_visitor_flash(&nobody, mine, "sign-in").await.unwrap(), None);
    })
    .await;
}
