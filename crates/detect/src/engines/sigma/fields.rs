//! What the columns of the fact tables are called elsewhere: `content/fields.toml`, read once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

static TEXT: &str = include_str!("../../../../../content/fields.toml");

/// The part of the file that holds for the columns of every table.
const EVERY_TABLE: &str = "every_table";

/// By table, then column, then scheme: the names. A test holds that the file is well formed and complete.
type Names = BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<String>>>>;
static NAMES: LazyLock<Names> = LazyLock::new(|| toml::from_str(TEXT).unwrap_or_default());

/// Returns what `scheme` (`ecs`, `ocsf`, `sigma`, `timesketch`) calls a column; nothing where it has no name for it.
pub(crate) fn names(table: &str, column: &str, scheme: &str) -> &'static [String] {
    let of = |section: &str| NAMES.get(section)?.get(column)?.get(scheme);
    of(table).or_else(|| of(EVERY_TABLE)).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_model::tables;

    const SCHEMES: [&str; 4] = ["ecs", "ocsf", "sigma", "timesketch"];

    #[test]
    fn every_column_has_a_row_and_every_row_a_column() {
        let names: Names = toml::from_str(TEXT).unwrap();
        for table in tables::ALL {
            for column in table.columns {
                let row = names[table.name].get(column.name).or_else(|| names[EVERY_TABLE].get(column.name));
                let row = row.unwrap_or_else(|| panic!("no row for {}.{}", table.name, column.name));
                assert!(row.keys().eq(SCHEMES.iter()), "{}.{}", table.name, column.name);
            }
        }
        for (section, rows) in &names {
            let table = tables::by_name(section);
            assert!(table.is_some() || section == EVERY_TABLE, "{section}");
            let known =
                |name: &str| table.unwrap_or(tables::ALL[0]).columns.iter().any(|column| column.name == name);
            assert!(rows.keys().all(|name| known(name)), "{section}");
        }
    }

    #[test]
    fn a_name_stands_for_one_column_of_a_table() {
        for table in tables::ALL {
            for scheme in ["sigma", "timesketch"] {
                let of = |column: &afterpatch_model::Column| names(table.name, column.name, scheme).iter();
                let mut all: Vec<_> = table.columns.iter().flat_map(of).collect();
                let count = all.len();
                all.sort();
                all.dedup();
                // The server is the computer that an event names: two of our columns, one of Timesketch's.
                let shared = usize::from(table.name == "windows_events" && scheme == "timesketch");
                assert_eq!(all.len() + shared, count, "{} {scheme}", table.name);
            }
        }
        assert_eq!(names("web_requests", "src_ip", "sigma"), ["c-ip", "src_ip"]);
        assert!(names("web_requests", "no_such_column", "sigma").is_empty());
    }
}
