//! Credentials: stored, used for one server, imported, sealed anew; what is left where somebody altered, moved, lost or killed
//! something; and that a secret is found nowhere but where it belongs.

mod addresses;
mod audited;
mod files;
mod imported;
mod rows;
mod secrets;
mod site;
mod used;
