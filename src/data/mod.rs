//! stub
use crate::log::Cancelled;
/// stub
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// stub
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
impl DataError {
    /// stub
    pub fn is_shape(&self) -> bool {
        false
    }
    /// stub
    pub fn lines(&self) -> Vec<String> {
        vec![self.to_string()]
    }
}
