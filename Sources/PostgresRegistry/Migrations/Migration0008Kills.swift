// The eighth migration: what somebody stopped, and until when each scope's schedules were followed,
// which a kill takes no further. A program of an older level would publish what is killed, so it
// may not work with this schema.

extension Migration {
  static let kills = Migration(
    number: 8, name: "kills", oldestProgram: 8,
    script: """
      CREATE TABLE experimentation.kills (
        environment text COLLATE "C" NOT NULL,
        customer text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL CHECK (kind IN ('experiment', 'flag')),
        key text COLLATE "C" NOT NULL,
        since timestamptz NOT NULL,
        -- Where the schedule of the definition stands until it is released.
        schedule timestamptz NOT NULL,
        PRIMARY KEY (environment, customer, kind, key)
      );

      -- NULL in versions of before: the version's instant.
      ALTER TABLE experimentation.scopes ADD COLUMN schedule timestamptz;

      GRANT SELECT, INSERT, UPDATE, DELETE ON experimentation.kills TO flagstaff_app;
      """)
}
