//! Packages from everywhere, against a server on loopback: what arrives, what is refused, and that no token is ever
//! told.

mod connection;
mod github;
mod local;
mod secrets;
mod site;
mod transfer;
