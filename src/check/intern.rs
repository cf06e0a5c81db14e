//! Values by small numbers.

use std::collections::HashMap;
use std::hash::Hash;

/// Gives each value a number, in the order of arrival.
#[derive(Clone, Debug)]
pub struct Interner<T> {
    values: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T: Clone + Eq + Hash> Interner<T> {
    /// With one value in it, number 0.
    pub fn with(first: T) -> Interner<T> {
        Interner { values: vec![first.clone()], numbers: HashMap::from([(first, 0)]) }
    }

    /// The number of a value, new or old.
    pub fn intern(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = self.values.len() as u32;
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    /// The number of a value, if it has one.
    pub fn number(&self, value: &T) -> Option<u32> {
        self.numbers.get(value).copied()
    }

    /// The value of a number.
    pub fn get(&self, number: u32) -> &T {
        &self.values[number as usize]
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// All values, by number.
    pub fn values(&self) -> &[T] {
        &self.values
    }
}
