//! IP addresses: as Kubernetes took them for long, as it takes them now, and in their usual form.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address(IpAddr);

impl Address {
    /// Whether the text wraps an address of four bytes in one of sixteen.
    pub(super) fn is_mapped_in(self, text: &str) -> bool {
        text.contains(':') && self.four().is_some()
    }

    fn four(self) -> Option<Ipv4Addr> {
        match self.0 {
            IpAddr::V4(four) => Some(four),
            IpAddr::V6(six) => six.to_ipv4_mapped(),
        }
    }

    /// The form in which it should be written.
    pub(super) fn canonical(self) -> String {
        self.four()
            .map_or_else(|| self.0.to_string(), |four| four.to_string())
    }
}

/// Reads an address with zeros before its numbers, which mean nothing.
pub(super) fn is_sloppy(text: &str) -> Option<Address> {
    if let Some(address) = is_standard(text) {
        return Some(address);
    }
    let (before, four) = match text.rfind(':') {
        Some(at) => text.split_at(at + 1),
        None => ("", text),
    };
    if four.matches('.').count() != 3 {
        return None;
    }
    let plain = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
        let short = part.trim_start_matches('0');
        digits.then(|| if short.is_empty() { "0" } else { short }.to_owned())
    };
    let parts: Option<Vec<String>> = four.split('.').map(plain).collect();
    is_standard(&format!("{before}{}", parts?.join(".")))
}

/// Reads an address without zeros before its numbers. A zone is none of Kubernetes' affair.
pub(super) fn is_standard(text: &str) -> Option<Address> {
    let address = if text.contains(':') {
        text.parse::<Ipv6Addr>().map(IpAddr::V6)
    } else {
        text.parse::<Ipv4Addr>().map(IpAddr::V4)
    };
    address.ok().map(Address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_before_numbers_are_read_over() {
        let canonical = |text| is_sloppy(text).map(Address::canonical);
        assert_eq!(canonical("010.0.0.001").as_deref(), Some("10.0.0.1"));
        assert_eq!(canonical("::ffff:1.2.3.04").as_deref(), Some("1.2.3.4"));
        assert_eq!(canonical("2001:DB8:0::1").as_deref(), Some("2001:db8::1"));
        for bad in ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "a", "1:2", "::g"] {
            assert_eq!(canonical(bad), None, "{bad}");
        }
        assert!(is_standard("010.0.0.1").is_none());
        assert!(is_sloppy("::ffff:1.2.3.4").is_some_and(|it| it.is_mapped_in("::ffff:1.2.3.4")));
    }
}
