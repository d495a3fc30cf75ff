//! What a browser's requests are for, which decides some of their headers and how their content is
//! kept.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    Document,
    Script,
    Image,
    /// Its content is not kept.
    Font,
    Fetch,
    /// A fetch, its content kept as base64.
    Encoded,
}

impl Resource {
    /// Chrome's word for it.
    pub(super) fn resource_type(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Script => "script",
            Self::Image => "image",
            Self::Font => "font",
            Self::Fetch | Self::Encoded => "xhr",
        }
    }

    pub(super) fn accept(self) -> &'static str {
        match self {
            Self::Document => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            Self::Image => "image/avif,image/webp,image/apng,*/*;q=0.8",
            Self::Script | Self::Font => "*/*",
            Self::Fetch | Self::Encoded => "application/json, text/plain, */*",
        }
    }

    pub(super) fn mode(self) -> &'static str {
        match self {
            Self::Document => "navigate",
            Self::Script | Self::Image => "no-cors",
            Self::Font | Self::Fetch | Self::Encoded => "cors",
        }
    }

    pub(super) fn destination(self) -> &'static str {
        if self.mode() == "cors" && self != Self::Font {
            "empty"
        } else {
            self.resource_type()
        }
    }
}
