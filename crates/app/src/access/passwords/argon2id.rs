//! Argon2id with the parameters that OWASP's password storage cheat sheet names first
//! for 19 MiB, in memory that goes back to the system after each hash.

use std::sync::LazyLock;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, generate_salt};
use argon2::{Algorithm, Argon2, Block, CustomizedPasswordHasher, Params, PasswordVerifier, Version};

/// The size from which on glibc never keeps what was freed. Smaller pieces stay with
/// whichever thread had them, and there are many threads.
const NEVER_KEPT_BYTES: usize = 32 * 1024 * 1024 + 1;

/// A hash in PHC form, with a salt of its own.
pub(super) fn hash(password: &str) -> String {
    let hashed =
        Hasher.hash_password_customized(password.as_bytes(), &generate_salt(), None, None, Params::default());
    hashed.expect("the default parameters are valid").to_string()
}

/// Whether the password belongs to the hash.
pub(super) fn matches(password: &str, hash: &str) -> bool {
    let known = PasswordHash::new(hash);
    known.is_ok_and(|known| Hasher.verify_password(password.as_bytes(), &known).is_ok())
}

/// The hash that a sign-in with an unknown address is checked against.
pub(super) static NOBODYS: LazyLock<String> = LazyLock::new(|| hash("nobody's password"));

/// The library's argon2, but for where its memory comes from.
struct Hasher;

impl CustomizedPasswordHasher<PasswordHash> for Hasher {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> password_hash::Result<PasswordHash> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        let mut hash = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        let argon2 = Argon2::new(algorithm, version, params);
        let memory = memory(argon2.params().block_count());
        argon2.hash_password_into_with_memory(password, salt, &mut hash, memory)?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(argon2.params())?,
            salt: Some(Salt::new(salt)?),
            hash: Some(Output::new(&hash)?),
        })
    }
}

/// So many blocks, in a piece so large that it is mapped for itself. What of it is not
/// used is never there.
fn memory(blocks: usize) -> Vec<Block> {
    let mut memory = Vec::with_capacity(blocks.max(NEVER_KEPT_BYTES.div_ceil(Block::SIZE)));
    memory.resize(blocks, Block::new());
    memory
}
