//! Search expressions: an attribute, an operator, a value.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

const NOT_TEXTS: &str = "attributeName and operator must be texts";
const MORE: &str = "an expression has attributeName, operator and value, nothing else";
const NO_OPERATOR: &str = "operator is none of the six";
const NO_OPERAND: &str = "value must be a text, a number, or true or false";

/// What is said of something that is no expression; none of it quotes what was sent.
pub(super) const RULES: [&str; 4] = [NOT_TEXTS, MORE, NO_OPERATOR, NO_OPERAND];

/// Expressions of one search at most.
pub const MOST_EXPRESSIONS: usize = 100;

/// One condition on an attribute (OSIA `Expression`); several hold together.
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Expression {
    /// The attribute.
    pub attribute_name: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub value: Operand,
}

impl<'de> Deserialize<'de> for Expression {
    /// Read by hand: what serde makes takes a list for an object, and an object for a word.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(from)?;
        let mut needed = |name: &'static str| members.remove(name).ok_or_else(|| Error::missing_field(name));
        let (name, operator, value) = (needed("attributeName")?, needed("operator")?, needed("value")?);
        let (Value::String(attribute_name), Value::String(_)) = (name, &operator) else {
            return Err(Error::custom(NOT_TEXTS));
        };
        if !members.is_empty() {
            return Err(Error::custom(MORE));
        }
        let operator = serde_json::from_value(operator).map_err(|_| Error::custom(NO_OPERATOR))?;
        let value = serde_json::from_value(value).map_err(|_| Error::custom(NO_OPERAND))?;
        Ok(Self { attribute_name, operator, value })
    }
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} ..", self.attribute_name, self.operator)
    }
}

/// How an attribute is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Operator {
    /// `<`
    #[serde(rename = "<")]
    Less,
    /// `>`
    #[serde(rename = ">")]
    Greater,
    /// `=`
    #[serde(rename = "=")]
    Equal,
    /// `>=`
    #[serde(rename = ">=")]
    NotLess,
    /// `<=`
    #[serde(rename = "<=")]
    NotGreater,
    /// `!=`
    #[serde(rename = "!=")]
    NotEqual,
}

/// What an attribute is compared with.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Operand {
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A text; dates are compared as they are written (ISO 8601).
    Text(String),
}

impl std::fmt::Debug for Operand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
        })
    }
}

impl Operand {
    /// How a known value stands to this one; `None` for values of different kinds, which cannot be compared.
    #[must_use]
    pub fn compare(&self, known: &Value) -> Option<Ordering> {
        match (self, known) {
            (Self::Text(text), Value::String(known)) => Some(known.as_str().cmp(text)),
            (Self::Boolean(truth), Value::Bool(known)) => Some(known.cmp(truth)),
            (Self::Integer(number), Value::Number(known)) => match known.as_i64() {
                Some(known) => Some(known.cmp(number)),
                None => known.as_f64()?.partial_cmp(&as_f64(*number)),
            },
            (Self::Number(number), Value::Number(known)) => known.as_f64()?.partial_cmp(number),
            _ => None,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "compared with a number that has no more precision")]
fn as_f64(number: i64) -> f64 {
    number as f64
}

impl Operator {
    /// Whether a known value that stands so to the expression's value meets it. Of values that cannot be compared only
    /// `!=` holds.
    #[must_use]
    pub fn holds(self, ordering: Option<Ordering>) -> bool {
        match self {
            Self::Less => ordering.is_some_and(Ordering::is_lt),
            Self::Greater => ordering.is_some_and(Ordering::is_gt),
            Self::Equal => ordering.is_some_and(Ordering::is_eq),
            Self::NotLess => ordering.is_some_and(Ordering::is_ge),
            Self::NotGreater => ordering.is_some_and(Ordering::is_le),
            Self::NotEqual => !ordering.is_some_and(Ordering::is_eq),
        }
    }
}

impl Expression {
    /// Whether a known value of the attribute meets it.
    #[must_use]
    pub fn holds(&self, known: &Value) -> bool {
        self.operator.holds(self.value.compare(known))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Option<Expression> {
        serde_json::from_value(value).ok()
    }

    /// OSIA-EXP-01, OSIA-EXP-02, OSIA-EXP-03.
    #[test]
    fn osia_exp_01_all_three_members_are_needed_and_nothing_else_is_taken() {
        let whole = json!({ "attributeName": "firstName", "operator": "=", "value": "John" });
        assert!(read(whole.clone()).is_some());
        for name in ["attributeName", "operator", "value"] {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(name);
            assert!(read(less).is_none(), "{name}");
        }
        for (name, value) in
            [("operator", json!("~")), ("value", json!(null)), ("value", json!({})), ("more", json!(1))]
        {
            let mut other = whole.clone();
            other[name] = value;
            assert!(read(other).is_none(), "{name}");
        }
        assert!(read(json!(["firstName", "=", "John"])).is_none());
        let mut odd = whole.clone();
        odd["operator"] = json!({ "=": null });
        assert!(read(odd).is_none());
        for operator in ["<", ">", "=", ">=", "<=", "!="] {
            let mut other = whole.clone();
            other["operator"] = json!(operator);
            assert!(read(other).is_some(), "{operator}");
        }
    }

    /// OSIA-ENR-07c.
    #[test]
    fn osia_enr_07c_every_operator_compares_every_kind_of_value() {
        let holds = |operator: &str, value: Value, known: Value| {
            let of = json!({ "attributeName": "a", "operator": operator, "value": value });
            read(of).unwrap().holds(&known)
        };
        let ordered = [
            (json!("1990-12-30"), json!("1990-12-31")),
            (json!(1), json!(2)),
            (json!(1.5), json!(2)),
            (json!(1), json!(1.5)),
            (json!(false), json!(true)),
        ];
        for (low, high) in ordered {
            assert!(holds("<", high.clone(), low.clone()) && holds("<=", high.clone(), low.clone()));
            assert!(holds(">", low.clone(), high.clone()) && holds(">=", low.clone(), high.clone()));
            assert!(holds("!=", low.clone(), high.clone()) && !holds("=", low.clone(), high.clone()));
            assert!(holds("=", low.clone(), low.clone()) && holds(">=", low.clone(), low.clone()));
            assert!(!holds("<", low.clone(), high.clone()) && !holds(">", high, low));
        }
        assert!(!holds("=", json!(1), json!("1")) && holds("!=", json!(1), json!("1")));
        assert!(!holds("<", json!("b"), json!(null)));
    }
}
