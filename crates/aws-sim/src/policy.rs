//! IAM policies: statements that allow or deny actions on resources.

use serde_json::Value;

/// The statements of a role's policies. No condition keys: what a policy says beyond effect,
/// action and resource is refused when it is read, so that it never allows more here than there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy(Vec<Statement>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Statement {
    allows: bool,
    actions: Vec<String>,
    resources: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy: {0}")]
pub struct PolicyError(String);

impl Policy {
    /// Reads a policy document.
    pub fn parse(document: &Value) -> Result<Self, PolicyError> {
        let statements = match &document["Statement"] {
            Value::Array(statements) => statements.as_slice(),
            single @ Value::Object(_) => std::slice::from_ref(single),
            _ => return Err(PolicyError("`Statement` is missing".to_owned())),
        };
        let statements = statements.iter().map(Statement::parse);
        Ok(Self(statements.collect::<Result<_, _>>()?))
    }

    /// Adds another policy's statements.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The actions of the statements that allow, as they stand there.
    pub fn allowed_actions(&self) -> impl Iterator<Item = &str> {
        let allowing = self.0.iter().filter(|statement| statement.allows);
        allowing.flat_map(|statement| statement.actions.iter().map(String::as_str))
    }

    /// True where a statement allows it and none denies it.
    pub fn allows(&self, action: &str, resource: &str) -> bool {
        let matching = || {
            let statements = self.0.iter();
            statements.filter(|statement| statement.covers(action, resource))
        };
        matching().any(|statement| statement.allows)
            && !matching().any(|statement| !statement.allows)
    }
}

impl Statement {
    fn parse(statement: &Value) -> Result<Self, PolicyError> {
        let fields = statement.as_object();
        let fields = fields.ok_or_else(|| PolicyError("a statement is no object".to_owned()))?;
        for name in fields.keys() {
            if !["Sid", "Effect", "Action", "Resource"].contains(&name.as_str()) {
                return Err(PolicyError(format!("the simulator does not know `{name}`")));
            }
        }
        let allows = match fields.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err(PolicyError("`Effect` is Allow or Deny".to_owned())),
        };
        Ok(Self {
            allows,
            actions: read_texts(fields.get("Action"), "Action")?,
            resources: read_texts(fields.get("Resource"), "Resource")?,
        })
    }

    fn covers(&self, action: &str, resource: &str) -> bool {
        let action = action.to_ascii_lowercase();
        let covers_action =
            |pattern: &String| matches_pattern(&pattern.to_ascii_lowercase(), &action);
        self.actions.iter().any(covers_action)
            && self
                .resources
                .iter()
                .any(|pattern| matches_pattern(pattern, resource))
    }
}

fn read_texts(value: Option<&Value>, name: &str) -> Result<Vec<String>, PolicyError> {
    let wrong = || PolicyError(format!("`{name}` is a text or a list of texts"));
    match value {
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(Value::Array(texts)) => {
            let texts = texts.iter().map(|text| text.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

/// `*` stands for anything, `?` for one letter.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| matches_pattern(rest, &text[at..]))
        }
        Some(first) => {
            let mut letters = text.chars();
            let fits = letters
                .next()
                .is_some_and(|letter| first == '?' || first == letter);
            fits && matches_pattern(&pattern[first.len_utf8()..], letters.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Policy;

    #[test]
    fn what_no_statement_allows_is_refused() {
        let policy = Policy::parse(&json!({"Statement": [
            {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Upd*"],
             "Resource": "arn:aws:dynamodb:*:1:table/padel"},
            {"Effect": "Deny", "Action": "*", "Resource": "*/padel2"},
            {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": "*"},
        ]}))
        .unwrap();
        let table = "arn:aws:dynamodb:eu-west-1:1:table/padel";
        assert!(policy.allows("dynamodb:GetItem", table));
        assert!(policy.allows("dynamodb:updateitem", table));
        assert!(policy.allows("dynamodb:Query", &format!("{table}/index/open")));
        assert!(!policy.allows("dynamodb:GetItem", &format!("{table}/index/open")));
        assert!(!policy.allows("dynamodb:PutItem", table));
        assert!(!policy.allows("dynamodb:Query", &format!("{table}2")));
    }

    #[test]
    fn what_is_not_known_of_a_policy_is_refused() {
        for statement in [
            json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}),
            json!({"Effect": "Allow", "NotAction": "*", "Resource": "*"}),
            json!({"Effect": "allow", "Action": "*", "Resource": "*"}),
            json!({"Effect": "Allow", "Action": "*"}),
        ] {
            Policy::parse(&json!({ "Statement": statement })).unwrap_err();
        }
    }
}
