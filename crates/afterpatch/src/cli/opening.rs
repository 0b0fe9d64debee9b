//! How evidence is opened: within what bounds, what unlocks it, and by whose clock it is read.

use crate::args::Opening;
use crate::error::CommandError;
use afterpatch_ingest::{Bound, Limits, Passwords};
use afterpatch_model::HostName;
use afterpatch_store::{Case, Zones};
use jiff::tz::TimeZone;
use std::fs;

/// Reads the bounds that were given.
pub(super) fn limits(opening: &Opening) -> Result<Limits, CommandError> {
    let mut limits = Limits::default();
    for given in &opening.limit {
        let set = given.split_once('=').and_then(|(name, value)| {
            let bound = Bound::all().iter().find(|bound| bound.name == name)?;
            bound.set(&mut limits, number(value)?)
        });
        set.ok_or_else(|| {
            let known: Vec<String> =
                Bound::all().iter().map(|of| format!("{}: {}", of.name, of.what)).collect();
            let hint = format!("write NAME=VALUE, such as line=16MiB, with one of\n{}", known.join("\n"));
            CommandError::usage(format!("--limit {given:?} is no bound")).hint(hint)
        })?;
    }
    Ok(limits)
}

/// Reads a number with or without a unit: `5000000`, `64KiB`, `16MiB`, `2GiB`.
pub(super) fn number(text: &str) -> Option<u64> {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1_u64 << 40)];
    let with_unit = units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (digits, factor) = with_unit.unwrap_or((text, 1));
    digits.trim().parse::<u64>().ok()?.checked_mul(factor).filter(|number| *number > 0)
}

/// Reads the passwords, one a line; an empty line is none.
pub(super) fn passwords(opening: &Opening) -> Result<Passwords, CommandError> {
    let Some(path) = &opening.password_file else {
        return Ok(Passwords::default());
    };
    let text = fs::read_to_string(path).map_err(|error| {
        let message = format!("the passwords in {} cannot be read: {error}", path.display());
        CommandError::user(message).hint("write them one a line, as UTF-8")
    })?;
    let lines = text.trim_start_matches('\u{feff}').lines();
    Ok(Passwords::new(lines.filter(|line| !line.is_empty()).map(str::to_owned)))
}

/// Lets a case look at its evidence again as it was opened first.
pub(super) fn apply(opening: &Opening, case: &mut Case) -> Result<(), CommandError> {
    case.open_evidence_with(limits(opening)?, passwords(opening)?);
    Ok(())
}

/// Reads the zones of servers' clocks: `MXS01=Asia/Tokyo`.
pub(super) fn zones(given: &[String]) -> Result<Zones, CommandError> {
    given.iter().map(|text| zone(text)).collect()
}

fn zone(text: &str) -> Result<(HostName, TimeZone), CommandError> {
    let read = text
        .split_once('=')
        .and_then(|(server, zone)| Some((HostName::parse(server)?, TimeZone::get(zone.trim()).ok()?)));
    read.ok_or_else(|| {
        CommandError::usage(format!("--tz {text:?} names no server with a zone"))
            .hint("write SERVER=ZONE with a zone of the tz database, such as MXS01=Asia/Tokyo")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(limit: &[&str]) -> Opening {
        let limit = limit.iter().map(|text| (*text).to_owned()).collect();
        Opening { password_file: None, limit }
    }

    #[test]
    fn bounds_have_names_and_units() {
        let set = limits(&opening(&["line=16MiB", "entries=7", "ratio=10", "total=1TiB"])).unwrap();
        assert_eq!((set.line_bytes, set.entries, set.ratio, set.total_bytes), (16 << 20, 7, 10, 1 << 40));
        assert_eq!(limits(&opening(&[])).unwrap(), Limits::default());
        for bound in Bound::all() {
            let set = limits(&opening(&[&format!("{}=12345", bound.name)])).unwrap();
            assert_eq!(bound.of(&set), 12_345, "{}", bound.name);
        }
        for wrong in ["line", "line=", "line=0", "line=-1", "line=1MB", "lines=1", "file=99999999999TiB"] {
            assert!(limits(&opening(&[wrong])).is_err(), "{wrong}");
        }
    }

    #[test]
    fn zones_are_those_of_the_tz_database() {
        let zones = zones(&["mxs01.example.org=Asia/Tokyo".to_owned()]).unwrap();
        let (server, zone) = zones.first_key_value().unwrap();
        assert_eq!((server.as_str(), zone.iana_name()), ("MXS01", Some("Asia/Tokyo")));
        for wrong in ["MXS01", "=Asia/Tokyo", "MXS01=Tokyo Standard Time", "MXS01="] {
            assert!(zone_is_wrong(wrong), "{wrong}");
        }
    }

    fn zone_is_wrong(text: &str) -> bool {
        zone(text).is_err()
    }
}
