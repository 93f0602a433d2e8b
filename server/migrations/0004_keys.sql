-- Signing keys. Which one signs follows from the time alone: the newest whose signs_from has come.
CREATE TABLE signing_key (
    id {key},
    -- ec or rsa
    family TEXT NOT NULL,
    -- counts up in each family. Two nodes that make the same one at once: the first wins
    generation BIGINT NOT NULL,
    -- RFC 7638 thumbprint
    kid TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    -- DER, self-signed. RSA only
    certificate {bytes},
    -- private JWK, sealed
    private_jwk {bytes} NOT NULL,
    created_at BIGINT NOT NULL,
    signs_from BIGINT NOT NULL,
    certificate_until BIGINT NOT NULL,
    UNIQUE (family, generation)
);
