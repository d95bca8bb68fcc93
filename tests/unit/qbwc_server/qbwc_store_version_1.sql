-- The tables as version 1 made them, written out by that code.
CREATE TABLE qbwc_company (
    id VARCHAR(100) NOT NULL,
    owner_id VARCHAR(40) NOT NULL,
    file_id VARCHAR(40) NOT NULL,
    qbxml_version VARCHAR(8) NOT NULL,
    created_at DATETIME NOT NULL,
    pairing_until DATETIME,
    paired_at DATETIME,
    company_name TEXT,
    company_path TEXT,
    country VARCHAR(8),
    standing TEXT,
    standing_minutes INTEGER,
    standing_at DATETIME,
    preparing_until DATETIME,
    last_contact_at DATETIME,
    last_trouble TEXT,
    PRIMARY KEY (id)
);
CREATE TABLE qbwc_document (
    id INTEGER NOT NULL,
    received_at DATETIME NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE qbwc_schema (
    id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE qbwc_message_set (
    id VARCHAR(24) NOT NULL,
    company_id VARCHAR(100) NOT NULL,
    sent_at DATETIME NOT NULL,
    state VARCHAR(12) NOT NULL,
    requests INTEGER NOT NULL,
    document BLOB NOT NULL,
    note TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(company_id) REFERENCES qbwc_company (id)
);
CREATE INDEX qbwc_message_set_company ON qbwc_message_set (company_id, state);
CREATE TABLE qbwc_request (
    number INTEGER NOT NULL,
    id VARCHAR(40) NOT NULL,
    company_id VARCHAR(100) NOT NULL,
    kind VARCHAR(8) NOT NULL,
    entity VARCHAR(40) NOT NULL,
    action VARCHAR(8) NOT NULL,
    group_id VARCHAR(100),
    change_id VARCHAR(100),
    priority INTEGER NOT NULL,
    not_after DATETIME,
    body TEXT NOT NULL,
    state VARCHAR(12) NOT NULL,
    queued_at DATETIME NOT NULL,
    sent_at DATETIME,
    answered_at DATETIME,
    attempts INTEGER NOT NULL,
    message_set_id VARCHAR(24),
    doubt VARCHAR(8),
    edit_sequence VARCHAR(16),
    status_code INTEGER,
    status_message TEXT,
    error TEXT,
    note TEXT,
    answer TEXT,
    iterator_id VARCHAR(60),
    pages INTEGER NOT NULL,
    records INTEGER NOT NULL,
    total INTEGER,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(company_id) REFERENCES qbwc_company (id)
);
CREATE INDEX qbwc_request_group ON qbwc_request (group_id);
CREATE INDEX qbwc_request_work ON qbwc_request (company_id, state, kind);
CREATE TABLE qbwc_session (
    ticket VARCHAR(64) NOT NULL,
    company_id VARCHAR(100) NOT NULL,
    user_name VARCHAR(100) NOT NULL,
    peer VARCHAR(64) NOT NULL,
    phase VARCHAR(12) NOT NULL,
    started_at DATETIME NOT NULL,
    last_call_at DATETIME NOT NULL,
    state TEXT NOT NULL,
    message TEXT,
    PRIMARY KEY (ticket),
    FOREIGN KEY(company_id) REFERENCES qbwc_company (id)
);
CREATE INDEX qbwc_session_company ON qbwc_session (company_id, phase);
CREATE TABLE qbwc_user (
    name VARCHAR(100) NOT NULL,
    company_id VARCHAR(100) NOT NULL,
    password TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (name),
    FOREIGN KEY(company_id) REFERENCES qbwc_company (id)
);
CREATE TABLE qbwc_need (
    request_id VARCHAR(40) NOT NULL,
    parent_id VARCHAR(40) NOT NULL,
    PRIMARY KEY (request_id, parent_id),
    FOREIGN KEY(request_id) REFERENCES qbwc_request (id),
    FOREIGN KEY(parent_id) REFERENCES qbwc_request (id)
);
CREATE INDEX qbwc_need_parent ON qbwc_need (parent_id);
CREATE TABLE qbwc_page (
    request_id VARCHAR(40) NOT NULL,
    sequence INTEGER NOT NULL,
    document_id INTEGER NOT NULL,
    records INTEGER NOT NULL,
    final BOOLEAN NOT NULL,
    PRIMARY KEY (request_id, sequence),
    FOREIGN KEY(request_id) REFERENCES qbwc_request (id),
    FOREIGN KEY(document_id) REFERENCES qbwc_document (id)
);
CREATE INDEX qbwc_page_document ON qbwc_page (document_id);
