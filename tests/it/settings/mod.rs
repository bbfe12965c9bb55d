//! Settings of plugins: shown as a form, saved in the gestor's variables all or none, with secrets kept apart; what a new schema
//! makes of old values; and packages whose schema is none.

mod form;
mod renewed;
mod saved;
mod secret;
mod site;
