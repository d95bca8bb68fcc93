"""QuickBooks Desktop through the QuickBooks Web Connector (QBWC).

A library of its own: a SOAP service that QBWC calls, a queue of requests in an operational store, qbXML
built from and parsed into plain values, and a simulated company file.  It knows no Salesforce and imports
nothing of `workbench`.

Floors, each importing only lower ones:

    cli, serving                python -m qbwc, and its command `serve`
    service, simulator          SOAP over HTTP, its two ends
    session                     pure state machine: (state, event) -> (state, reply, effects)
    queue, tape, users          what is kept, as functions of an engine
    store                       engine and tables
    qbxml, descriptor, tls      documents, schema facts, certificates
    status, errors              codes and what they mean
"""
