// The fifth migration: evidence of approvals, verified once and kept. Like audit events, a row is
// its document, is authenticated by a code beside it, and is never changed or removed; only the
// code is made anew where the secret rotates. A program that knows nothing of it never reads it and
// can live with it.

extension Migration {
  static let approvals = Migration(
    number: 5, name: "approvals", oldestProgram: 4,
    script: """
      CREATE TABLE experimentation.approvals (
        -- SHA-256 of a tag and the document: how events and withdrawals name it.
        digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
        kind text COLLATE "C" NOT NULL,
        -- The identifier of the key that signed.
        signer text COLLATE "C" NOT NULL CHECK (signer ~ '^[0-9a-f]{64}$'),
        -- Canonical JSON, to the byte.
        document bytea NOT NULL,
        -- What the statement says; of a merge, when it was accepted.
        issued timestamptz NOT NULL,
        -- NULL where it does not end by itself.
        expires timestamptz,
        accepted timestamptz NOT NULL,
        mac bytea NOT NULL CHECK (octet_length(mac) = 32),
        key_id text COLLATE "C" NOT NULL CHECK (key_id ~ '^[0-9a-f]{16}$')
      );
      CREATE INDEX approvals_signer ON experimentation.approvals (signer);
      CREATE INDEX approvals_expires ON experimentation.approvals (expires);

      CREATE FUNCTION experimentation.refuse_change_of_approvals() RETURNS trigger
        LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'evidence of approvals is never changed or removed'
          USING ERRCODE = 'insufficient_privilege';
      END
      $$;
      CREATE TRIGGER approvals_stay
        BEFORE DELETE OR TRUNCATE ON experimentation.approvals
        FOR EACH STATEMENT EXECUTE FUNCTION experimentation.refuse_change_of_approvals();
      CREATE TRIGGER approvals_keep
        BEFORE UPDATE OF digest, kind, signer, document, issued, expires, accepted
        ON experimentation.approvals
        FOR EACH STATEMENT EXECUTE FUNCTION experimentation.refuse_change_of_approvals();

      GRANT SELECT, INSERT ON experimentation.approvals TO flagstaff_app;
      GRANT UPDATE (mac, key_id) ON experimentation.approvals TO flagstaff_app;
      """)
}
