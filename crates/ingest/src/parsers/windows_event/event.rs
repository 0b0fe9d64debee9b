//! A Windows event, whatever it was read from.

use super::fields::Fields;
use super::json::Json;
use afterpatch_model::Timestamp;
use std::borrow::Cow;

/// One event.
#[expect(clippy::struct_field_names, reason = "the names of the columns")]
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Event<'a> {
    /// The record or line that it was read from.
    pub(crate) record: u64,
    pub(crate) time: Option<Timestamp>,
    pub(crate) channel: Option<Cow<'a, str>>,
    pub(crate) provider: Option<Cow<'a, str>>,
    pub(crate) event_id: Option<i64>,
    pub(crate) level: Option<i64>,
    pub(crate) event_record_id: Option<i64>,
    pub(crate) computer: Option<Cow<'a, str>>,
    pub(crate) user_sid: Option<Cow<'a, str>>,
    pub(crate) message: Option<Cow<'a, str>>,
    /// The event's own data.
    pub(crate) fields: Fields<'a>,
    /// What the system says beyond the columns.
    pub(crate) rest: Fields<'a>,
    /// How good a source `time` came from; lower is better.
    time_rank: u8,
}

/// Where a value of an event goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Channel,
    Provider,
    EventId,
    Level,
    RecordId,
    Computer,
    /// The host that shipped the event: the computer where nothing better names one.
    Shipper,
    UserSid,
    Message,
    /// The event's own creation time.
    Time,
    /// A time that is the event's in most exports.
    ShippedTime,
    /// A local or late time: better than none, and kept beside.
    PoorTime,
    /// One value of the event's data.
    Field,
    /// An object that holds the event's data.
    Data,
    Rest,
    RestAs(&'static str),
    /// An object whose members have places of their own; what is not listed goes to the rest.
    Within(&'static [(&'static str, Place)]),
}

impl<'a> Event<'a> {
    /// Puts a value where it belongs.
    pub(crate) fn put(&mut self, place: Place, name: Cow<'a, str>, value: Json<'a>) {
        match place {
            Place::Channel => self.channel = said(value),
            Place::Provider => self.provider = said(value),
            Place::EventId => self.event_id = value.as_int(),
            Place::Level => self.level = level(&value),
            Place::RecordId => self.event_record_id = value.as_int(),
            Place::Computer => self.computer = said(value),
            Place::Shipper if self.computer.is_none() => self.computer = said(value),
            Place::UserSid => self.user_sid = said(value),
            Place::Message => self.message = said(value),
            Place::Time => self.put_time(1, &value),
            Place::ShippedTime => self.put_time(2, &value),
            Place::PoorTime => {
                self.put_time(3, &value);
                self.rest.push(name, value);
            }
            Place::Field => self.fields.push_value(name, value),
            Place::Data => self.fields.push_data(name, value),
            Place::Rest | Place::Shipper => self.rest.push(name, value),
            Place::RestAs(other) => self.rest.push(other, value),
            Place::Within(places) => self.put_within(places, &name, value),
        }
    }

    fn put_within(&mut self, places: &'static [(&'static str, Place)], parent: &str, value: Json<'a>) {
        let Json::Object(members) = value else {
            return self.rest.push(parent.to_owned(), value);
        };
        for (name, value) in members {
            match place_in(places, &name) {
                Some(place) => self.put(place, name, value),
                None => self.rest.push(format!("{parent}.{name}"), value),
            }
        }
    }

    fn put_time(&mut self, rank: u8, value: &Json<'_>) {
        if (self.time.is_none() || rank < self.time_rank)
            && let Some(time) = moment(value)
        {
            self.time = Some(time);
            self.time_rank = rank;
        }
    }

    /// Returns a field as text; `None` where it is absent, empty or `-`.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.fields.get(name)?.as_text().filter(|text| !matches!(text.trim(), "" | "-"))
    }

    /// Returns a field as a whole number, decimal or hexadecimal.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.fields.get(name)?.as_int()
    }

    /// Returns the account in two fields as `DOMAIN\name`.
    pub(crate) fn account(&self, domain: &str, name: &str) -> Option<String> {
        let name = self.text(name)?;
        Some(match self.text(domain) {
            Some(domain) => format!("{domain}\\{name}"),
            None => name.into_owned(),
        })
    }
}

