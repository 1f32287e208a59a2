// The part of the first migration that keeps audit events, and what the program's role may do. An
// event is its bytes; the columns beside them are generated from the bytes, so that they cannot say
// anything else. Two things stand before a change of an event: the application's role lacks the
// privilege, and a trigger refuses it to everybody, the owner included. Neither stops an owner who
// drops the trigger first; the chain of hashes is what finds that.

extension Migration {
  static let auditScript = """


    -- convert_from is only STABLE, since a conversion could be redefined; the one from UTF-8 in a
    -- database of UTF-8, the only kind that is accepted, cannot change its meaning. Bytes that are
    -- not JSON are refused by whoever inserts them.
    CREATE FUNCTION experimentation.event_json(bytes bytea) RETURNS jsonb
      LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      RETURN pg_catalog.convert_from(bytes, 'UTF8')::jsonb;

    CREATE TABLE experimentation.audit_events (
      sequence bigint PRIMARY KEY CHECK (sequence > 0),
      -- Canonical JSON, to the byte: what the hash and the code beside it are computed from.
      bytes bytea NOT NULL,
      hash bytea NOT NULL CHECK (octet_length(hash) = 32),
      mac bytea NOT NULL CHECK (octet_length(mac) = 32),
      environment text COLLATE "C" GENERATED ALWAYS AS
        (experimentation.event_json(bytes) ->> 'environment') STORED,
      customer text COLLATE "C" GENERATED ALWAYS AS
        (experimentation.event_json(bytes) ->> 'customer') STORED,
      version bigint GENERATED ALWAYS AS
        ((experimentation.event_json(bytes) ->> 'version')::bigint) STORED,
      commit text COLLATE "C" GENERATED ALWAYS AS
        (experimentation.event_json(bytes) ->> 'commit') STORED,
      kind text COLLATE "C" GENERATED ALWAYS AS
        (experimentation.event_json(bytes) -> 'subject' ->> 'kind') STORED,
      key text COLLATE "C" GENERATED ALWAYS AS
        (experimentation.event_json(bytes) -> 'subject' ->> 'key') STORED,
      instant text COLLATE "C" GENERATED ALWAYS AS
        (experimentation.event_json(bytes) ->> 'instant') STORED
    );
    CREATE INDEX audit_events_subject
      ON experimentation.audit_events (environment, customer, kind, key, sequence);

    -- The chain's head, one row at most; locked last, after the scopes.
    CREATE TABLE experimentation.audit_chain (
      singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
      sequence bigint NOT NULL CHECK (sequence > 0),
      hash bytea NOT NULL CHECK (octet_length(hash) = 32),
      instant timestamptz NOT NULL,
      key_id text COLLATE "C" NOT NULL CHECK (key_id ~ '^[0-9a-f]{16}$')
    );

    CREATE FUNCTION experimentation.refuse_change_of_audit_events() RETURNS trigger
      LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'audit events are never changed or removed'
        USING ERRCODE = 'insufficient_privilege';
    END
    $$;
    CREATE TRIGGER audit_events_stay
      BEFORE UPDATE OR DELETE OR TRUNCATE ON experimentation.audit_events
      FOR EACH STATEMENT EXECUTE FUNCTION experimentation.refuse_change_of_audit_events();

    """

  static let privilegeScript = """

    GRANT USAGE ON SCHEMA experimentation TO flagstaff_app;
    GRANT SELECT ON experimentation.migrations TO flagstaff_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON
      experimentation.scopes, experimentation.snapshots, experimentation.experiments,
      experimentation.variants, experimentation.feature_flags, experimentation.targeting_rules,
      experimentation.segments, experimentation.tombstones
      TO flagstaff_app;
    GRANT SELECT, INSERT ON experimentation.audit_events TO flagstaff_app;
    GRANT EXECUTE ON FUNCTION experimentation.event_json TO flagstaff_app;
    GRANT SELECT, INSERT, UPDATE ON experimentation.audit_chain TO flagstaff_app;
    """
}
