//! How fast anybody may ask for things to be recorded.
//!
//! By guest, and by address: a guest's token costs nothing to make, an address does.

use crate::config::Limits;
use crate::problem::Problem;
use axum::http::HeaderMap;
use governor::clock::{Clock, QuantaClock};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use store::Token;

/// How many seconds' worth may come at once.
const BURST: u32 = 20;
/// After how many acts those who have been quiet are forgotten.
const SWEEP: u32 = 65_536;

type Keyed = RateLimiter<u64, DefaultKeyedStateStore<u64>, QuantaClock>;

/// Who sits at the other end of a connection; put on requests by [`crate::serve`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub SocketAddr);

/// Counts acts.
pub(crate) struct Limiter {
    guests: Option<Keyed>,
    addresses: Option<Keyed>,
    clock: QuantaClock,
    acts: AtomicU32,
}

impl Limiter {
    pub fn new(limits: &Limits) -> Self {
        let keyed = |rate: Option<u32>| {
            let rate = NonZeroU32::new(rate?)?;
            Some(RateLimiter::keyed(Quota::per_second(rate).allow_burst(rate.saturating_mul(BURST_NONZERO))))
        };
        Self {
            guests: keyed(limits.acts_per_guest),
            addresses: keyed(limits.acts_per_address),
            clock: QuantaClock::default(),
            acts: AtomicU32::new(0),
        }
    }

    /// Counts an act from an address, in the name of a guest who came with a token.
    pub fn act(&self, address: Option<IpAddr>, guest: Option<&Token>) -> Result<(), Problem> {
        if let (Some(limiter), Some(address)) = (&self.addresses, address) {
            self.check(limiter, network(address))?;
        }
        if let (Some(limiter), Some(guest)) = (&self.guests, guest) {
            self.check(limiter, guest.seed())?;
        }
        Ok(())
    }

    fn check(&self, limiter: &Keyed, key: u64) -> Result<(), Problem> {
        if self.acts.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
        }
        limiter.check_key(&key).map_err(|until| {
            Problem::too_fast(until.wait_time_from(self.clock.now()).as_secs_f64().ceil().max(1.0) as u64)
        })
    }
}

const BURST_NONZERO: NonZeroU32 = match NonZeroU32::new(BURST) {
    Some(burst) => burst,
    None => NonZeroU32::MIN,
};

/// The address a request comes from: that of the connection, or, behind proxies of our own, the one
/// the outermost of them saw.
pub(crate) fn address(headers: &HeaderMap, peer: Option<Peer>, hops: usize) -> Option<IpAddr> {
    let connection = peer.map(|Peer(address)| address.ip());
    if hops == 0 {
        return connection;
    }
    let all: Vec<_> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let seen = all
        .len()
        .checked_sub(hops)
        .and_then(|place| all.get(place))
        .and_then(|text| text.trim().parse().ok());
    seen.or(connection)
}

/// A key for an address; of IPv6 the first 64 bits, which is what one household gets.
fn network(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(address) => u64::from(u32::from(address)),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => u64::from(u32::from(address)),
            None => u64::try_from(u128::from(address) >> 64).unwrap_or(u64::MAX),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(forwarded: &str, hops: usize) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let peer = Peer("10.0.0.1:1".parse().unwrap());
        address(&headers, Some(peer), hops).map(|address| address.to_string())
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        assert_eq!(from("1.1.1.1, 2.2.2.2", 0).as_deref(), Some("10.0.0.1"));
        assert_eq!(from("1.1.1.1, 2.2.2.2", 1).as_deref(), Some("2.2.2.2"));
        assert_eq!(from("1.1.1.1, 2.2.2.2", 2).as_deref(), Some("1.1.1.1"));
        assert_eq!(from("1.1.1.1", 2).as_deref(), Some("10.0.0.1"));
        assert_eq!(from("nonsense", 1).as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn a_household_is_one_address() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
    }
}
