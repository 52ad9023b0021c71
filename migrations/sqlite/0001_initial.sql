-- +goose Up
-- Times are BIGINT Unix microseconds.

CREATE TABLE page (
    id                   TEXT PRIMARY KEY,
    name                 TEXT NOT NULL,
    time_zone            TEXT NOT NULL,
    language             TEXT NOT NULL,
    version              BIGINT NOT NULL,
    next_incident_number BIGINT NOT NULL,
    undo_seconds         INTEGER NOT NULL, -- how long people are not told yet of what the page shows
    created_at           BIGINT NOT NULL,
    updated_at           BIGINT NOT NULL
);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE component_groups (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    position    INTEGER NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE TABLE components (
    id                    TEXT PRIMARY KEY,
    name                  TEXT NOT NULL,
    description           TEXT NOT NULL,
    status                TEXT NOT NULL,
    group_id              TEXT REFERENCES component_groups (id) ON DELETE SET NULL,
    position              INTEGER NOT NULL,
    showcase              BOOLEAN NOT NULL,
    only_show_if_degraded BOOLEAN NOT NULL,
    start_date            TEXT NOT NULL,
    not_core              BOOLEAN NOT NULL,
    created_at            BIGINT NOT NULL,
    updated_at            BIGINT NOT NULL
);

-- Incidents and maintenances. The number is said aloud as INC-14.
CREATE TABLE incidents (
    id                 TEXT PRIMARY KEY,
    number             BIGINT NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    status             TEXT NOT NULL,
    impact             TEXT NOT NULL,
    impact_override    TEXT NOT NULL,
    highest_impact     TEXT NOT NULL,
    metadata           TEXT NOT NULL,
    created_at         BIGINT NOT NULL,
    updated_at         BIGINT NOT NULL,
    started_at         BIGINT NOT NULL,
    monitoring_at      BIGINT NOT NULL,
    resolved_at        BIGINT NOT NULL,
    next_update_due_at BIGINT NOT NULL,
    estimated_end_at   BIGINT NOT NULL,
    long_every         BIGINT NOT NULL, -- microseconds between the updates of a long incident; 0: it is none
    what_to_do         TEXT NOT NULL,
    scheduled_for      BIGINT NOT NULL,
    scheduled_until    BIGINT NOT NULL,
    expected_impact    TEXT NOT NULL,
    draft              BOOLEAN NOT NULL,
    backfilled         BOOLEAN NOT NULL,
    withdrawn_at       BIGINT NOT NULL -- deleted; the row stays for the ledger's sake
);
CREATE INDEX incidents_created ON incidents (created_at DESC, number DESC);
CREATE INDEX incidents_open ON incidents (status) WHERE status NOT IN ('resolved', 'completed');

CREATE TABLE incident_updates (
    id                 TEXT PRIMARY KEY,
    incident_id        TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    number             INTEGER NOT NULL,
    status             TEXT NOT NULL,
    body               TEXT NOT NULL,
    changes            TEXT NOT NULL,
    notify             BOOLEAN NOT NULL,
    created_at         BIGINT NOT NULL,
    updated_at         BIGINT NOT NULL,
    display_at         BIGINT NOT NULL,
    next_update_due_at BIGINT NOT NULL,
    what_to_do         TEXT NOT NULL,
    UNIQUE (incident_id, number)
);

-- What an update says to some readers only. It stands apart, so that what reads
-- updates for the public cannot show it: the managing door alone reads this, and
-- a notice has what it needs frozen in its content.
CREATE TABLE update_parts (
    update_id       TEXT PRIMARY KEY REFERENCES incident_updates (id) ON DELETE CASCADE,
    incident_id     TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    internal_note   TEXT NOT NULL,
    customer_answer TEXT NOT NULL
);
CREATE INDEX update_parts_incident ON update_parts (incident_id);

-- What the plain-language check found in the words of an update when they were
-- posted, without the words themselves: rules, levels and places.
CREATE TABLE update_findings (
    update_id  TEXT PRIMARY KEY REFERENCES incident_updates (id) ON DELETE CASCADE,
    checked_at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    findings   TEXT NOT NULL, -- JSON
    overridden TEXT NOT NULL, -- the rules, divided by commas
    reason     TEXT NOT NULL
);
CREATE INDEX update_findings_checked ON update_findings (checked_at);

CREATE TABLE incident_components (
    incident_id  TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    component_id TEXT NOT NULL REFERENCES components (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    graded       TEXT NOT NULL,
    PRIMARY KEY (incident_id, component_id)
);

-- The times by which we promised to speak again, and what became of them.
CREATE TABLE promises (
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    made_at     BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    ended       TEXT NOT NULL,
    PRIMARY KEY (incident_id, number)
);
CREATE INDEX promises_due ON promises (due_at);

-- Who has a role on an incident, and by default for a component or the page.
-- The subject is "page", "component:<id>" or "incident:<id>". Whoever is in the
-- register is named by its id alone; contacts are those of anybody else.
CREATE TABLE roles (
    subject        TEXT NOT NULL,
    role           TEXT NOT NULL,
    stakeholder_id TEXT NOT NULL,
    name           TEXT NOT NULL,
    contacts       TEXT NOT NULL,
    given_at       BIGINT NOT NULL,
    PRIMARY KEY (subject, role)
);

-- Links by which who has a role acts on an incident, once.
CREATE TABLE role_links (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    notice_id   BIGINT NOT NULL,
    role        TEXT NOT NULL,
    holder      TEXT NOT NULL,
    name        TEXT NOT NULL,
    due_at      BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT NOT NULL
);
CREATE INDEX role_links_incident ON role_links (incident_id);

CREATE TABLE component_status_changes (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    component_id TEXT NOT NULL REFERENCES components (id) ON DELETE CASCADE,
    incident_id  TEXT REFERENCES incidents (id) ON DELETE SET NULL,
    old_status   TEXT NOT NULL,
    new_status   TEXT NOT NULL,
    changed_at   BIGINT NOT NULL
);
CREATE INDEX component_status_changes_component ON component_status_changes (component_id, changed_at);

-- The register. Contacts name addresses by their normalised form; where the
-- address is a secret (an incoming webhook) the form is a digest, and the
-- secret stands sealed in endpoints.
CREATE TABLE stakeholders (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL,
    power        TEXT NOT NULL,
    interest     TEXT NOT NULL,
    position     INTEGER NOT NULL,
    language     TEXT NOT NULL,
    time_zone    TEXT NOT NULL,
    quiet_hours  TEXT NOT NULL,
    owner        TEXT NOT NULL,
    notes        TEXT NOT NULL,
    review_after TEXT NOT NULL,
    reviewed_at  BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);

-- No reference to components: a scope whose component is deleted must match
-- nothing, not turn into "all".
CREATE TABLE stakeholder_components (
    stakeholder_id TEXT NOT NULL REFERENCES stakeholders (id) ON DELETE CASCADE,
    component_id   TEXT NOT NULL,
    PRIMARY KEY (stakeholder_id, component_id)
);

CREATE TABLE contacts (
    id             TEXT PRIMARY KEY,
    stakeholder_id TEXT NOT NULL REFERENCES stakeholders (id) ON DELETE CASCADE,
    position       INTEGER NOT NULL,
    channel        TEXT NOT NULL,
    address        TEXT NOT NULL,
    label          TEXT NOT NULL,
    private        BOOLEAN NOT NULL,
    opted_in       BOOLEAN NOT NULL,
    contractual    TEXT NOT NULL, -- on what basis; empty: it is not
    UNIQUE (stakeholder_id, channel, address)
);
CREATE INDEX contacts_address ON contacts (channel, address);

-- Who put whom where in the matrix, and why. It outlives the entry; a place is
-- empty where the entry came or went.
CREATE TABLE stakeholder_moves (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    stakeholder_id TEXT NOT NULL,
    name           TEXT NOT NULL,
    from_quadrant  TEXT NOT NULL,
    to_quadrant    TEXT NOT NULL,
    actor_kind     TEXT NOT NULL,
    actor_id       TEXT NOT NULL,
    actor_name     TEXT NOT NULL,
    reason         TEXT NOT NULL,
    moved_at       BIGINT NOT NULL
);
CREATE INDEX stakeholder_moves_entry ON stakeholder_moves (stakeholder_id, id);

CREATE TABLE endpoints (
    channel    TEXT NOT NULL,
    address    TEXT NOT NULL,
    sealed     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (channel, address)
);

-- Subscribers with equal preferences on one channel form a class: the rules
-- run once for each class, and its count answers previews without a scan.
CREATE TABLE subscriber_classes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    channel     TEXT NOT NULL,
    segment     TEXT NOT NULL,
    preferences TEXT NOT NULL,
    confirmed   BIGINT NOT NULL,
    UNIQUE (channel, segment, preferences)
);

CREATE TABLE subscribers (
    id              TEXT PRIMARY KEY,
    channel         TEXT NOT NULL,
    address         TEXT NOT NULL,
    class_id        BIGINT NOT NULL REFERENCES subscriber_classes (id),
    basis           TEXT NOT NULL,
    confirmed_at    BIGINT NOT NULL,
    unsubscribed_at BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    label           TEXT NOT NULL, -- what may be shown of an address that is a secret
    email           TEXT NOT NULL, -- who owns a webhook; '' for other channels
    failures        INTEGER NOT NULL DEFAULT 0, -- of requests in a row, of a webhook or a chat
    failing_since   BIGINT NOT NULL DEFAULT 0, -- the first of these
    quarantined_at  BIGINT NOT NULL DEFAULT 0, -- since when nothing is sent for these; 0: it is
    changed_at      BIGINT NOT NULL DEFAULT 0, -- when they last went to another class; 0: never
    UNIQUE (channel, address)
);
-- Previews name a few of a class, and a few who never confirmed.
CREATE INDEX subscribers_class ON subscribers (class_id, address);
-- Who chose anew during an incident is counted by what they were told.
CREATE INDEX subscribers_changed ON subscribers (changed_at) WHERE changed_at > 0;
CREATE INDEX subscribers_unconfirmed ON subscribers (address) WHERE confirmed_at = 0 AND unsubscribed_at = 0;

-- Who left, and addresses known to be dead: nothing is sent to them. Of an
-- address that was erased there is a pseudonym alone.
CREATE TABLE suppressions (
    channel    TEXT NOT NULL,
    address    TEXT NOT NULL,
    reason     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (channel, address)
);
CREATE INDEX suppressions_erased ON suppressions (channel) WHERE reason = 'erased';

-- Reports that a message could not be delivered after all, one for each message.
CREATE TABLE bounces (
    channel   TEXT NOT NULL,
    address   TEXT NOT NULL,
    notice_id BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    hard      BOOLEAN NOT NULL,
    answer    TEXT NOT NULL,
    PRIMARY KEY (channel, address, notice_id)
) WITHOUT ROWID;

CREATE INDEX bounces_of_notice ON bounces (notice_id);

CREATE TABLE policies (
    version    INTEGER PRIMARY KEY AUTOINCREMENT,
    document   TEXT NOT NULL,
    created_by TEXT NOT NULL,
    reason     TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- The outbox. A notice is what is said, once per event, with the frozen inputs
-- of its audience (occasion). It is expanded into deliveries off the request
-- path, stretch by stretch, each in a transaction that locks the notice; stage
-- and cursor say how far that got, chunks into how many chunks it was cut.
CREATE TABLE notices (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    incident_id    TEXT REFERENCES incidents (id) ON DELETE CASCADE,
    component_id   TEXT NOT NULL, -- whose change of state it is about, without an incident
    update_id      TEXT NOT NULL,
    event          TEXT NOT NULL,
    occasion       TEXT NOT NULL,
    content        TEXT NOT NULL,
    policy_version BIGINT NOT NULL REFERENCES policies (version),
    priority       INTEGER NOT NULL,
    created_at     BIGINT NOT NULL,
    stage          TEXT NOT NULL,
    cursor_channel TEXT NOT NULL,
    cursor_address TEXT NOT NULL,
    start_at       BIGINT NOT NULL, -- not expanded before; until then it can be taken back
    expanded_at    BIGINT NOT NULL, -- 0: not yet; -1: taken back before it began
    chunks         INTEGER NOT NULL,
    written        INTEGER NOT NULL DEFAULT 0, -- deliveries so far; of those forgotten, the ones that were sent
    forgotten_at   BIGINT NOT NULL DEFAULT 0, -- when its deliveries were removed for their age
    share_key      TEXT UNIQUE -- of what one person caused and others may need alike: a digest, a catch-up
);
CREATE INDEX notices_unexpanded ON notices (priority, id) WHERE expanded_at = 0;
CREATE INDEX notices_incident ON notices (incident_id, id);
CREATE INDEX notices_kept ON notices (created_at, id) WHERE forgotten_at = 0;

-- Why a delivery exists: few per notice, shared by many deliveries.
CREATE TABLE decisions (
    notice_id BIGINT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    number    INTEGER NOT NULL,
    quadrant  TEXT NOT NULL,
    rule      TEXT NOT NULL,
    cell      TEXT NOT NULL,
    reason    TEXT NOT NULL,
    form      TEXT NOT NULL,
    language  TEXT NOT NULL, -- '': the page's
    pace      BIGINT NOT NULL, -- microseconds in which updates come at most once; 0: each, -1: none
    PRIMARY KEY (notice_id, number)
) WITHOUT ROWID;

-- What a class of subscribers gets of a notice while its audience is worked
-- out, by how its members stand with the incident: told nothing (0), or told (1).
CREATE TABLE audience_classes (
    notice_id    BIGINT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    class_id     BIGINT NOT NULL,
    standing     INTEGER NOT NULL,
    part         INTEGER NOT NULL, -- of one channel and quadrant
    decision     INTEGER NOT NULL,
    state        TEXT NOT NULL, -- of the delivery; '': there is none
    only_if_open BOOLEAN NOT NULL,
    due_at       BIGINT NOT NULL,
    gather       TEXT NOT NULL,
    PRIMARY KEY (notice_id, class_id, standing)
) WITHOUT ROWID;

-- The ledger: one row for one notice to one address by one channel.
CREATE TABLE deliveries (
    notice_id    BIGINT NOT NULL,
    channel      TEXT NOT NULL,
    address      TEXT NOT NULL,
    person       TEXT NOT NULL,
    decision     INTEGER NOT NULL,
    chunk        INTEGER NOT NULL,
    state        TEXT NOT NULL,
    only_if_open BOOLEAN NOT NULL,
    uncertain    BOOLEAN NOT NULL,
    attempts     INTEGER NOT NULL,
    due_at       BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    sent_at      BIGINT NOT NULL,
    said_id      BIGINT NOT NULL,
    answer       TEXT NOT NULL,
    gather       TEXT NOT NULL, -- '', or with what it is put together: day, quiet
    merged_id    BIGINT NOT NULL, -- the notice that it became part of
    -- The state where it is apart from simply being told. What is indexed does
    -- not change while a message is sent, so no index has to.
    apart        TEXT NOT NULL GENERATED ALWAYS AS (CASE WHEN state IN ('pending', 'sending', 'sent') THEN '' ELSE state END) VIRTUAL,
    PRIMARY KEY (notice_id, channel, address)
) WITHOUT ROWID;

-- What lists and counts look for, without a word about those who are simply
-- told: what did not go through, and what concerns who stands in the register.
CREATE INDEX deliveries_apart ON deliveries (notice_id, apart, gather, channel, address) WHERE apart <> '';
CREATE INDEX deliveries_listed ON deliveries (person, notice_id) WHERE person < 'subscriber';
CREATE INDEX deliveries_gathered ON deliveries (channel, address) WHERE gather <> '';
CREATE INDEX deliveries_merged ON deliveries (merged_id, channel, address) WHERE merged_id > 0;

-- When what waits for an address is put together: a daily digest, or the
-- summary at the end of quiet hours.
CREATE TABLE gatherings (
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    due_at  BIGINT NOT NULL,
    PRIMARY KEY (channel, address)
) WITHOUT ROWID;
CREATE INDEX gatherings_due ON gatherings (due_at);

-- Every attempt that did not deliver; the one that did is in deliveries.
CREATE TABLE attempts (
    notice_id BIGINT NOT NULL,
    channel   TEXT NOT NULL,
    address   TEXT NOT NULL,
    number    INTEGER NOT NULL,
    at        BIGINT NOT NULL,
    outcome   TEXT NOT NULL,
    answer    TEXT NOT NULL,
    PRIMARY KEY (notice_id, channel, address, number)
) WITHOUT ROWID;

-- What one person was told about one incident on one channel, or about one
-- component (whose id then stands for the incident's). Ids of notices; 0 is none.
CREATE TABLE threads (
    incident_id TEXT NOT NULL,
    channel     TEXT NOT NULL,
    address     TEXT NOT NULL,
    person      TEXT NOT NULL,
    told_at     BIGINT NOT NULL,
    told_id     BIGINT NOT NULL,
    waiting_id  BIGINT NOT NULL,
    flying_id   BIGINT NOT NULL,
    PRIMARY KEY (incident_id, channel, address)
) WITHOUT ROWID;

-- Work that can be leased: chunks of deliveries on their first pass, and rows
-- that are due by themselves (held ones and retries).
CREATE TABLE chunks (
    notice_id     BIGINT NOT NULL,
    number        INTEGER NOT NULL,
    channel       TEXT NOT NULL,
    priority      INTEGER NOT NULL,
    first_address TEXT NOT NULL,
    last_address  TEXT NOT NULL,
    lease_owner   TEXT NOT NULL,
    lease_until   BIGINT NOT NULL,
    size          INTEGER NOT NULL DEFAULT 0, -- deliveries when it was written
    PRIMARY KEY (notice_id, number)
) WITHOUT ROWID;
CREATE INDEX chunks_next ON chunks (channel, priority, notice_id, number);

CREATE TABLE due_deliveries (
    notice_id   BIGINT NOT NULL,
    channel     TEXT NOT NULL,
    address     TEXT NOT NULL,
    due_at      BIGINT NOT NULL,
    priority    INTEGER NOT NULL,
    lease_owner TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    PRIMARY KEY (notice_id, channel, address)
) WITHOUT ROWID;
CREATE INDEX due_deliveries_next ON due_deliveries (channel, priority, due_at);

-- Acts that are due at a time, carried out by whichever server claims them.
-- Until lease_until nobody else takes one: it is being carried out, or failed
-- and waits to be tried again.
CREATE TABLE timers (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    name        TEXT NOT NULL,
    due_at      BIGINT NOT NULL,
    payload     TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    lease_owner TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (kind, subject, name)
);
CREATE INDEX timers_due ON timers (due_at);

CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    scope        TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    gate         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    revoked_at   BIGINT NOT NULL
);

-- How often something was done in a window of time, for what strangers may do.
CREATE TABLE rate_limits (
    name         TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (name, window_start)
);

CREATE TABLE audit_log (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    at           BIGINT NOT NULL,
    actor_kind   TEXT NOT NULL,
    actor_id     TEXT NOT NULL,
    actor_name   TEXT NOT NULL,
    actor_from   TEXT NOT NULL,
    act          TEXT NOT NULL,
    subject      TEXT NOT NULL,
    detail       TEXT NOT NULL,
    page_version BIGINT NOT NULL
);

