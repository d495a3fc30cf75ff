//! Bodies that say no in many ways, and bodies that do not.

use super::*;

#[track_caller]
fn read(body: &str) -> Verdict {
    Verdict::of(body.as_bytes(), false)
}

#[test]
fn a_no_is_read_in_every_usual_form() {
    for body in [
        r#"{"success":false}"#,
        r#"{"Success":"False","message":"Falsches Kennwort"}"#,
        r#"{"isSuccess":"false"}"#,
        r#"{"IS_SUCCESS":0}"#,
        r#"{"succeeded":false,"isLockedOut":false,"isNotAllowed":false,"requiresTwoFactor":false}"#,
        r#"{"isSuccessful":false,"token":null}"#,
        r#"{"ok":false}"#,
        r#"{"authenticated":false}"#,
        r#"{"IsAuthenticated":false,"user":null}"#,
        r#"{"loggedIn":false}"#,
        r#"{"valid":false}"#,
        r#"{"result":false}"#,
        r#"{"result":"failed"}"#,
        r#"{"result":{"success":false}}"#,
        r#"{"data":{"login":{"isAuthenticated":false}}}"#,
        r#"{"d":{"Success":false}}"#,
        r#"[{"success":false}]"#,
        r#"{"status":"error"}"#,
        r#"{"status":"FAIL"}"#,
        r#"{"status":"ko"}"#,
        r#"{"status":false}"#,
        r#"{"loginStatus":"InvalidCredentials"}"#,
        r#"{"outcome":"Denied"}"#,
        r#"{"access":"denied"}"#,
        r#"{"statusCode":401}"#,
        r#"{"status":"403"}"#,
        r#"{"httpStatusCode":400,"message":"x"}"#,
        r#"{"code":401,"msg":"x"}"#,
        r#"{"meta":{"status":401}}"#,
        r#"{"Error":"no"}"#,
        r#"{"errors":["x"]}"#,
        r#"{"errors":{"password":["x"]}}"#,
        r#"{"errorCode":17}"#,
        r#"{"error_description":"x"}"#,
        r#"{"response":{"errors":[{"code":"E1"}]}}"#,
        r#"{"hasErrors":true}"#,
        r#"{"hasError":true}"#,
        r#"{"isInvalidLogin":true}"#,
        r#"{"isNotAllowed":true}"#,
        r#"{"unsuccessful":true}"#,
        r#"{"IsError":true}"#,
        r#"{"ExceptionMessage":"x","ExceptionType":"System.Exception"}"#,
        r#"{"login":"failed"}"#,
        r#"{"responseCode":"ERR"}"#,
        r#"{"alert":"Incorrect password"}"#,
        r#"{"failed":true}"#,
        r#"{"loginFailed":"true"}"#,
        r#"{"message":"Invalid username or password"}"#,
        r#"{"Message":"The e-mail address or password you entered is incorrect."}"#,
        r#"{"detail":"We don't recognise you: login failed"}"#,
        r#"{"messages":["Your details do not match our records"]}"#,
        "Invalid login attempt.",
        "\"Login failed\"",
        "Unauthorized",
        "false",
        "\u{feff}{\"success\":false}",
    ] {
        assert!(read(body).is_no(), "{body}");
    }
}

#[test]
fn what_says_yes_or_nothing_is_no_refusal() {
    for body in [
        "",
        "[]",
        "{}",
        "null",
        "true",
        "OK",
        "eyJhbGciOiJIUzI1NiJ9.eyJmYWlsIjoxfQ.invalid-fail",
        r#"{"success":true,"errors":[],"error":null}"#,
        r#"{"error":"","errorCode":0}"#,
        r#"{"error":"none","errorCode":"0","errorMessage":"No error"}"#,
        r#"{"error":{"code":0,"message":""}}"#,
        r#"{"status":"success"}"#,
        r#"{"status":200,"code":0}"#,
        r#"{"statusCode":"200"}"#,
        r#"{"result":0}"#,
        r#"{"result":"Succeeded","failedAttempts":2}"#,
        r#"{"unsuccessful":false,"isInvalid":false}"#,
        r#"{"hasError":false,"isError":false,"login":"alex@failsworth.example"}"#,
        r#"{"success":true,"lastPaymentFailed":true,"directDebitRejected":true}"#,
        r#"{"cookiesRejected":true,"emailInvalid":true,"lastLoginFailed":true}"#,
        r#"{"message":"Welcome back! Your password expires in 3 days."}"#,
        r#"{"user":{"membership":{"valid":false,"status":"error"},"marketing":{"success":false}}}"#,
        r#"{"user":{"lockoutEnabled":true,"lockoutEnd":"2020-01-01T00:00:00Z","isLocked":false}}"#,
        r#"{"accountStatus":"Active","mfa":{"enabled":true,"tokenProvider":"sms"},"accountUnlocked":true,"twoFactorEnabled":true,"passwordExpired":false}"#,
        r#"{"success":true,"termsAccepted":false,"paymentStatus":"Failed","emailValid":false,"userName":"Wrong Fail"}"#,
        r#"{"postcode":"404","passwordExpiresAt":"2027-01-01","mustChangePassword":null}"#,
        r#"{"features":{"passwordReset":true},"permissions":{"changePassword":true,"resetPassword":true}}"#,
        r#"{"data":{"token":"x","settings":{"passwordChange":true}}}"#,
        r#"{"accountNonLocked":true,"credentialsNonExpired":true,"passwordNonExpired":true}"#,
        r#"{"type":"member","code":"ENTERPRISE","nextAction":"home","promoCode":"SENDCODE"}"#,
        "<html><body>error</body></html>",
    ] {
        assert!(!read(body).is_no(), "{body}: {:?}", read(body));
    }
}

