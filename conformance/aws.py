"""AWS's own library for Python, unmodified, against the simulated region: scripts/conformance-aws

boto3 signs its calls, so the simulator's idea of a signature is held against botocore's. What DynamoDB does is tried on
the simulator and on two other people's simulators of it, moto and dynalite: an answer that differs between them is a
difference that is known here with its reason, or a failure.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ADMIN = ("AKIASIMULATEDADMIN01", "simulated/secret/key/of/the/administrator")
REGION = "eu-west-1"
# Every wait here ends long before; a loaded machine needs some of it.
PATIENCE = 60
TABLE = {
    "TableName": "padel",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "open", "AttributeType": "S"},
        {"AttributeName": "since", "AttributeType": "N"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "open",
            "KeySchema": [
                {"AttributeName": "open", "KeyType": "HASH"},
                {"AttributeName": "since", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}

# What the others are known to answer otherwise; the simulator goes by AWS's documentation.
KNOWN = {
    "moto": {
        "empty_sets_are_refused",
        "key_conditions_name_the_key",
        "mistakes_have_their_names",
        "short_names_of_tables_are_refused",
        "sums_are_exact",
        "types_have_no_common_order",
        "unknown_keys_are_refused",
        "wrong_signatures_are_refused",
    },
    "dynalite": {
        # It does not know the operation.
        "expiry_has_an_attribute",
        # It ignores ReturnValuesOnConditionCheckFailure.
        "failed_conditions_tell_the_item",
        # It removes one after the other, although the documentation's example removes both.
        "removed_elements_are_those_of_before",
        "wrong_signatures_are_refused",
    },
}
# What the others do now and then: moto checks and changes without a lock.
SOMETIMES = {"moto": {"only_one_of_many_claims_wins"}}


def connect(service, url, keys=ADMIN, **options):
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"}, read_timeout=PATIENCE, **options)
    key_id, secret, *token = keys
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_session_token=token[0] if token else None,
        config=config,
    )


class Program:
    """A server in a process of its own."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(command, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.code = self.process.wait(PATIENCE)


