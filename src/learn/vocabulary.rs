//! The words that may be written: those of programs and of leisure centres. No name of a person or
//! a town is among them.

/// Words of names, sorted.
#[rustfmt::skip]
pub(super) const WORDS: &[&str] = &[
    "about", "accept", "access", "account", "accounts", "action", "actions", "active", "activities", "activity",
    "actual", "add", "added", "address", "admin", "admissions", "affinity", "after", "agent", "aggregate",
    "aggregates", "agreed", "alert", "all", "allow", "amenities", "amount", "and", "anon", "anonymous",
    "answer", "antiforgery", "any", "api", "app", "application", "applied", "apply", "approved", "archive",
    "area", "args", "arr", "arraffinity", "array", "asc", "ashx", "asmx", "asp", "aspnet", "aspx", "assign",
    "assigned", "at", "attempt", "attendance", "attended", "attendee", "attendees", "attr", "attributes",
    "audience", "auth", "authenticate", "authenticated", "authentication", "authorisation", "authorise",
    "authorization", "authorize", "auto", "avail", "availabilities", "availability", "available", "aws",
    "azure", "back", "balance", "bank", "base", "basic", "basket", "batch", "bay", "bays", "bearer", "before",
    "begin", "begins", "billing", "birth", "block", "body", "book", "bookable", "booked", "booking",
    "bookingref", "bookings", "bool", "bottom", "branch", "browser", "btn", "build", "by", "cache", "cal",
    "calendar", "callback", "can", "cancel", "canceled", "cancellation", "cancelled", "capacity", "captcha",
    "card", "cart", "category", "cb", "center", "centre", "change", "channel", "charge", "check", "checked",
    "checkin", "checkout", "child", "children", "city", "class", "classes", "classification", "clause", "clean",
    "clear", "client", "clients", "close", "closed", "club", "clubs", "cms", "coach", "code", "codes",
    "cognito", "collection", "color", "colour", "column", "command", "commence", "commenced", "commencement",
    "comment", "common", "company", "completed", "con", "concession", "config", "configuration", "confirm",
    "confirmation", "confirmationnumber", "confirmed", "connect", "connection", "consent", "contact", "content",
    "context", "cookie", "cookies", "cost", "count", "country", "court", "courts", "cover", "create", "created",
    "credential", "credentials", "credit", "criteria", "cs", "csrf", "csv", "ctl", "culture", "currency",
    "current", "customer", "customers", "data", "database", "date", "dates", "datetime", "day", "days", "db",
    "default", "delete", "delivery", "deposit", "desc", "description", "descriptor", "detail", "details",
    "device", "dialog", "direction", "disabled", "discount", "display", "distinct", "django", "do", "dob",
    "doc", "document", "domain", "done", "down", "draft", "due", "duplicate", "duration", "edges", "edit",
    "elb", "element", "eligible", "email", "emails", "embed", "enabled", "end", "ending", "ends", "enrol",
    "enrolment", "enterprise", "entities", "entitlement", "entity", "entries", "entry", "enum", "env",
    "equipment", "error", "errors", "event", "events", "exclude", "exp", "expand", "expire", "expired",
    "expires", "expiry", "explore", "express", "ext", "extended", "external", "facilities", "facility",
    "family", "fee", "feed", "fees", "field", "fields", "file", "filter", "find", "finish", "finished",
    "firebase", "first", "fixture", "fixtures", "flag", "flags", "flow", "fn", "for", "force", "forename",
    "form", "format", "found", "frame", "free", "friendly", "from", "full", "fullname", "function", "future",
    "gateway", "gender", "get", "gladstone", "gladstonego", "go", "grade", "grant", "graph", "graphql", "grid",
    "group", "groups", "guest", "guid", "gym", "hall", "handler", "has", "hash", "header", "headers", "height",
    "hire", "history", "hold", "home", "host", "hosted", "hour", "hours", "html", "http", "https", "hub",
    "icon", "id", "identifier", "identity", "ids", "image", "images", "in", "incap", "include", "included",
    "index", "info", "init", "initial", "input", "instance", "instructor", "int", "integer", "interval",
    "invitation", "invite", "invited", "invoice", "is", "iso", "issue", "issued", "item", "items", "iv", "js",
    "jsession", "jsessionid", "json", "jwt", "key", "keycloak", "keys", "kind", "koa", "label", "lang",
    "language", "laravel", "last", "lat", "lead", "legend", "leisure", "length", "lesson", "lessons", "level",
    "levels", "limit", "line", "link", "links", "list", "listing", "live", "load", "local", "locale",
    "locality", "location", "locations", "lock", "locked", "log", "logged", "login", "logins", "logon",
    "logout", "logs", "lon", "long", "loyalty", "machine", "made", "mail", "main", "manage", "map", "master",
    "matches", "me", "media", "member", "members", "membership", "menu", "merchant", "message", "messages",
    "meta", "method", "mfa", "middle", "mime", "min", "mine", "minute", "minutes", "mobile", "mode", "model",
    "modified", "module", "month", "ms", "msal", "multi", "mutation", "my", "name", "named", "names", "native",
    "nav", "net", "new", "next", "nick", "nickname", "no", "node", "nodes", "nonce", "none", "note", "notes",
    "notification", "now", "null", "num", "number", "numbers", "oauth", "obj", "object", "occupancy",
    "occurrence", "occurrences", "odata", "of", "off", "offer", "office", "offline", "offset", "ok", "okta",
    "old", "on", "online", "only", "op", "open", "openid", "opens", "operation", "option", "options", "or",
    "order", "orders", "organisation", "organization", "origin", "other", "otp", "out", "outlet", "outlets",
    "output", "owner", "pad", "padel", "page", "pages", "paging", "paid", "panel", "param", "parameter",
    "parameters", "params", "parent", "participant", "participants", "partner", "parts", "party", "pass",
    "passwd", "password", "passwordless", "past", "path", "pay", "payload", "payment", "pending", "per",
    "period", "permission", "permissions", "persist", "persistent", "person", "phone", "php", "phpsessid",
    "pin", "pitch", "place", "plan", "plans", "platform", "play", "player", "players", "point", "policy",
    "pool", "popup", "port", "portal", "post", "postal", "postcode", "pre", "previous", "price", "primary",
    "print", "private", "process", "product", "products", "profile", "profiles", "programme", "programs",
    "progress", "promotion", "property", "provider", "proxy", "public", "publish", "purpose", "put", "pw",
    "pwd", "qr", "qty", "qualifier", "quantity", "query", "question", "queue", "racket", "radius", "rails",
    "range", "rate", "ratings", "raw", "read", "reader", "reading", "realm", "reason", "rebook", "rec",
    "receipt", "receipts", "record", "records", "recurring", "redirect", "ref", "reference", "references",
    "refresh", "region", "register", "registration", "rel", "release", "remaining", "remark", "remember",
    "reminder", "remote", "render", "rental", "rentals", "repeat", "reply", "report", "req", "request",
    "requested", "resale", "reservation", "reservationlist", "reservations", "reserve", "reserved", "reset",
    "resource", "resources", "resourceset", "response", "rest", "result", "results", "resume", "ret", "return",
    "rev", "revision", "right", "role", "roles", "room", "root", "rota", "rounds", "route", "row", "rows",
    "rpc", "rule", "sale", "sales", "saml", "samlauthentication", "save", "schedule", "scheduled", "schedules",
    "schema", "scheme", "scope", "search", "seat", "second", "secret", "section", "sections", "secure",
    "security", "segment", "segments", "select", "selected", "self", "sent", "seq", "sequence", "series",
    "server", "service", "services", "sess", "session", "sessionid", "sessions", "set", "setting", "settings",
    "sheet", "shop", "short", "show", "sid", "side", "sign", "signalr", "signature", "signed", "signin",
    "signon", "signup", "simple", "site", "sites", "size", "skip", "slot", "slots", "sms", "soap", "socket",
    "sort", "source", "spa", "space", "span", "special", "sport", "sports", "squash", "sso", "staff", "stage",
    "standard", "start", "started", "starting", "starts", "state", "statement", "status", "step", "steps",
    "stock", "stop", "store", "str", "stream", "street", "string", "studio", "style", "sub", "subject",
    "submit", "subscription", "subtype", "sum", "summary", "support", "surface", "surname", "svc", "swim",
    "swimming", "sync", "system", "tab", "table", "tag", "tags", "target", "team", "template", "tenant",
    "tennis", "term", "terminal", "terms", "test", "text", "ticket", "tier", "tiers", "time", "timeout",
    "times", "timeslot", "timeslots", "timestamp", "timetable", "timezone", "title", "to", "token", "tokens",
    "tool", "top", "total", "totals", "town", "tracking", "tracks", "trainer", "training", "transaction",
    "transfer", "translation", "true", "try", "txt", "type", "types", "tz", "uid", "umbraco", "unit", "until",
    "upcoming", "update", "updated", "upper", "uri", "url", "use", "user", "username", "users", "usr", "utc",
    "uuid", "val", "valid", "validate", "validation", "validity", "value", "values", "variable", "variables",
    "venue", "venues", "ver", "verification", "verified", "verifier", "verify", "version", "via", "video",
    "view", "viewer", "views", "virtual", "visid", "visit", "visitor", "visits", "wait", "waiting", "waitlist",
    "waitlisted", "wallet", "web", "website", "week", "weekday", "weeks", "what", "when", "where", "widget",
    "width", "window", "with", "without", "word", "wordpress", "work", "workflow", "wp", "write", "ws", "wsdl",
    "xapi", "xml", "xsrf", "year", "years", "zip", "zone",
];

