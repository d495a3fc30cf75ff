"""Tests of the rehearsals' parts that need neither root nor a network."""

import contextlib
import importlib
import io
import os
import sys
import tempfile
import types
import unittest
import zipfile
from pathlib import Path

from rehearsal import gh, release, skill_rehearsal, timed_pass, workflow, zipped_skill
from rehearsal.common import PASSWORD, Failed


class Output:
    """A sandbox in which padel says one thing."""

    launcher = "/launcher"

    def __init__(self, stdout, code=0):
        self.done = types.SimpleNamespace(stdout=stdout, returncode=code)

    def run(self, *_, **__):
        return self.done


def padel(expected, *said):
    rehearsal = skill_rehearsal.Rehearsal(Output(*said), None)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        rehearsal.padel(expected, "availability")
    return rehearsal, printed.getvalue()


class SkillRehearsal(unittest.TestCase):
    def test_median_is_by_total_time(self):
        passes = [(1, 1), (9, 9), (2, 3), (100, 1), (3, 1)]
        self.assertEqual(skill_rehearsal.median_of(passes), [5, 2, 3])

    def test_output_is_shown_up_to_twelve_lines(self):
        _, printed = padel(0, "line\n" * 20)
        self.assertEqual(printed, "\n$ sh /launcher availability\nexit 0\n" + "  line\n" * 12)

    def test_wrong_exit_code_fails(self):
        with self.assertRaisesRegex(Failed, "exit 3 instead of 0"):
            padel(0, "", 3)

    def test_secret_fails_and_is_not_shown(self):
        with self.assertRaisesRegex(Failed, "a password is in the output") as caught:
            padel(0, f"signed in with {PASSWORD}")
        self.assertNotIn(PASSWORD, str(caught.exception))

    def test_basic_credentials_are_a_secret(self):
        self.assertTrue(skill_rehearsal.find_secret("Basic c2FuZGJveDplZ3Jlc3NAczNjcmV0L3dvcmQ="))
        self.assertFalse(skill_rehearsal.find_secret("Basic"))

    def test_patterns_match_whole_lines(self):
        rehearsal, _ = padel(0, "first\npadel 1.2.3\n")
        rehearsal.shows(r"^padel 1\.2\.3$")
        with self.assertRaises(Failed):
            rehearsal.shows("^adel")

    def test_options(self):
        args = skill_rehearsal.parse_args("", ["--skill", "x.zip", "--no-namespaces"])
        self.assertEqual((args.skill, args.no_namespaces), (Path("x.zip").resolve(), True))
        with self.assertRaises(SystemExit) as caught, contextlib.redirect_stderr(io.StringIO()) as told:
            skill_rehearsal.parse_args("", ["--nonsense"])
        self.assertEqual(caught.exception.code, 2)
        self.assertIn("usage: scripts/rehearse", told.getvalue())