class Simulator(Program):
    def __init__(self, simulator, *options):
        super().__init__([simulator, *options], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def __exit__(self, *exception):
        super().__exit__(*exception)
        assert self.code == 0, "the simulator failed"

    def control(self, method, path, order=None):
        body = json.dumps(order).encode() if order else None
        request = urllib.request.Request(f"{self.url}/__sim/{path}", body, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or "null")


class Other(Program):
    """moto or dynalite, on a free port."""

    def __init__(self, command, port):
        super().__init__(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}"
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{command[0]} does not listen")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def refusal(call, **arguments):
    """The name of the error that a call is refused with."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError(f"{arguments} was not refused")


def key(name):
    return {"id": {"S": name}}


class Table:
    """The table, with what every test does."""

    def __init__(self, db, url):
        self.db, self.url = db, url

    def put(self, name, **attributes):
        self.db.put_item(TableName="padel", Item={**key(name), **attributes})

    def get(self, name, **options):
        return self.db.get_item(TableName="padel", Key=key(name), ConsistentRead=True, **options).get("Item")

    def update(self, name, expression, values=None, names=None, **options):
        for field, value in [("ExpressionAttributeValues", values), ("ExpressionAttributeNames", names)]:
            if value:
                options[field] = value
        return self.db.update_item(TableName="padel", Key=key(name), UpdateExpression=expression, **options)

    def refuses(self, code, name, expression, values=None, names=None, **options):
        try:
            self.update(name, expression, values, names, **options)
        except ClientError as error:
            assert error.response["Error"]["Code"] == code, error
            return error
        raise AssertionError(f"{expression} was not refused")


def items_come_back_as_they_were_stored(table):
    attributes = {
        "text": {"S": "Plätze frei? 🎾"},
        "number": {"N": "1795424400123"},
        "bytes": {"B": b"\x00\xff"},
        "flag": {"BOOL": False},
        "nothing": {"NULL": True},
        "map": {"M": {"a": {"L": [{"N": "1.5"}, {"M": {}}]}}},
        "texts": {"SS": ["a", "b"]},
    }
    table.put("all", **attributes)
    item = table.get("all")
    item["texts"]["SS"].sort()
    assert item == {**key("all"), **attributes}, item
    assert table.get("none") is None
    assert table.db.put_item(TableName="padel", Item=key("all"), ReturnValues="ALL_OLD")["Attributes"]["flag"]
    assert table.get("all") == key("all")


def only_one_of_many_claims_wins(table):
    for number in range(20):
        won = []

        def claim(who):
            try:
                table.update(
                    f"claim{number}",
                    "SET holder = :who, #until = :until",
                    {":who": {"S": who}, ":until": {"N": "115"}, ":now": {"N": "100"}},
                    {"#until": "until"},
                    ConditionExpression="attribute_not_exists(holder) OR #until < :now",
                )
                won.append(who)
            except ClientError as error:
                assert error.response["Error"]["Code"] == "ConditionalCheckFailedException", error

        threads = [threading.Thread(target=claim, args=(f"h{who}",)) for who in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1, won
        assert table.get(f"claim{number}")["holder"]["S"] == won[0]


def conditions_hold_as_documented(table):
    table.put("c", n={"N": "10"}, s={"S": "court"}, l={"L": [{"S": "x"}]}, m={"M": {"state": {"S": "begun"}}})
    values = {":9": {"N": "9"}, ":10": {"N": "10.0"}, ":x": {"S": "x"}, ":b": {"S": "begun"}, ":co": {"S": "co"}}
    for condition, holds in [
        ("n = :10", True),
        ("n <> :10", False),
        ("n > :9", True),
        ("n < :9", False),
        ("n BETWEEN :9 AND :10", True),
        ("n IN (:9, :10)", True),
        ("s > :co", True),
        ("begins_with(s, :co)", True),
        ("contains(l, :x)", True),
        ("contains(s, :x)", False),
        ("size(s) < :9", True),
        ("absent = :9", False),
        ("absent <> :9", True),
        ("attribute_exists(m.#state)", True),
        ("attribute_not_exists(m.left_out)", True),
        ("attribute_exists(l[0])", True),
        ("attribute_exists(l[1])", False),
        ("m.#state = :b AND NOT n < :9", True),
        ("n < :9 AND n > :9 OR n = :10", True),
        ("n < :9 AND (n > :9 OR n = :10)", False),
        ("not (n = :9 or s = :co)", True),
    ]:
        used = {name: value for name, value in values.items() if f"{name})" in f"{condition})".replace(" ", ")").replace(",", ")")}
        names = {"#state": "state"} if "#state" in condition else None
        options = {"ConditionExpression": condition}
        if holds:
            table.update("c", "SET touched = :t", {**used, ":t": {"BOOL": True}}, names, **options)
        else:
            code = "ConditionalCheckFailedException"
            table.refuses(code, "c", "SET touched = :t", {**used, ":t": {"BOOL": True}}, names, **options)


def types_have_no_common_order(table):
    table.put("types", n={"N": "10"})
    failed = "ConditionalCheckFailedException"
    values = {":s": {"S": "9"}, ":t": {"BOOL": True}}
    for condition in ["n < :s", "n > :s", "n = :s"]:
        table.refuses(failed, "types", "SET touched = :t", values, ConditionExpression=condition)
    table.update("types", "SET touched = :t", values, ConditionExpression="n <> :s")


def failed_conditions_tell_the_item(table):
    table.put("told", state={"S": "done"})
    error = table.refuses(
        "ConditionalCheckFailedException",
        "told",
        "SET a = :a",
        {":a": {"N": "1"}},
        ConditionExpression="attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    assert error.response["Item"] == {**key("told"), "state": {"S": "done"}}, error.response


def failed_conditions_change_nothing(table):
    table.put("kept", a={"N": "1"})
    table.refuses(
        "ConditionalCheckFailedException", "kept", "SET a = :b REMOVE c", {":b": {"N": "2"}},
        ConditionExpression="attribute_exists(b)",
    )  # fmt: skip
    table.refuses(
        "ConditionalCheckFailedException", "unmade", "SET a = :b", {":b": {"N": "2"}},
        ConditionExpression="attribute_exists(id)",
    )  # fmt: skip
    assert table.get("kept")["a"]["N"] == "1" and table.get("unmade") is None


def updates_see_the_item_as_it_was(table):
    table.put("u", a={"N": "1"}, b={"N": "2"}, l={"L": [{"N": "0"}]}, m={"M": {}})
    table.update(
        "u",
        "SET a = b, b = a, #count = if_not_exists(#count, :zero) + :one, m.#q = :map, l[7] = :one REMOVE l[0]",
        {":zero": {"N": "0"}, ":one": {"N": "1"}, ":map": {"M": {"state": {"S": "accepted"}}}},
        {"#count": "count", "#q": "q#1.2"},
    )
    item = table.get("u")
    assert (item["a"]["N"], item["b"]["N"], item["count"]["N"]) == ("2", "1", "1"), item
    assert item["m"]["M"] == {"q#1.2": {"M": {"state": {"S": "accepted"}}}}, item
    assert item["l"]["L"] == [{"N": "1"}], item
    table.update(
        "u",
        "SET #count = #count - :one, l = list_append(l, :l), m.#q.#state = :begun REMOVE a ADD n :one, s :set",
        {":one": {"N": "1"}, ":l": {"L": [{"N": "9"}]}, ":begun": {"S": "begun"}, ":set": {"SS": ["x", "y"]}},
        {"#count": "count", "#q": "q#1.2", "#state": "state"},
    )
    table.update("u", "DELETE s :x", {":x": {"SS": ["x"]}})
    item = table.get("u")
    assert item["count"]["N"] == "0" and "a" not in item and item["n"]["N"] == "1", item
    assert item["m"]["M"]["q#1.2"]["M"]["state"]["S"] == "begun" and item["s"]["SS"] == ["y"], item
    table.update("u", "DELETE s :y REMOVE m.#q", {":y": {"SS": ["y"]}}, {"#q": "q#1.2"})
    assert "s" not in table.get("u") and table.get("u")["m"] == {"M": {}}


def removed_elements_are_those_of_before(table):
    table.put("r", l={"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}, {"S": "d"}, {"S": "e"}]})
    table.update("r", "REMOVE l[1], l[2]")
    assert [value["S"] for value in table.get("r")["l"]["L"]] == ["a", "d", "e"], table.get("r")


def updates_make_the_item(table):
    table.update("made", "SET a = :a", {":a": {"N": "1"}})
    assert table.get("made") == {**key("made"), "a": {"N": "1"}}


def update_tells_changed_attributes(table):
    table.put("back", a={"N": "1"}, b={"N": "2"})
    told = table.update("back", "SET a = a + :one", {":one": {"N": "1"}}, ReturnValues="UPDATED_NEW")
    assert told["Attributes"] == {"a": {"N": "2"}}, told
    told = table.update("back", "ADD a :one", {":one": {"N": "1"}}, ReturnValues="UPDATED_OLD")
    assert told["Attributes"] == {"a": {"N": "2"}}, told
    told = table.update("back", "REMOVE b", ReturnValues="ALL_NEW")
    assert told["Attributes"] == {**key("back"), "a": {"N": "3"}}, told
    assert "Attributes" not in table.update("back", "REMOVE b")


def update_tells_nested_changes(table):
    table.put("nested", m={"M": {"a": {"N": "1"}, "b": {"N": "2"}}})
    told = table.update("nested", "SET m.a = :a", {":a": {"N": "5"}}, ReturnValues="UPDATED_NEW")
    assert told["Attributes"] == {"m": {"M": {"a": {"N": "5"}}}}, told


def sums_are_exact(table):
    table.put("sum", n={"N": "0.1"})
    table.update("sum", "SET n = n + :n", {":n": {"N": "0.2"}})
    assert table.get("sum")["n"]["N"] == "0.3", table.get("sum")
    table.update("sum", "SET n = n - :n", {":n": {"N": "1E+20"}})
    assert table.get("sum")["n"]["N"] == "-99999999999999999999.7", table.get("sum")
    table.update("sum", "SET n = :n", {":n": {"N": "99999999999999999999999999999999999999"}})
    table.refuses("ValidationException", "sum", "SET n = :n", {":n": {"N": "1" * 39}})


def mistakes_have_their_names(table):
    one = {":one": {"N": "1"}}
    for expression, values, names in [
        ("SET state = :one", one, None),
        ("SET a = :one", {**one, ":unused": {"N": "1"}}, None),
        ("SET a = :one", one, {"#unused": "x"}),
        ("SET a = :missing", one, None),
        ("SET #missing = :one", one, None),
        ("SET a = b + :one", one, None),
        ("SET a.b = :one", one, None),
        ("SET a = :one, a = :one", one, None),
        ("SET a = :one REMOVE a.b", one, None),
        ("SET a :one", one, None),
        ("SET a = :one SET b = :one", one, None),
        ("SET id = :one", one, None),
        ("SET a = nonsense(:one)", one, None),
        ("SET a = :s + :one", {**one, ":s": {"S": "1"}}, None),
        ("ADD a :s", {":s": {"S": "1"}}, None),
        ("", one, None),
    ]:
        table.refuses("ValidationException", "mistakes", expression, values, names)
    for condition in ["attribute_exists(:one)", "exists(a)", "a = ", "a = :one AND", "(a = :one", "a == :one"]:
        table.refuses("ValidationException", "mistakes", "SET a = :one", one, ConditionExpression=condition)
    assert refusal(table.db.get_item, TableName="absent", Key=key("a")) == "ResourceNotFoundException"


def unknown_keys_are_refused(table):
    get, put = table.db.get_item, table.db.put_item
    for wrong in [{"id": {"N": "1"}}, {"wrong": {"S": "a"}}, {**key("a"), "b": {"S": "a"}}, key("")]:
        assert refusal(get, TableName="padel", Key=wrong) == "ValidationException", wrong
    for wrong in [{"a": {"S": "b"}}, {"id": {"N": "1"}}, key(""), {**key("a"), "since": {"S": "soon"}}]:
        assert refusal(put, TableName="padel", Item=wrong) == "ValidationException", wrong


def empty_sets_are_refused(table):
    item = {**key("empty"), "s": {"SS": []}}
    assert refusal(table.db.put_item, TableName="padel", Item=item) == "ValidationException"
    item = {**key("empty"), "s": {"SS": ["a", "a"]}}
    assert refusal(table.db.put_item, TableName="padel", Item=item) == "ValidationException"


def items_have_a_largest_size(table):
    item = {**key("large"), "s": {"S": "x" * 410_000}}
    assert refusal(table.db.put_item, TableName="padel", Item=item) == "ValidationException"
    table.put("large", s={"S": "x" * 400_000})
    table.refuses("ValidationException", "large", "SET t = :t", {":t": {"S": "x" * 20_000}})


def query_open(table, before, **options):
    return table.db.query(
        TableName="padel",
        IndexName="open",
        KeyConditionExpression="#open = :open AND since < :before",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues={":open": {"S": "open"}, ":before": {"N": str(before)}},
        **options,
    )


def fill_index(table):
    for number in range(7):
        table.put(f"open{number}", open={"S": "open"}, since={"N": str(100 - number % 3)}, text={"S": "secret"})
    table.put("closed", since={"N": "1"})


def index_holds_what_has_its_key(table):
    fill_index(table)
    found = query_open(table, 1000)
    assert found["Count"] == 7, found
    since = [int(item["since"]["N"]) for item in found["Items"]]
    assert since == sorted(since), since
    assert all(set(item) == {"id", "open", "since"} for item in found["Items"]), found["Items"]
    assert [int(item["since"]["N"]) for item in query_open(table, 99)["Items"]] == [98, 98]
    backwards = query_open(table, 1000, ScanIndexForward=False)["Items"]
    assert [int(item["since"]["N"]) for item in backwards] == since[::-1]
    table.update("open0", "REMOVE #open", None, {"#open": "open"})
    assert query_open(table, 1000)["Count"] == 6
    assert refusal(query_open, table=table, before=1, ConsistentRead=True) == "ValidationException"


def pages_go_on_where_they_ended(table):
    fill_index(table)
    for forward in [True, False]:
        seen, start = [], {}
        while True:
            page = query_open(table, 1000, Limit=2, ScanIndexForward=forward, **start)
            seen += [item["id"]["S"] for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            assert set(page["LastEvaluatedKey"]) == {"id", "open", "since"}, page
            # What ended the page may be gone.
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
            if len(seen) == 4:
                table.db.delete_item(TableName="padel", Key=key(seen[-1]))
        assert len(seen) == len(set(seen)) == 7, seen
        fill_index(table)


def filters_come_after_the_page(table):
    fill_index(table)
    found = table.db.query(
        TableName="padel",
        IndexName="open",
        KeyConditionExpression="#open = :open",
        FilterExpression="id > :n",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues={":open": {"S": "open"}, ":n": {"S": "open9"}},
        Limit=4,
    )
    assert (found["ScannedCount"], found["Count"]) == (4, 0) and "LastEvaluatedKey" in found, found


def key_conditions_name_the_key(table):
    for condition in ["since < :v", "#open < :v", "#open = :v AND id = :v", "#open = :v OR since = :v"]:
        names = {"#open": "open"} if "#open" in condition else {}
        options = {"ExpressionAttributeNames": names} if names else {}
        code = refusal(
            table.db.query,
            TableName="padel",
            IndexName="open",
            KeyConditionExpression=condition,
            ExpressionAttributeValues={":v": {"S": "open"}},
            **options,
        )
        assert code == "ValidationException", condition
    # A filter is for what is no key.
    code = refusal(
        table.db.query,
        TableName="padel",
        IndexName="open",
        KeyConditionExpression="#open = :v",
        FilterExpression="since > :n",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues={":v": {"S": "open"}, ":n": {"N": "1"}},
    )
    assert code == "ValidationException"


def projections_keep_what_is_named(table):
    table.put("p", a={"N": "1"}, m={"M": {"x": {"N": "1"}, "y": {"N": "2"}}}, l={"L": [{"N": "0"}, {"N": "1"}]})
    options = {"ProjectionExpression": "a, m.#y, l[1], absent", "ExpressionAttributeNames": {"#y": "y"}}
    kept = table.get("p", **options)
    assert kept == {"a": {"N": "1"}, "m": {"M": {"y": {"N": "2"}}}, "l": {"L": [{"N": "1"}]}}, kept


def deleted_items_are_gone(table):
    table.put("gone", a={"N": "1"})
    delete = table.db.delete_item
    options = {"ConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": {"N": "2"}}}
    assert refusal(delete, TableName="padel", Key=key("gone"), **options) == "ConditionalCheckFailedException"
    told = delete(TableName="padel", Key=key("gone"), ReturnValues="ALL_OLD")
    assert told["Attributes"]["a"]["N"] == "1" and table.get("gone") is None
    delete(TableName="padel", Key=key("gone"))


def expiry_has_an_attribute(table):
    specification = {"AttributeName": "expires", "Enabled": True}
    table.db.update_time_to_live(TableName="padel", TimeToLiveSpecification=specification)
    described = table.db.describe_time_to_live(TableName="padel")["TimeToLiveDescription"]
    assert described["AttributeName"] == "expires", described


def short_names_of_tables_are_refused(table):
    short = {**TABLE, "TableName": "ab"}
    assert refusal(table.db.create_table, **short) == "ValidationException"
    assert refusal(table.db.create_table, **TABLE) == "ResourceInUseException"


def wrong_signatures_are_refused(table):
    wrong = connect("dynamodb", table.url, (ADMIN[0], "wrong"))
    assert refusal(wrong.list_tables) == "InvalidSignatureException"
    unknown = connect("dynamodb", table.url, ("AKIANOBODY", ADMIN[1]))
    assert refusal(unknown.list_tables) == "UnrecognizedClientException"


TESTS = [
    items_come_back_as_they_were_stored,
    only_one_of_many_claims_wins,
    conditions_hold_as_documented,
    types_have_no_common_order,
    failed_conditions_tell_the_item,
    failed_conditions_change_nothing,
    updates_see_the_item_as_it_was,
    removed_elements_are_those_of_before,
    updates_make_the_item,
    update_tells_changed_attributes,
    update_tells_nested_changes,
    sums_are_exact,
    mistakes_have_their_names,
    unknown_keys_are_refused,
    empty_sets_are_refused,
    items_have_a_largest_size,
    index_holds_what_has_its_key,
    pages_go_on_where_they_ended,
    filters_come_after_the_page,
    key_conditions_name_the_key,
    projections_keep_what_is_named,
    deleted_items_are_gone,
    expiry_has_an_attribute,
    short_names_of_tables_are_refused,
    wrong_signatures_are_refused,
]


def try_table(name, url):
    """Tries DynamoDB at an address; returns the names of the tests that fail."""
    db = connect("dynamodb", url)
    failed = {}
    for test in TESTS:
        db.create_table(**TABLE)
        db.get_waiter("table_exists").wait(TableName="padel", WaiterConfig={"Delay": 1})
        try:
            test(Table(db, url))
        except (AssertionError, ClientError, KeyError, TypeError) as error:
            failed[test.__name__] = f"{type(error).__name__}: {error}"
        db.delete_table(TableName="padel")
        while "padel" in db.list_tables()["TableNames"]:
            time.sleep(0.05)
    known = KNOWN.get(name, set())
    for test in SOMETIMES.get(name, set()):
        failed.pop(test, None)
    for test in sorted(set(failed) - known):
        print(f"{name}: {test}: {failed[test]}")
    for test in sorted(known - set(failed)):
        print(f"{name}: {test} is known to fail, and does not")
    assert set(failed) == known, f"{name} differs"
    print(f"{name}: {len(TESTS) - len(failed)} of {len(TESTS)} as the simulator, the others as known", flush=True)


def try_parameters(region):
    ssm = connect("ssm", region.url)
    found = ssm.get_parameter(Name="/padel/secret", WithDecryption=True)["Parameter"]
    assert (found["Value"], found["Type"], found["Version"]) == ("s3cret=", "SecureString", 1), found
    assert ssm.get_parameter(Name=found["ARN"], WithDecryption=True)["Parameter"]["Value"] == "s3cret="
    assert ssm.get_parameter(Name="/padel/secret")["Parameter"]["Value"] != "s3cret="
    assert ssm.get_parameter(Name="plain")["Parameter"]["Value"] == "text"
    assert refusal(ssm.get_parameter, Name="/padel/none") == "ParameterNotFound"
    several = ssm.get_parameters(Names=["plain", "/padel/none"])
    assert [one["Name"] for one in several["Parameters"]] == ["plain"], several
    assert several["InvalidParameters"] == ["/padel/none"], several


def try_faults(region):
    """Errors arrive with their names, and botocore's own retries get over them."""
    db = connect("dynamodb", region.url)
    db.create_table(**TABLE)
    for fault, code in [
        ("error=ProvisionedThroughputExceededException", "ProvisionedThroughputExceededException"),
        ("error=ThrottlingException", "ThrottlingException"),
        ("error=InternalServerError", "InternalServerError"),
        ("error=AccessDeniedException", "AccessDeniedException"),
        ("503", "503"),
    ]:
        region.control("POST", "faults", {"fault": f"{fault}@/dynamodb/UpdateItem"})
        assert refusal(db.update_item, TableName="padel", Key=key("f")) == code, fault
    patient = boto3.client(
        "dynamodb", region_name=REGION, endpoint_url=region.url, aws_access_key_id=ADMIN[0],
        aws_secret_access_key=ADMIN[1], config=Config(retries={"total_max_attempts": 5, "mode": "standard"}),
    )  # fmt: skip
    for fault in ["lost-after", "reset-after", "truncated", "500", "error-after=ThrottlingException"]:
        region.control("POST", "faults", {"fault": f"{fault}@/dynamodb/UpdateItem"})
        done = patient.update_item(
            TableName="padel", Key=key(fault), UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}}, ReturnValues="UPDATED_NEW",
        )  # fmt: skip
        # Done, and done again: what a ledger has to bear.
        assert done["Attributes"]["n"]["N"] == ("1" if fault == "500" else "2"), (fault, done)
    db.delete_table(TableName="padel")


