//! How fields of passwords are named.

/// Parts of names of fields that hold passwords.
static PARTS: &[&str] = &["passwd", "password", "passphrase", "passwort", "kennwort"];

/// Ends of such names.
static ENDS: &[&str] = &["pass", "passwd", "pwd", "psw"];

/// Parts of names that are about passwords and hold none.
static ABOUT: &[&str] =
    &["change", "expire", "forgot", "hint", "length", "lost", "policy", "reset", "show", "strength"];

/// Says whether a field, its name or what finds it is of a password: `password`, `#txtPwd`, `input[type=password]`.
pub(crate) fn is_field(name: &str) -> bool {
    let begins = |byte: u8| matches!(byte | 0x20, b'p' | b'k');
    if name.len() > 100 || !name.bytes().any(begins) || name.contains([' ', '<']) {
        return false;
    }
    let small = name.to_ascii_lowercase();
    let small = small.trim_end_matches(|sign: char| !sign.is_ascii_alphabetic());
    let is = PARTS.iter().any(|part| small.contains(part)) || ENDS.iter().any(|end| small.ends_with(end));
    is && !ABOUT.iter().any(|part| small.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_passwords_are_told_from_what_is_about_them() {
        for name in
            ["password", "txtPwd", "#passwordText", "input[type='password']", "user_pass", "Login1$Password"]
        {
            assert!(is_field(name), "{name}");
        }
        for name in
            ["username", "forgotPassword", "compass_x", "passwordLength", "Enter your password", "bypass_on"]
        {
            assert!(!is_field(name), "{name}");
        }
    }
}
