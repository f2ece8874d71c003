//! References to people and teams in what others write: refused by the field that holds them.

use domain::{
    FieldError, Id, Problem,
    account::{Team, User},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{entity, team_entity};
use crate::{Cx, Result, Tx};

/// Refuses the field unless the person is there and not archived.
pub async fn require_active(cx: &Cx, id: Id<User>, field: &str) -> Result<()> {
    let found = entity::Entity::find_by_id(id.uuid()).filter(entity::Column::ArchivedAt.is_null()).count(cx.reader()).await?;
    refuse_unless(found > 0, field, "There is no such person, or they are archived.")
}

/// Refuses the field unless the team is there and not archived. Teams are no secret among members.
pub(crate) async fn require_team(_: &Cx, tx: &Tx, id: Id<Team>, field: &str) -> Result<()> {
    let query = team_entity::Entity::find_by_id(id.uuid()).filter(team_entity::Column::ArchivedAt.is_null());
    refuse_unless(query.count(tx.conn()).await? > 0, field, "There is no such team, or it is archived.")
}

fn refuse_unless(found: bool, field: &str, why: &str) -> Result<()> {
    if found { Ok(()) } else { Err(Problem::invalid(vec![FieldError::new(field, "not_found", why)]).into()) }
}
