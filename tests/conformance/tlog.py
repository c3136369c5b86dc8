"""A client for transparency logs, written from the specifications alone and from nothing of Veche's:

  https://c2sp.org/signed-note       keys, signatures, key IDs
  https://c2sp.org/tlog-checkpoint   the signed head of a log
  https://c2sp.org/tlog-tiles        tiles and entry bundles
  https://c2sp.org/tlog-cosignature  what a witness signs
  https://c2sp.org/tlog-proof        receipts
  RFC 6962, section 2.1              hashes, inclusion and consistency proofs

It exists so that a mistake which Veche makes in writing and in reading alike is still found. Standard library, and
PyNaCl for Ed25519.

    python3 tlog.py URL [VERIFIER-KEY]     checks the log whose checkpoint is at URL/checkpoint
"""

import base64
import binascii
import hashlib
import struct
import sys
import urllib.request

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey


class Bad(Exception):
    """Something is not what the specification says."""


def need(holds, why):
    if not holds:
        raise Bad(why)


# Signed notes


class Key:
    """`name+<key ID in hexadecimal>+base64(type ‖ 32 bytes)`."""

    LOG, COSIGNER = 1, 4

    def __init__(self, text):
        self.name, key_id, data = text.strip().split("+", 2)
        data = base64.b64decode(data, validate=True)
        self.type, self.public = data[0], data[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4]
        need(self.id.hex() == key_id, "the key ID does not follow from name, type and key")
        need(self.type in (Key.LOG, Key.COSIGNER) and len(self.public) == 32, "not an Ed25519 key")

    def verify(self, signature, message):
        try:
            VerifyKey(self.public).verify(message, signature)
        except (BadSignatureError, ValueError) as error:
            raise Bad(f"the signature of {self.name} does not fit: {error}") from error


class Note:
    """A text, an empty line, and signature lines."""

    def __init__(self, data):
        text, lines = data.decode().rsplit("\n\n", 1)
        self.text = text + "\n"
        need(lines.endswith("\n"), "the note does not end with a line break")
        self.signatures = []
        for line in lines[:-1].split("\n"):
            dash, name, encoded = line.split(" ")
            need(dash == "\N{EM DASH}", "a signature line begins with an em dash")
            blob = base64.b64decode(encoded, validate=True)
            self.signatures.append((name, blob[:4], blob[4:]))

    def verified_by(self, key):
        """The time of a cosignature, or 0 for a log's own signature. Unknown keys are ignored."""
        found = None
        for name, key_id, signature in self.signatures:
            if (name, key_id) != (key.name, key.id):
                continue
            message, time = self.text.encode(), 0
            if key.type == Key.COSIGNER:
                need(len(signature) == 72, "a cosignature is a time and 64 bytes")
                (time,) = struct.unpack(">Q", signature[:8])
                signature = signature[8:]
                message = f"cosignature/v1\ntime {time}\n{self.text}".encode()
            key.verify(signature, message)
            found = time
        need(found is not None, f"{key.name} has not signed")
        return found


class Checkpoint:
    """Origin, size and root, with the note they came in."""

    def __init__(self, data):
        self.note = Note(data)
        self.origin, size, root, rest = self.note.text.split("\n", 3)
        need(size.isascii() and size.isdigit() and (size == "0" or size[0] != "0"), "the size is not a plain number")
        self.size, self.root = int(size), base64.b64decode(root, validate=True)
        need(len(self.root) == 32, "the root is not 32 bytes")
        need(not rest, "there are extension lines")


