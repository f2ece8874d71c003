//! What people paste into their source of alerts, with the real URL in it.

use domain::integration::Kind;
use leptos::prelude::*;
use ui::{CopyBlock, view};

/// A snippet: what it is for, and its text.
struct Snippet {
    title: &'static str,
    text: String,
}

fn of(kind: Kind, url: &str, key: &str) -> Vec<Snippet> {
    match kind {
        Kind::Alertmanager => vec![
            Snippet {
                title: "In alertmanager.yml",
                text: format!("route:\n  receiver: opsguard\nreceivers:\n  - name: opsguard\n    webhook_configs:\n      - url: {url}\n        send_resolved: true\n"),
            },
            Snippet {
                title: "Try it with amtool",
                text: "amtool alert add alertname=DiskFull severity=critical instance=db-1 --annotation=summary=\"The disk of db-1 is full\"\n".to_owned(),
            },
        ],
        Kind::Generic => vec![
            Snippet {
                title: "With curl: it fires",
                text: format!(
                    "curl -X POST {url} \\\n  -H 'Content-Type: application/json' \\\n  -d '{{\"title\":\"Backup failed\",\"severity\":\"high\",\"dedup_key\":\"backup\"}}'\n"
                ),
            },
            Snippet {
                title: "With curl: it is over",
                text: format!(
                    "curl -X POST {url} \\\n  -H 'Content-Type: application/json' \\\n  -d '{{\"title\":\"Backup failed\",\"dedup_key\":\"backup\",\"status\":\"resolved\"}}'\n"
                ),
            },
            Snippet { title: "After a cron job that fails", text: format!("0 3 * * *  /usr/local/bin/backup || curl -d 'title=Backup failed' -d severity=high {url}\n") },
        ],
        Kind::Pagerduty => vec![
            Snippet { title: "The routing key (integration key)", text: key.to_owned() },
            Snippet { title: "The address, instead of https://events.pagerduty.com/v2/enqueue", text: url.to_owned() },
            Snippet {
                title: "In alertmanager.yml",
                text: format!("receivers:\n  - name: opsguard\n    pagerduty_configs:\n      - routing_key: {key}\n        url: {url}\n"),
            },
            Snippet {
                title: "With curl",
                text: format!(
                    "curl -X POST {url} \\\n  -H 'Content-Type: application/json' \\\n  -d '{{\"routing_key\":\"{key}\",\"event_action\":\"trigger\",\"payload\":{{\"summary\":\"Disk full\",\"source\":\"db-1\",\"severity\":\"critical\"}}}}'\n"
                ),
            },
        ],
    }
}

/// Every snippet of a kind.
#[component]
pub fn Snippets(kind: Kind, #[prop(into)] url: String, #[prop(into)] key: String) -> impl IntoView {
    let blocks = of(kind, &url, &key).into_iter().map(|Snippet { title, text }| {
        view! {
            <div class="stack-tight">
                <h3>{title}</h3>
                <CopyBlock text label=format!("Copy: {title}")/>
            </div>
        }
    });
    view! { <div class="stack">{blocks.collect_view()}</div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_snippet_with_its_secret() {
        for kind in Kind::ALL {
            let text: String = of(kind, "https://ops.example.org/in/x/SECRET", "SECRET").into_iter().map(|s| s.text).collect();
            assert!(text.contains("SECRET"), "{kind:?}");
        }
    }
}
