//! Items as numbers: 1 + producer × [`ITEM_WINDOW`] + its number modulo the window. Nothing that a program starts with
//! (0, -1) is an item.

/// Items of one producer that can be told apart at a time.
pub const ITEM_WINDOW: u32 = 1 << 15;

/// The item with this number of a producer.
pub fn item_of(producer: u32, number: u32) -> i32 {
    (1 + producer * ITEM_WINDOW + number % ITEM_WINDOW) as i32
}

/// The producer and the number of an item; none for what is no item.
pub fn item_parts(item: i32) -> Option<(u32, u32)> {
    let at = u32::try_from(item).ok()?.checked_sub(1)?;
    Some((at / ITEM_WINDOW, at % ITEM_WINDOW))
}
