-- The store as version 1 of the workbench wrote it, with one pull.
BEGIN TRANSACTION;
CREATE TABLE wb_approvals (
	id VARCHAR(40) NOT NULL, 
	changeset VARCHAR(40) NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	changes_hash VARCHAR(64) NOT NULL, 
	changes JSON NOT NULL, 
	approver VARCHAR(80) NOT NULL, 
	approved_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	PRIMARY KEY (id)
);
CREATE TABLE wb_base (
	mapping VARCHAR(80) NOT NULL, 
	pair VARCHAR(40) NOT NULL, 
	fields JSON NOT NULL, 
	salesforce JSON NOT NULL, 
	quickbooks JSON NOT NULL, 
	agreed_at DATETIME NOT NULL, 
	PRIMARY KEY (mapping, pair)
);
CREATE TABLE wb_changesets (
	id VARCHAR(40) NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	content TEXT NOT NULL, 
	made_by VARCHAR(80) NOT NULL, 
	made_at DATETIME NOT NULL, 
	pushed_at DATETIME, 
	PRIMARY KEY (id)
);
CREATE TABLE wb_closed (
	mapping VARCHAR(80) NOT NULL, 
	closed_by VARCHAR(80) NOT NULL, 
	closed_at DATETIME NOT NULL, 
	PRIMARY KEY (mapping)
);
CREATE TABLE wb_crosswalk (
	mapping VARCHAR(80) NOT NULL, 
	pair VARCHAR(40) NOT NULL, 
	salesforce_id VARCHAR(40) NOT NULL, 
	quickbooks_id VARCHAR(60) NOT NULL, 
	rule VARCHAR(40) NOT NULL, 
	confirmed_by VARCHAR(80) NOT NULL, 
	confirmed_at DATETIME NOT NULL, 
	PRIMARY KEY (pair), 
	UNIQUE (mapping, salesforce_id), 
	UNIQUE (mapping, quickbooks_id)
);
CREATE TABLE wb_decisions (
	id INTEGER NOT NULL, 
	mapping VARCHAR(80) NOT NULL, 
	salesforce_id VARCHAR(40), 
	quickbooks_id VARCHAR(60), 
	field VARCHAR(80), 
	decision VARCHAR(20) NOT NULL, 
	pinned BOOLEAN NOT NULL, 
	salesforce_seen TEXT, 
	quickbooks_seen TEXT, 
	reason TEXT NOT NULL, 
	decided_by VARCHAR(80) NOT NULL, 
	decided_at DATETIME NOT NULL, 
	replaced_at DATETIME, 
	PRIMARY KEY (id)
);
CREATE TABLE wb_leases (
	name VARCHAR(40) NOT NULL, 
	holder VARCHAR(80) NOT NULL, 
	expires_at DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE wb_ledger (
	sequence INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who VARCHAR(80) NOT NULL, 
	event VARCHAR(40) NOT NULL, 
	subject VARCHAR(80) NOT NULL, 
	detail JSON NOT NULL, 
	PRIMARY KEY (sequence)
);
CREATE TABLE wb_marks (
	changeset VARCHAR(40) NOT NULL, 
	change VARCHAR(40) NOT NULL, 
	approved BOOLEAN NOT NULL, 
	marked_by VARCHAR(80) NOT NULL, 
	marked_at DATETIME NOT NULL, 
	PRIMARY KEY (changeset, change)
);
CREATE TABLE wb_meta (
	name VARCHAR(40) NOT NULL, 
	value TEXT, 
	PRIMARY KEY (name)
);
INSERT INTO "wb_meta" VALUES('schema','1');
CREATE TABLE wb_outcomes (
	changeset VARCHAR(40) NOT NULL, 
	change VARCHAR(40) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	side VARCHAR(20) NOT NULL, 
	mapping VARCHAR(80) NOT NULL, 
	source_id VARCHAR(60), 
	record VARCHAR(60), 
	request VARCHAR(60), 
	detail TEXT, 
	read_back JSON, 
	written_at DATETIME NOT NULL, 
	settled_at DATETIME, 
	PRIMARY KEY (changeset, change)
);
CREATE TABLE wb_pulls (
	id VARCHAR(40) NOT NULL, 
	side VARCHAR(20) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	finished_at DATETIME NOT NULL, 
	snapshot VARCHAR(60), 
	error TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "wb_pulls" VALUES('pull-1','quickbooks','done','2026-03-30 12:01:01.000000','quickbooks-1',NULL);
CREATE TABLE wb_snapshots (
	id VARCHAR(60) NOT NULL, 
	side VARCHAR(20) NOT NULL, 
	file TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME NOT NULL, 
	published_at DATETIME NOT NULL, 
	counts JSON NOT NULL, 
	describes JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "wb_snapshots" VALUES('quickbooks-1','quickbooks','/somewhere/one.duckdb','2026-03-30 12:00:00.000000','2026-03-30 12:01:00.000000','2026-03-30 12:01:01.000000','{"Customer": 3}','{}');
CREATE INDEX ix_wb_snapshots_side ON wb_snapshots (side);
CREATE INDEX ix_wb_decisions_mapping ON wb_decisions (mapping);
CREATE INDEX ix_wb_approvals_changeset ON wb_approvals (changeset);
CREATE INDEX ix_wb_outcomes_state ON wb_outcomes (state);
COMMIT;
