"""The real server, witness and mirror, checked by a client that shares no line with them.

    VECHE=target/debug/veche python3 -m unittest discover -v tests/conformance
"""

import base64
import json
import os
import subprocess
import tempfile
import unittest
import urllib.request

from tlog import Bad, Checkpoint, Key, Log, Note, Receipt, check, check_consistency, leaf_hash, root_from_inclusion

VECHE = os.environ.get("VECHE", os.path.join(os.path.dirname(__file__), "../../target/debug/veche"))


class Process:
    """The program in the background; the line of JSON it says when it is ready."""

    def __init__(self, *words):
        environment = {**os.environ, "VECHE_LOG": "warn"}
        self.child = subprocess.Popen([VECHE, "--json", *words], stdout=subprocess.PIPE, env=environment)
        self.ready = json.loads(self.child.stdout.readline())
        self.url = self.ready["url"]

    def end(self):
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()


def post(url, data, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        return answer.read()


class Conformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = Process("demo", "--listen", "127.0.0.1:0", "--data", f"{cls.folder.name}/data")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.addClassCleanup(cls.server.end)
        cls.log = Log(f"{cls.server.url}/lindenhof/record")
        cls.key = Key(Log(cls.log.url).fetch("key").decode())

    def act(self, response):
        """Responds to statement 1 as a new guest: the entry's number and its receipt."""
        answer = post(
            f"{self.server.url}/lindenhof/q/1/respond",
            f"statement=1&response={response}".encode(),
            Accept="application/json",
            **{"Sec-Fetch-Site": "same-origin"},
        )
        answer = json.loads(answer)
        return answer["entry"], answer["receipt"].encode()

    def test_the_head_follows_from_entries_and_from_tiles(self):
        head = self.log.checkpoint()
        self.assertEqual(head.origin, self.key.name)
        self.assertEqual(head.note.verified_by(self.key), 0)
        self.assertGreater(head.size, 2_000)
        entries = check(Log(self.log.url), head)
        self.assertEqual(json.loads(entries[0])["kind"], "roll.founded")

    def test_every_place_of_the_tree_has_its_proof(self):
        head = self.log.checkpoint()
        log = Log(self.log.url)
        entries = list(log.entries(head.size))
        places = {0, 1, 255, 256, 257, head.size // 2, head.size - 2, head.size - 1}
        for index in sorted(places):
            proof = log.inclusion(index, head.size)
            self.assertEqual(root_from_inclusion(index, head.size, leaf_hash(entries[index]), proof), head.root)
            self.assertNotEqual(root_from_inclusion(index, head.size, leaf_hash(b"another"), proof), head.root)

    def test_a_later_head_continues_an_earlier_one(self):
        old = self.log.checkpoint()
        for response in ["agree", "disagree", "pass"]:
            self.act(response)
        new = self.log.checkpoint()
        new.note.verified_by(self.key)
        self.assertGreaterEqual(new.size, old.size + 3)
        log = Log(self.log.url)
        proof = log.consistency(old.size, new.size)
        check_consistency(old.size, old.root, new.size, new.root, proof)
        with self.assertRaises(Bad):
            check_consistency(old.size, leaf_hash(b"another past"), new.size, new.root, proof)
        for size in [1, 2, 255, 256, 257, 1024]:
            root = log.subtree(0, size, new.size)
            check_consistency(size, root, new.size, new.root, log.consistency(size, new.size))

    def test_a_receipt_proves_its_entry_and_no_other(self):
        index, text = self.act("agree")
        receipt = Receipt(text)
        self.assertEqual(receipt.index, index)
        entries = list(Log(self.log.url).entries(self.log.checkpoint().size))
        receipt.verify(entries[index], self.key)
        self.assertEqual(json.loads(entries[index])["response"], "agree")
        with self.assertRaises(Bad):
            receipt.verify(entries[index - 1], self.key)
        with self.assertRaises(Bad):
            Receipt(text.replace(b"index ", b"index 1")).verify(entries[index], self.key)

    def test_a_witness_signs_what_the_specification_says(self):
        vkey = Log(self.log.url).fetch("key").decode().strip()
        witness = Process(
            "witness", "--listen", "127.0.0.1:0", "--name", "witness.example/w1",
            "--data", f"{self.folder.name}/witness", "--log", vkey,
        )
        self.addCleanup(witness.end)
        key = Key(witness.ready["key"])
        self.assertEqual(key.type, Key.COSIGNER)
        old, proof = 0, []
        for _ in range(2):
            data = self.log.fetch("checkpoint")
            head = Checkpoint(data)
            if old:
                proof = Log(self.log.url).consistency(old, head.size)
            lines = "".join(base64.b64encode(step).decode() + "\n" for step in proof)
            lines = post(f"{witness.url}/add-checkpoint", f"old {old}\n{lines}\n".encode() + data)
            note = Note(data + lines)
            self.assertGreater(note.verified_by(key), 1_700_000_000)
            self.assertEqual(note.verified_by(self.key), 0)
            with self.assertRaises(Bad):
                Note(data.replace(b"\n%d\n" % head.size, b"\n%d\n" % (head.size + 1)) + lines).verified_by(key)
            old = head.size
            self.act("pass")

    def test_a_mirror_and_a_bundle_are_the_same_log(self):
        mirror = f"{self.folder.name}/mirror"
        subprocess.run([VECHE, "--json", "mirror", self.server.url, mirror], check=True, stdout=subprocess.DEVNULL)
        bundle = f"{self.folder.name}/bundle.tar"
        subprocess.run(
            [VECHE, "--json", "export", mirror, "--all", "-o", bundle], check=True, stdout=subprocess.DEVNULL
        )
        subprocess.run(["tar", "xf", bundle, "-C", self.folder.name], check=True)
        for place in [mirror, f"{self.folder.name}/record"]:
            log = Log(f"file://{place}")
            head = log.checkpoint()
            head.note.verified_by(self.key)
            check(log, head)

    def test_after_a_change_of_keys_both_sign_and_the_entry_is_a_note_of_both(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Process("demo", "--listen", "127.0.0.1:0", "--data", folder)
            self.addCleanup(server.end)
            log = Log(f"{server.url}/lindenhof/record")
            old = Key(Log(log.url).fetch("key").decode())
            rotated = subprocess.run(
                [VECHE, "--json", "keys", "rotate", "--data", folder], check=True, stdout=subprocess.PIPE
            )
            rotated = json.loads(rotated.stdout)["keys"]
            new = Key(rotated[1]["key"])
            head = log.checkpoint()
            self.assertEqual([head.note.verified_by(key) for key in (old, new)], [0, 0])
            entries = check(log, head)
            index = rotated[1]["entry"]
            entry = json.loads(entries[index])
            self.assertEqual((entry["kind"], entry["key"]), ("roll.rekeyed", rotated[1]["key"]))
            text = f"veche/rekey/v1\n{head.origin}\n{index}\n{rotated[0]['key']}\n{rotated[1]['key']}\n"
            note = Note(f"{text}\n{entry['by_old']}\n{entry['by_new']}\n".encode())
            self.assertEqual([note.verified_by(key) for key in (old, new)], [0, 0])

    def test_this_client_sees_a_changed_byte(self):
        head = self.log.checkpoint()
        for path in ["tile/entries/000", "tile/0/001", f"tile/1/000.p/{head.size // 256}"]:
            log = Log(self.log.url)
            data = bytearray(log.fetch(path))
            data[len(data) // 2] ^= 1
            log.kept[path] = bytes(data)
            with self.assertRaises(Bad, msg=path):
                check(log, head)


if __name__ == "__main__":
    unittest.main()
