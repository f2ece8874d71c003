//! The row of `event`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub seq: i64,
    pub at: i64,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub source: String,
    pub request_id: Option<String>,
    pub topic: String,
    pub kind: String,
    pub v: i64,
    pub class: String,
    pub entity: String,
    pub entity_version: i64,
    pub service_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub incident_id: Option<Uuid>,
    pub private: bool,
    pub payload: Option<String>,
    pub patch: Option<String>,
    pub payload_sha256: Vec<u8>,
    pub erased_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
