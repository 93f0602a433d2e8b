//! Networks: whether two addresses seem to be in one place.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::places::Place;

/// The network an address is counted and compared by: the /24 of an IPv4 address, the /48 of an IPv6 one, which is what
/// one household or office has.
#[must_use]
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Ipv4Addr::new(a, b, c, 0).into()
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()
        }
    }
}

/// Whether browser and wallet are in one network, and in no two countries. `None` where an address is not known.
#[must_use]
pub fn near(browser: (Option<IpAddr>, &Place), wallet: (Option<IpAddr>, &Place)) -> Option<bool> {
    let ((browser, here), (wallet, there)) = (browser, wallet);
    let (browser, wallet) = (browser?, wallet?);
    let abroad = here.country.is_some() && there.country.is_some() && here.country != there.country;
    Some(network(browser) == network(wallet) && !abroad)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(country: Option<&str>) -> Place {
        Place { country: country.map(Into::into), name: None }
    }

    fn seem_near(one: &str, other: &str, countries: (Option<&str>, Option<&str>)) -> Option<bool> {
        let (here, there) = (at(countries.0), at(countries.1));
        near((one.parse().ok(), &here), (other.parse().ok(), &there))
    }

    #[test]
    fn one_network_is_near_and_everything_else_is_not() {
        let unknown = (None, None);
        assert_eq!(seem_near("198.51.100.7", "198.51.100.200", unknown), Some(true));
        assert_eq!(seem_near("198.51.100.7", "198.51.101.7", unknown), Some(false));
        assert_eq!(seem_near("::ffff:198.51.100.7", "198.51.100.8", unknown), Some(true));
        assert_eq!(seem_near("2001:db8:1:2::1", "2001:db8:1:ffff::9", unknown), Some(true));
        assert_eq!(seem_near("2001:db8:1::1", "2001:db8:2::1", unknown), Some(false));
        // One household, two protocols: nobody can tell.
        assert_eq!(seem_near("198.51.100.7", "2001:db8:1::1", unknown), Some(false));
        assert_eq!(seem_near("198.51.100.7", "", unknown), None);
        assert_eq!(seem_near("198.51.100.7", "198.51.100.8", (Some("SN"), Some("SN"))), Some(true));
        assert_eq!(seem_near("198.51.100.7", "198.51.100.8", (Some("SN"), Some("ML"))), Some(false));
        assert_eq!(seem_near("198.51.100.7", "198.51.100.8", (Some("SN"), None)), Some(true));
    }

    proptest! {
        #[test]
        fn nearness_is_mutual_and_one_is_near_oneself(one: u32, other: u32) {
            let place = at(None);
            let of = |bits| Some(IpAddr::from(Ipv4Addr::from_bits(bits)));
            prop_assert_eq!(near((of(one), &place), (of(one), &place)), Some(true));
            let there = near((of(one), &place), (of(other), &place));
            prop_assert_eq!(there, near((of(other), &place), (of(one), &place)));
            prop_assert_eq!(there, Some(one >> 8 == other >> 8));
        }
    }
}