#[test]
fn a_second_factor_and_a_new_password_are_told_apart() {
    for body in [
        r#"{"requiresTwoFactor":true}"#,
        r#"{"succeeded":false,"RequiresTwoFactor":true}"#,
        r#"{"mfaRequired":"true"}"#,
        r#"{"status":"MFA_REQUIRED"}"#,
        r#"{"error":"mfa_required","mfa_token":"abc"}"#,
        r#"{"data":{"is2faRequired":1}}"#,
        r#"{"user":{"two_factor_required":true}}"#,
        r#"{"challengeName":"SMS_MFA"}"#,
        r#"{"otpRequired":true}"#,
        r#"{"mfa":"required"}"#,
        r#"{"authenticated":true,"mfa":{"required":true}}"#,
        r#"{"challenge":{"type":"otp"}}"#,
        r#"{"nextStep":"two-factor"}"#,
        r#"{"nextAction":"ENTER_CODE"}"#,
        r#"{"status":"CODE_SENT"}"#,
        r#"{"result":{"nextStep":"verify-security-code"}}"#,
    ] {
        assert!(
            read(body).second_factor && !read(body).locked,
            "{body}: {:?}",
            read(body)
        );
    }
    for body in [
        r#"{"passwordExpired":true}"#,
        r#"{"password":{"expired":true}}"#,
        r#"{"success":true,"mustChangePassword":true}"#,
        r#"{"requiresPasswordChange":true}"#,
        r#"{"forcePasswordReset":"true"}"#,
        r#"{"status":"PASSWORD_EXPIRED"}"#,
        r#"{"challengeName":"NEW_PASSWORD_REQUIRED"}"#,
        r#"{"error":"Your password has expired."}"#,
        r#"{"message":"You must change your password before you continue"}"#,
        r#"{"user":{"passwordResetRequired":true}}"#,
        r#"{"user":{"changePassword":true}}"#,
        r#"{"credentialsExpired":true}"#,
        r#"{"user":{"credentials_expired":"true"}}"#,
        r#"{"nextStep":"CHANGE_PASSWORD"}"#,
    ] {
        assert!(
            read(body).password_expired && !read(body).locked,
            "{body}: {:?}",
            read(body)
        );
    }
    assert!(read(r#"{"message":"Enter the verification code"}"#).mentions_second_factor);
    assert!(!read(r#"{"message":"Wrong password. Click here to reset it."}"#).password_expired);
}

#[test]
fn an_account_is_locked_where_a_text_says_so_or_a_field_that_is_set() {
    for body in [
        "Account locked",
        r#"{"error":["Too many attempts"]}"#,
        r#"[{"isLockedOut":true}]"#,
        r#""LOCKED""#,
        r#"{"code":"ACCOUNT_LOCKED"}"#,
        r#"{"accountStatus":"Locked"}"#,
        r#"{"user":{"lockedOut":"true"}}"#,
        r#"{"message":"Too many failed login attempts. Try again later."}"#,
    ] {
        assert!(read(body).locked, "{body}");
    }
    for body in [
        "",
        r#"{"succeeded":false,"isLockedOut":false,"lockedUntil":null}"#,
        r#"{"message":"wrong"}"#,
        r#"{"message":"Request blocked","traceId":"00-4bf92f2fa577b34d-01"}"#,
        r#"{"message":"The service is temporarily unavailable"}"#,
        r#"{"error":"Invalid password. Your account will be locked after 2 more attempts."}"#,
        r#"{"error":"Wrong password: 3 attempts left before your account is locked"}"#,
    ] {
        assert!(!read(body).locked, "{body}");
        assert!(!Verdict::of(body.as_bytes(), true).locked, "{body}");
    }
    assert!(Verdict::of(br#"{"lockedUntil":"2026-11-23T10:00:00Z"}"#, true).locked);
}

#[test]
fn a_sentence_about_the_request_does_not_blame_the_pair() {
    for body in [
        r#"{"message":"Invalid username or password"}"#,
        r#"{"error":"invalid_grant"}"#,
        "Incorrect password",
    ] {
        assert!(Verdict::of(body.as_bytes(), true).blames_the_pair, "{body}");
    }
    for body in [
        r#"{"title":"One or more validation errors occurred.","errors":{"Password":["The Password field is required."]}}"#,
        r#"{"message":"The request is invalid."}"#,
        r#"{"error":"invalid_request"}"#,
        r#"{"errors":{"Email":["The Email field is not a valid e-mail address."]}}"#,
    ] {
        assert!(
            !Verdict::of(body.as_bytes(), true).blames_the_pair,
            "{body}"
        );
    }
}

#[test]
fn words_of_success_and_of_its_opposite_are_told_apart() {
    for word in [
        "Unsuccessful",
        "LOGIN_UNSUCCESSFUL",
        "NotSuccessful",
        "login-not-successful",
    ] {
        assert!(read(&format!(r#"{{"outcome":"{word}"}}"#)).no, "{word}");
    }
    for word in [
        "Successful",
        "NoError",
        "ErrorNoError",
        "SUCCEEDED_AFTER_FAILURE",
    ] {
        assert!(
            !read(&format!(r#"{{"outcome":"{word}"}}"#)).is_no(),
            "{word}"
        );
    }
}

#[test]
fn what_is_nested_says_what_expired_and_what_is_wanted() {
    let verdict = read(r#"{"mfa":{"expired":true}}"#);
    assert!(!verdict.second_factor && !verdict.password_expired);
    assert!(read(r#"{"mfa":{"required":true}}"#).second_factor);
    let verdict = read(r#"{"password":{"expired":true}}"#);
    assert!(!verdict.second_factor && verdict.password_expired);
    assert!(!read(r#"{"card":{"required":true}}"#).second_factor);
    assert!(read(r#"{"twoFactorEnabled":true}"#).mentions_second_factor);
    assert!(!read(r#"{"twoFactorEnabled":false}"#).mentions_second_factor);
}

#[test]
fn a_no_is_looked_for_only_so_deep() {
    let nested = |depth: usize| {
        format!(
            "{}{{\"success\":false}}{}",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    for depth in [0, 1, DEPTH - 1] {
        assert!(read(&nested(depth)).no, "{depth}");
    }
    for depth in [DEPTH, DEPTH + 1, 60] {
        assert!(!read(&nested(depth)).no, "{depth}");
    }
}

#[test]
fn words_and_sentences_have_a_longest_form() {
    let word = |length: usize| format!("{}failed", "x".repeat(length - 6));
    let says_no = |text: &str| read(&format!(r#"{{"code":"{text}"}}"#)).no;
    assert!(says_no(&word(60)) && !says_no(&word(61)) && !says_no(&word(100)));
    assert!(says_no("login failed now") && !says_no("the login failed now"));
    let sentence = |length: usize| format!("wrong password{}", ".".repeat(length - 14));
    let says_no = |text: &str| read(&format!(r#"{{"message":"{text}"}}"#)).no;
    assert!(
        says_no(&sentence(MESSAGE))
            && !says_no(&sentence(MESSAGE + 1))
            && !says_no(&sentence(MESSAGE + 9))
    );
}

#[test]
fn what_stands_in_an_error_is_a_message() {
    let locked = r#""your account is locked""#;
    for body in [
        r#"{"error":{"x":TEXT}}"#,
        r#"{"errors":[{"x":{"y":TEXT}}]}"#,
    ] {
        assert!(read(&body.replace("TEXT", locked)).locked, "{body}");
    }
    assert!(!read(&r#"{"card":{"x":TEXT}}"#.replace("TEXT", locked)).locked);
    assert!(
        Verdict::of(
            r#"{"card":{"x":TEXT}}"#.replace("TEXT", locked).as_bytes(),
            true
        )
        .locked
    );
}

#[test]
fn fields_are_read_only_so_deep() {
    let nested = |depth: usize| {
        format!(
            "{}{{\"success\":false}}{}",
            "{\"data\":".repeat(depth),
            "}".repeat(depth)
        )
    };
    assert!(
        read(&nested(DEPTH - 1)).no && !read(&nested(DEPTH)).no && !read(&nested(DEPTH + 5)).no
    );
}

#[test]
fn numbers_and_names_that_look_alike_are_told_apart() {
    for (number, is_locked) in [("1", true), ("1.0", true), ("0", false), ("2", false)] {
        assert_eq!(
            read(&format!(r#"{{"isLockedOut":{number}}}"#)).locked,
            is_locked,
            "{number}"
        );
    }
    assert!(is_about_second_factor("2fa") && is_about_second_factor("2fatoken"));
    assert!(
        is_about_second_factor("otp")
            && !is_about_second_factor("a2fa")
            && !is_about_second_factor("02fa91")
    );
    for (name, is_one) in [
        ("mustchangepassword", true),
        ("passwordresetrequired", true),
        ("passwordexpired", true),
        ("passwordrequired", false),
        ("newpassword", false),
        ("mustchangeaddress", false),
    ] {
        assert_eq!(is_about_new_password(name), is_one, "{name}");
    }
}
