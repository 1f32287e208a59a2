// The third migration: metrics, and which experiment is judged by which. A program of level 2 would
// read a scope without its metrics and take the scope's state for one that was edited by hand, so
// it may not work with this schema.

extension Migration {
  static let metrics = Migration(
    number: 3, name: "metrics", oldestProgram: 3,
    script: """
      CREATE TABLE experimentation.metrics (
        environment text COLLATE "C" NOT NULL,
        id uuid NOT NULL,
        customer_id text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        generation bigint NOT NULL CHECK (generation > 0),
        digest text COLLATE "C" NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
        definition jsonb COMPRESSION lz4 NOT NULL,
        event_name text COLLATE "C" NOT NULL,
        aggregation text COLLATE "C" NOT NULL,
        minimum_sample_size bigint CHECK (minimum_sample_size > 0),
        -- A guardrail has one bound or both; what is none has neither.
        guardrail_at_least double precision,
        guardrail_at_most double precision,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (environment, id),
        UNIQUE (environment, customer_id, key)
      );

      -- What each experiment is judged by, in the order of its definition. A changed metric is
      -- deleted and written again, so its references are checked when the transaction ends.
      CREATE TABLE experimentation.experiment_metrics (
        environment text COLLATE "C" NOT NULL,
        experiment_id uuid NOT NULL,
        metric_id uuid NOT NULL,
        role text COLLATE "C" NOT NULL CHECK (role IN ('primary', 'guardrail')),
        position integer NOT NULL CHECK (position >= 0),
        PRIMARY KEY (environment, experiment_id, metric_id),
        FOREIGN KEY (environment, experiment_id)
          REFERENCES experimentation.experiments (environment, id) ON DELETE CASCADE,
        FOREIGN KEY (environment, metric_id)
          REFERENCES experimentation.metrics (environment, id) DEFERRABLE INITIALLY DEFERRED
      );
      CREATE INDEX experiment_metrics_by_metric
        ON experimentation.experiment_metrics (environment, metric_id);

      GRANT SELECT, INSERT, UPDATE, DELETE
        ON experimentation.metrics, experimentation.experiment_metrics TO flagstaff_app;
      """)
}
