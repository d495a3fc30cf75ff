//! The command line, and the region that it describes.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::Context;
use aws_sim::{
    Builder, CONTROL_HELP, DEFAULT_REGION, Fault, Front, Function, Mishap, Region, Stack,
};
use clap::Parser;
use sim_server::{Order, ServerArgs, control_help};

/// A simulated AWS region on 127.0.0.1: DynamoDB, SSM, Lambda
///
/// Prints one line on stdout once it listens: its URL, the endpoint of all services. Serves until
/// it is stopped. The administrator's credentials are in the README.
#[derive(Debug, Parser)]
#[command(version, after_help = help())]
pub(crate) struct Cli {
    #[command(flatten)]
    server: ServerArgs,
    /// The name of the region
    #[arg(long, value_name = "NAME", default_value = DEFAULT_REGION)]
    region: String,
    /// A table, as the JSON of CreateTable; repeatable
    #[arg(long, value_name = "JSON")]
    table: Vec<String>,
    /// A plain parameter of SSM; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_named)]
    parameter: Vec<(String, String)>,
    /// A secure parameter of SSM; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_named)]
    secret: Vec<(String, String)>,
    /// A function and its program, what a zip holds as `bootstrap`; repeatable
    #[arg(long, value_name = "NAME=FILE", value_parser = parse_named)]
    function: Vec<(String, String)>,
    /// A variable of all functions; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_named)]
    variable: Vec<(String, String)>,
    /// The timeout of all functions in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    timeout: u64,
    /// A CloudFormation template, whose table, functions, roles and schedules there are
    #[arg(long, value_name = "FILE", requires_all = ["stack", "program"])]
    template: Option<PathBuf>,
    /// The name of the template's stack
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
    /// A parameter of the template; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_named)]
    stack_parameter: Vec<(String, String)>,
    /// The program of the template's functions
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// A mishap of asynchronous invocations, MISHAP[@WHERE][*TIMES]; repeatable, see below
    #[arg(long, value_name = "MISHAP")]
    mishap: Vec<Order<Mishap>>,
    /// Reads that need not be consistent miss changes for so many milliseconds
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    read_lag: u64,
    /// The most items of a page of Query and Scan
    #[arg(long, value_name = "COUNT")]
    page_items: Option<usize>,
    /// A fault, FAULT[@WHERE][*TIMES]; repeatable, see below
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Order<Fault>>,
}

impl Cli {
    /// The region that it asks for.
    pub(crate) fn into_builder(self) -> anyhow::Result<Builder> {
        let mut builder = Region::builder()
            .server(self.server.into_options(self.fault))
            .region(self.region)
            .read_lag(Duration::from_millis(self.read_lag));
        for table in self.table {
            let description = serde_json::from_str(&table).context("--table is no JSON")?;
            builder = builder.table(description, None);
        }
        for (name, value) in self.parameter {
            builder = builder.parameter(name, value);
        }
        for (name, value) in self.secret {
            builder = builder.secret(name, value);
        }
        if let (Some(file), Some(stack), Some(program)) =
            (&self.template, &self.stack, &self.program)
        {
            let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
            let parameters = self.stack_parameter.iter();
            let parameters = parameters.map(|(name, value)| (name.as_str(), value.as_str()));
            builder = builder.template(
                &text,
                Stack {
                    name: stack,
                    parameters: &parameters.collect::<Vec<_>>(),
                    program,
                },
            )?;
        }
        for (name, program) in self.function {
            let timeout = Duration::from_secs(self.timeout);
            builder = builder.function(Function::new(name, program).timeout(timeout));
        }
        for (name, value) in &self.variable {
            builder = builder.variable(name, value);
        }
        for order in self.mishap {
            builder = builder.mishap(order);
        }
        if let Some(most) = self.page_items {
            builder = builder.page_items(most);
        }
        Ok(builder)
    }
}

fn help() -> String {
    format!(
        "WHERE may be a service and an operation: error=ThrottlingException@/dynamodb/UpdateItem*2, \
         slow=300@/dynamodb, 503@/lambda/padel-answer\n\n\
         Mishaps: {}\n\
         WHERE is the number of an attempt to hand over an event, or a slash and the function's \
         name: doubled=1@/padel-answer\n\n\
         Fronts: {}, each followed by a function's name and a path\n\n{}{CONTROL_HELP}",
        Mishap::NAMES.join(", "),
        Front::ALL
            .map(|front| format!("/{}", front.name()))
            .join(", "),
        control_help(Fault::NAMES)
    )
}

fn parse_named(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not NAME=VALUE")),
    }
}
