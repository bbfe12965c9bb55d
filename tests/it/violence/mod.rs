//! What befalls an operation from outside: disks, databases, other operations, callers. Each with its real cause, and
//! afterwards everything is exactly the old or exactly the new state, and the next call works.

mod caller;
mod confined;
mod database;
mod disk;
mod links;
mod neighbours;
mod owner;
mod paused;
mod servers;
mod shared_site;
mod transaction;
mod users;
