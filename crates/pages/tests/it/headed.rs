//! Pages that begin as something else does: mailboxes and certificates that were exported to where the server runs them.

use crate::fixtures::{codes, page};
use afterpatch_pages::judge;
use afterpatch_pages::kind::Kind;
use afterpatch_pages::verdict::Verdict;

/// Bytes that stand in no text: the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_u32;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        // What the noise holds of `<` would begin a tag by chance.
        match state.to_le_bytes()[1] {
            b'<' => 0,
            byte => byte,
        }
    };
    (0..length).map(next).collect()
}

/// A mailbox as `New-MailboxExportRequest` writes it: a header, and pages of 512 bytes.
fn mailbox(text: &str) -> Vec<u8> {
    [
        b"!BDN\x00\x00\x00\x00SM\x17\x00\x13\x00\x01\x01",
        noise(9_000).as_slice(),
        text.as_bytes(),
        &noise(5_000),
    ]
    .concat()
}

/// A certificate or a request for one in DER, the text in the name of its subject.
fn certificate(text: &str, long: bool) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap();
    let name = [&[0x0C, 0x82], length.to_be_bytes().as_slice(), text.as_bytes()].concat();
    let whole = u16::try_from(name.len() + 600).unwrap();
    let head = if long { [&[0x30, 0x82], whole.to_be_bytes().as_slice()].concat() } else { vec![0x30, 0x80] };
    [head.as_slice(), b"\x02\x01\x00\x06\x03\x55\x04\x03", &name, &noise(600)].concat()
}

#[test]
fn a_shell_in_a_mailbox_or_a_certificate_is_one() {
    let shell = page("in-a-url.aspx");
    for bytes in [mailbox(&shell), certificate(&shell, true), certificate(&shell, false)] {
        let judgement = judge(&bytes, Kind::Aspx);
        assert_eq!(judgement.verdict, Some(Verdict::Shell), "{judgement:?}");
        let codes = codes(&judgement);
        assert!(codes.contains(&"visitor-evaluated"), "{judgement:?}");
        assert!(codes.contains(&"text-inside-binary"), "{judgement:?}");
    }
}

#[test]
fn a_mailbox_or_a_certificate_alone_is_none() {
    let texts = [
        "CN=mail.example.org, O=Example",
        "Dear all, <script>alert(1)</script> is what the form showed.",
        "<%@ Page Language=\"C#\" %><p>A page within a mail</p>",
    ];
    for text in texts {
        for bytes in [mailbox(text), certificate(text, true), certificate(text, false)] {
            let judgement = judge(&bytes, Kind::Aspx);
            assert_eq!(judgement.verdict, None, "{text}: {judgement:?}");
        }
    }
}
