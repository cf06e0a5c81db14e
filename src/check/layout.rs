//! Where each part of a state lies in its packed form.

/// Some bits of one word of a packed state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Which word.
    pub word: u8,
    /// From which bit on.
    pub shift: u8,
    /// So many low ones.
    pub mask: u64,
}

impl Field {
    /// The field's value.
    #[inline(always)]
    pub fn get<const W: usize>(self, state: &[u64; W]) -> u64 {
        // W is a power of two, so that this needs no check.
        state[usize::from(self.word) & (W - 1)] >> self.shift & self.mask
    }

    /// What must be xored into its word to turn one value into another.
    pub fn change(self, from: u32, to: u32) -> u64 {
        u64::from(from ^ to) << self.shift
    }
}

/// A packed state: W is a power of two.
pub type Packed<const W: usize> = [u64; W];

/// The largest W.
pub const MAX_WORDS: usize = 8;
/// The bits of a word that are used: the compact table multiplies words by 3.
const WORD_BITS: u32 = 62;

/// Where each part of a state lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// By part, as in [`super::model::State`].
    pub fields: Vec<Field>,
    /// Used bits of each word.
    pub bits: Vec<u32>,
}

impl Layout {
    /// For parts that take so many values each; a value that comes up later needs another layout. The error is the number
    /// of bits that would be needed.
    pub fn of(counts: impl Iterator<Item = usize>) -> Result<Layout, u32> {
        let (mut fields, mut bits): (Vec<Field>, Vec<u32>) = (Vec::new(), Vec::new());
        let mut needed = 0;
        for count in counts {
            let width = usize::BITS - count.saturating_sub(1).leading_zeros();
            needed += width;
            let word = bits.iter().position(|used| used + width <= WORD_BITS).unwrap_or_else(|| {
                bits.push(0);
                bits.len() - 1
            });
            let mask = (1u64 << width) - 1;
            fields.push(Field { word: word.min(255) as u8, shift: bits[word] as u8, mask });
            bits[word] += width;
        }
        let words = bits.len().max(1).next_power_of_two();
        bits.resize(words, 0);
        if words > MAX_WORDS { Err(needed) } else { Ok(Layout { fields, bits }) }
    }

    /// Packs a state; none if a part's value does not fit.
    pub fn pack<const W: usize>(&self, state: &[u32]) -> Option<Packed<W>> {
        let mut packed = [0; W];
        for (field, value) in self.fields.iter().zip(state) {
            if u64::from(*value) > field.mask {
                return None;
            }
            packed[usize::from(field.word)] |= u64::from(*value) << field.shift;
        }
        Some(packed)
    }

    /// Unpacks a state.
    pub fn unpack<const W: usize>(&self, packed: &Packed<W>) -> Vec<u32> {
        self.fields.iter().map(|field| field.get(packed) as u32).collect()
    }
}
