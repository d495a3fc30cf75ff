//! A placeholder for e-mail and password, as a vault leaves it in a sandbox: an egress proxy swaps
//! it on the way.

use claude_platform_sim::{Access, Egress, Injection};
use gladstone_sim::{Builder, Club, Shape};

use crate::harness::{CONFIG, EMAIL, Member, club, text};

const HOST: &str = "riverside.gladstonego.cloud";
/// Nothing in it must be escaped, whatever it is written into.
const PASSWORD: &str = "Tr0ub4dor-3";

/// A club behind an egress proxy.
struct Sandbox {
    club: Club,
    egress: Egress,
    /// The table that `portal learn` makes of the club.
    profile: String,
}

impl Sandbox {
    fn start(builder: Builder, escapes: bool) -> Self {
        let club = builder.host_name(HOST).start();
        let upstream = format!("{HOST}={}", club.url())
            .parse()
            .expect("an upstream");
        let egress = Egress::start(vec![upstream], escapes).expect("an egress");
        let har = club.har(EMAIL).to_string();
        let owner = Member::new()
            .env("PSLC_CLUB", "riverside")
            .credentials(EMAIL, PASSWORD)
            .file("club.har", &har);
        let learned = owner.json("portal learn club.har");
        Self {
            club,
            egress,
            profile: text(&learned["table"]).to_owned(),
        }
    }

    /// Of this shape, with the member whose password is [`PASSWORD`].
    fn of(shape: Shape) -> Self {
        Self::start(club().shape(shape).member(EMAIL, PASSWORD), false)
    }

    /// Somebody in a session of this name: behind the proxy, with the club's profile.
    fn enter(&self, session: &str, access: Access) -> Member {
        let member = Member::new()
            .env("PSLC_CLUB", "riverside")
            .file(CONFIG, &self.profile);
        with_variables(member, &self.egress, session, access)
    }

    /// The requests that sign in: those that brought the club something it refused or took.
    fn sign_ins(&self) -> Vec<gladstone_sim::Call> {
        let mut calls = self.club.calls();
        calls.retain(|call| call.method == "POST" || call.query.contains("pass"));
        calls
    }
}

fn with_variables(member: Member, egress: &Egress, session: &str, access: Access) -> Member {
    egress
        .admit_session(session, access)
        .iter()
        .fold(member, |member, (name, value)| member.env(name, value))
}

/// Both credentials for the hosts of a vault.
fn vault(placeholder: &str, password: &str, hosts: &[&str]) -> Access {
    let hosts: Vec<_> = hosts.iter().map(ToString::to_string).collect();
    let variables = [("PSLC_USER", EMAIL), ("PSLC_PASSWORD", password)];
    let injections = variables.map(|(variable, secret)| Injection {
        variable: variable.to_owned(),
        placeholder: format!("{placeholder}-{variable}"),
        secret: secret.to_owned(),
        hosts: Some(hosts.clone()),
        header: true,
        body: true,
    });
    Access {
        hosts: Some(vec![HOST.to_owned()]),
        injections: injections.to_vec(),
    }
}

/// Shapes whose sign-in carries e-mail and password as they are.
const PLAIN: [Shape; 6] = [
    Shape::Assumed,
    Shape::Token,
    Shape::Form,
    Shape::Odd,
    Shape::Headers,
    Shape::Parts,
];

#[test]
fn a_placeholder_signs_in_where_the_password_is_sent_plain() {
    for shape in PLAIN {
        let sandbox = Sandbox::of(shape);
        let member = sandbox.enter("sesn_1", vault("opaque", PASSWORD, &[HOST]));
        let outcome = member.run("bookings");
        outcome
            .assert_quiet_success()
            .assert_stdout_has("upcoming bookings");
        assert_eq!(sandbox.sign_ins().len(), 1, "{shape:?}");
        assert!(!format!("{outcome:?}").contains(PASSWORD), "{shape:?}");
    }
}

#[test]
fn an_escaping_proxy_may_carry_any_password() {
    let password = "50% \"more\" & \\ +ü";
    for shape in [Shape::Assumed, Shape::Form] {
        let builder = club().shape(shape).member(EMAIL, password);
        let sandbox = Sandbox::start(builder, true);
        let member = sandbox.enter("sesn_1", vault("opaque", password, &[HOST]));
        member.run("login").assert_quiet_success();
    }
}

#[test]
fn a_kept_session_is_opened_by_its_placeholder_only() {
    let sandbox = Sandbox::of(Shape::Assumed);
    let member = sandbox.enter("sesn_1", vault("first", PASSWORD, &[HOST]));
    for _ in 0..2 {
        member.run("bookings").assert_quiet_success();
    }
    assert_eq!(sandbox.sign_ins().len(), 1, "the session is kept");
    // The same secret behind another placeholder is another password to us.
    let access = vault("second", PASSWORD, &[HOST]);
    let member = with_variables(member, &sandbox.egress, "sesn_1", access);
    for _ in 0..2 {
        member.run("bookings").assert_quiet_success();
    }
    assert_eq!(sandbox.sign_ins().len(), 2);
    // Another secret behind the same placeholder: the session is still good.
    let access = vault("second", "another", &[HOST]);
    let member = with_variables(member, &sandbox.egress, "sesn_1", access);
    member.run("bookings").assert_quiet_success();
    assert_eq!(sandbox.sign_ins().len(), 2);
}

#[test]
fn a_placeholder_that_nobody_swaps_is_sent_once() {
    let sandbox = Sandbox::of(Shape::Assumed);
    let member = sandbox.enter("sesn_1", vault("opaque", PASSWORD, &["login.example"]));
    for _ in 0..3 {
        member
            .run("bookings")
            .assert_error("login_rejected", 4)
            .assert_stderr_has("check pslc_user and pslc_password in the environment")
            .assert_stderr_lacks("placeholder");
    }
    assert_eq!(sandbox.sign_ins().len(), 1);
}

#[test]
fn a_sealed_placeholder_is_sent_once_and_explained() {
    for shape in [
        Shape::SealedCbc,
        Shape::SealedGcm,
        Shape::Basic,
        Shape::Query,
    ] {
        let sandbox = Sandbox::of(shape);
        let member = sandbox.enter("sesn_1", vault("opaque", PASSWORD, &[HOST]));
        for _ in 0..3 {
            let hint = "a vault's placeholder for the password cannot work at this club";
            member
                .run("bookings")
                .case(format!("{shape:?}"))
                .assert_error("login_rejected", 4)
                .assert_stderr_has(hint);
        }
        assert_eq!(sandbox.sign_ins().len(), 1, "{shape:?}");
        // The mounted file, which the hint names, works: nothing is locked.
        let access = Access {
            hosts: Some(vec![HOST.to_owned()]),
            injections: Vec::new(),
        };
        let member = sandbox.enter("sesn_2", access).credentials(EMAIL, PASSWORD);
        member.run("bookings").assert_quiet_success();
    }
}

#[test]
fn courts_need_no_placeholder() {
    let sandbox = Sandbox::of(Shape::Assumed);
    let member = sandbox.enter("sesn_1", vault("opaque", PASSWORD, &[HOST]));
    member.run("availability --date sat").assert_quiet_success();
    assert!(sandbox.sign_ins().is_empty());
}
