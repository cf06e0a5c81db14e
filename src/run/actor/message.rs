//! Sending and receiving, done for real.
//!
//! Room and messages are counted as semaphores are: a post before it is made, a take after the actor's position has moved
//! past it. In between the two are out of balance, and nobody relies on where this actor was.

use std::sync::atomic::Ordering;

use rustix::process::Pid;

use super::{Actor, Step};
use crate::board::{Board, Texts};
use crate::os;
use crate::program::{ActorId, ChannelId, Ends, Instruction, Object, Program, SemaphoreId};
use crate::run::channel::{self, Link, MAX_BYTES, bytes_of, from_bytes, to_bytes};
use crate::run::names::RunId;
use crate::snapshot::Doing;
use crate::vm::Message;

/// The channels of which an actor has an end.
#[derive(Debug, Default)]
pub struct Mailboxes {
    /// By channel; none for those that it never touches.
    links: Vec<Option<Link>>,
}

impl Mailboxes {
    /// Opens what an actor's program touches.
    pub fn open(
        board: &Board<'_>,
        program: &Program,
        texts: &Texts,
        run: RunId,
        me: ActorId,
    ) -> os::Result<Mailboxes> {
        let mut touched = vec![false; program.channel_count() as usize];
        for instruction in &program.actors[me.index()].code.instructions {
            if let Instruction::Send { channel, .. } | Instruction::Receive { channel, .. } = instruction {
                let (first, len) = channel.span();
                touched[first as usize..(first + len) as usize].fill(true);
            }
        }
        let open = |(id, touched): (usize, bool)| {
            let id = ChannelId(id as u32);
            let words = board.channel(id);
            let words = [words[0].load(Ordering::Relaxed), words[1].load(Ordering::Relaxed)];
            let link = || channel::open(texts.over, run, id, program.channel(id), words);
            touched.then(link).transpose()
        };
        Ok(Mailboxes { links: touched.into_iter().enumerate().map(open).collect::<os::Result<_>>()? })
    }
}

impl Actor<'_, '_> {
    /// Waits for room and puts a message in.
    pub(super) fn send(&mut self, channel: ChannelId, ends: Ends, message: Message) -> Step {
        let (room, messages) = (ends.room(channel.0), ends.messages(channel.0));
        let (room_port, room_semaphore) = self.handles.parts(self.program, room);
        let (message_port, message_semaphore) = self.handles.parts(self.program, messages);
        if let Some(semaphore) = room_semaphore
            && !semaphore.try_wait()
        {
            self.blocked(Doing::Blocked(Object::Semaphore(room)), semaphore.address());
            semaphore.wait();
            self.unblocked();
        }
        message_port.post();
        let bytes = to_bytes(&message);
        let len = bytes_of(self.program.channel(channel));
        let to = self.receiver(channel);
        let put = self.link(channel).put(&bytes[..len], || to);
        self.must(put);
        if let Some(semaphore) = message_semaphore {
            semaphore.post();
        }
        self.passed();
        room_port.take();
        Ok(())
    }

    /// Takes the oldest message, or none if there is none and the actor does not wait.
    pub(super) fn receive(&mut self, channel: ChannelId, ends: Ends, wait: bool) -> Step<Option<Message>> {
        let (room, messages) = (ends.room(channel.0), ends.messages(channel.0));
        let mut bytes = [0; MAX_BYTES];
        let len = bytes_of(self.program.channel(channel));
        if !self.take_message(channel, messages, wait, &mut bytes[..len]) {
            return Ok(None);
        }
        // First the room, while the messages are still out of balance: a sender that waits for it is not yet forgotten.
        let (room_port, room_semaphore) = self.handles.parts(self.program, room);
        room_port.post();
        if let Some(semaphore) = room_semaphore {
            semaphore.post();
        }
        self.passed();
        self.handles.parts(self.program, messages).0.take();
        Ok(Some(from_bytes(&bytes[..len])))
    }

    fn take_message(
        &mut self,
        channel: ChannelId,
        messages: SemaphoreId,
        wait: bool,
        buffer: &mut [u8],
    ) -> bool {
        let doing = Doing::Blocked(Object::Semaphore(messages));
        let (_, semaphore) = self.handles.parts(self.program, messages);
        let tried = match semaphore {
            Some(semaphore) => Ok(semaphore.try_wait() && self.link(channel).try_take(buffer).is_ok()),
            None => self.link(channel).try_take(buffer),
        };
        let got = self.must(tried);
        if got || !wait {
            return got;
        }
        match semaphore {
            Some(semaphore) => {
                self.blocked(doing, semaphore.address());
                semaphore.wait();
                self.unblocked();
                let taken = self.link(channel).take(buffer);
                self.must(taken);
            }
            None => {
                let address = self.link(channel).argument();
                self.blocked(doing, address as usize);
                let taken = self.link(channel).take(buffer);
                self.must(taken);
                self.unblocked();
            }
        }
        true
    }

    fn link(&mut self, channel: ChannelId) -> &mut Link {
        match &mut self.mailboxes.links[channel.index()] {
            Some(link) => link,
            // Every channel of the actor's text was opened before it began.
            None => std::process::exit(3),
        }
    }

    /// The process to which a signal goes.
    fn receiver(&self, channel: ChannelId) -> Option<Pid> {
        let actor = ActorId(self.board.channel(channel)[0].load(Ordering::Relaxed) as u32);
        let known = actor.index() < self.program.actors.len();
        let pid = known.then(|| self.board.slot(actor).pid().load(Ordering::Acquire))?;
        Pid::from_raw(pid as i32)
    }

    /// A channel that fails has lost its supervisor, or the kernel's limits were lowered meanwhile: the actor cannot go on.
    fn must<T>(&self, done: os::Result<T>) -> T {
        match done {
            Ok(value) => value,
            Err(error) => {
                eprintln!("! {error}");
                std::process::exit(3);
            }
        }
    }
}
