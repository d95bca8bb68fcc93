"""The simplest company file that can judge a session: a dict, a counter, and answers that may be forgotten.

It is written apart from the product and from its simulator, from the contract alone, so that it does not
share their mistakes.  What was really done to a record is a count that nothing takes away again.
"""

from __future__ import annotations

from collections import Counter

from lxml import etree

CUSTOM = "Region"


class Reference:
    """Customers by name, invoices by number; every write that ran is counted by its marker."""

    def __init__(self):
        self.records = {}  # (entity, key) -> fields
        self.applied = Counter()  # what was done: ('add', name), ('mod', key, phone), ('void', key), ...
        self.answers = {}  # message-set id -> its answer
        self._number = 0

    def put(self, entity, **fields):
        """A record that was there before; answers its key."""
        self._number += 1
        key = f"80-{self._number}"
        self.records[entity, key] = {**fields, "EditSequence": str(self._number)}
        return key

    def touch(self, entity, key, **fields):
        """Somebody changes a record by hand."""
        self._number += 1
        self.records[entity, key].update(fields, EditSequence=str(self._number))

    def process(self, document):
        """What QuickBooks answers to a message set."""
        body = etree.fromstring(document.encode())[0]
        new, old = body.get("newMessageSetID"), body.get("oldMessageSetID")
        if old and new:
            return self.answers.get(new, "<QBXML><QBXMLMsgsRs messageSetStatusCode='9002'/></QBXML>")
        if old:
            self.answers.pop(old, None)
            return "<QBXML><QBXMLMsgsRs/></QBXML>"
        answer = f"<QBXML><QBXMLMsgsRs>{''.join(self._run(one) for one in body)}</QBXMLMsgsRs></QBXML>"
        if new:
            assert new not in self.answers, "a message set was sent twice"
            self.answers[new] = answer
        return answer

    def _run(self, request):
        name = request.tag.removesuffix("Rq")
        if name.endswith("Query"):
            return self._query(request, name.removesuffix("Query"))
        if name in ("TxnVoid", "TxnDel"):
            return self._remove(request, name)
        if name.startswith("DataExt"):
            return self._custom(request, name)
        entity, action = (name[:-3], name[-3:].lower())
        return self._add(request, entity) if action == "add" else self._mod(request, entity)

    def _add(self, request, entity):
        given = {one.tag: one.text or "" for one in request[0] if not len(one)}
        if entity == "Customer" and any(
            kind == "Customer" and fields.get("Name") == given["Name"]
            for (kind, _), fields in self.records.items()
        ):
            return _answer(request, 3100)
        customer = request[0].findtext("CustomerRef/ListID")
        if customer and ("Customer", customer) not in self.records:
            return _answer(request, 3140)
        self.applied["add", entity, given.get("Name") or given.get("RefNumber")] += 1
        given |= {"Subtotal": "80.00"} if entity == "Invoice" else {"FullName": given["Name"]}
        given |= {"Customer": customer} if customer else {}
        return _answer(request, 0, self._ret(entity, self.put(entity, **given)))

    def _mod(self, request, entity):
        key, record = self._named(request[0], entity)
        if record is None:
            return _answer(request, 3120)
        if request[0].findtext("EditSequence") != record["EditSequence"]:
            return _answer(request, 3200)
        phone = request[0].findtext("Phone")
        self.applied["mod", key, phone] += 1
        self.touch(entity, key, Phone=phone)
        return _answer(request, 0, self._ret(entity, key))

    def _remove(self, request, name):
        entity = request.findtext("TxnVoidType") or request.findtext("TxnDelType")
        key, record = self._named(request, entity)
        if record is None:
            return _answer(request, 3120)
        self.applied[name, key] += 1
        if name == "TxnDel":
            del self.records[entity, key]
        else:
            self.touch(entity, key, Subtotal="0.00", Memo="VOID: ")
        return _answer(request, 0, f"<TxnID>{key}</TxnID>")

    def _custom(self, request, _name):
        key, value = request[0].findtext("ListObjRef/ListID"), request[0].findtext("DataExtValue")
        if ("Customer", key) not in self.records:
            return _answer(request, 3120)
        self.applied["custom", key, value] += 1
        self.records["Customer", key]["custom"] = value
        return _answer(
            request, 0, f"<DataExtRet><OwnerID>0</OwnerID><DataExtName>{CUSTOM}</DataExtName></DataExtRet>"
        )

    def _query(self, request, entity):
        key = request.findtext("ListID") or request.findtext("TxnID")
        wanted = {"FullName": request.findtext("FullName"), "RefNumber": request.findtext("RefNumber")}
        found = [
            name
            for (kind, name), fields in self.records.items()
            if kind == entity
            and (key is None or name == key)
            and all(value is None or fields.get(field) == value for field, value in wanted.items())
        ]
        return _answer(request, 0 if found else 1, "".join(self._ret(entity, name) for name in found))

    def _named(self, element, entity):
        key = element.findtext("ListID") or element.findtext("TxnID")
        return key, self.records.get((entity, key))

    def _ret(self, entity, key):
        fields = self.records[entity, key]
        tag = "TxnID" if entity in ("Invoice", "Estimate") else "ListID"
        order = ("EditSequence", "Name", "FullName", "RefNumber", "Memo", "Phone", "Subtotal")
        told = f"<{tag}>{key}</{tag}>" + "".join(
            f"<{name}>{fields[name]}</{name}>" for name in order if fields.get(name)
        )
        if fields.get("Customer"):
            told += f"<CustomerRef><ListID>{fields['Customer']}</ListID></CustomerRef>"
        if fields.get("custom"):
            told += (
                f"<DataExtRet><OwnerID>0</OwnerID><DataExtName>{CUSTOM}</DataExtName>"
                f"<DataExtType>STR255TYPE</DataExtType><DataExtValue>{fields['custom']}</DataExtValue></DataExtRet>"
            )
        return f"<{entity}Ret>{told}</{entity}Ret>"


def _answer(request, code, inside=""):
    name = request.tag.removesuffix("Rq")
    return (
        f'<{name}Rs requestID="{request.get("requestID")}" statusCode="{code}" statusSeverity="Info" '
        f'statusMessage="said">{inside}</{name}Rs>'
    )
