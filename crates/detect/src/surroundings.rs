//! What stands around a server: who reaches it, what it belongs to, which keys it holds. The plan orders its work by it.

use afterpatch_store::{Session, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What stands around the servers of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings {
    /// By server, how many requests from public addresses it answered. A server that answered none is not listed.
    pub reached_from_outside: BTreeMap<String, u64>,
    /// By server, the database availability group that it is a member of.
    pub availability_groups: BTreeMap<String, String>,
    /// By server, the fingerprints of the machine keys that its configuration fixes.
    pub machine_keys: BTreeMap<String, BTreeSet<String>>,
}

/// A refusal for want of a logon is an answer too: the request came through to the server.
const REACHED: &str = "
    SELECT server, COUNT(*) AS answered FROM web_requests
    WHERE server IS NOT NULL AND (status < 400 OR status = 401) AND address_scope(src_ip) = 'public'
    GROUP BY server ORDER BY server";

/// `HealthChecker` keeps the group as an object or as its name; who added a member says so in the audit. Of several the
/// last counts.
const GROUPS: &str = r#"
    SELECT server, availability_group FROM (
      SELECT server, time, value AS availability_group FROM settings
      WHERE lower(name) = 'databaseavailabilitygroup'
         OR lower(name) = 'name' AND lower(scope) LIKE '%databaseavailabilitygroup'
      UNION ALL
      SELECT upper(split_part(regexp_replace(parameters, '(?is)^.*-MailboxServer "([^"]+)".*$', '\1'), '.', 1)), time,
             regexp_replace(parameters, '(?is)^.*-Identity "([^"]+)".*$', '\1')
      FROM admin_commands
      WHERE lower(command) = 'add-databaseavailabilitygroupserver' AND coalesce(result, 'ok') = 'ok'
        AND regexp_like(parameters, '(?i)-MailboxServer "[^"]') AND regexp_like(parameters, '(?i)-Identity "[^"]')
    ) WHERE server IS NOT NULL AND availability_group IS NOT NULL AND availability_group <> ''
    ORDER BY time NULLS FIRST, server, availability_group"#;

const KEYS: &str = "
    SELECT DISTINCT server, value FROM settings
    WHERE name = 'machine_key' AND server IS NOT NULL AND value IS NOT NULL ORDER BY server, value";

/// Reads what stands around the servers.
pub(crate) fn read(session: &Session) -> Result<Surroundings, StoreError> {
    let text =
        |row: &Map<String, Value>, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    let pairs = |sql: &str, name: &str| -> Result<Vec<(String, String)>, StoreError> {
        let rows = session.rows(sql)?;
        Ok(rows.iter().filter_map(|row| Some((text(row, "server")?, text(row, name)?))).collect())
    };
    let count = |row: &Map<String, Value>| Some((text(row, "server")?, row.get("answered")?.as_u64()?));
    let mut machine_keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (server, key) in pairs(KEYS, "value")? {
        machine_keys.entry(server).or_default().insert(key);
    }
    Ok(Surroundings {
        reached_from_outside: session.rows(REACHED)?.iter().filter_map(count).collect(),
        availability_groups: pairs(GROUPS, "availability_group")?.into_iter().collect(),
        machine_keys,
    })
}
