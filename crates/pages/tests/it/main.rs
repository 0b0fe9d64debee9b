//! Pages as Exchange servers are left with, each with a twin that only looks like it.

mod dumps;
mod fixtures;
mod headed;
mod razor;
