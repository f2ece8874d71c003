//! The row of `blocker`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "blocker")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub number: i64,
    pub description: String,
    pub impact: String,
    pub active: bool,
    pub owner_id: Uuid,
    pub waits_for_id: Option<Uuid>,
    pub waits_for: String,
    pub related_status_id: Option<Uuid>,
    pub related_incident_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub visibility: String,
    pub resolution_notes: String,
    pub resolved_at: Option<i64>,
    pub resolved_by_id: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    pub version: i64,
    pub rev: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
