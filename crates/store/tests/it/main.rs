//! What the store promises, seen from outside.

mod adding;
mod custody;
mod evidence;
mod outcome;
mod scratch;
mod session;
mod workspace;
