//! Time: how long an attempt may take, and how long a call waits. `setTimeout` of whatever runtime this is.

use crate::error::{Code, Error};
use gloo_timers::future::TimeoutFuture;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

/// The time of one attempt. It stops with it: whoever drops it clears the timer.
pub struct Clock(TimeoutFuture);

impl Clock {
    pub fn start(ms: u32) -> Self {
        Self(TimeoutFuture::new(ms))
    }

    /// What the work gives, unless time is up before. Then the clock has rung, and is of no more use.
    ///
    /// # Errors
    /// `timeout`
    pub async fn bound<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Error> {
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Ok(done)),
            Poll::Pending => Pin::new(&mut self.0).poll(context).map(|()| {
                let message = "the attempt took longer than `timeoutMs`";
                Err(Error::new(Code::Timeout, message).retryable())
            }),
        })
        .await
    }
}

/// Waits; at most a minute is ever asked for.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float stays within what the number can hold"
)]
pub async fn wait(ms: f64) {
    TimeoutFuture::new(ms.ceil() as u32).await;
}

/// Epoch milliseconds.
pub fn now() -> f64 {
    js_sys::Date::now()
}
