//! The row of `incident`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "incident")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub number: i64,
    pub title: String,
    pub description: String,
    pub severity: String,
    pub severity_rank: i64,
    pub urgency: String,
    pub status: String,
    pub live: bool,
    pub service_id: Uuid,
    pub team_id: Option<Uuid>,
    pub visibility: String,
    pub assigned_to_id: Option<Uuid>,
    pub reported_by_id: Option<Uuid>,
    pub impact_started_at: Option<i64>,
    pub detected_at: i64,
    pub acknowledged_at: Option<i64>,
    pub acknowledged_by_id: Option<Uuid>,
    pub current_ack_at: Option<i64>,
    pub current_ack_by_id: Option<Uuid>,
    pub investigating_at: Option<i64>,
    pub identified_at: Option<i64>,
    pub resolved_at: Option<i64>,
    pub resolved_by_id: Option<Uuid>,
    pub closed_at: Option<i64>,
    pub resolution_notes: String,
    pub alert_count: i64,
    pub firing_count: i64,
    pub policy_id: Option<Uuid>,
    pub escalation_step: Option<i64>,
    pub escalation_loop: Option<i64>,
    pub next_escalation_at: Option<i64>,
    pub snoozed_until: Option<i64>,
    pub ack_due_at: Option<i64>,
    pub resolve_due_at: Option<i64>,
    pub episode_at: i64,
    pub continues_id: Option<Uuid>,
    pub auto_close_at: Option<i64>,
    pub quiet_until: Option<i64>,
    pub conference_url: Option<String>,
    pub flapping: bool,
    pub group_key: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub version: i64,
    pub rev: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
