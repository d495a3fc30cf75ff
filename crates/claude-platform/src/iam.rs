//! The IAM actions that operations need on AWS (documented), named in errors.
//!
//! Versions have no actions of their own: reading one is `GetSkill`, making or deleting one
//! `UpdateSkill`.

pub(crate) const GET_SKILL: &str = "aws-external-anthropic:GetSkill";
pub(crate) const LIST_SKILLS: &str = "aws-external-anthropic:ListSkills";
pub(crate) const CREATE_SKILL: &str = "aws-external-anthropic:CreateSkill";
pub(crate) const UPDATE_SKILL: &str = "aws-external-anthropic:UpdateSkill";
pub(crate) const DELETE_SKILL: &str = "aws-external-anthropic:DeleteSkill";
pub(crate) const LIST_AGENTS: &str = "aws-external-anthropic:ListAgents";
pub(crate) const GET_AGENT: &str = "aws-external-anthropic:GetAgent";
pub(crate) const UPDATE_AGENT: &str = "aws-external-anthropic:UpdateAgent";
pub(crate) const GET_ENVIRONMENT: &str = "aws-external-anthropic:GetEnvironment";
pub(crate) const CREATE_SESSION: &str = "aws-external-anthropic:CreateSession";
pub(crate) const GET_SESSION: &str = "aws-external-anthropic:GetSession";
pub(crate) const UPDATE_SESSION: &str = "aws-external-anthropic:UpdateSession";
pub(crate) const ARCHIVE_SESSION: &str = "aws-external-anthropic:ArchiveSession";
pub(crate) const CREATE_FILE: &str = "aws-external-anthropic:CreateFile";
