//! From our errors to PHP's exceptions (SPEC §3): a call that is wrong is a `TypeError` or a `ValueError`.

use ext_php_rs::boxed::ZBox;
use ext_php_rs::exception::PhpException;
use ext_php_rs::types::ZendObject;
use ext_php_rs::zend::ce;

use gestor_plugins::config::CallError;
use gestor_plugins::model::{Bilingual, Lang};

unsafe extern "C" {
    fn zend_throw_exception_internal(exception: *mut ZendObject);
}

/// Why a function does not return a value.
pub(super) enum Failure {
    /// The engine has thrown already.
    Thrown,
    /// The call is wrong; said in this language.
    Call(CallError, Lang),
    /// An argument has the wrong type.
    Type(String),
    /// An argument has the wrong value.
    Value(String),
    /// What a callback threw.
    Callback(ZBox<ZendObject>),
}

impl Failure {
    /// Makes the exception pending.
    pub(super) fn throw(self) {
        match self {
            Self::Thrown => {}
            Self::Call(fault, lang) => {
                let text = fault.text(lang);
                match fault {
                    CallError::WrongType { .. } => type_error(text),
                    _ => value_error(text),
                }
            }
            Self::Type(text) => type_error(text),
            Self::Value(text) => value_error(text),
            Self::Callback(thrown) => rethrow(thrown),
        }
    }
}

fn type_error(text: String) {
    PhpException::new(text, 0, ce::type_error()).throw();
}

fn value_error(text: String) {
    PhpException::new(text, 0, ce::value_error()).throw();
}

/// Throws an object again, be it an exception or PHP's own mark of `exit()`.
fn rethrow(thrown: ZBox<ZendObject>) {
    // SAFETY: the engine takes over our reference.
    unsafe { zend_throw_exception_internal(thrown.into_raw()) };
}