/// Words of names whose values are one of a few.
#[rustfmt::skip]
pub(super) const KINDS: &[&str] = &[
    "action", "api", "app", "application", "audience", "btn", "button", "by", "category", "channel", "client",
    "cmd", "command", "connection", "device", "direction", "display", "env", "environment", "event", "expand",
    "fields", "filter", "flow", "fn", "format", "function", "grant", "group", "include", "kind", "method",
    "mode", "op", "op", "operation", "order", "orderby", "period", "platform", "product", "provider", "purpose",
    "q", "realm", "response", "scope", "select", "show", "sort", "sortby", "source", "state", "status",
    "submit", "t", "tab", "type", "view", "when",
];

/// Words of such values.
#[rustfmt::skip]
pub(super) const VALUES: &[&str] = &[
    "access", "action", "active", "activities", "activity", "address", "all", "android", "angular", "anonymous",
    "any", "api", "app", "application", "asc", "ascending", "auth", "authenticate", "authentication",
    "authorization", "basic", "bearer", "body", "book", "booked", "booking", "bookings", "browser", "calendar",
    "cancelled", "centre", "class", "classes", "client", "code", "company", "completed", "confirmed",
    "connection", "count", "court", "courts", "create", "created", "credentials", "current", "custom",
    "database", "date", "day", "default", "desc", "descending", "desktop", "details", "direct", "display",
    "email", "end", "facility", "form", "full", "future", "get", "gladstone", "gladstonego", "go", "grant",
    "group", "history", "home", "html", "id", "identity", "image", "in", "internal", "ios", "item", "items",
    "js", "json", "kiosk", "legend", "list", "local", "location", "log", "login", "logon", "member", "members",
    "membership", "mine", "mobile", "my", "native", "new", "next", "none", "o", "offline", "on", "online",
    "open", "openid", "or", "order", "page", "password", "past", "pending", "portal", "post", "preview",
    "previous", "profile", "public", "pwa", "query", "react", "read", "ref", "reference", "refresh", "request",
    "reservation", "reservations", "reserved", "resource", "response", "rest", "scope", "search", "session",
    "sign", "signin", "site", "sites", "slot", "slots", "sort", "source", "spa", "sport", "sports", "standard",
    "start", "started", "starts", "state", "status", "submit", "summary", "table", "text", "time", "title",
    "to", "token", "type", "upcoming", "url", "user", "username", "users", "venue", "venues", "view", "visit",
    "visits", "vue", "web", "webapp", "website", "week", "write", "www",
];

/// Words of names whose values count pages and rows.
#[rustfmt::skip]
pub(super) const COUNTS: &[&str] = &[
    "limit", "offset", "page", "pages", "rows", "skip", "take", "top",
];

/// Words that may stand beside those in such names.
#[rustfmt::skip]
pub(super) const BESIDE: &[&str] = &[
    "activity", "auth", "booking", "bookings", "code", "court", "date", "event", "id", "is", "list", "login",
    "my", "name", "request", "selected", "show", "ui", "user", "web", "x",
];

/// Words of names whose values are ids of the club.
#[rustfmt::skip]
pub(super) const CLUB_NAMES: &[&str] = &[
    "activities", "activity", "branch", "brand", "center", "centre", "club", "company", "domain", "facility",
    "group", "host", "location", "organisation", "organization", "portal", "realm", "site", "sites", "tenant",
    "venue", "venues",
];

/// Pieces of a path behind which one person stands.
#[rustfmt::skip]
pub(super) const COLLECTIONS: &[&str] = &[
    "account", "accounts", "contact", "contacts", "customer", "customers", "member", "members", "memberships",
    "participant", "participants", "people", "person", "persons", "player", "players", "profile", "profiles",
    "u", "user", "users",
];
