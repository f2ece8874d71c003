//! Whose write is next. SQLite has one writer: whoever wants it waits here, where the order is ours, and not inside the pool,
//! whose order is nobody's and whose patience ends. State: node memory.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// Who goes first when several wait. Among equals it is who came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precedence {
    /// Alerts on their way in, and what must happen at its time: somebody may have to be woken.
    Engine,
    /// Somebody looks at a screen, or a program waits for its answer.
    People,
    /// Many rows that nobody waits for: they are written when there is room.
    Bulk,
}

/// So many in a row may be served before somebody who came earlier: precedence delays, it never shuts out.
const PASSED_OVER: u32 = 64;

/// The queue before the writer. Clones are the same queue.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    taken: bool,
    waiting: [VecDeque<Waiting>; 3],
    came: u64,
    passed_over: u32,
}

struct Waiting {
    number: u64,
    give: oneshot::Sender<Turn>,
}

/// The right to write, until it is dropped; then it is the next one's.
pub(super) struct Turn(Option<Gate>);

impl Gate {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when it is the caller's turn. Who stops waiting is passed over.
    pub async fn turn(&self, precedence: Precedence) -> Turn {
        let given = {
            let mut queue = self.queue();
            if !queue.taken {
                queue.taken = true;
                return Turn(Some(self.clone()));
            }
            let (give, given) = oneshot::channel();
            let number = queue.came;
            queue.came += 1;
            queue.waiting[precedence as usize].push_back(Waiting { number, give });
            given
        };
        given.await.expect("whoever has the turn gives it on")
    }

    /// How many wait; a test's only way to know that a write has come to the gate.
    #[cfg(any(test, feature = "test-seams"))]
    pub fn waiting(&self) -> usize {
        self.queue().waiting.iter().map(VecDeque::len).sum()
    }
}

impl Queue {
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let first = self.waiting.iter().position(|class| !class.is_empty())?;
        let came = |class: &VecDeque<Waiting>| class.front().map_or(u64::MAX, |w| w.number);
        let earliest = (first..self.waiting.len()).min_by_key(|n| came(&self.waiting[*n])).unwrap_or(first);
        let chosen = if self.passed_over >= PASSED_OVER { earliest } else { first };
        self.passed_over = if chosen == earliest { 0 } else { self.passed_over + 1 };
        self.waiting[chosen].pop_front().map(|w| w.give)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(gate) = self.0.take() else { return };
        let mut queue = gate.queue();
        while let Some(give) = queue.next() {
            match give.send(Turn(Some(gate.clone()))) {
                Ok(()) => return,
                // Who waited went away. What came back must not be dropped as a turn while the queue is locked.
                Err(mut turn) => drop(turn.0.take()),
            }
        }
        queue.taken = false;
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::Pin, task::Poll};

    use super::*;

    type Waiter = Pin<Box<dyn Future<Output = Turn>>>;

    /// Has come to the gate: it was polled once.
    async fn comes(gate: &Gate, precedence: Precedence) -> Waiter {
        let gate = gate.clone();
        let mut waiter: Waiter = Box::pin(async move { gate.turn(precedence).await });
        assert!(polled(&mut waiter).await.is_none(), "somebody has the turn");
        waiter
    }

    async fn polled(waiter: &mut Waiter) -> Option<Turn> {
        std::future::poll_fn(|cx| {
            Poll::Ready(match waiter.as_mut().poll(cx) {
                Poll::Ready(turn) => Some(turn),
                Poll::Pending => None,
            })
        })
        .await
    }

    #[tokio::test]
    async fn within_a_class_it_is_who_came_first() {
        let gate = Gate::default();
        let turn = gate.turn(Precedence::Bulk).await;
        let (mut first, mut second) = (comes(&gate, Precedence::People).await, comes(&gate, Precedence::People).await);
        drop(turn);
        assert!(polled(&mut second).await.is_none());
        let turn = polled(&mut first).await.unwrap();
        assert!(polled(&mut second).await.is_none());
        drop(turn);
        assert!(polled(&mut second).await.is_some());
    }

    #[tokio::test]
    async fn who_stops_waiting_holds_nobody_up() {
        let gate = Gate::default();
        let turn = gate.turn(Precedence::People).await;
        let (gone, mut last) = (comes(&gate, Precedence::Engine).await, comes(&gate, Precedence::Bulk).await);
        let given = comes(&gate, Precedence::Engine).await;
        drop(gone);
        drop(turn);
        // It was given the turn and goes away before it looks.
        drop(given);
        drop(polled(&mut last).await.unwrap());
        assert!(!gate.queue().taken);
    }

    #[tokio::test]
    async fn bulk_is_served_in_the_end_however_much_else_there_is() {
        let gate = Gate::default();
        let mut turn = gate.turn(Precedence::Engine).await;
        let mut bulk = comes(&gate, Precedence::Bulk).await;
        for _ in 0..PASSED_OVER {
            let mut engine = comes(&gate, Precedence::Engine).await;
            drop(turn);
            turn = polled(&mut engine).await.unwrap();
        }
        let mut engine = comes(&gate, Precedence::Engine).await;
        drop(turn);
        assert!(polled(&mut engine).await.is_none());
        drop(polled(&mut bulk).await.unwrap());
        assert!(polled(&mut engine).await.is_some());
    }
}
