//! Faults in one grammar for tests, the flag `--fault` and the control endpoint:
//! `FAULT[@WHERE][*TIMES]`.
//!
//! A simulator declares its faults with [`faults!`](crate::faults): name, variant and sentence in
//! one place. What a fault does is the simulator's own.

use std::{borrow::Cow, fmt, str::FromStr, time::Duration};

use axum::http::request::Parts;

/// A simulator's faults; [`faults!`](crate::faults) makes all of it but this.
pub trait Fault: Copy + fmt::Display + FromStr<Err = UnknownFault> + Send + Sync + 'static {
    /// The times that a fault strikes when nobody limits it; `None` for always.
    const TIMES: Option<u32>;

    /// What a path in `@WHERE` is compared with: the request's own, unless an API names its
    /// operations elsewhere.
    fn place(parts: &Parts) -> Cow<'_, str> {
        parts.uri.path().into()
    }

    /// True for the paths that a fault covers when nobody says where it strikes.
    fn covers(self, _path: &str) -> bool {
        true
    }

    /// True for the calls that it strikes among those it covers; the first is 1.
    fn strikes(self, _number: u32) -> bool {
        true
    }

    fn upload(self) -> Upload {
        Upload::Whole
    }
}

/// The way the body of a request is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upload {
    Whole,
    /// Whole, but so much later.
    After(Duration),
    /// Whole, once the simulator's owner says so: [`Control::release_held`](crate::Control::release_held).
    Held,
    /// Not at all: the connection is reset in the middle of it.
    Reset,
}

/// Requests that a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// The request with that number, the next one being 1, and those after it: `@3`.
    Request(u32),
    /// Requests whose path begins so, or whose method and path do: `@/v1/skills`,
    /// `@POST /v1/skills`.
    Path(String),
}

/// A fault, where it strikes and how often. As text `FAULT[@WHERE][*TIMES]`:
/// `lost-after@POST /v1/skills`, `529@3*2`. An argument that is any text goes to the end, `@` and
/// `*` included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order<F> {
    pub fault: F,
    /// The fault's own choice without.
    pub at: Option<At>,
    /// The simulator's own choice without.
    pub times: Option<u32>,
}

/// A text that names no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not FAULT[@WHERE][*TIMES] with one of {}", names.join(", "))]
pub struct UnknownFault {
    pub text: String,
    pub names: &'static [&'static str],
}

impl From<u32> for At {
    fn from(number: u32) -> Self {
        Self::Request(number)
    }
}

impl From<&str> for At {
    fn from(path: &str) -> Self {
        Self::Path(path.to_owned())
    }
}

impl<F> From<F> for Order<F> {
    fn from(fault: F) -> Self {
        Self {
            fault,
            at: None,
            times: None,
        }
    }
}

impl<F: Fault> FromStr for Order<F> {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let unknown = match text.parse::<F>() {
            Ok(fault) => return Ok(fault.into()),
            Err(unknown) => unknown,
        };
        read_order(text).ok_or(unknown)
    }
}

fn read_order<F: Fault>(text: &str) -> Option<Order<F>> {
    let (rest, times) = match text.rsplit_once('*') {
        None => (text, None),
        Some((rest, times)) => (rest, Some(times.parse().ok()?)),
    };
    let (fault, at) = match rest.split_once('@') {
        None => (rest, None),
        Some((fault, path)) if path.contains('/') => (fault, Some(At::from(path))),
        Some((fault, number)) => (fault, Some(At::Request(number.parse().ok()?))),
    };
    Some(Order {
        fault: fault.parse().ok()?,
        at,
        times,
    })
}

/// An order that waits for its requests, or for whatever else a simulator numbers and names with a
/// path.
#[derive(Debug)]
pub struct Armed<F> {
    order: Order<F>,
    /// The calls that had arrived before it.
    calls_before: u32,
    left: Option<u32>,
    covered: u32,
}

impl<F: Fault> Armed<F> {
    pub fn new(order: Order<F>, calls_before: u32) -> Self {
        Self {
            calls_before,
            left: order.times.or(F::TIMES),
            covered: 0,
            order,
        }
    }

    /// Returns the fault when it strikes this call; then it has struck.
    pub fn strike(&mut self, number: u32, method: &str, path: &str) -> Option<F> {
        let fault = self.order.fault;
        let covers = match &self.order.at {
            None => fault.covers(path),
            Some(At::Request(from)) => number >= self.calls_before.saturating_add(*from),
            Some(At::Path(prefix)) => {
                path.starts_with(prefix.as_str())
                    || format!("{method} {path}").starts_with(prefix.as_str())
            }
        };
        if !covers || self.left == Some(0) {
            return None;
        }
        self.covered += 1;
        if !fault.strikes(self.covered) {
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        Some(fault)
    }
}

/// A value in a fault's text, in place of the capitals of its name.
pub trait Argument: Sized {
    fn read(text: &str) -> Option<Self>;
}

impl Argument for u32 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// The status of an error.
impl Argument for u16 {
    fn read(text: &str) -> Option<Self> {
        text.parse()
            .ok()
            .filter(|status| (400..600).contains(status))
    }
}

/// A text that a header can hold. It is kept until the process ends, so that faults stay `Copy`.
impl Argument for &'static str {
    fn read(text: &str) -> Option<Self> {
        let fits = !text.chars().any(char::is_control);
        fits.then(|| &*Box::leak(text.to_owned().into_boxed_str()))
    }
}

