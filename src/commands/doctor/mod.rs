//! `padel doctor`: what was found, where it was looked for, and what works. Never a secret.

mod machine;
mod members;
mod portal;
mod settings;

use super::{Context, explain_sign_in};
use crate::{
    config::{Flags, Looked, Settings},
    error::Error,
    gladstone::{LastSignIn, Profile},
    learn::CAPTURE_STEPS,
    output::{Check, DoctorReport},
    text,
};

/// The most characters of a path.
const MAX_PATH: usize = 2000;

pub(super) async fn run(flags: &Flags, context: &Context<'_>) -> DoctorReport {
    let mut report = DoctorReport {
        checks: vec![Check::ok("padel", env!("CARGO_PKG_VERSION"))],
        looked: Vec::new(),
        steps: &[],
        failure: None,
    };
    match Settings::load(flags, context.env) {
        Ok(settings) => examine(&mut report, &settings, context).await,
        Err(error) => {
            let checks = &mut report.checks;
            checks.push(Check::failed("settings", &error.message));
            checks.extend(machine::check(None, context));
            report.failure = Some(error);
        }
    }
    for file in &mut report.looked {
        file.place = text::line(&file.place, MAX_PATH);
    }
    report.failure = report.failure.map(without_doctor);
    report
}

/// Examines all that can be, with settings that could be read.
async fn examine(report: &mut DoctorReport, settings: &Settings, context: &Context<'_>) {
    let checks = &mut report.checks;
    checks.extend(settings::check(settings));
    let about_members = checks.len();
    checks.extend(machine::check(settings.club().ok(), context));
    let portal = context.portal(settings);
    let failure = match &portal {
        Ok(portal) => portal::check(checks, portal, settings, context).await.err(),
        Err(error) => {
            checks.push(Check::failed("portal", &error.message));
            Some(error.clone())
        }
    };
    // Asked last: what was sent above may have signed in.
    let last_sign_in = match (portal, settings.credentials()) {
        (Ok(portal), Ok(credentials)) => portal.last_sign_in(credentials),
        _ => LastSignIn::Unknown,
    };
    let profile = Profile::new(&settings.portal);
    let is_assumed = profile.as_ref().is_ok_and(|profile| {
        let mut groups = ["login", "bookings"].iter();
        groups.any(|group| profile.is_assumed(group))
    });
    let has_credentials = settings.discovery.credentials.is_some();
    if is_assumed && has_credentials {
        report.steps = &CAPTURE_STEPS;
    }
    let members = [
        members::check_credentials(settings, &last_sign_in),
        members::check_profile(profile, &last_sign_in, is_assumed && !has_credentials),
    ];
    checks.splice(about_members..about_members, members);
    report.failure = failure.map(|error| explain_sign_in(error, settings));
    let files: [&[Looked]; 2] = [&settings.discovery.looked, &settings.looked];
    report.looked = files.concat();
}

/// Sends nobody who reads the doctor's report to the doctor.
fn without_doctor(mut error: Error) -> Error {
    if error.hint.contains("`padel doctor`") {
        let hint = "the report shows the proxy, the trusted certificates and what was reached";
        error.hint = hint.to_owned();
    }
    error
}
