// The second migration: exclusion groups, and the buckets that rest after a member released them. A
// program of level 1 would plan without them and give resting buckets away, so it may not work with
// this schema.

extension Migration {
  static let groups = Migration(
    number: 2, name: "groups", oldestProgram: 2,
    script: """
      CREATE TABLE experimentation.exclusion_groups (
        environment text COLLATE "C" NOT NULL,
        -- What all members hash their traffic with.
        id uuid NOT NULL,
        customer_id text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        generation bigint NOT NULL CHECK (generation > 0),
        digest text COLLATE "C" NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
        definition jsonb COMPRESSION lz4 NOT NULL,
        holdout_pct numeric(5, 2) NOT NULL CHECK (holdout_pct BETWEEN 0 AND 100),
        -- Ranges of buckets that no member ever gets, [[from, to], …].
        holdout jsonb COMPRESSION lz4 NOT NULL CHECK (jsonb_typeof(holdout) = 'array'),
        rest_days integer NOT NULL CHECK (rest_days >= 0),
        created_at timestamptz NOT NULL,
        PRIMARY KEY (environment, id),
        UNIQUE (environment, customer_id, key)
      );

      -- Buckets that a member released: until then nobody else may have them. They outlive their
      -- group and their experiment.
      CREATE TABLE experimentation.rests (
        environment text COLLATE "C" NOT NULL,
        customer_id text COLLATE "C" NOT NULL,
        group_key text COLLATE "C" NOT NULL,
        experiment_key text COLLATE "C" NOT NULL,
        until timestamptz NOT NULL,
        ranges jsonb COMPRESSION lz4 NOT NULL CHECK (jsonb_typeof(ranges) = 'array'),
        PRIMARY KEY (environment, customer_id, group_key, experiment_key, until)
      );

      -- Who holds what of each group, and what rests until when (until: null where it is held).
      CREATE VIEW experimentation.allocations AS
        SELECT e.environment, e.customer_id, e.definition ->> 'group' AS group_key,
          e.key AS experiment_key, e.traffic AS ranges, NULL::timestamptz AS until
        FROM experimentation.experiments e
        WHERE e.definition ? 'group' AND e.traffic <> '[]'::jsonb
        UNION ALL
        SELECT environment, customer_id, group_key, experiment_key, ranges, until
        FROM experimentation.rests;

      GRANT SELECT, INSERT, UPDATE, DELETE
        ON experimentation.exclusion_groups, experimentation.rests TO flagstaff_app;
      GRANT SELECT ON experimentation.allocations TO flagstaff_app;
      """)
}