HANDLER = """
import json, os, time

def handle(event, context):
    if "requestContext" in event:
        return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": "heard " + event["body"]}
    if event.get("do") == "fail":
        raise ValueError("told to")
    if event.get("do") == "slow":
        time.sleep(60)
    return {"heard": event, "function": context.function_name, "left": context.get_remaining_time_in_millis()}
"""


def try_functions(simulator, python):
    """A function of AWS's own runtime client for Python, invoked by boto3 and over the fronts."""
    with tempfile.TemporaryDirectory() as root:
        bootstrap = os.path.join(root, "bootstrap")
        with open(os.path.join(root, "sample.py"), "w") as file:
            file.write(HANDLER)
        with open(bootstrap, "w") as file:
            file.write(f"#!/bin/sh\nexec {os.path.abspath(python)} -m awslambdaric sample.handle\n")
        os.chmod(bootstrap, 0o755)
        with Simulator(simulator, "--function", f"sample={bootstrap}", "--timeout", "8") as region:
            functions = connect("lambda", region.url)

            def invoke(event, **options):
                answer = functions.invoke(FunctionName="sample", Payload=json.dumps(event), **options)
                return answer, json.loads(answer["Payload"].read() or "null")

            answer, told = invoke({"a": "ä"})
            assert answer["StatusCode"] == 200 and told["heard"] == {"a": "ä"}, told
            assert told["function"] == "sample" and 0 < told["left"] <= 8000, told
            answer, told = invoke({"do": "fail"})
            assert answer["FunctionError"] == "Unhandled" and told["errorType"] == "ValueError", told
            answer, told = invoke({"do": "slow"})
            assert answer["FunctionError"] == "Unhandled" and "timed out" in told["errorMessage"], told
            arn = f"arn:aws:lambda:{REGION}:123456789012:function:sample"
            answer = functions.invoke(FunctionName=arn, InvocationType="Event", Payload=b'{"do": "fail"}')
            assert answer["StatusCode"] == 202
            for count in range(5, 7):
                wait_until(lambda: len(region.control("GET", "invocations")) >= count - 1)
                region.control("PUT", "clock", {"advance_seconds": 121})
            wait_until(lambda: region.control("GET", "failures"))
            [failure] = region.control("GET", "failures")
            assert failure["requestContext"]["approximateInvokeCount"] == 3, failure
            assert refusal(functions.invoke, FunctionName="nobody") == "ResourceNotFoundException"
            region.control("POST", "faults", {"fault": "error=TooManyRequestsException@/lambda"})
            assert refusal(functions.invoke, FunctionName="sample") == "TooManyRequestsException"
            for front in ["http-api", "function-url", "rest-api", "alb"]:
                url = f"{region.url}/{front}/sample/slack/events"
                request = urllib.request.Request(url, b"{}", {"content-type": "application/json"})
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    assert answer.read() == b"heard {}", front


def wait_until(is_so):
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--simulator", required=True, help="the binary aws-sim")
    parser.add_argument("--moto", help="the program moto_server")
    parser.add_argument("--dynalite", help="the program dynalite")
    arguments = parser.parse_args()
    # Nothing of the caller's own account.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    began = time.monotonic()
    options = ["--secret", "/padel/secret=s3cret=", "--parameter", "plain=text"]
    with Simulator(arguments.simulator, *options) as region:
        for attempt in [try_parameters, try_faults]:
            attempt(region)
            print(f"{attempt.__name__}: ok", flush=True)
        try_table("simulator", region.url)
    try_functions(arguments.simulator, sys.executable)
    print("try_functions: ok", flush=True)
    if arguments.moto:
        port = free_port()
        with Other([arguments.moto, "-H", "127.0.0.1", "-p", str(port)], port) as moto:
            try_table("moto", moto.url)
    if arguments.dynalite:
        port = free_port()
        command = [arguments.dynalite, "--port", str(port), "--createTableMs", "0", "--deleteTableMs", "0"]
        with Other(command, port) as dynalite:
            try_table("dynalite", dynalite.url)
    print(f"{time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
