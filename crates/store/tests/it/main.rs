//! What the store promises, seen from outside.

mod adding;
mod custody;
mod evidence;
mod outcome;
mod session;
mod workspace;
