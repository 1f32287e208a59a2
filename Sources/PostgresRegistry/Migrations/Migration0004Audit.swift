// The fourth migration: reading the audit log by who acted, by class, by commit and by time, and
// when each version was seen at each origin. Like the columns before them, the new ones are
// generated from the event's bytes, so that they cannot say anything else unless somebody tampers
// with them, which `flagstaff audit verify` finds.
//
// Bytes of events are kept as they are: the default compression costs whoever verifies a long log
// more than hashing them does. The seventh migration takes another.

extension Migration {
  static let audit = Migration(
    number: 4, name: "audit", oldestProgram: 4,
    script: """
      -- Everybody whom an event names as acting or approving: the acting member and the persons of
      -- its approvals, each once, in the order of their bytes.
      CREATE FUNCTION experimentation.event_people(bytes bytea) RETURNS text[]
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN (
          SELECT coalesce(array_agg(DISTINCT person ORDER BY person), '{}')
          FROM (
            SELECT (experimentation.event_json(bytes) -> 'actor' ->> 'id') COLLATE "C" AS person
            WHERE experimentation.event_json(bytes) -> 'actor' ->> 'kind' = 'member'
            UNION ALL
            SELECT (approval ->> 'person') COLLATE "C"
            FROM jsonb_array_elements(CASE
              WHEN jsonb_typeof(experimentation.event_json(bytes) -> 'approvals') = 'array'
              THEN experimentation.event_json(bytes) -> 'approvals' ELSE '[]' END) AS approval
          ) AS people WHERE person IS NOT NULL);

      CREATE FUNCTION experimentation.event_classes(bytes bytea) RETURNS text[]
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN (
          SELECT coalesce(array_agg(class ORDER BY position), '{}')
          FROM jsonb_array_elements_text(CASE
            WHEN jsonb_typeof(experimentation.event_json(bytes) -> 'classes') = 'array'
            THEN experimentation.event_json(bytes) -> 'classes' ELSE '[]' END)
            WITH ORDINALITY AS classes (class, position));

      ALTER TABLE experimentation.audit_events
        ADD COLUMN actor text COLLATE "C" GENERATED ALWAYS AS
          (experimentation.event_json(bytes) -> 'actor' ->> 'id') STORED,
        ADD COLUMN people text[] COLLATE "C" GENERATED ALWAYS AS
          (experimentation.event_people(bytes)) STORED,
        ADD COLUMN classes text[] COLLATE "C" GENERATED ALWAYS AS
          (experimentation.event_classes(bytes)) STORED,
        ALTER COLUMN bytes SET STORAGE EXTERNAL;
      ALTER TABLE experimentation.audit_events SET (toast_tuple_target = 8160);

      CREATE INDEX audit_events_key ON experimentation.audit_events (key, sequence);
      CREATE INDEX audit_events_commit ON experimentation.audit_events (commit);
      CREATE INDEX audit_events_instant
        ON experimentation.audit_events (environment, customer, instant);
      CREATE INDEX audit_events_people ON experimentation.audit_events USING gin (people);

      -- When a version was first seen at an origin. What was seen is never unseen.
      CREATE TABLE experimentation.publications (
        environment text COLLATE "C" NOT NULL,
        customer text COLLATE "C" NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        origin text COLLATE "C" NOT NULL,
        published timestamptz NOT NULL,
        PRIMARY KEY (environment, customer, version, origin)
      );

      GRANT EXECUTE ON FUNCTION experimentation.event_people, experimentation.event_classes
        TO flagstaff_app;
      GRANT SELECT, INSERT ON experimentation.publications TO flagstaff_app;
      """)
}
