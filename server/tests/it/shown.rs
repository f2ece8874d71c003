//! What others change of what a caller was shown: names and counts.

use domain::account::Role;
use serde_json::json;

use crate::support::on_both;

#[tokio::test]
async fn a_list_and_its_items_are_sent_again_when_a_name_that_they_show_changes() {
    on_both(|app| async move {
        let admin = app.user(Role::Admin).await;
        let (me, mara) = (app.sign_in(&admin).await, app.named("Mara", Role::Responder).await);
        let team = app.team("Payments", &[]).await;
        let service = app.private_service("Checkout", &team).await;
        let incident = app.incident(service.id, "Down").await;
        let of_incident = format!("/api/v1/incidents/{}", incident.id);
        me.patch(&format!("{of_incident}/assign"), &json!({ "assigned_to_id": mara.id })).await.expect(200);

        let (service, mara, team) =
            (format!("/api/v1/services/{}", service.id), format!("/api/v1/users/{}", mara.id), format!("/api/v1/teams/{}", team.id));
        for (shows, renamed, name) in [
            ("/api/v1/incidents", &service, "Payments API"),
            (of_incident.as_str(), &service, "Checkout API"),
            ("/api/v1/incidents", &mara, "Mara K."),
            (of_incident.as_str(), &mara, "Mara Kern"),
            ("/api/v1/services", &team, "Money"),
            (service.as_str(), &team, "Cash"),
        ] {
            let etag = me.get(shows).await.expect(200).header("etag").unwrap().to_owned();
            me.with("if-none-match", &etag).get(shows).await.expect(304);
            let version = me.get(renamed).await.header("etag").unwrap().to_owned();
            me.with("if-match", &version).patch(renamed, &json!({ "name": name })).await.expect(200);
            let now = me.with("if-none-match", &etag).get(shows).await.expect(200);
            assert!(now.text().contains(name), "{shows}: {}", now.text());
        }
        let etag = me.get(&team).await.header("etag").unwrap().to_owned();
        me.post(&format!("{team}/members"), &json!({ "user_id": admin.id })).await.expect(200);
        assert_eq!(me.with("if-none-match", &etag).get(&team).await.expect(200).json()["members"], 1);
        // What others' names do is no edit: who edits the incident meanwhile is not stale.
        let before = me.get(&of_incident).await.header("etag").unwrap().to_owned();
        let version = me.get(&mara).await.header("etag").unwrap().to_owned();
        me.with("if-match", &version).patch(&mara, &json!({ "name": "Mara" })).await.expect(200);
        me.with("if-match", &before).patch(&of_incident, &json!({ "title": "Still down" })).await.expect(200);
    })
    .await;
}
