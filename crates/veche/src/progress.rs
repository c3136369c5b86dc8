//! Progress on a terminal, and nothing elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Nobody waits for what this process does from now on.
static QUIET: AtomicBool = AtomicBool::new(false);

/// No bars any more: the process is a server now, and what it does beside is nobody's to watch.
pub fn quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// A bar on standard error that shows itself if the work takes longer than a moment.
pub struct Bar(ProgressBar);

impl Bar {
    /// For work of `total` pieces.
    pub fn new(what: &'static str, total: u64) -> Self {
        Self::with(what, Some(total), "{msg} {wide_bar} {human_pos} of {human_len}, {eta} left")
    }

    /// For work of which nobody knows how much there is.
    pub fn busy(what: &'static str) -> Self {
        Self::with(what, None, "{spinner} {msg}, {elapsed}")
    }

    fn with(what: &'static str, total: Option<u64>, template: &str) -> Self {
        let target = if std::io::stderr().is_terminal() && !QUIET.load(Ordering::Relaxed) {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(total, target).with_style(style).with_message(what);
        bar.enable_steady_tick(Duration::from_millis(250));
        Self(bar)
    }

    /// So many pieces are done.
    pub fn set(&self, done: u64) {
        self.0.set_position(done);
    }

    /// The total became known only now.
    pub fn of(&self, total: u64) {
        self.0.set_length(total);
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.0.finish_and_clear();
    }
}
