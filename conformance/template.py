"""What deploy/aws/template.yaml must not do, beyond what cfn-lint knows. Prints each violation; run by scripts/lint-aws."""
import glob
import json
import re
import sys

from cfnlint.decode import decode_str

found, problems = decode_str(open("deploy/aws/template.yaml", encoding="utf-8").read())
if problems:
    sys.exit(f"template: {problems}")
# Plain dicts and lists, without the decoder's own classes.
template = json.loads(json.dumps(found))
resources, wrong = template["Resources"], []


def expect(holds, what):
    if not holds:
        wrong.append(what)


def of_type(kind):
    return {name: one for name, one in resources.items() if one["Type"] == kind}


def statements(role):
    """Each statement of a role's policies, also one that stands in a condition."""
    for policy in role["Properties"]["Policies"]:
        for one in policy["PolicyDocument"]["Statement"]:
            yield one["Fn::If"][1] if "Fn::If" in one else one


def listed(value):
    return value if isinstance(value, list) else [value]


roles, functions = of_type("AWS::IAM::Role"), of_type("AWS::Lambda::Function")
expect(set(functions) == {"Accept", "Answer"}, f"functions: {sorted(functions)}")

for name, role in roles.items():
    expect("ManagedPolicyArns" not in role["Properties"], f"{name}: a managed policy allows more than is needed")
    for one in statements(role):
        expect("*" not in listed(one["Resource"]), f"{name}, {one['Sid']}: every resource")
        for action in listed(one["Action"]):
            expect("*" not in action, f"{name}, {one['Sid']}: {action}")

# What one of them may do with the other's is nothing.
rights = {name: {action for one in statements(role) for action in listed(one["Action"])} for name, role in roles.items()}
expect("lambda:InvokeFunction" not in rights["AnswerRole"], "answer may invoke functions")
expect(not any(action.startswith("aws-external-anthropic:") for action in rights["AcceptRole"]), "accept may use the platform")
parameters = {name: json.dumps([one["Resource"] for one in statements(role) if "ssm:GetParameter" in listed(one["Action"])])
              for name, role in roles.items()}
expect("BotToken" not in parameters["AcceptRole"] and "ApiKey" not in parameters["AcceptRole"], "accept may read answer's secrets")
expect("SigningSecret" not in parameters["AnswerRole"], "answer may read accept's secret")

bridge = json.load(open("deploy/aws/bridge.json", encoding="utf-8"))
platform = {action for action in rights["AnswerRole"] if action.startswith("aws-external-anthropic:")}
wanted = {action for one in bridge["Statement"] for action in one["Action"]}
expect(platform == wanted, f"the platform's actions differ from bridge.json's: {sorted(platform ^ wanted)}")

for name, function in functions.items():
    properties = function["Properties"]
    variables = properties["Environment"]["Variables"]
    for secret in ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "ANTHROPIC_API_KEY"):
        expect(secret not in variables, f"{name}: {secret} is for everybody to read who may read the settings")
    group = f"/aws/lambda/{properties['FunctionName']['Fn::Sub']}"
    logs = [one for one in of_type("AWS::Logs::LogGroup").values() if one["Properties"]["LogGroupName"]["Fn::Sub"] == group]
    expect(len(logs) == 1 and "RetentionInDays" in logs[0]["Properties"], f"{name}: its log is kept for ever")
    expect(function.get("DependsOn") in of_type("AWS::Logs::LogGroup"), f"{name}: Lambda may make the log group first")
    expect("ReservedConcurrentExecutions" in properties, f"{name}: nothing bounds it")

# What the program reads, the stack can set: all but secrets themselves.
sources = "".join(open(file, encoding="utf-8").read() for file in
                  ["crates/padel-slack/src/settings.rs", *glob.glob("crates/padel-slack/src/function/*.rs")])
read = set(re.findall(r'"((?:PADEL|SLACK)_[A-Z_]+)"', sources)) - {"SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"}
given = {variable for one in functions.values() for variable in one["Properties"]["Environment"]["Variables"]}
expect(len(read) > 15 and read <= given, f"no parameter for {sorted(read - given)}")

for name, one in template["Parameters"].items():
    expect(not ("Secret" in name or "Token" in name or "Key" in name) or name.endswith("Parameter") or name == "CodeKey",
           f"{name}: a secret as a parameter stands in the stack's history")

table = resources["Table"]
expect(table.get("DeletionPolicy") == "Retain", "the ledger goes with the stack")
expect(table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}, "nothing expires")
invocations = of_type("AWS::Lambda::EventInvokeConfig")
expect(any("OnFailure" in one["Properties"]["DestinationConfig"] for one in invocations.values()), "failures go nowhere")
permissions = of_type("AWS::Lambda::Permission")
public = [one["Properties"] for one in permissions.values() if one["Properties"]["Principal"] == "*"]
expect(all("FunctionUrlAuthType" in one or one.get("InvokedViaFunctionUrl") for one in public), "anybody may invoke accept")
expect(all(one["Condition"] == "IsFunctionUrl" for one in permissions.values() if one["Properties"]["Principal"] == "*"),
       "public without being asked to")

for line in wrong:
    print(f"template: {line}")
sys.exit(1 if wrong else 0)
