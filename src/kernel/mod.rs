//! Discrete-event simulation on one page, and what controllers are driven by. Generic: nothing in
//! here knows a Job.
//!
//! # The idea
//!
//! Most of the time, in most systems, nothing happens. So a simulator does not let time pass; it
//! keeps a list of what is going to happen, takes out the next event, sets the clock to *its*
//! time and lets it happen, which may put more events onto the list. An hour of waiting costs as
//! much as a microsecond. The run is over when the list is empty, or when nobody wants to know
//! more. All of it is this loop:
//!
//! ```
//! use dryjob::base::{Instant, Span};
//! use dryjob::kernel::EventQueue;
//!
//! /// A shop with one till: customers come every 50 s, each takes 80 s to serve.
//! #[derive(Clone, Copy)]
//! enum Event {
//!     Arrival,
//!     Served,
//! }
//!
//! // Among events of the same instant: who has been served leaves before the next one comes in.
//! let class = |event| match event {
//!     Event::Served => 0,
//!     Event::Arrival => 1,
//! };
//! let mut queue = EventQueue::new();
//! for n in 0..3 {
//!     let at = Instant::ORIGIN + Span::from_secs(50).times(n);
//!     queue.push(at, class(Event::Arrival), Event::Arrival);
//! }
//!
//! let (mut in_shop, mut last) = (0, Instant::ORIGIN);
//! while let Some((now, event)) = queue.pop() {
//!     let starts = match event {
//!         Event::Arrival => {
//!             in_shop += 1;
//!             in_shop == 1
//!         }
//!         Event::Served => {
//!             in_shop -= 1;
//!             in_shop > 0
//!         }
//!     };
//!     if starts {
//!         queue.push(now + Span::from_secs(80), class(Event::Served), Event::Served);
//!     }
//!     last = now;
//! }
//! assert_eq!(last, Instant::ORIGIN + Span::from_secs(240));
//! ```
//!
//! Everything else is about keeping that loop honest:
//!
//! - **One clock.** Nobody reads the time; whoever needs it is told, as the argument `now`.
//! - **One order.** Two events at the same instant are the rule, not the exception. Their order
//!   is part of the result, so it is total and documented: time, then class, then insertion.
//! - **No chance but what is drawn.** Random numbers have addresses ([`crate::base::stream`]);
//!   the same seed gives the same run, and one more event changes no other event's luck.
//! - **State in values.** What is in here are plain data structures. They plan nothing by
//!   themselves: they say when they next want to be asked (`next_due`, the instant of a
//!   `reserve`), and the owner of the loop makes an event of it.
//!
//! # The parts
//!
//! [`EventQueue`] is the list. The other three are what stands between a controller and the world
//! it looks after, modelled on client-go: [`WorkQueue`] decides when a controller looks at which
//! object, [`TokenBucket`] how fast it may talk to the server, and [`Correlator`] which of its
//! reports are written.

pub mod correlator;
pub mod event_queue;
pub mod token_bucket;
pub mod work_queue;

pub use correlator::{Correlator, Outcome};
pub use event_queue::EventQueue;
pub use token_bucket::TokenBucket;
pub use work_queue::{RateLimit, WorkQueue};