/// Finds the place of a name in a table.
pub(crate) fn place_in(places: &[(&str, Place)], name: &str) -> Option<Place> {
    places.iter().find(|(key, _)| *key == name).map(|(_, place)| *place)
}

fn said(value: Json<'_>) -> Option<Cow<'_, str>> {
    value.into_text().filter(|text| !text.trim().is_empty())
}

static LEVELS: &[(&str, i64)] =
    &[("critical", 1), ("error", 2), ("warning", 3), ("information", 4), ("info", 4), ("verbose", 5)];

fn level(value: &Json<'_>) -> Option<i64> {
    let named = |text: Cow<'_, str>| {
        let same = |(name, _): &&(&str, i64)| text.trim().eq_ignore_ascii_case(name);
        LEVELS.iter().find(same).map(|(_, level)| *level)
    };
    value.as_int().or_else(|| value.as_text().and_then(named))
}

/// Reads a time as exports write it: ISO 8601, .NET's `/Date(1615686012987)/`, or a count since 1970.
fn moment(value: &Json<'_>) -> Option<Timestamp> {
    match value {
        Json::Text(_) | Json::Escaped(_) => written_moment(&value.as_text()?),
        Json::Int(count) => since_1970(*count),
        Json::Float(seconds) => fraction_since_1970(*seconds),
        _ => None,
    }
}

fn written_moment(text: &str) -> Option<Timestamp> {
    match text.strip_prefix("/Date(") {
        Some(count) => since_1970(count.split([')', '+', '-']).next()?.parse().ok()?),
        None => text.trim().parse().ok(),
    }
}

/// Takes a count for milliseconds where seconds would lie beyond the year 5000.
fn since_1970(count: i64) -> Option<Timestamp> {
    const YEAR_5000: i64 = 95_617_584_000;
    if count.checked_abs()? < YEAR_5000 {
        Timestamp::from_seconds(count)
    } else {
        count.checked_mul(1_000_000).map(Timestamp::from_nanos)
    }
}

fn fraction_since_1970(seconds: f64) -> Option<Timestamp> {
    let seconds = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    i64::try_from(seconds.as_nanos()).ok().map(Timestamp::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<String> {
        moment(&Json::read(text).unwrap()).map(|time| time.to_string())
    }

    #[test]
    fn times_are_read_as_exports_write_them() {
        let expected = Some("2021-03-14T01:40:12.987Z".to_owned());
        for text in [
            "\"2021-03-14T01:40:12.987Z\"",
            "\"2021-03-14 01:40:12.987\"",
            "\"/Date(1615686012987)/\"",
            "1615686012987",
        ] {
            assert_eq!(at(text), expected, "{text}");
        }
        assert_eq!(at("1615686012").as_deref(), Some("2021-03-14T01:40:12Z"));
        assert_eq!(at("1615686012.5").as_deref(), Some("2021-03-14T01:40:12.5Z"));
        for text in ["\"\"", "\"/Date(x)/\"", "null", "1e300", "9223372036854775807", "-9223372036854775808"]
        {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn the_better_time_wins_in_any_order() {
        let (good, poor) =
            (Json::Text("2021-03-14T01:40:12Z".into()), Json::Text("2021-03-14 06:40:12".into()));
        let (mut first, mut second) = (Event::default(), Event::default());
        first.put(Place::Time, "TimeCreated".into(), good.clone());
        first.put(Place::PoorTime, "EventTime".into(), poor.clone());
        second.put(Place::PoorTime, "EventTime".into(), poor);
        second.put(Place::Time, "TimeCreated".into(), good);
        assert_eq!(first.time, second.time);
        assert_eq!(first.time.unwrap().to_string(), "2021-03-14T01:40:12Z");
    }

    #[test]
    fn a_dash_is_no_account() {
        let mut event = Event::default();
        for (name, value) in [("D", "-"), ("N", "svc"), ("E", "EXAMPLE"), ("M", "-")] {
            event.put(Place::Field, name.into(), Json::Text(value.into()));
        }
        assert_eq!(event.account("D", "N").as_deref(), Some("svc"));
        assert_eq!(event.account("E", "N").as_deref(), Some("EXAMPLE\\svc"));
        assert_eq!(event.account("E", "M"), None);
    }
}
