// The sixth migration: every accepted version of trust. Versions are only added. What the program's
// role may not do is begin anew: a reset is the owner's, by the database's own word, so that nobody
// who only runs the program gets round the ADMINs. A program of a lower level would apply what
// nobody approved, so it may not work with this schema.

extension Migration {
  static let trust = Migration(
    number: 6, name: "trust", oldestProgram: 6,
    script: """
      CREATE TABLE experimentation.trust (
        version bigint PRIMARY KEY CHECK (version > 0),
        commit text COLLATE "C" NOT NULL CHECK (commit ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'),
        instant timestamptz NOT NULL,
        beginning text COLLATE "C" NOT NULL CHECK (beginning IN ('init', 'commit', 'reset')),
        -- Canonical JSON, to the byte: the forms, their generations, and what stands beside.
        document bytea NOT NULL,
        mac bytea NOT NULL CHECK (octet_length(mac) = 32),
        key_id text COLLATE "C" NOT NULL CHECK (key_id ~ '^[0-9a-f]{16}$'),
        CHECK ((version = 1) = (beginning = 'init'))
      );

      CREATE FUNCTION experimentation.refuse_change_of_trust() RETURNS trigger
        LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'INSERT' THEN
          IF NEW.beginning = 'reset' AND current_user <> 'flagstaff_owner' THEN
            RAISE EXCEPTION 'only flagstaff_owner resets trust'
              USING ERRCODE = 'insufficient_privilege';
          END IF;
          RETURN NEW;
        END IF;
        RAISE EXCEPTION 'versions of trust are never changed or removed'
          USING ERRCODE = 'insufficient_privilege';
      END
      $$;
      CREATE TRIGGER trust_reset
        BEFORE INSERT ON experimentation.trust
        FOR EACH ROW EXECUTE FUNCTION experimentation.refuse_change_of_trust();
      -- The code beside a version is made anew when the audit secret is.
      CREATE TRIGGER trust_stays
        BEFORE UPDATE OF version, commit, instant, beginning, document OR DELETE OR TRUNCATE
        ON experimentation.trust
        FOR EACH STATEMENT EXECUTE FUNCTION experimentation.refuse_change_of_trust();

      GRANT SELECT, INSERT, UPDATE (mac, key_id) ON experimentation.trust TO flagstaff_app;
      """)
}
