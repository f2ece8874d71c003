//! The row of `integration`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "integration")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub service_id: Uuid,
    pub kind: String,
    pub name: String,
    pub key_sha256: Vec<u8>,
    pub key_sealed: String,
    pub key_hint: String,
    pub settings: String,
    pub disabled_at: Option<i64>,
    pub last_received_at: Option<i64>,
    pub last_error_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub version: i64,
    pub rev: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
