//! Values on their way: out of a row into JSON, and out of JSON into a row of the other database.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use sea_orm::{QueryResult, Value as Sql};
use serde_json::Value;
use uuid::Uuid;

use crate::{Result, store::schema::Holds};

/// A value as the archive has it, and as a bound of the next read.
pub(super) fn read(row: &QueryResult, index: usize, holds: Holds) -> Result<(Value, Sql)> {
    Ok(match holds {
        Holds::Int => row.try_get_by_index::<Option<i64>>(index).map(|v| (v.into(), v.into()))?,
        Holds::Real => row.try_get_by_index::<Option<f64>>(index).map(|v| (v.into(), v.into()))?,
        Holds::Bool => row.try_get_by_index::<Option<bool>>(index).map(|v| (v.into(), v.into()))?,
        Holds::Text => row.try_get_by_index::<Option<String>>(index).map(|v| (v.clone().into(), v.into()))?,
        Holds::Uuid => row.try_get_by_index::<Option<Uuid>>(index).map(|v| (v.map(|u| u.to_string()).into(), v.into()))?,
        Holds::Bytes => row.try_get_by_index::<Option<Vec<u8>>>(index).map(|v| (v.as_ref().map(|b| BASE64.encode(b)).into(), v.into()))?,
    })
}

/// A value of the archive as a column of this database takes it; nothing when it is not what it should be.
pub(super) fn write(value: &Value, was: Holds, holds: Holds) -> Option<Sql> {
    if value.is_null() {
        return Some(match holds {
            Holds::Int => None::<i64>.into(),
            Holds::Real => None::<f64>.into(),
            Holds::Bool => None::<bool>.into(),
            Holds::Text => None::<String>.into(),
            Holds::Uuid => None::<Uuid>.into(),
            Holds::Bytes => None::<Vec<u8>>.into(),
        });
    }
    Some(match (was, holds) {
        (Holds::Int, Holds::Int) => value.as_i64()?.into(),
        (Holds::Int, Holds::Bool) => (value.as_i64()? != 0).into(),
        (Holds::Bool, Holds::Bool) => value.as_bool()?.into(),
        (Holds::Bool, Holds::Int) => i64::from(value.as_bool()?).into(),
        (Holds::Real, Holds::Real) => value.as_f64()?.into(),
        (Holds::Text, Holds::Text) => value.as_str()?.to_owned().into(),
        (Holds::Uuid, Holds::Uuid) => value.as_str()?.parse::<Uuid>().ok()?.into(),
        (Holds::Uuid, Holds::Bytes) => value.as_str()?.parse::<Uuid>().ok()?.as_bytes().to_vec().into(),
        (Holds::Bytes, Holds::Bytes) => BASE64.decode(value.as_str()?).ok()?.into(),
        (Holds::Bytes, Holds::Uuid) => Uuid::from_slice(&BASE64.decode(value.as_str()?).ok()?).ok()?.into(),
        _ => return None,
    })
}
