//! What may be written, and what may not.

use super::*;

fn sample_list() -> AllowList {
    let mut secrets = Secrets::default();
    secrets.add("alex.p@example.org");
    secrets.add("Tr0ub4dor&3 x");
    let mut allow_list = AllowList::new(&[], "riverside.gladstonego.cloud", secrets);
    allow_list.club.insert("ub".to_owned());
    allow_list.values.insert(hash_text(b"Lexi"));
    allow_list.sent_to.insert(hash_text(b"zephyr"));
    allow_list
}

#[test]
fn settings_are_kept() {
    for (name, value) in [
        ("grant_type", "password"),
        ("RememberMe", "true"),
        ("rememberMe", "0"),
        ("client", "web"),
        ("client_id", "gladstone-go"),
        ("scope", "openid profile offline_access"),
        ("x-requested-with", "XMLHttpRequest"),
        ("x-app-version", "4.12.0"),
        ("siteId", "UB"),
        ("x-tenant", "riverside"),
        ("culture", "en-GB"),
        ("ReturnUrl", "/"),
        ("returnUrl", "/my/bookings"),
        ("page", "1"),
        ("pageSize", "50"),
        ("view", "upcoming"),
        ("timezone", "Europe/London"),
        ("token_type", "bearer"),
        (
            "query",
            "mutation Login($email: String!, $password: String!) { login(email: $email) { token } }",
        ),
    ] {
        assert!(sample_list().allows_value(name, value), "{name}={value}");
    }
}

#[test]
fn what_may_be_somebodys_is_not_kept() {
    for (name, value) in [
        ("pin", "4711"),
        ("dateOfBirth", "1980-02-03"),
        ("cardNumber", "4839201"),
        ("postCode", "LS1 4AP"),
        ("mobile", "07700900123"),
        ("securityAnswer", "Rex"),
        ("securityAnswer", "web"),
        ("nickname", "Lexi"),
        ("deviceId", "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"),
        ("client_id", "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"),
        ("client_id", "alex-phone"),
        ("gender", "F"),
        ("title", "Dr"),
        ("height", "181"),
        ("anything", "anything"),
        ("returnUrl", "/members/alex"),
        ("returnUrl", "//evil.example"),
        ("returnUrl", "/Somebody"),
        ("bloodType", "A"),
        ("maritalStatus", "2"),
        ("gender", "1"),
        ("number", "4711"),
        ("shoeSize", "9"),
        ("page", "0044123"),
        ("page", "4711"),
        ("v", "4711"),
        ("version", "81.2.69.142"),
        ("version", "1980.02.03"),
        ("siteId", "LS"),
        ("Lexi", "true"),
        ("0044123", "true"),
        ("user-agent", "Mozilla/5.0"),
        ("query", "mutation { login(email: \"a@b.c\") { token } }"),
    ] {
        assert!(!sample_list().allows_value(name, value), "{name}={value}");
    }
}

#[test]
fn names_paths_and_pointers_are_looked_at_by_their_pieces() {
    let allow_list = sample_list();
    for path in [
        "/api/v1/Account/Login",
        "/u/login/identifier",
        "/rest/0/auth",
        "/ws",
        "/sites/UB/bookings.json",
        "/x/{from}",
        "/umbraco/surface/mrmlogin.aspx",
        "/zephyr/bookings",
        "/lsc/en/bookings",
    ] {
        assert!(allow_list.allows_path(path), "{path}");
    }
    for path in [
        "/api/members/0044123/bookings",
        "/members/7",
        "/api/alex.p%40example.org",
        "/users/Somebody/x",
        "/a/Lexi",
        "/Rowena/bookings",
        "/Rowena7/bookings",
        "/api/bookings/Pemberton",
        "/6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b/x",
    ] {
        assert!(!allow_list.allows_path(path), "{path}");
    }
    assert_eq!(
        allow_list.shown_path("/api/members/0044123/bookings"),
        "/api/members/…/…"
    );
    assert_eq!(allow_list.shown_path("/api/bookings"), "/api/bookings");
    for pointer in [
        "",
        "/data/items",
        "/0/1_from~1ms",
        "/date + /startTime",
        "/facilityBay",
    ] {
        assert!(allow_list.allows_pointer(pointer), "{pointer}");
    }
    for pointer in [
        "/4839201",
        "/Lexi/bookings",
        "/data/Rowena",
        "/alex.p@example.org",
        "/2026-11-24",
    ] {
        assert!(!allow_list.allows_pointer(pointer), "{pointer}");
    }
}

#[test]
fn a_name_is_kept_where_it_is_made_of_words() {
    let mut allow_list = sample_list();
    allow_list.secrets.add("member-site-login");
    allow_list.secrets.add("sport");
    allow_list.remember_value(b"Al");
    for name in [
        "page12",
        "a1b2c3",
        "zephyr_view",
        "al",
        "account_account_account_account_account_account_account_list",
    ] {
        assert!(allow_list.allows_name(name), "{name}");
    }
    for name in [
        "",
        "12",
        "7_12",
        "page123",
        "a1b2c3d4",
        "a1b2c3d4e5",
        "lexi_code",
        "zo\u{eb}",
        "zephyr'view",
        "sport",
        "zephyr_sport",
        "x_member-site-login",
        &"account_".repeat(8),
    ] {
        assert!(!allow_list.allows_name(name), "{name}");
    }
}

#[test]
fn a_value_is_kept_only_with_the_name_that_it_belongs_to() {
    for (name, value) in [
        ("grant_type", "Rexi"),
        ("token_type", "Rexi"),
        ("token", "bearer"),
        ("timezone", "Rexi"),
        ("x-requested-with", "Rexi"),
        ("culture", "en-Rexi"),
        ("anything", "/my/bookings"),
        ("view", "--"),
        ("view", &"list ".repeat(14)),
        ("query", "bookings { id }"),
        ("query", "query {user {id}}"),
        ("query", "query { Lexi { id } }"),
    ] {
        assert!(!sample_list().allows_value(name, value), "{name}={value}");
    }
    let allow_list = sample_list();
    assert!(allow_list.allows_path("/api//bookings"));
    assert!(!allow_list.allows_path("/{Rowena/bookings"));
    assert!(allow_list.allows_pointer("/quxbooking"));
}

#[test]
fn the_values_of_json_are_not_its_names() {
    let strings = |json: &str| {
        let mut found = Vec::new();
        for_each_string(json.as_bytes(), |text| {
            found.push(String::from_utf8_lossy(text).into_owned());
        });
        found
    };
    let json = r#"{"name":"Lexi", "list" : ["x\"y", "", "z"], "n": 1, "last":"w"}"#;
    assert_eq!(strings(json), ["Lexi", r#"x\"y"#, "", "z", "w"]);
    assert_eq!(strings("\"cut"), ["cut"]);
    assert_eq!(strings("\"cut\\"), ["cut\\"]);
}
