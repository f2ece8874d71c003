//! Both databases hold the same, and the entities fit both.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use services::store::schema::{self, Column, Holds, Table};

use crate::place::Place;

async fn both() -> [Vec<Table>; 2] {
    let mut found = Vec::new();
    for place in Place::both().await {
        let app = place.open().await;
        found.push(schema::tables(&app.store, &app.store.reader).await.unwrap());
        app.stop().await.unwrap();
    }
    found.try_into().unwrap()
}

/// What SQLite has where PostgreSQL has this.
fn in_sqlite(holds: Holds) -> Holds {
    match holds {
        Holds::Uuid => Holds::Bytes,
        Holds::Bool => Holds::Int,
        same => same,
    }
}

#[tokio::test]
async fn both_schemas_have_the_same_tables_columns_keys_and_references() {
    let [sqlite, postgres] = both().await;
    let names = |tables: &[Table]| tables.iter().map(|t| t.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&sqlite), names(&postgres));
    for (lite, post) in sqlite.iter().zip(&postgres) {
        let expected: Vec<_> = post.columns.iter().map(|c| Column { holds: in_sqlite(c.holds), ..c.clone() }).collect();
        assert_eq!(lite.columns, expected, "{}", lite.name);
        assert_eq!((&lite.key, &lite.refers_to), (&post.key, &post.refers_to), "{}", lite.name);
        assert!(!lite.key.is_empty(), "{} has no primary key", lite.name);
    }
}

/// The entities, read from their source so that a new one cannot be forgotten: table, and fields with their types.
fn entities() -> BTreeMap<String, Vec<(String, String)>> {
    let mut found = BTreeMap::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        for model in text.split("table_name = \"").skip(1) {
            let (table, rest) = model.split_once('"').unwrap();
            let body = rest.split_once("pub struct Model {").unwrap().1.split_once("\n}").unwrap().0;
            let field = |line: &str| {
                let (name, kind) = line.trim().strip_prefix("pub ")?.trim_end_matches(',').split_once(": ")?;
                Some((name.trim_start_matches("r#").to_owned(), kind.to_owned()))
            };
            assert!(found.insert(table.to_owned(), body.lines().filter_map(field).collect()).is_none(), "two entities of {table}");
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    paths.flat_map(|p| if p.is_dir() { sources(&p) } else { vec![p] }).filter(|p| p.extension().is_some_and(|e| e == "rs")).collect()
}

/// The type of a field that a column fits.
fn field_type(column: &Column) -> String {
    let bare = match column.holds {
        Holds::Int => "i64",
        Holds::Text => "String",
        Holds::Bytes => "Vec<u8>",
        Holds::Uuid => "Uuid",
        Holds::Bool => "bool",
        Holds::Real => "f64",
    };
    if column.nullable { format!("Option<{bare}>") } else { bare.to_owned() }
}

#[tokio::test]
async fn every_entity_has_the_columns_of_its_table_with_their_types() {
    let [_, postgres] = both().await;
    let entities = entities();
    assert!(entities.len() >= 10, "the entities were not found: {:?}", entities.keys());
    for (name, fields) in entities {
        let table = postgres.iter().find(|t| t.name == name).unwrap_or_else(|| panic!("there is no table {name}"));
        let mut expected: Vec<_> = table.columns.iter().map(|c| (c.name.clone(), field_type(c))).collect();
        let mut fields = fields;
        expected.sort();
        fields.sort();
        assert_eq!(fields, expected, "{name}");
    }
}
