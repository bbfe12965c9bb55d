//! Tokens: by the name of an environment variable, or literal. Owns which of them may be stored.

use super::SourceError;
use crate::model::Secret;

const PREFIX: &str = "PLUGIN_TOKEN_";
const LITERALS: [&str; 6] = ["ghp_", "github_pat_", "gho_", "ghu_", "ghs_", "ghr_"];
/// A longer text may be a token of another kind, and is not shown.
const LONGEST_SHOWN_NAME: usize = 24;

/// A token, and the name under which it may be found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRef {
    token: Secret,
    name: Option<String>,
}

impl CredentialRef {
    /// Takes a literal token, or looks a name up as `PLUGIN_TOKEN_<NAME>` in the given variables.
    pub fn resolve(given: &Secret, variables: &[(String, Secret)]) -> Result<Self, SourceError> {
        let text = given.expose().trim();
        if LITERALS.iter().any(|literal| text.starts_with(literal)) {
            let token = Secret::new(text);
            return Ok(Self { token, name: None });
        }
        let variable = variable(text);
        let found = variables.iter().find(|(name, _)| name.eq_ignore_ascii_case(&variable));
        match found
            .map(|(_, token)| token.expose().trim())
            .filter(|token| !token.is_empty())
        {
            Some(token) => Ok(Self {
                token: Secret::new(token),
                name: Some(text.to_owned()),
            }),
            None => Err(SourceError::CredentialUnknown {
                variable: shown(text, variable),
            }),
        }
    }

    /// The token, for the client that sends it.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// What may be stored as `origem_credencial_ref`: the name; nothing for a literal token.
    pub fn stored_reference(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// The variable of a name: upper case, what no variable can hold becomes `_`.
fn variable(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
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
    fn names_and_literals_are_told_apart() {
        let variables = [
            ("PLUGIN_TOKEN_SITE".to_owned(), Secret::new("ghp_of_site\n")),
            ("PLUGIN_TOKEN_MY_ORG".to_owned(), Secret::new("t2")),
            ("PLUGIN_TOKEN_EMPTY".to_owned(), Secret::new(" ")),
        ];
        let resolve = |text: &str| CredentialRef::resolve(&Secret::new(text), &variables);
        for (given, token, stored) in [
            ("SITE", "ghp_of_site", Some("SITE")),
            ("site", "ghp_of_site", Some("site")),
            ("my-org", "t2", Some("my-org")),
            ("PLUGIN_TOKEN_SITE", "ghp_of_site", Some("PLUGIN_TOKEN_SITE")),
            ("ghp_x", "ghp_x", None),
            (" github_pat_x ", "github_pat_x", None),
            ("gho_x", "gho_x", None),
            ("ghu_x", "ghu_x", None),
            ("ghs_x", "ghs_x", None),
            ("ghr_x", "ghr_x", None),
        ] {
            let found = resolve(given).unwrap();
            assert_eq!(
                (found.token().expose(), found.stored_reference()),
                (token, stored),
                "{given}"
            );
            assert!(!format!("{found:?}").contains(token), "{given}");
        }
        for (given, variable) in [
            ("", "PLUGIN_TOKEN_"),
            ("other", "PLUGIN_TOKEN_OTHER"),
            ("empty", "PLUGIN_TOKEN_EMPTY"),
        ] {
            let text = resolve(given).unwrap_err().to_string();
            assert!(text.contains(&format!("variable {variable}:")), "{text}");
        }
    }

    #[test]
    fn a_token_of_unknown_form_is_not_shown() {
        for given in ["0123456789abcdef0123456789abcdef01234567", "glpat-0123456789abcdefghij"] {
            let fault = CredentialRef::resolve(&Secret::new(given), &[]).unwrap_err();
            let texts = format!("{fault} {fault:?}").to_lowercase();
            assert!(!texts.contains(&given[6..20]) && texts.contains("<name>"), "{texts}");
        }
    }
}
