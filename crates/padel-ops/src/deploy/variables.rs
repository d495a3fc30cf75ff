//! The operator's `.env` beside `agent.toml`: variables for the platform's credentials. What the
//! process has comes first.

use std::{collections::HashMap, io::ErrorKind, path::Path};

use crate::error::{Code, Error};

/// Reads the variables beside a deployment's file; none where there is no `.env`.
///
/// # Errors
///
/// `usage` when the file is there and cannot be read. Never its text.
pub(crate) fn read_variables(declaration: &Path) -> Result<HashMap<String, String>, Error> {
    let path = declaration.with_file_name(".env");
    let refused = |what: String| {
        let message = format!("`{}` {what}", path.display());
        let hint = "write lines such as ANTHROPIC_API_KEY=…, or set the variables yourself";
        Error::new(Code::Usage, message, hint)
    };
    let lines = match dotenvy::from_path_iter(&path) {
        Ok(lines) => lines,
        Err(dotenvy::Error::Io(error)) if error.kind() == ErrorKind::NotFound => {
            return Ok(HashMap::new());
        }
        Err(error) => return Err(explain(&error, &refused)),
    };
    lines
        .collect::<Result<_, _>>()
        .map_err(|error| explain(&error, &refused))
}

/// dotenvy's own words repeat the line, which may be a secret.
fn explain(error: &dotenvy::Error, refused: &dyn Fn(String) -> Error) -> Error {
    match error {
        dotenvy::Error::Io(error) => refused(format!("cannot be read: {error}")),
        _ => refused("has a line that is not KEY=value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_env_file_beside_the_declaration_is_read() {
        let place = tempfile::tempdir().unwrap();
        let declaration = place.path().join("agent.toml");
        assert!(read_variables(&declaration).unwrap().is_empty());
        fs::write(place.path().join(".env"), "ANTHROPIC_API_KEY=k\n").unwrap();
        assert_eq!(
            read_variables(&declaration).unwrap()["ANTHROPIC_API_KEY"],
            "k"
        );
        fs::write(place.path().join(".env"), "hunter2 is no line\n").unwrap();
        let error = read_variables(&declaration).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
