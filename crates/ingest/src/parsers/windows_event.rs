//! Windows events, whatever they were read from: one form, and what single kinds of event say in other tables.
//!
//! [`event`] is the form, [`fields`] its data as one flat object, [`rendered`] reads it from an event's XML as
//! JSON, [`derive`] is the table of what an event says of processes, logons and files, [`cmdlet`] reads the
//! Exchange management log and [`install_root`] finds where Exchange is installed.

mod cmdlet;
mod derive;
mod event;
mod fields;
mod install_root;
mod json;
mod rendered;
mod settings;

pub(crate) use event::{Event, Place, place_in};
pub(crate) use json::Json;
pub(crate) use rendered::{is as is_rendered, read as read_rendered};

use afterpatch_model::tables::{Setting, WindowsEvent};
use afterpatch_model::{ProblemCode, Rows};
use install_root::InstallRoots;

/// Writes the events of one artifact, or of a piece of it: each as a fact, and what it says in other tables as
/// derived rows.
#[derive(Debug, Default)]
pub(crate) struct EventWriter {
    roots: InstallRoots,
    /// Room for `fields` and `rest` of the event that is written.
    texts: (String, String),
}

impl EventWriter {
    /// Writes one event.
    pub(crate) fn write(&mut self, event: &mut Event<'_>, rows: &mut Rows<'_>) {
        event.fields.join_namesakes();
        event.rest.join_namesakes();
        self.write_fact(event, rows);
        derive::write(event, rows);
        self.roots.look_in(event);
    }

    fn write_fact(&mut self, event: &Event<'_>, rows: &mut Rows<'_>) {
        if event.time.is_none() {
            rows.remark(ProblemCode::BadTime, Some(event.record), "the event has no time that can be read");
        }
        rows.fact(&WindowsEvent {
            time: event.time,
            server: event.computer.as_deref(),
            channel: event.channel.as_deref(),
            provider: event.provider.as_deref(),
            event_id: event.event_id,
            level: event.level,
            event_record_id: event.event_record_id,
            computer: event.computer.as_deref(),
            user_sid: event.user_sid.as_deref(),
            message: event.message.as_deref(),
            fields: event.fields.write(&mut self.texts.0),
            record: event.record,
            rest: event.rest.write(&mut self.texts.1),
        });
    }

    /// Takes over what the writer of the piece that follows has met.
    pub(crate) fn join(&mut self, next: Self) {
        self.roots.join(next.roots);
    }

    /// Writes what the events say together.
    pub(crate) fn finish(self, rows: &mut Rows<'_>) {
        for sighting in self.roots.sightings() {
            rows.derived(&Setting {
                time: sighting.time,
                server: sighting.computer.as_deref(),
                name: Some("install_root"),
                value: Some(&sighting.root),
                record: sighting.record,
                ..Setting::default()
            });
        }
    }
}
