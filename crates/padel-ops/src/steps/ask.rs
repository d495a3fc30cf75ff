//! `ask`: questions to the agent, each in a session of its own, as a thread in Slack has one.
//!
//! It is carried out at once, without a plan: whoever asks wants the answer. It says before what
//! that may cost at most.

use std::{cell::RefCell, fmt, fs, path::Path, time::Duration};

use claude_platform::NewSession;
use serde::Serialize;
use serde_json::Value;

use super::step::Step;
use crate::{
    cli::{self, Access, Change},
    context::{Answer, StepContext},
    deploy::{Declaration, Lock},
    error::{Code, Error, from_platform, unreadable},
    log,
    ops::{
        agents,
        conversation::{Conversation, Reply},
        marked_session, question, readiness,
        transcript::Line,
    },
    output::one_line,
    plan,
};

/// More questions in a file are a mistake: each may cost a session's budget.
const MOST_QUESTIONS: usize = 200;
/// As long as a message in Slack.
const LONGEST_QUESTION: usize = 4_000;

/// The one thing that the step does.
pub(crate) struct AskAll<'a>(&'a cli::Ask);

/// The document `padel.ask/v1`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Evaluation {
    /// In the order of the questions.
    answers: Vec<Reply>,
}

impl plan::Action for AskAll<'_> {
    type State = Evaluation;

    async fn perform(
        self,
        evaluation: &mut Evaluation,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let options = self.0;
        let questions = read_questions(options)?;
        let (declaration, file) = context.open_deployment(&options.deployment)?;
        let session = describe_session(options, &declaration, &file.lock, context).await?;
        announce(&session, declaration.max_cost, questions.len(), context);
        let asking = Asking {
            options,
            owner: declaration.credentials.is_some(),
            skill: file.lock.skill_id.as_deref(),
            session,
        };
        let failures = asking.ask_all(&questions, evaluation, context).await;
        if options.questions.is_some() {
            context.answer.tell(&*evaluation)?;
        } else if let Some(reply) = evaluation.answers.first() {
            tell_answer(reply, context)?;
        }
        explain_failures(failures, questions.len())
    }

    fn part(&self) -> &'static str {
        "ask"
    }
}

impl fmt::Display for AskAll<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ask each question in a session of its own")
    }
}

impl Step for cli::Ask {
    const NAME: &'static str = "ask";
    type Action<'a> = AskAll<'a>;
    type State = Evaluation;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, None)
    }

    fn deployment(&self) -> Option<&cli::Deployment> {
        Some(&self.deployment)
    }

    fn plan(&self, _: &mut Evaluation, _: Answer) -> Result<Option<Vec<AskAll<'_>>>, Error> {
        Ok(Some(vec![AskAll(self)]))
    }

    fn document(evaluation: &Evaluation) -> impl Serialize {
        evaluation
    }

    fn has_results(evaluation: &Evaluation) -> bool {
        !evaluation.answers.is_empty()
    }
}

/// The things that all questions have in common.
struct Asking<'a> {
    options: &'a cli::Ask,
    owner: bool,
    skill: Option<&'a str>,
    session: NewSession,
}

impl Asking<'_> {
    /// Asks all, a few at a time. Gives the failures, in no order.
    async fn ask_all(
        &self,
        questions: &[String],
        evaluation: &mut Evaluation,
        context: &StepContext<'_>,
    ) -> Vec<Error> {
        let left = RefCell::new(questions.iter().enumerate());
        let done = RefCell::new(Vec::new());
        let work = || async {
            loop {
                // Not in the loop's head: the borrow would last through the wait.
                let next = left.borrow_mut().next();
                let Some((number, question)) = next else {
                    return;
                };
                let (reply, failure) = self.ask(number, question, context).await;
                if self.options.questions.is_some() {
                    let state = if failure.is_none() {
                        "answered"
                    } else {
                        "failed"
                    };
                    let (number, of) = (number + 1, questions.len());
                    context
                        .log
                        .progress(&format!("question {number} of {of}: {state}"));
                }
                done.borrow_mut().push((number, reply, failure));
            }
        };
        // Three at a time: an evaluation is done soon, and leaves the platform's limits to people.
        tokio::join!(work(), work(), work());
        let mut done = done.into_inner();
        done.sort_by_key(|(number, ..)| *number);
        let mut failures = Vec::new();
        for (_, reply, failure) in done {
            evaluation.answers.push(reply);
            failures.extend(failure);
        }
        failures
    }

    async fn ask(
        &self,
        number: usize,
        text: &str,
        context: &StepContext<'_>,
    ) -> (Reply, Option<Error>) {
        let line = question::write_line(text, self.owner, context.surroundings.now);
        let show = |line: &Line| match &self.options.questions {
            _ if !self.options.access.verbose => {}
            Some(_) => log::line(&format!("{}: {line}", number + 1)),
            None => log::line(&line.to_string()),
        };
        let conversation = Conversation {
            session: NewSession {
                initial_message: Some(line),
                ..self.session.clone()
            },
            skill: self.skill,
            timeout: Duration::from_secs(self.options.timeout),
            show: &show,
        };
        conversation.hold(text, context).await
    }
}