class ZippedSkill(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.work = Path(scratch.name)

    def test_directory_becomes_one_top_directory(self):
        tree = self.work / "anything"
        (tree / "bin").mkdir(parents=True)
        (tree / "SKILL.md").write_text("x")
        (tree / "bin/padel").write_text("y")
        with zipfile.ZipFile(zipped_skill.write_zip(tree, self.work)) as archive:
            files = [name for name in archive.namelist() if not name.endswith("/")]
            self.assertEqual(files, ["pslc-padel/SKILL.md", "pslc-padel/bin/padel"])
            self.assertEqual({info.compress_type for info in archive.infolist()}, {zipfile.ZIP_STORED})

    def test_directory_without_a_skill_fails(self):
        with self.assertRaisesRegex(Failed, "no skill at"):
            zipped_skill.write_zip(self.work, self.work)

    def test_checksums_are_sorted_and_leave_themselves_out(self):
        for name in ["b", "B", "SHA256SUMS"]:
            (self.work / name).write_text("")
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        self.assertEqual(zipped_skill.checksums(self.work), f"{empty}  B\n{empty}  b\n")


class Proxy(unittest.TestCase):
    def setUp(self):
        http = types.SimpleNamespace(Response=types.SimpleNamespace(make=lambda *answer: answer))
        sys.modules["mitmproxy"] = types.SimpleNamespace(http=http)
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.seen = Path(scratch.name, "seen")
        os.environ |= {"REHEARSE_HOST": "club.example", "REHEARSE_CLUB_PORT": "1", "REHEARSE_SEEN": str(self.seen)}
        sys.modules.pop("rehearsal.proxy", None)
        self.proxy = importlib.import_module("rehearsal.proxy")

    def flow(self, host):
        request = types.SimpleNamespace(host=host, method="GET", scheme="https", path="/api/x?secret=1")
        return types.SimpleNamespace(request=request, response=None)

    def test_the_club_passes_and_its_query_is_not_told(self):
        flow = self.flow("club.example")
        self.proxy.request(flow)
        self.assertIsNone(flow.response)
        self.assertEqual(self.seen.read_text(), "passed GET https://club.example/api/x\n")

    def test_another_host_is_refused_with_the_reason(self):
        flow = self.flow("other.example")
        self.proxy.http_connect(flow)
        self.assertEqual(flow.response, (403, b"", {"x-deny-reason": "host_not_allowed"}))
        self.assertEqual(self.seen.read_text(), "refused GET other.example\n")


class TimedPass(unittest.TestCase):
    def test_a_failed_program_fails_the_pass(self):
        with self.assertRaises(timed_pass.subprocess.CalledProcessError):
            timed_pass.timed("false")


class Workflow(unittest.TestCase):
    def test_expressions_are_replaced_and_unknown_ones_are_errors(self):
        names = {"vars.A": "1"}
        self.assertEqual(workflow.expand("x ${{ vars.A }}", names.__getitem__), "x 1")
        with self.assertRaises(KeyError):
            workflow.expand("${{ vars.B }}", names.__getitem__)

    def test_conditions_compare_a_name_with_a_text(self):
        names = {"a": "1"}.__getitem__
        self.assertTrue(workflow.holds(None, names))
        self.assertTrue(workflow.holds("a == '1'", names))
        self.assertFalse(workflow.holds("a != '1'", names))
        with self.assertRaises(SystemExit):
            workflow.holds("always()", names)

    def test_every_request_needs_one_action(self):
        action = workflow.action({"method": "POST", "target": "/v1/agents/agent_1?x=y"})
        self.assertEqual(action, "UpdateAgent")
        with self.assertRaises(SystemExit):
            workflow.action({"method": "DELETE", "target": "/v1/agents/agent_1"})


class GitHub(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.work = Path(scratch.name)
        self.github = self.work / "github"
        self.github.mkdir()
        self.file = self.work / "file"
        self.file.write_text("built")

    def call(self, line):
        args = gh.parse(line.split())
        (gh.verify if args.group == "attestation" else gh.act)(self.github, args)

    def test_options_that_nobody_uses_are_errors(self):
        for line in ("release create v1 --draft", "release upload v1", "attestation verify x --repo a/b", "release delete v1"):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                gh.parse(line.split())

    def test_only_attested_files_of_this_tag_are_verified(self):
        gh.attest(self.github, [self.file], {"repo": "a/b", "workflow": "w", "ref": "refs/tags/v1"})
        verify = f"attestation verify {self.file} --signer-workflow w --repo "
        self.call(verify + "a/b")
        self.call(verify + "a/b --source-ref refs/tags/v1")
        for other in ("a/b --source-ref refs/tags/v2", "c/d"):
            with self.assertRaises(gh.Refused):
                self.call(verify + other)
        self.file.write_text("forged")
        with self.assertRaises(gh.Refused):
            self.call(verify + "a/b")

    def test_a_published_release_takes_no_file(self):
        self.call("release create v1 --draft --verify-tag --prerelease=false --title v1 --notes x")
        upload = f"release upload v1 --clobber {self.file}"
        self.call(upload)
        self.call("release edit v1 --verify-tag --draft=false")
        with self.assertRaises(gh.Refused):
            self.call(upload)

    def test_a_step_that_is_not_known_is_rehearsed_and_an_unknown_action_fails(self):
        steps = [{"name": "new", "run": "touch made; exit 3"}]
        stage = release.Stage(self.work, {"build": {"steps": steps}})
        stage.refuses("build", "build, new: exit code 3")
        steps[0] = {"uses": "somebody/else@v1"}
        stage.refuses("build", "uses somebody/else")


if __name__ == "__main__":
    unittest.main()
