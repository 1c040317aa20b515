//! Finds every gap inside a fact, however deep: a fact can be known and lack the policy of one bucket.
//!
//! It looks at a fact as it is written into a snapshot, so no fact can be forgotten: a gap that were not found here would
//! not be in the snapshot either.

use std::fmt;

use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};

use crate::Gap;

/// Every gap in a value, in the order in which they stand there.
pub(crate) fn gaps_within(value: &impl Serialize) -> Vec<Gap> {
    let mut found = Vec::new();
    // Nothing that is looked at here refuses.
    let _ = value.serialize(Walk(&mut found));
    found
}

/// Goes through a value and keeps what stands in [`crate::Seen::Missing`].
struct Walk<'g>(&'g mut Vec<Gap>);

impl Walk<'_> {
    fn into(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), fmt::Error> {
        value.serialize(Walk(self.0))
    }
}

/// Values with nothing inside.
macro_rules! leaves {
    ($($name:ident: $type:ty),+) => { $(fn $name(self, _: $type) -> Result<(), fmt::Error> { Ok(()) })+ };
}

impl Serializer for Walk<'_> {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    leaves! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_unit_struct: &'static str
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_none(self) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), fmt::Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), fmt::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        if (name, variant) != ("Seen", "missing") {
            return value.serialize(self);
        }
        let gap = serde_json::to_value(value).and_then(serde_json::from_value).map_err(|_| fmt::Error)?;
        self.0.push(gap);
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }
}

/// The parts of a compound value, one after the other.
macro_rules! parts {
    ($($kind:ident::$part:ident($($key:ident: $type:ty)?)),+) => { $(
        impl $kind for Walk<'_> {
            type Ok = ();
            type Error = fmt::Error;

            fn $part<T: Serialize + ?Sized>(&mut self, $($key: $type,)? value: &T) -> Result<(), fmt::Error> {
                $(let _ = $key;)?
                self.into(value)
            }

            fn end(self) -> Result<(), fmt::Error> {
                Ok(())
            }
        }
    )+ };
}

parts! {
    SerializeSeq::serialize_element(), SerializeTuple::serialize_element(), SerializeTupleStruct::serialize_field(),
    SerializeTupleVariant::serialize_field(), SerializeStruct::serialize_field(name: &'static str),
    SerializeStructVariant::serialize_field(name: &'static str)
}

impl SerializeMap for Walk<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.into(value)
    }

    fn end(self) -> Result<(), fmt::Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{GapKind, Seen};

    #[derive(Serialize)]
    struct Part {
        name: String,
        policy: Seen<Option<String>>,
    }

    fn gap(message: &str) -> Gap {
        Gap { kind: GapKind::Denied, operation: None, region: None, code: None, message: message.to_owned() }
    }

    #[test]
    fn a_gap_is_found_wherever_it_stands() {
        let part = |name: &str, policy| Part { name: name.to_owned(), policy };
        let parts = vec![part("read", Seen::Known(None)), part("closed", Seen::Missing(gap("the policy")))];
        let regions = BTreeMap::from([("a", Seen::Known(parts)), ("b", Seen::Missing(gap("the Region")))]);
        let fact = Seen::Known((7, Some(regions)));
        assert_eq!(gaps_within(&fact), [gap("the policy"), gap("the Region")]);
        assert_eq!(gaps_within(&Seen::<()>::Missing(gap("all of it"))), [gap("all of it")]);
        assert_eq!(gaps_within(&Seen::Known("missing")), []);
    }
}
