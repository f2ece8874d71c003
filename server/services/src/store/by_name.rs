//! Lists by name: compared without case, and walked by a cursor that names sharing it do not confuse.

use domain::Problem;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait, Func},
};
use uuid::Uuid;

use crate::Result;

/// The database's own lower case (SQLite's knows ASCII only): what it is compared with must go through the same.
pub(crate) fn lower(expr: impl Into<Expr>) -> Expr {
    Func::lower(expr.into()).into()
}

/// The cursor of a row: its id, then its name.
pub(crate) fn cursor(id: Uuid, name: &str) -> String {
    format!("{id} {name}")
}

/// The rows behind a cursor, in the order of lower name and id.
pub(crate) fn behind(cursor: &str, name: impl Fn() -> Expr, id: impl ColumnTrait) -> Result<Condition> {
    let parsed = cursor.split_once(' ').and_then(|(id, name)| Some((Uuid::try_parse(id).ok()?, name.to_owned())));
    let (last, last_name) =
        parsed.ok_or_else(|| Problem::bad_request("`after` is not a cursor of this list; take `next` of an earlier answer."))?;
    let beyond = || lower(Expr::val(last_name.clone()));
    // Archived ones may share a name.
    let same_name = Condition::all().add(name().eq(beyond())).add(id.gt(last));
    Ok(Condition::any().add(name().gt(beyond())).add(same_name))
}
