//! The account that a decentralized identifier names: `did:sol:<address>`,
//! `did:pkh:eip155:1:0x<address>`.

/// The account in a well-formed [DID](https://www.w3.org/TR/did-1.0/#did-syntax): its last part.
///
/// Base58 is taken as it comes, without a look at its alphabet: Civic's own example has a letter
/// outside it.
pub fn account(did: &[u8]) -> Option<&[u8]> {
    let rest = did.strip_prefix(b"did:")?;
    let (method, id) = rest.split_at_checked(rest.iter().position(|byte| *byte == b':')?)?;
    let method_fine = !method.is_empty()
        && method
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let id_fine = id.iter().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'%')
    });
    let last_colon = id.iter().rposition(|byte| *byte == b':')?;
    let account = id.get(last_colon + 1..)?;
    let hex_expected = method == b"ethr" || (method == b"pkh" && id.starts_with(b":eip155:"));
    (method_fine && id_fine && !account.is_empty() && (!hex_expected || is_hex(account)))
        .then_some(account)
}

/// Whether both name the same account. Hexadecimal may differ in case, since there case is a
/// checksum ([EIP-55](https://eips.ethereum.org/EIPS/eip-55)) or nothing; in base58, another case
/// is another account. The two cannot be confused: base58 has no `0`.
pub fn is_same(account: &[u8], address: &[u8]) -> bool {
    account == address || (is_hex(account) && account.eq_ignore_ascii_case(address))
}

fn is_hex(text: &[u8]) -> bool {
    let [b'0', b'x' | b'X', digits @ ..] = text else {
        return false;
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn account(did: &str) -> Option<&str> {
        super::account(did.as_bytes()).and_then(|account| std::str::from_utf8(account).ok())
    }

    fn is_same(account: &str, address: &str) -> bool {
        super::is_same(account.as_bytes(), address.as_bytes())
    }

    const SOL: &str = "CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa";
    const ETH: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

    #[test]
    fn accounts_that_are_named() {
        for (prefix, expected) in [
            ("did:sol:", SOL),
            ("did:sol:devnet:", SOL),
            ("did:ethr:", ETH),
            ("did:ethr:0x5:", ETH),
            ("did:ethr:sepolia:", ETH),
            ("did:pkh:eip155:1:", ETH),
            ("did:pkh:solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ:", SOL),
            ("did:x1:", "a%3Ab._-"),
            ("did:x::", "a"),
        ] {
            assert_eq!(
                account(&format!("{prefix}{expected}")),
                Some(expected),
                "{prefix}"
            );
        }
    }

    #[test]
    fn what_is_no_did() {
        for did in [
            "",
            "did",
            "did:",
            "did:sol",
            "did:sol:",
            "did::abc",
            "did:sol:abc:",
            "DID:sol:abc",
            "did:SOL:abc",
            "did:so-l:abc",
            " did:sol:abc",
            "did:sol:abc ",
            "did:sol:a b",
            "did:sol:abc#key-1",
            "did:sol:abc?x=1",
            "did:sol:abc/path",
            "did:sol:\u{e9}",
            "sol:abc",
            SOL,
            ETH,
            "did:ethr:abc",
            "did:ethr:0x",
            "did:ethr:0xg1",
            "did:ethr:0x5:abc",
            "did:pkh:eip155:1:abc",
            "did:pkh:eip155:1:0x",
            "did:pkh:eip155:0x12z",
        ] {
            assert_eq!(account(did), None, "{did}");
        }
    }

    #[test]
    fn accounts_that_agree() {
        let lower = ETH.to_lowercase();
        let upper = ETH.to_uppercase();
        for (a, b, same) in [
            (SOL, SOL, true),
            (ETH, ETH, true),
            (ETH, &*lower, true),
            (&*upper, &*lower, true),
            (SOL, &*SOL.to_lowercase(), false),
            (SOL, &SOL[1..], false),
            (ETH, &ETH[2..], false),
            (ETH, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee", false),
            ("0xZZ", "0xzz", false),
            (ETH, "", false),
        ] {
            assert_eq!(is_same(a, b), same, "{a} {b}");
            assert_eq!(is_same(b, a), same, "{b} {a}");
        }
    }

    proptest! {
        #[test]
        fn the_account_is_the_last_part(parts in prop::collection::vec("[A-Za-z0-9._-]{1,12}", 1..5)) {
            let did = format!("did:sol:{}", parts.join(":"));
            prop_assert_eq!(account(&did), parts.last().map(String::as_str));
        }

        #[test]
        fn any_text_at_all_is_survived(text in any::<String>(), other in any::<String>()) {
            let _ = (account(&text), account(&format!("did:{text}:{other}")), is_same(&text, &other));
        }
    }
}
