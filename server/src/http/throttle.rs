//! Requests per address and class of route: a token bucket in memory (may be lost; per account limits are in the database).

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use axum::{
    extract::{Request, State as Extract},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Code, Problem};

use super::{State, context, refusal::Refusal};

/// Addresses that are remembered; above it the oldest half is forgotten.
const MOST: usize = 20_000;

/// A class of routes with its own budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Class {
    /// Sign-in, setup, invitations: what guesses secrets.
    Guess,
    /// Everything else that people and programs ask.
    Usual,
}

impl Class {
    fn of(path: &str) -> Self {
        let guess =
            matches!(path, "/sign-in" | "/setup" | "/api/session" | "/api/v1/session" | "/csp-report") || path.starts_with("/invite/");
        if guess { Self::Guess } else { Self::Usual }
    }

    /// Requests at once, and per second after.
    const fn budget(self) -> (f64, f64) {
        match self {
            Self::Guess => (30.0, 0.5),
            Self::Usual => (5_000.0, 2_000.0),
        }
    }
}

/// The buckets of this node.
#[derive(Default)]
pub struct Throttle(Mutex<HashMap<(IpAddr, Class), (f64, Instant)>>);

impl Throttle {
    /// Takes one request from the bucket, or answers the seconds until there is one.
    fn take(&self, ip: IpAddr, class: Class, now: Instant) -> Result<(), u32> {
        let (burst, rate) = class.budget();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MOST {
            let mut ages: Vec<_> = buckets.values().map(|b| b.1).collect();
            ages.sort();
            let median = ages[ages.len() / 2];
            buckets.retain(|_, b| b.1 > median);
        }
        let (left, at) = buckets.entry((network(ip), class)).or_insert((burst, now));
        *left = (*left + now.duration_since(*at).as_secs_f64() * rate).min(burst);
        *at = now;
        if *left < 1.0 {
            return Err(((1.0 - *left) / rate).ceil() as u32);
        }
        *left -= 1.0;
        Ok(())
    }
}

/// One address, or the /64 that a household has of IPv6.
fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => {
                let s = v6.segments();
                IpAddr::V6(Ipv6Addr::new(s[0], s[1], s[2], s[3], 0, 0, 0, 0))
            }
        },
    }
}

/// Refuses an address that asks too often. Unsafe requests count for sign-in and the like; reading a page does not guess.
pub async fn layer(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let class = if request.method().is_safe() { Class::Usual } else { Class::of(request.uri().path()) };
    match state.throttle.take(context::address(&state, &request), class, Instant::now()) {
        Ok(()) => next.run(request).await,
        Err(seconds) => {
            let detail = format!("Too many requests from your network; try again in {seconds} s.");
            Refusal(Problem { retry_after_s: Some(seconds), ..Problem::new(Code::TooMany, "Too many requests", detail) }).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn guessing_is_slowed_and_recovers() {
        let t = Throttle::default();
        let (ip, now) = (IpAddr::from([1, 2, 3, 4]), Instant::now());
        for _ in 0..30 {
            assert_eq!(t.take(ip, Class::Guess, now), Ok(()));
        }
        assert_eq!(t.take(ip, Class::Guess, now), Err(2));
        assert_eq!(t.take(IpAddr::from([1, 2, 3, 5]), Class::Guess, now), Ok(()));
        assert_eq!(t.take(ip, Class::Guess, now + Duration::from_secs(2)), Ok(()));
    }

    #[test]
    fn a_household_of_ipv6_is_one() {
        let ip = |s: &str| network(s.parse().unwrap());
        assert_eq!(ip("2001:db8:1:2:3::1"), ip("2001:db8:1:2:ffff::9"));
        assert_ne!(ip("2001:db8:1:2::1"), ip("2001:db8:1:3::1"));
        assert_eq!(ip("::ffff:1.2.3.4"), ip("1.2.3.4"));
    }
}
