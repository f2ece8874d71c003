//! The row of `alert`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "alert")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub service_id: Uuid,
    pub team_id: Option<Uuid>,
    pub visibility: String,
    pub integration_id: Option<Uuid>,
    pub incident_id: Option<Uuid>,
    pub dedup_key: String,
    pub status: String,
    pub severity: String,
    pub title: String,
    pub description: String,
    pub labels: String,
    pub links: String,
    pub count: i64,
    pub first_seen_at: i64,
    pub last_seen_at: i64,
    pub resolved_at: Option<i64>,
    pub end_reason: Option<String>,
    pub hold_until: Option<i64>,
    pub flips: String,
    pub explanation: String,
    pub superseded_at: Option<i64>,
    pub rev: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
