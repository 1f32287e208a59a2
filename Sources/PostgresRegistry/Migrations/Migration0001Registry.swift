// The first migration: the tables of scopes, definitions and audit events. Shared rules: keys of
// text sort and compare by bytes (COLLATE "C"), as everywhere in Flagstaff; instants are
// timestamptz; what is hashed or signed is kept as the exact bytes (bytea), never only as jsonb,
// which would re-spell it. What a migration has once created is changed only by a later one.

extension Migration {
  static let registry = Migration(
    number: 1, name: "registry", oldestProgram: 1,
    script: """
      CREATE TABLE experimentation.migrations (
        number integer PRIMARY KEY CHECK (number > 0),
        name text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT date_trunc('second', now()),
        -- The oldest program that can live with the schema as this migration leaves it.
        oldest_program integer NOT NULL CHECK (oldest_program > 0)
      );

      -- The head of each scope. A transaction locks these rows in key order.
      CREATE TABLE experimentation.scopes (
        environment text COLLATE "C" NOT NULL,
        customer text COLLATE "C" NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        commit text COLLATE "C" NOT NULL CHECK (commit ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'),
        instant timestamptz NOT NULL,
        -- The pointer's payload, to the byte, so that a repair publishes the same.
        payload bytea NOT NULL,
        PRIMARY KEY (environment, customer)
      );

      -- Every version of each scope, the head included.
      CREATE TABLE experimentation.snapshots (
        environment text COLLATE "C" NOT NULL,
        customer text COLLATE "C" NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        commit text COLLATE "C" NOT NULL CHECK (commit ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'),
        instant timestamptz NOT NULL,
        payload bytea NOT NULL,
        PRIMARY KEY (environment, customer, version)
      );

      CREATE TABLE experimentation.experiments (
        environment text COLLATE "C" NOT NULL,
        id uuid NOT NULL,
        customer_id text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        generation bigint NOT NULL CHECK (generation > 0),
        -- Of the definition's resolved form; a row whose form has another digest is drift.
        digest text COLLATE "C" NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
        definition jsonb COMPRESSION lz4 NOT NULL,
        status text COLLATE "C" NOT NULL,
        phase integer NOT NULL CHECK (phase > 0),
        salt text COLLATE "C" NOT NULL,
        hash_version smallint NOT NULL CHECK (hash_version > 0),
        bucket_by text COLLATE "C" NOT NULL,
        traffic_pct numeric(5, 2) NOT NULL CHECK (traffic_pct BETWEEN 0 AND 100),
        -- Ranges of buckets, [[from, to], …].
        traffic jsonb COMPRESSION lz4 NOT NULL CHECK (jsonb_typeof(traffic) = 'array'),
        targeting_rules jsonb COMPRESSION lz4,
        created_at timestamptz NOT NULL,
        started_at timestamptz,
        stopped_at timestamptz,
        PRIMARY KEY (environment, id),
        UNIQUE (environment, customer_id, key)
      );

      CREATE TABLE experimentation.variants (
        environment text COLLATE "C" NOT NULL,
        experiment_id uuid NOT NULL,
        key text COLLATE "C" NOT NULL,
        is_control boolean NOT NULL,
        weight bigint NOT NULL CHECK (weight > 0),
        payload jsonb COMPRESSION lz4,
        ranges jsonb COMPRESSION lz4 NOT NULL CHECK (jsonb_typeof(ranges) = 'array'),
        PRIMARY KEY (environment, experiment_id, key),
        FOREIGN KEY (environment, experiment_id)
          REFERENCES experimentation.experiments (environment, id) ON DELETE CASCADE
      );
      CREATE UNIQUE INDEX variants_one_control
        ON experimentation.variants (environment, experiment_id) WHERE is_control;

      CREATE TABLE experimentation.feature_flags (
        environment text COLLATE "C" NOT NULL,
        id uuid NOT NULL,
        customer_id text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        generation bigint NOT NULL CHECK (generation > 0),
        digest text COLLATE "C" NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
        definition jsonb COMPRESSION lz4 NOT NULL,
        enabled boolean NOT NULL,
        value_type text COLLATE "C" NOT NULL,
        off_variant text COLLATE "C" NOT NULL,
        default_variant text COLLATE "C" NOT NULL,
        bucket_by text COLLATE "C" NOT NULL,
        visibility text COLLATE "C" NOT NULL CHECK (visibility IN ('client', 'server')),
        -- The step in force of each rollout, and the ranges of each split, by rule.
        steps jsonb COMPRESSION lz4 NOT NULL CHECK (jsonb_typeof(steps) = 'object'),
        splits jsonb COMPRESSION lz4 NOT NULL CHECK (jsonb_typeof(splits) = 'object'),
        created_at timestamptz NOT NULL,
        PRIMARY KEY (environment, id),
        UNIQUE (environment, customer_id, key)
      );

      -- A flag's rules in order.
      CREATE TABLE experimentation.targeting_rules (
        environment text COLLATE "C" NOT NULL,
        flag_id uuid NOT NULL,
        position integer NOT NULL CHECK (position >= 0),
        -- Of a rule with a key: what its bucket is hashed with.
        id uuid,
        key text COLLATE "C",
        rule jsonb COMPRESSION lz4 NOT NULL,
        PRIMARY KEY (environment, flag_id, position),
        FOREIGN KEY (environment, flag_id)
          REFERENCES experimentation.feature_flags (environment, id) ON DELETE CASCADE,
        CHECK ((id IS NULL) = (key IS NULL))
      );

      CREATE TABLE experimentation.segments (
        environment text COLLATE "C" NOT NULL,
        id uuid NOT NULL,
        customer_id text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        generation bigint NOT NULL CHECK (generation > 0),
        digest text COLLATE "C" NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
        definition jsonb COMPRESSION lz4 NOT NULL,
        condition jsonb COMPRESSION lz4 NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (environment, id),
        UNIQUE (environment, customer_id, key)
      );

      -- What went away: its generation and an experiment's phase go on from here if it returns.
      CREATE TABLE experimentation.tombstones (
        environment text COLLATE "C" NOT NULL,
        customer text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        id uuid,
        generation bigint NOT NULL CHECK (generation > 0),
        phase integer CHECK (phase > 0),
        deleted timestamptz NOT NULL,
        PRIMARY KEY (environment, customer, kind, key)
      );
      """ + Migration.auditScript + Migration.privilegeScript)
}
