//! An event's XML as the evtx crate and its `evtx_dump` turn it into JSON.

use super::event::{Event, Place};
use super::json::{Json, Members};
use std::borrow::Cow;

/// Where the parts of `System` go: element, attribute (empty for the element's text), place. What is not
/// listed goes to the rest, under its own name.
static SYSTEM: &[(&str, &str, Place)] = &[
    ("EventID", "", Place::EventId),
    ("Channel", "", Place::Channel),
    ("Computer", "", Place::Computer),
    ("Level", "", Place::Level),
    ("EventRecordID", "", Place::RecordId),
    ("Provider", "Name", Place::Provider),
    ("Provider", "Guid", Place::RestAs("ProviderGuid")),
    ("TimeCreated", "SystemTime", Place::Time),
    ("Security", "UserID", Place::UserSid),
];

const SEPARATE_ATTRIBUTES: &str = "_attributes";

/// Reads `{"Event": {"System": …}}`, or what stands inside of `Event`.
pub(crate) fn read(json: Json<'_>) -> Option<Event<'_>> {
    let mut event = Event::default();
    for (name, value) in unwrapped(json.members()?) {
        match name.as_ref() {
            "#attributes" | "Event_attributes" => {}
            "System" => read_system(&mut event, value),
            "RenderingInfo" => read_rendering(&mut event, value),
            _ => event.fields.push_data(name, value),
        }
    }
    Some(event)
}

/// Tells whether a JSON object is of this shape.
pub(crate) fn is(json: &Json<'_>) -> bool {
    json.get("Event").unwrap_or(json).get("System").is_some_and(|system| matches!(system, Json::Object(_)))
}

/// Takes what stands inside of `Event`, or of the only element whatever its damaged name.
fn unwrapped(mut members: Members<'_>) -> Members<'_> {
    let is_event = |(name, value): &(Cow<'_, str>, Json<'_>)| {
        matches!(value, Json::Object(_)) && (name == "Event" || value.get("System").is_some())
    };
    let inner = members.iter().position(is_event).map(|place| members.swap_remove(place).1);
    inner.and_then(Json::members).unwrap_or(members)
}

fn read_system<'a>(event: &mut Event<'a>, system: Json<'a>) {
    for (element, value) in system.members().unwrap_or_default() {
        match (element.strip_suffix(SEPARATE_ATTRIBUTES), value) {
            (Some(owner), Json::Object(attributes)) => put_attributes(event, owner, attributes),
            (_, Json::Object(parts)) => put_parts(event, &element, parts),
            (_, text) => put(event, &element, element.clone(), "", text),
        }
    }
}

fn put_parts<'a>(event: &mut Event<'a>, element: &str, parts: Members<'a>) {
    for (part, value) in parts {
        match (part.as_ref(), value) {
            ("#attributes", Json::Object(attributes)) => put_attributes(event, element, attributes),
            ("#text", text) => put(event, element, element.to_owned().into(), "", text),
            (_, value) => event.rest.push(part, value),
        }
    }
}

fn put_attributes<'a>(event: &mut Event<'a>, element: &str, attributes: Members<'a>) {
    for (attribute, value) in attributes {
        put(event, element, attribute.clone(), &attribute, value);
    }
}

fn put<'a>(event: &mut Event<'a>, element: &str, name: Cow<'a, str>, attribute: &str, value: Json<'a>) {
    let place = SYSTEM.iter().find(|(e, a, _)| *e == element && *a == attribute);
    event.put(place.map_or(Place::Rest, |(_, _, place)| *place), name, value);
}

/// A forwarded event carries its message with it.
fn read_rendering<'a>(event: &mut Event<'a>, rendering: Json<'a>) {
    for (name, value) in rendering.members().unwrap_or_default() {
        match name.as_ref() {
            "Message" => event.put(Place::Message, name, value),
            "#attributes" => {}
            _ => event.rest.push(format!("RenderingInfo.{name}"), value),
        }
    }
}
