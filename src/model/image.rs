//! Names of images: `registry:5000/team/app:v2@sha256:…`.

use super::template::PullPolicy;

/// The parts of an image's name that is well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImageName<'a> {
    /// Registry and repository, as written.
    pub name: &'a str,
    /// What follows the colon.
    pub tag: Option<&'a str>,
    /// What follows the `@`.
    pub digest: Option<&'a str>,
}

impl<'a> ImageName<'a> {
    /// Takes a name apart, or says `None` for one that no container can be started from
    /// (`InvalidImageName`, P5).
    #[must_use]
    pub fn parse(image: &'a str) -> Option<Self> {
        let (rest, digest) = match image.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (image, None),
        };
        // A colon before the last slash belongs to the registry's port.
        let path = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[path..].split_once(':') {
            Some((last, tag)) => (&rest[..path + last.len()], Some(tag)),
            None => (rest, None),
        };
        let fine = is_name(name) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest);
        fine.then_some(Self { name, tag, digest })
    }
}

impl PullPolicy {
    /// The policy of a container that does not give one (P40): the newest image is always asked
    /// for, by its tag or because there is neither tag nor digest. A name that is not well formed
    /// has no tag, and is not the newest either.
    #[must_use]
    pub fn of_image(image: &str) -> Self {
        let newest = |name: ImageName<'_>| match (name.tag, name.digest) {
            (Some(tag), _) => tag == "latest",
            (None, digest) => digest.is_none(),
        };
        if ImageName::parse(image).is_some_and(newest) {
            Self::Always
        } else {
            Self::IfNotPresent
        }
    }
}

/// Registry and repository. The first part is a registry if it looks like one.
fn is_name(name: &str) -> bool {
    let is_hash = |text: &str| text.len() == 64 && text.bytes().all(is_hex);
    let (registry, repository) = match name.split_once('/') {
        Some((first, rest)) if looks_like_registry(first) => (Some(first), rest),
        _ => (None, name),
    };
    let is_registry = |text: &str| {
        let (host, port) = text.split_once(':').unwrap_or((text, "0"));
        let port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        port && is_host(host)
    };
    name.len() <= 255
        && !is_hash(name)
        && registry.is_none_or(is_registry)
        && repository.split('/').all(is_part)
}

fn looks_like_registry(first: &str) -> bool {
    let upper = first.bytes().any(|byte| byte.is_ascii_uppercase());
    first.contains(['.', ':']) || first == "localhost" || upper
}

/// Labels of letters, digits and inner hyphens with dots between them.
fn is_host(host: &str) -> bool {
    host.split('.').all(|label| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(plain)
    })
}

/// Small letters and digits with single separators between them: a dot, one or two underscores,
/// or any number of hyphens.
fn is_part(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let ends = part.starts_with(plain) && part.ends_with(plain);
    let mut separators = part.split(plain).filter(|between| !between.is_empty());
    let hyphens = |text: &str| text.bytes().all(|byte| byte == b'-');
    ends && separators.all(|it| matches!(it, "." | "_" | "__") || hyphens(it))
}

/// Letters, digits, underscores, and after the first of them dots and hyphens; at most 128.
fn is_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(word)
        && tag
            .bytes()
            .all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

/// An algorithm and as many hexadecimal digits as it gives.
fn is_digest(digest: &str) -> bool {
    let length = match digest.split_once(':') {
        Some(("sha256", hash)) => hash.len() == 64,
        Some(("sha384", hash)) => hash.len() == 96,
        Some(("sha512", hash)) => hash.len() == 128,
        _ => false,
    };
    let hash = digest.rsplit(':').next().unwrap_or_default();
    length && hash.bytes().all(is_hex)
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P40
    #[test]
    fn only_the_newest_image_is_pulled_always_by_default() {
        let hash = "@sha256:".to_owned() + &"0a".repeat(32);
        let always = ["a", "a:latest", "b.io/a", "b.io:5000/a", "localhost/a/b"];
        for image in always {
            assert_eq!(PullPolicy::of_image(image), PullPolicy::Always, "{image}");
        }
        let tagged = format!("a:latest{hash}");
        assert_eq!(PullPolicy::of_image(&tagged), PullPolicy::Always);
        let hashed = format!("a{hash}");
        for image in ["a:1", "b.io:5000/a:v2", "a:latest2", "Train", "", &hashed] {
            let got = PullPolicy::of_image(image);
            assert_eq!(got, PullPolicy::IfNotPresent, "{image}");
        }
    }

    /// P5
    #[test]
    fn names_of_images_are_taken_apart_or_refused() {
        let parts = |image| ImageName::parse(image).map(|it| (it.name, it.tag));
        assert_eq!(parts("b.io:80/x/a:v1"), Some(("b.io:80/x/a", Some("v1"))));
        assert_eq!(parts("Hub/a"), Some(("Hub/a", None)));
        assert_eq!(parts("a__b-.c"), None);
        let long = "a".repeat(256);
        let hash = "0a".repeat(32);
        let wrong = [
            "",
            "A",
            "a b",
            "a:",
            "a:-x",
            "a@",
            "a@sha256:12",
            "a@md5:12",
            "/a",
            "a/",
            "a//b",
            "-a",
            "a-",
            "a..b",
            "a___b",
            "b.io:x/a",
            "-.io/a",
            "http://a",
            "a:b:c",
            "é",
            &long,
            &hash,
        ];
        for image in wrong {
            assert_eq!(ImageName::parse(image), None, "{image}");
        }
    }
}