/// The name of a fault without the capitals that stand for its argument.
pub fn name_stem(name: &str) -> &str {
    name.trim_end_matches(|letter: char| letter.is_ascii_uppercase())
}

/// Declares a simulator's faults: for each its sentence, its name and its variant. A name that ends
/// with capitals takes an argument there, of the variant's type.
#[macro_export]
macro_rules! faults {
    ($(#[$about:meta])* $vis:vis enum $faults:ident {
        $($(#[$doc:meta])* $name:literal => $variant:ident $(($argument:ty))?,)+
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $faults { $($(#[$doc])* $variant $(($argument))?,)+ }

        impl $faults {
            /// The names of all faults; capitals at the end stand for an argument.
            $vis const NAMES: &'static [&'static str] = &[$($name),+];
        }

        impl std::str::FromStr for $faults {
            type Err = $crate::UnknownFault;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $($crate::faults!(@read text, $name, $variant $(($argument))?);)+
                Err($crate::UnknownFault { text: text.to_owned(), names: Self::NAMES })
            }
        }

        impl std::fmt::Display for $faults {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $($crate::faults!(@write self, f, $name, $variant $(($argument))?);)+
                Ok(())
            }
        }
    };
    (@read $text:ident, $name:literal, $variant:ident) => {
        if $text == $name {
            return Ok(Self::$variant);
        }
    };
    (@read $text:ident, $name:literal, $variant:ident ($argument:ty)) => {
        if let Some(argument) = $text
            .strip_prefix($crate::fault::name_stem($name))
            .and_then(<$argument as $crate::fault::Argument>::read)
        {
            return Ok(Self::$variant(argument));
        }
    };
    (@write $self:ident, $f:ident, $name:literal, $variant:ident) => {
        if matches!($self, Self::$variant) {
            return $f.write_str($name);
        }
    };
    (@write $self:ident, $f:ident, $name:literal, $variant:ident ($argument:ty)) => {
        if let Self::$variant(argument) = $self {
            return write!($f, "{}{argument}", $crate::fault::name_stem($name));
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    faults! {
        enum Trouble {
            "STATUS" => Status(u16),
            "slow=N" => Slow(u32),
            "lost" => Lost,
            "once" => Once,
            "redirect=URL" => Redirect(&'static str),
        }
    }

    impl Fault for Trouble {
        const TIMES: Option<u32> = None;

        fn covers(self, path: &str) -> bool {
            path.starts_with("/api/")
        }

        fn strikes(self, number: u32) -> bool {
            self != Self::Once || number == 1
        }
    }

    fn order(fault: Trouble, at: Option<At>, times: Option<u32>) -> Order<Trouble> {
        Order { fault, at, times }
    }

    #[test]
    fn every_name_is_read_back() {
        for text in ["529", "slow=3", "lost", "once", "redirect=http://a@b/*2"] {
            assert_eq!(text.parse::<Trouble>().unwrap().to_string(), text);
            assert_eq!(
                text.parse::<Order<Trouble>>().unwrap().fault,
                text.parse::<Trouble>().unwrap()
            );
        }
    }

    #[test]
    fn an_order_says_where_and_how_often() {
        for (text, expected) in [
            ("409", order(Trouble::Status(409), None, None)),
            ("lost@4", order(Trouble::Lost, Some(At::Request(4)), None)),
            (
                "slow=1@POST /v1/skills*3",
                order(Trouble::Slow(1), Some(At::from("POST /v1/skills")), Some(3)),
            ),
        ] {
            assert_eq!(text.parse(), Ok(expected));
        }
    }

    #[test]
    fn an_unknown_fault_is_refused_with_the_list() {
        for text in [
            "",
            "200",
            "600",
            "nonsense",
            "slow",
            "slow=x",
            "slow=-1",
            "409@",
            "409@x",
            "409*",
            "lost=3",
            "redirect",
            "redirect=\n",
        ] {
            let error = text.parse::<Order<Trouble>>().unwrap_err().to_string();
            assert!(
                error.contains(&Trouble::NAMES.join(", ")),
                "{text}: {error}"
            );
        }
    }

    /// The calls that are struck of those to `/api/a`, `/b`, `/api/c`, `/api/d`, numbered from 6.
    fn struck(order: Order<Trouble>) -> Vec<u32> {
        let mut armed = Armed::new(order, 5);
        (6..)
            .zip(["/api/a", "/b", "/api/c", "/api/d"])
            .filter(|(number, path)| armed.strike(*number, "GET", path).is_some())
            .map(|(number, _)| number)
            .collect()
    }

    #[test]
    fn a_fault_strikes_where_and_as_often_as_it_is_told() {
        let lost = |at, times| struck(order(Trouble::Lost, at, times));
        assert_eq!(lost(None, None), [6, 8, 9]);
        assert_eq!(lost(None, Some(2)), [6, 8]);
        assert_eq!(lost(Some(At::Request(2)), Some(2)), [7, 8]);
        assert_eq!(lost(Some(At::from("/b")), None), [7]);
        assert_eq!(lost(Some(At::from("GET /api/")), Some(1)), [6]);
        assert_eq!(lost(Some(At::from("POST /api/")), None), [0; 0]);
        assert_eq!(struck(Trouble::Once.into()), [6]);
    }
}
