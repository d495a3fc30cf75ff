//! DynamoDB's numbers: decimal, 38 digits, from 1E-130 to 9.9E+125.

use std::{cmp::Ordering, fmt};

/// The most significant digits.
const MOST_DIGITS: usize = 38;
/// The place of the first digit of the largest number, and of the smallest.
const LARGEST: i32 = 125;
const SMALLEST: i32 = -130;

/// A number: `±digits × 10^exponent`, without zeros at either end. Zero has no digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Number {
    is_negative: bool,
    /// ASCII digits.
    digits: String,
    exponent: i32,
}

impl Number {
    /// Reads a number; fails with DynamoDB's own sentence.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let no_number = || format!("The parameter cannot be converted to a numeric value: {text}");
        let (is_negative, rest) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                (mantissa, exponent.parse::<i32>().map_err(|_| no_number())?)
            }
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(no_number());
        }
        let places = i32::try_from(fraction.len()).map_err(|_| no_number())?;
        Self::new(is_negative, &digits, exponent.saturating_sub(places))
    }

    fn new(is_negative: bool, digits: &str, exponent: i32) -> Result<Self, String> {
        let digits = digits.trim_start_matches('0');
        let kept = digits.trim_end_matches('0');
        if kept.is_empty() {
            return Ok(Self::default());
        }
        if kept.len() > MOST_DIGITS {
            return Err(
                "Attempting to store more than 38 significant digits in a Number".to_owned(),
            );
        }
        let zeros = i32::try_from(digits.len() - kept.len()).unwrap_or(i32::MAX);
        let number = Self {
            is_negative,
            digits: kept.to_owned(),
            exponent: exponent.saturating_add(zeros),
        };
        match number.first_place() {
            place if place > LARGEST => Err(
                "Number overflow. Attempting to store a number with magnitude larger than \
                 supported range"
                    .to_owned(),
            ),
            place if place < SMALLEST => Err(
                "Number underflow. Attempting to store a number with magnitude smaller than \
                 supported range"
                    .to_owned(),
            ),
            _ => Ok(number),
        }
    }

    /// The power of ten of the first digit.
    fn first_place(&self) -> i32 {
        self.exponent + self.length() - 1
    }

    fn length(&self) -> i32 {
        i32::try_from(self.digits.len()).unwrap_or(i32::MAX)
    }

    /// The bytes that count towards the size of an item: two digits in one, and one more.
    pub(crate) fn size(&self) -> usize {
        self.digits.len().div_ceil(2) + 1 + usize::from(self.is_negative)
    }

    pub(crate) fn negate(mut self) -> Self {
        self.is_negative = !self.is_negative && !self.digits.is_empty();
        self
    }

    /// The sum; fails where it has too many digits.
    pub(crate) fn add(&self, other: &Self) -> Result<Self, String> {
        if self.digits.is_empty() {
            return Ok(other.clone());
        }
        if other.digits.is_empty() {
            return Ok(self.clone());
        }
        let exponent = self.exponent.min(other.exponent);
        let sum = self.scaled(exponent)? + other.scaled(exponent)?;
        Self::new(sum < 0, &sum.unsigned_abs().to_string(), exponent)
    }

    /// The number in units of `10^exponent`; fails where that has more digits than a sum may.
    fn scaled(&self, exponent: i32) -> Result<i128, String> {
        let zeros = usize::try_from(self.exponent - exponent).unwrap_or(0);
        if self.digits.len() + zeros > MOST_DIGITS {
            return Err(
                "Attempting to store more than 38 significant digits in a Number".to_owned(),
            );
        }
        let digits = format!("{}{}", self.digits, "0".repeat(zeros));
        let number: i128 = digits.parse().map_err(|_| "Number overflow".to_owned())?;
        Ok(if self.is_negative { -number } else { number })
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self
                .first_place()
                .cmp(&other.first_place())
                .then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        if self.is_negative {
            f.write_str("-")?;
        }
        let whole = self.length() + self.exponent;
        match usize::try_from(whole) {
            Ok(whole) if whole >= self.digits.len() => {
                let zeros = whole - self.digits.len();
                write!(f, "{}{}", self.digits, "0".repeat(zeros))
            }
            Ok(whole) if whole > 0 => {
                let (whole, fraction) = self.digits.split_at(whole);
                write!(f, "{whole}.{fraction}")
            }
            _ => {
                let zeros = usize::try_from(-whole).unwrap_or(0);
                write!(f, "0.{}{}", "0".repeat(zeros), self.digits)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn numbers_are_written_without_zeros_at_their_ends() {
        for (text, written) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("007", "7"),
            ("1.50", "1.5"),
            ("-0.010", "-0.01"),
            ("1e3", "1000"),
            ("12.5E-3", "0.0125"),
            ("1795424400123", "1795424400123"),
        ] {
            assert_eq!(number(text).to_string(), written, "{text}");
        }
    }

    #[test]
    fn numbers_are_compared_by_value() {
        let sorted = [
            "-100", "-99.5", "-0.1", "0", "0.09", "0.1", "9", "10", "1E+20",
        ];
        for (smaller, larger) in sorted.iter().zip(&sorted[1..]) {
            assert!(number(smaller) < number(larger), "{smaller} < {larger}");
        }
        assert_eq!(number("1.0"), number("1"));
    }

    #[test]
    fn sums_are_exact() {
        for (one, two, sum) in [
            ("1", "-1", "0"),
            ("0.1", "0.2", "0.3"),
            ("99", "1", "100"),
            ("1795424400123", "15000", "1795424415123"),
            ("-5", "3", "-2"),
        ] {
            assert_eq!(number(one).add(&number(two)).unwrap().to_string(), sum);
        }
    }

    #[test]
    fn numbers_beyond_the_limits_are_refused() {
        let long = "1".repeat(39);
        for text in [
            "", "x", "1x", ".", "1e", "0x1", "1 ", "1e126", "1e-131", &long,
        ] {
            Number::parse(text).unwrap_err();
        }
        number("1e38").add(&number("1")).unwrap_err();
    }
}