# RFC 6962


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves):
    """The Merkle tree hash, by the recursive definition of section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def root_from_inclusion(index, size, leaf, proof):
    """RFC 9162, section 2.1.3.2: the same proofs, with the way to check them written out."""
    need(index < size, "the entry is beyond the log")
    fn, sn, node = index, size - 1, leaf
    for step in proof:
        need(sn > 0, "the proof is too long")
        if fn & 1 or fn == sn:
            node = node_hash(step, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, step)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "the proof is too short")
    return node


def check_consistency(old_size, old_root, new_size, new_root, proof):
    """RFC 9162, section 2.1.4.2."""
    need(0 < old_size <= new_size, "the sizes are the wrong way round")
    if old_size == new_size:
        need(not proof and old_root == new_root, "one size, two roots")
        return
    proof = list(proof)
    if old_size & (old_size - 1) == 0:
        proof.insert(0, old_root)
    need(proof, "there is no proof")
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = proof[0]
    for step in proof[1:]:
        need(sn > 0, "the proof is too long")
        if fn & 1 or fn == sn:
            old, new = node_hash(step, old), node_hash(step, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, step)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "the proof is too short")
    need(old == old_root, "the proof does not lead to the old root")
    need(new == new_root, "the proof does not lead to the new root")


# Tiles


def number(n):
    """1234067 is x001/x234/067."""
    parts = [f"{n % 1000:03}"]
    while n >= 1000:
        n //= 1000
        parts.insert(0, f"x{n % 1000:03}")
    return "/".join(parts)


class Log:
    """A log of a known size over HTTP."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        self.kept = {}

    def fetch(self, path):
        if path not in self.kept:
            with urllib.request.urlopen(f"{self.url}/{path}", timeout=30) as answer:
                data = answer.read()
            if path == "checkpoint":
                return data
            self.kept[path] = data
        return self.kept[path]

    def checkpoint(self):
        return Checkpoint(self.fetch("checkpoint"))

    def tile(self, level, index, size):
        """The hashes of a tile in the width that it has in a log of `size` entries."""
        width = min(256, (size >> 8 * level) - 256 * index)
        need(width > 0, "there is no such tile")
        data = self.fetch(f"tile/{level}/{number(index)}" + (f".p/{width}" if width < 256 else ""))
        need(len(data) == 32 * width, f"tile {level}/{index} has the wrong length")
        return [data[at : at + 32] for at in range(0, len(data), 32)]

    def entries(self, size):
        """Every entry, bundle by bundle."""
        for index in range((size + 255) // 256):
            width = min(256, size - 256 * index)
            data = self.fetch(f"tile/entries/{number(index)}" + (f".p/{width}" if width < 256 else ""))
            at = 0
            for _ in range(width):
                (length,) = struct.unpack(">H", data[at : at + 2])
                need(at + 2 + length <= len(data), f"bundle {index} is too short")
                yield data[at + 2 : at + 2 + length]
                at += 2 + length
            need(at == len(data), f"bundle {index} is too long")

    def node(self, height, index, size):
        """A whole subtree's hash: one hash of a tile, or the hash over a power of two of them."""
        level, above = height // 8, height % 8
        first = index << above
        tile = self.tile(level, first // 256, size)
        hashes = tile[first % 256 : first % 256 + (1 << above)]
        need(len(hashes) == 1 << above, "the subtree is not whole")
        return root_of(hashes)

    def subtree(self, start, end, size):
        """The hash over entries `start..end`, a range that the definitions of RFC 6962 lead to."""
        count = end - start
        if count & (count - 1) == 0 and start % count == 0:
            height = count.bit_length() - 1
            return self.node(height, start >> height, size)
        split = 1 << (count - 1).bit_length() - 1
        return node_hash(self.subtree(start, start + split, size), self.subtree(start + split, end, size))

    def inclusion(self, index, size):
        """PATH(m, D[n]) of section 2.1.1."""

        def path(m, start, end):
            if end - start == 1:
                return []
            split = 1 << (end - start - 1).bit_length() - 1
            if m < split:
                return path(m, start, start + split) + [self.subtree(start + split, end, size)]
            return path(m - split, start + split, end) + [self.subtree(start, start + split, size)]

        return path(index, 0, size)

    def consistency(self, old, size):
        """PROOF(m, D[n]) of section 2.1.2."""

        def subproof(m, start, end, known):
            count = end - start
            if m == count:
                return [] if known else [self.subtree(start, end, size)]
            split = 1 << (count - 1).bit_length() - 1
            if m <= split:
                return subproof(m, start, start + split, known) + [self.subtree(start + split, end, size)]
            return subproof(m - split, start + split, end, False) + [self.subtree(start, start + split, size)]

        return subproof(old, 0, size, True)


# tlog-proof


class Receipt:
    """`c2sp.org/tlog-proof@v1`, perhaps `extra …`, `index …`, the proof, an empty line, the checkpoint."""

    def __init__(self, data):
        head, checkpoint = data.split(b"\n\n", 1)
        lines = head.decode().split("\n")
        need(lines.pop(0) == "c2sp.org/tlog-proof@v1", "this is no tlog-proof")
        if lines[0].startswith("extra "):
            base64.b64decode(lines.pop(0)[6:], validate=True)
        word, index = lines.pop(0).split(" ")
        need(word == "index" and index.isascii() and index.isdigit(), "there is no index")
        self.index = int(index)
        self.proof = [base64.b64decode(line, validate=True) for line in lines]
        self.checkpoint = Checkpoint(checkpoint)

    def verify(self, entry, key):
        need(self.checkpoint.origin == key.name, "the receipt is of another log")
        self.checkpoint.note.verified_by(key)
        root = root_from_inclusion(self.index, self.checkpoint.size, leaf_hash(entry), self.proof)
        need(root == self.checkpoint.root, "the proof does not lead to the root")


def check(log, head):
    """Everything that a head promises: its root follows from the entries, and from the tiles; each tile from those
    below it. Answers the entries."""
    entries = list(log.entries(head.size))
    leaves = [leaf_hash(entry) for entry in entries]
    need(root_of(leaves) == head.root, "the entries do not lead to the root")
    need(log.subtree(0, head.size, head.size) == head.root, "the tiles do not lead to the root")
    level, row = 0, leaves
    while row:
        for index in range((len(row) + 255) // 256):
            need(log.tile(level, index, head.size) == row[256 * index : 256 * index + 256], f"tile {level}/{index} is wrong")
        row = [root_of(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
        level += 1
    return entries


def main(url, key=None):
    log = Log(url)
    head = log.checkpoint()
    if key:
        head.note.verified_by(Key(key))
    entries = check(log, head)
    print(f"{head.origin}: {len(entries)} entries lead to the signed root" + ("" if key else " (no key was given)"))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (Bad, OSError, ValueError, binascii.Error) as error:
        sys.exit(f"This log does not hold: {error}")
