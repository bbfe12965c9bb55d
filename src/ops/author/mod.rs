//! What an author does without a gestor: no database is asked, nothing of a site is looked at. `source` makes a package of
//! a folder, `examined` looks at one as an installation on an empty gestor does, `lints` says what there is to say besides,
//! and `syntax` what PHP says of its PHP; `validate` brings that together and `report` shows it; `pack` writes a package that
//! passes; `create` writes a new plugin; `keys` shows the public half of a key.

mod create;
mod examined;
mod keys;
mod lints;
mod pack;
mod report;
mod source;
mod syntax;
mod validate;

pub use create::create;
pub use keys::{PublicKey, public_key};
pub use pack::{Packed, Packing, pack};
pub use validate::{Judged, Validated, Validation, validate};
