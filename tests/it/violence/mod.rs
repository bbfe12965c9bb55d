//! What befalls an operation from outside: disks, databases, other operations, callers. Each with its real cause, and
//! afterwards everything is exactly the old or exactly the new state, and the next call works.

mod caller;
mod database;
mod disk;
mod neighbours;
mod owner;
mod paused;
mod servers;
mod transaction;
mod users;
