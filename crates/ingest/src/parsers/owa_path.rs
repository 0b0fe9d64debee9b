//! The build that OWA puts into its own addresses: `/owa/auth/15.1.2106/themes/…`, `/owa/prem/15.1.2106.13/scripts/…`.

use afterpatch_model::Rows;
use afterpatch_model::tables::{BuildSighting, WebRequest};

/// Notes the builds that a server answered for, each once a file.
///
/// Whoever asks chooses the address; only what the server had is noted. Some addresses name the cumulative update alone,
/// and say nothing of the update within it.
#[derive(Debug, Default)]
pub(super) struct OwaBuilds {
    told: Vec<String>,
}

/// More builds than a server ever had: what goes beyond is somebody's play.
const MOST: usize = 16;

impl OwaBuilds {
    /// Looks at a request that was logged.
    pub(super) fn note(&mut self, row: &WebRequest<'_>, rows: &mut Rows<'_>) {
        let is_served = matches!(row.status, Some(200 | 304));
        let Some(build) = row.url_path.filter(|_| is_served).and_then(build_of) else {
            return;
        };
        if self.told.len() >= MOST || self.told.contains(&build) {
            return;
        }
        rows.derived(&BuildSighting {
            time: row.time,
            server: row.server,
            build: Some(&build),
            seen_in: Some("IIS OWA path"),
            record: row.record,
            ..BuildSighting::default()
        });
        self.told.push(build);
    }
}

/// Returns the build in a path of OWA: three numbers or four, without padding.
fn build_of(path: &str) -> Option<String> {
    path.get(..5).filter(|start| start.eq_ignore_ascii_case("/owa/"))?;
    path.split('/').find_map(|part| {
        let numbers: Option<Vec<u32>> = part.split('.').map(|number| number.parse().ok()).collect();
        let numbers =
            numbers.filter(|numbers| matches!(numbers.as_slice(), [14 | 15, _, _] | [14 | 15, _, _, _]))?;
        Some(numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join("."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_read_where_owa_puts_it() {
        for (path, build) in [
            ("/owa/auth/15.1.2106/themes/resources/favicon.ico", Some("15.1.2106")),
            ("/OWA/prem/15.01.2106.013/scripts/boot.js", Some("15.1.2106.13")),
            ("/owa/14.3.123.4/themes/base/", Some("14.3.123.4")),
            ("/owa/auth/logon.aspx", None),
            ("/ecp/15.1.2106.13/scripts/x.js", None),
            ("/owa/auth/1.2.3/x.js", None),
            ("/owa/auth/15.1/x.js", None),
            ("/owa/auth/15.1.2106.13.7/x.js", None),
            ("/owa", None),
            ("/é/15.1.2106/", None),
        ] {
            assert_eq!(build_of(path).as_deref(), build, "{path}");
        }
    }
}
