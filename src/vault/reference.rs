//! What `cred_ref` means: a literal token, a credential, a variable of the environment, or a name that may be either. Pure.

use super::{Alias, VaultError};
use crate::model::Secret;

const PREFIX: &str = "PLUGIN_TOKEN_";
const LITERALS: [&str; 6] = ["ghp_", "github_pat_", "gho_", "ghu_", "ghs_", "ghr_"];
/// A longer text may be a token of another kind, and is not shown.
const LONGEST_SHOWN_NAME: usize = 24;

/// What a call means by `cred_ref`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// The token itself.
    Literal(Secret),
    /// `cred:<alias>`.
    Credential(Alias),
    /// `env:<NAME>`: `PLUGIN_TOKEN_<NAME>` of the environment, and nothing else.
    Environment(String),
    /// A bare name: the environment as ever, else a credential.
    Name(String),
}

impl Reference {
    /// Reads one.
    ///
    /// # Errors
    /// [`VaultError::Alias`].
    pub fn parse(given: &Secret) -> Result<Self, VaultError> {
        let text = given.expose().trim();
        if is_literal(text) {
            return Ok(Self::Literal(Secret::new(text)));
        }
        match text.split_once(':') {
            Some(("cred", alias)) => Ok(Self::Credential(Alias::new(alias)?)),
            Some(("env", name)) => Ok(Self::Environment(name.trim().to_owned())),
            _ => Ok(Self::Name(text.to_owned())),
        }
    }
}

/// Whether a text is a token, by its form.
pub fn is_literal(text: &str) -> bool {
    LITERALS.iter().any(|literal| text.trim().starts_with(literal))
}

/// The token of a name in the environment.
///
/// # Errors
/// [`VaultError::NoVariable`], with the variable that was looked for.
pub fn of_environment(name: &str, variables: &[(String, Secret)]) -> Result<Secret, VaultError> {
    let variable = variable(name);
    let found = variables
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(&variable));
    let token = found.map(|(_, token)| token.expose().trim());
    let token = token.filter(|token| !token.is_empty()).map(Secret::new);
    token.ok_or_else(|| VaultError::NoVariable {
        variable: shown(name, variable),
    })
}

/// The variable of a name: upper case, what no variable can hold becomes `_`.
fn variable(name: &str) -> String {
    let upper = name.trim().to_ascii_uppercase();
    let bare = upper.strip_prefix(PREFIX).unwrap_or(&upper);
    let bare: String = bare
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    format!("{PREFIX}{bare}")
}

fn shown(given: &str, variable: String) -> String {
    if given.chars().count() <= LONGEST_SHOWN_NAME {
        variable
    } else {
        format!("{PREFIX}<NAME>, where <NAME> is the text given (not shown: it may be a token itself)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_apart() {
        let literal = |text: &str| Reference::Literal(Secret::new(text));
        for (given, expected) in [
            ("ghp_x", literal("ghp_x")),
            (" github_pat_x ", literal("github_pat_x")),
            ("gho_x", literal("gho_x")),
            ("ghu_x", literal("ghu_x")),
            ("ghs_x", literal("ghs_x")),
            ("ghr_x", literal("ghr_x")),
            ("cred:acme", Reference::Credential(Alias::new("acme").unwrap())),
            ("env:SITE", Reference::Environment("SITE".to_owned())),
            ("SITE", Reference::Name("SITE".to_owned())),
            ("my-org", Reference::Name("my-org".to_owned())),
            ("vault:x", Reference::Name("vault:x".to_owned())),
        ] {
            let found = Reference::parse(&Secret::new(given)).unwrap();
            assert_eq!(found, expected, "{given}");
        }
        assert!(!format!("{:?}", literal("ghp_x")).contains("ghp_x"));
        for wrong in ["cred:", "cred:A", "cred:a b"] {
            assert!(Reference::parse(&Secret::new(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_are_variables() {
        let variables = [
            ("PLUGIN_TOKEN_SITE".to_owned(), Secret::new("ghp_of_site\n")),
            ("PLUGIN_TOKEN_MY_ORG".to_owned(), Secret::new("t2")),
            ("PLUGIN_TOKEN_EMPTY".to_owned(), Secret::new(" ")),
        ];
        for (given, token) in [
            ("SITE", "ghp_of_site"),
            ("site", "ghp_of_site"),
            ("my-org", "t2"),
            ("PLUGIN_TOKEN_SITE", "ghp_of_site"),
        ] {
            assert_eq!(of_environment(given, &variables).unwrap().expose(), token, "{given}");
        }
        for (given, variable) in [
            ("", "PLUGIN_TOKEN_"),
            ("other", "PLUGIN_TOKEN_OTHER"),
            ("empty", "PLUGIN_TOKEN_EMPTY"),
        ] {
            let text = of_environment(given, &variables).unwrap_err().to_string();
            assert!(text.contains(&format!("variable {variable}:")), "{text}");
        }
    }

    #[test]
    fn a_token_of_unknown_form_is_not_shown() {
        for given in ["0123456789abcdef0123456789abcdef01234567", "glpat-0123456789abcdefghij"] {
            let fault = of_environment(given, &[]).unwrap_err();
            let texts = format!("{fault} {fault:?}").to_lowercase();
            assert!(!texts.contains(&given[6..20]) && texts.contains("<name>"), "{texts}");
        }
    }
}
