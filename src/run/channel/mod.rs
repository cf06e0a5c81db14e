//! Channels over a mechanism of the kernel, chosen when the run starts.
//!
//! Whatever carries the messages, a semaphore counts the room: so a channel of size 4 holds four messages over each of
//! them. Where the mechanism can wait by itself, a receiver sleeps in it; over a ring it sleeps on a second semaphore.

mod create;
mod link;
mod ring;

pub use create::{Links, carries, channel_of, open};
pub use link::Link;

use crate::mechanism::Mechanism;
use crate::program::{Channel, MAX_VALUES};
use crate::vm::Message;

/// Bytes of a value.
const VALUE: usize = size_of::<i32>();
/// Bytes of the longest message.
pub const MAX_BYTES: usize = MAX_VALUES * VALUE;

/// Whether a semaphore counts the messages, because the mechanism cannot wait by itself.
pub fn counts_messages(over: Mechanism) -> bool {
    matches!(over, Mechanism::Shm | Mechanism::Mmap)
}

/// The bytes of a message in this channel.
pub fn bytes_of(channel: &Channel) -> usize {
    usize::from(channel.values.max(1)) * VALUE
}

/// A message as bytes, in the order of this machine.
pub fn to_bytes(message: &Message) -> [u8; MAX_BYTES] {
    let mut bytes = [0; MAX_BYTES];
    for (bytes, value) in bytes.chunks_exact_mut(VALUE).zip(message.values) {
        bytes.copy_from_slice(&value.to_ne_bytes());
    }
    bytes
}

/// The reverse of [`to_bytes`].
pub fn from_bytes(bytes: &[u8]) -> Message {
    let mut message = Message::default();
    for (value, bytes) in message.values.iter_mut().zip(bytes.chunks_exact(VALUE)) {
        *value = i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        message.len += 1;
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_its_way() {
        let message = Message { len: 3, values: [1, -2, i32::MAX, 0] };
        assert_eq!(from_bytes(&to_bytes(&message)[..3 * VALUE]), message);
        assert_eq!(from_bytes(&[]), Message::default());
    }
}
