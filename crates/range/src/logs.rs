//! The formats of what an Exchange server writes about itself: one file a format.

pub(crate) mod csv;
pub(crate) mod directory;
pub(crate) mod ecp_server;
pub(crate) mod events;
pub(crate) mod ews;
pub(crate) mod health_checker;
pub(crate) mod http_proxy;
pub(crate) mod iis;
pub(crate) mod oab_generator;
pub(crate) mod request_filtering;
pub(crate) mod safety_scanner;
pub(crate) mod setup;
pub(crate) mod transport;
