//! Files of builds: an open tab of the last release still finds its own.

use domain::time::DAY;
use services::build::{BuildFile, find, keep};

use crate::support::{on_both, system};

#[tokio::test]
async fn a_builds_files_are_found_until_a_day_after_its_last_node_left() {
    on_both(|app| async move {
        let file = BuildFile {
            path: "/pkg/a.1.js".into(),
            content_type: "text/javascript".into(),
            encoding: "identity".into(),
            body: b"1".to_vec(),
        };
        app.clock.stop();
        let cx = system(&app);
        keep(&cx, "b1", std::slice::from_ref(&file)).await.unwrap();
        app.clock.advance(DAY / 2);
        keep(&cx, "b1", std::slice::from_ref(&file)).await.unwrap();
        app.clock.advance(DAY - 1);
        assert_eq!(find(&app, "/pkg/a.1.js", cx.now()).await.unwrap(), Some(file));
        assert_eq!(find(&app, "/pkg/b.js", cx.now()).await.unwrap(), None);
        app.clock.advance(2);
        services::due::reconcile(&cx).await.unwrap();
        assert_eq!(find(&app, "/pkg/a.1.js", cx.now()).await.unwrap(), None);
    })
    .await;
}
