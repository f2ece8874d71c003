//! Full text: words in the texts of a row. Each table with it has a column `search` on PostgreSQL, and on SQLite an index
//! `<table>_fts` whose rowid is the row's `number`.

use sea_orm::{DbBackend, sea_query::Expr};

/// The rows of `table` in which the words stand, all of them; a quoted phrase stays one.
pub(crate) fn found(backend: DbBackend, table: &'static str, words: &str) -> Expr {
    match backend {
        DbBackend::Postgres => Expr::cust_with_values(format!("{table}.search @@ websearch_to_tsquery('simple', $1)"), [words]),
        _ => {
            let matching = format!("{table}.number IN (SELECT rowid FROM {table}_fts WHERE {table}_fts MATCH ?)");
            Expr::cust_with_values(matching, [fts_query(words)])
        }
    }
}

/// The rows of PostgreSQL's `incident` in which the words stand and what `facets` asks for, SQL that is the text of a query.
pub(crate) fn found_with(words: &str, facets: &str) -> Expr {
    // Of typed text that has no words only the facets would be left.
    let with = "numnode(websearch_to_tsquery('simple', $1)) > 0 AND incident.search @@ (websearch_to_tsquery('simple', $2) &&";
    Expr::cust_with_values(format!("{with} {facets}::tsquery)"), [words, words])
}

/// What FTS5 is asked for words in these columns of a table that has others.
pub(crate) fn expression(columns: &[&str], words: &str) -> String {
    format!("{{{}}} : ({})", columns.join(" "), fts_query(words))
}

/// The words as FTS5 takes them: each quoted, so that no character of theirs is an operator; quoted phrases stay phrases.
fn fts_query(words: &str) -> String {
    let mut out = Vec::new();
    for (n, part) in words.split('"').enumerate() {
        if n % 2 == 1 {
            if !part.trim().is_empty() {
                out.push(format!("\"{}\"", part.trim()));
            }
        } else {
            out.extend(part.split_whitespace().map(|w| format!("\"{w}\"")));
        }
    }
    if out.is_empty() { "\"\"".into() } else { out.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::fts_query;

    #[test]
    fn what_people_type_is_never_an_operator() {
        for (typed, query) in [
            ("disk full", r#""disk" "full""#),
            (r#"say "disk full" now"#, r#""say" "disk full" "now""#),
            ("a* OR b)", r#""a*" "OR" "b)""#),
            ("\"", r#""""#),
        ] {
            assert_eq!(fts_query(typed), query, "{typed}");
        }
    }
}