/// The question of the command line, or those of the file.
fn read_questions(options: &cli::Ask) -> Result<Vec<String>, Error> {
    let (questions, place) = match &options.questions {
        Some(path) => (read_lines(path)?, format!("`{}`", path.display())),
        None => (
            options.question.clone().into_iter().collect(),
            "it".to_owned(),
        ),
    };
    let refused = |message: String, hint: &str| Err(Error::new(Code::Usage, message, hint));
    if questions.is_empty() || questions.iter().any(|text| text.trim().is_empty()) {
        let hint = "write the question in quotes, or one in each line of the file";
        return refused("there is no question".to_owned(), hint);
    }
    if questions.len() > MOST_QUESTIONS {
        let message = format!("{place} holds {} questions", questions.len());
        return refused(message, &format!("ask at most {MOST_QUESTIONS} at once"));
    }
    let longest = questions.iter().map(|text| text.chars().count()).max();
    if longest > Some(LONGEST_QUESTION) {
        let message = format!("a question in {place} is too long");
        return refused(
            message,
            &format!("write at most {LONGEST_QUESTION} characters"),
        );
    }
    Ok(questions)
}

fn read_lines(path: &Path) -> Result<Vec<String>, Error> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let lines = text.lines().map(str::trim);
    let questions = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(questions.map(str::to_owned).collect())
}

/// The deployment's session, with the version and model that are tried. Both are looked for first,
/// so that a mistake costs nothing.
async fn describe_session(
    options: &cli::Ask,
    declaration: &Declaration,
    lock: &Lock,
    context: &StepContext<'_>,
) -> Result<NewSession, Error> {
    let mut session = marked_session::describe_session(declaration, lock, "ask")?;
    if let Some(version) = &options.version {
        let agent = readiness::check_smoke_agent(&session.agent, context).await?;
        let skill = lock.skill_id.as_deref().ok_or_else(|| {
            let message = format!("the deployment `{}` has no skill yet", declaration.name);
            Error::new(
                Code::NotFound,
                message,
                "run `padel-ops up --execute` first",
            )
        })?;
        let found = context.client.get_skill_version(skill, version).await;
        found.map_err(from_platform)?;
        session.skills = Some(agents::skills_with(&agent, skill, version)?);
    }
    if let Some(model) = &options.model {
        context
            .client
            .get_model(model)
            .await
            .map_err(from_platform)?;
        session.model = Some(Value::from(model.as_str()));
    }
    Ok(session)
}

/// Says what the questions may cost, before the first is asked.
fn announce(session: &NewSession, max_cost: u32, count: usize, context: &StepContext<'_>) {
    let agent = &session.agent;
    let each = dollars(max_cost.into());
    context.log.progress(&match count {
        1 => format!("asking `{agent}`, for at most {each}"),
        _ => format!(
            "asking `{agent}` {count} questions, for at most {each} each, {} in all",
            dollars(u64::from(max_cost) * count as u64)
        ),
    });
}

fn dollars(cents: u64) -> String {
    format!("${}.{:02}", cents / 100, cents % 100)
}

/// The answer on stdout, and what it took on stderr.
fn tell_answer(reply: &Reply, context: &StepContext<'_>) -> Result<(), Error> {
    if let Some(answer) = &reply.answer {
        context.answer.tell(format!("{answer}\n"))?;
    }
    let Some(session) = &reply.session else {
        return Ok(());
    };
    let cost = reply
        .cents
        .map_or("a cost that is not known".to_owned(), dollars);
    let look = context.hint_command(&format!("logs {session}"));
    context.log.progress(&format!(
        "{} s, {cost} at list prices; {look} shows the session",
        reply.seconds()
    ));
    Ok(())
}

/// Of several failures the first, which says how many there are.
fn explain_failures(failures: Vec<Error>, count: usize) -> Result<(), Error> {
    let failed = failures.len();
    let Some(first) = failures.into_iter().next() else {
        return Ok(());
    };
    if count == 1 {
        return Err(first);
    }
    let message = format!(
        "{failed} of {count} questions have no answer; one: {}",
        first.message
    );
    Err(Error { message, ..first })
}

/// A table in Markdown.
impl fmt::Display for Evaluation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "| question | answer | seconds | cents | skill version | model |"
        )?;
        writeln!(out, "|---|---|---:|---:|---|---|")?;
        for reply in &self.answers {
            let cents = reply.cents.map(|cents| cents.to_string());
            let error = reply.error.as_ref().map(|error| format!("*{error}*"));
            let cells = [
                Some(reply.question.clone()),
                reply.answer.clone().or(error),
                Some(reply.seconds()),
                cents,
                reply.skill_version.clone(),
                reply.model.clone(),
            ];
            let cells = cells.map(|cell| write_cell(&cell.unwrap_or_default()));
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}

/// One line in which nothing ends the cell. The agent's own Markdown stays.
fn write_cell(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(one_line).collect();
    lines.join("<br>").replace('\\', "\\\\").replace('|', "\\|")
}
