//! What of a table a caller may know of: the one condition that every list, count and search of rows with an owner begins with.

use domain::account::Scope;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, IntoCondition},
};

/// The rows that are within the scope: those that are `open` to every member, and those of the caller's teams.
pub(crate) fn within(scope: &Scope, open: impl IntoCondition, team: impl ColumnTrait) -> Condition {
    match scope {
        Scope::All => Condition::all(),
        Scope::Nothing => Condition::all().add(Expr::cust("1 = 0")),
        Scope::Teams(teams) => Condition::any().add(open.into_condition()).add(team.is_in(teams.iter().map(|t| t.uuid()))),
    }
}
