//! The services, as a client tells them apart: names, errors, headers.

use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal, Reply},
    dynamodb, ssm,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    DynamoDb,
    Ssm,
    Lambda,
}

impl Service {
    /// Its name in signatures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::Ssm => "ssm",
            Self::Lambda => "lambda",
        }
    }

    /// The service and the operation that a value of `X-Amz-Target` names.
    pub(crate) fn from_target(target: &str) -> Option<(Self, &str)> {
        let dynamodb = target.strip_prefix(dynamodb::TARGET);
        let dynamodb = dynamodb.map(|operation| (Self::DynamoDb, operation));
        dynamodb.or_else(|| Some((Self::Ssm, target.strip_prefix(ssm::TARGET)?)))
    }

    pub(crate) fn answer(self, reply: Reply) -> Answer {
        let content_type = match self {
            Self::DynamoDb => "application/x-amz-json-1.0",
            Self::Ssm => "application/x-amz-json-1.1",
            Self::Lambda => "application/json",
        };
        let (status, body, error) = match reply {
            Ok(body) => (200, body, None),
            Err(refusal) => {
                let error = refusal.error.clone();
                (self.status(&refusal), self.describe(refusal), Some(error))
            }
        };
        let body = body.to_string().into_bytes();
        let checksum = crc32fast::hash(&body);
        let mut answer = Answer::new(status, content_type, body);
        if self == Self::DynamoDb {
            answer.add_header("x-amz-crc32", checksum.to_string());
        }
        if let (Self::Lambda, Some(error)) = (self, error) {
            answer.add_header("x-amzn-errortype", error);
        }
        answer
    }

    fn status(self, refusal: &Refusal) -> u16 {
        match refusal.error.as_str() {
            "InternalServerError" | "InternalFailure" | "ServiceException" => 500,
            "ServiceUnavailable" | "ServiceUnavailableException" => 503,
            "AccessDeniedException"
            | "InvalidSignatureException"
            | "UnrecognizedClientException"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignatureException"
            | "ExpiredTokenException"
                if self == Self::Lambda =>
            {
                403
            }
            "ResourceNotFoundException" if self == Self::Lambda => 404,
            "RequestTooLargeException" => 413,
            "TooManyRequestsException" | "ThrottlingException" if self == Self::Lambda => 429,
            _ => 400,
        }
    }

    fn describe(self, refusal: Refusal) -> Value {
        let is_common = |error: &str| {
            let common = [
                "AccessDeniedException",
                "ExpiredTokenException",
                "IncompleteSignatureException",
                "InvalidSignatureException",
                "MissingAuthenticationTokenException",
                "SerializationException",
                "ThrottlingException",
                "UnknownOperationException",
                "UnrecognizedClientException",
            ];
            common.contains(&error)
        };
        match self {
            Self::Lambda => {
                let mut body = json!({"Type": "User", "Message": refusal.message});
                for (name, value) in refusal.more {
                    body[name] = value;
                }
                body
            }
            _ if is_common(&refusal.error) => refusal.into_json("com.amazon.coral.service#"),
            Self::DynamoDb if refusal.error == "ValidationException" => {
                refusal.into_json("com.amazon.coral.validate#")
            }
            Self::DynamoDb => refusal.into_json(dynamodb::ERROR_PREFIX),
            Self::Ssm => refusal.into_json(""),
        }
    }
}
