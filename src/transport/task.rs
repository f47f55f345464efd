//! Work that goes on while nobody waits for it: what was fetched ahead must not run out of its time because whoever walks over
//! it is slow.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use wasm_bindgen_futures::spawn_local;

/// Work under way. Whoever drops it ends the work.
pub struct Task<T>(Rc<RefCell<State<T>>>);

struct State<T> {
    /// Not here while it runs.
    work: Option<Pin<Box<dyn Future<Output = T>>>>,
    done: Option<T>,
    ended: bool,
    runner: Option<Waker>,
    waiter: Option<Waker>,
}

impl<T: 'static> Task<T> {
    /// Begins it.
    pub fn begin(work: impl Future<Output = T> + 'static) -> Self {
        let state = Rc::new(RefCell::new(State {
            work: Some(Box::pin(work)),
            done: None,
            ended: false,
            runner: None,
            waiter: None,
        }));
        let running = Rc::clone(&state);
        spawn_local(poll_fn(move |context| run(&running, context)));
        Self(state)
    }

    /// What it gave, once.
    pub fn poll(&self, context: &Context<'_>) -> Poll<T> {
        let mut state = self.0.borrow_mut();
        if let Some(done) = state.done.take() {
            return Poll::Ready(done);
        }
        state.waiter = Some(context.waker().clone());
        Poll::Pending
    }
}

fn run<T>(state: &RefCell<State<T>>, context: &mut Context<'_>) -> Poll<()> {
    let Some(mut work) = state.borrow_mut().work.take() else {
        return Poll::Ready(());
    };
    // Nothing is borrowed while it runs: it may come by here.
    let polled = work.as_mut().poll(context);
    let mut state = state.borrow_mut();
    match polled {
        Poll::Ready(done) => {
            state.done = Some(done);
            let waiter = state.waiter.take();
            // Nor while others are told: an executor may come by at once.
            drop(state);
            if let Some(waiter) = waiter {
                waiter.wake();
            }
            Poll::Ready(())
        }
        Poll::Pending if state.ended => Poll::Ready(()),
        Poll::Pending => {
            state.work = Some(work);
            state.runner = Some(context.waker().clone());
            Poll::Pending
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        let mut state = self.0.borrow_mut();
        state.ended = true;
        let (work, runner) = (state.work.take(), state.runner.take());
        drop(state);
        drop(work);
        // What runs it finds nothing more to do, and goes.
        if let Some(runner) = runner {
            runner.wake();
        }
    }
}
