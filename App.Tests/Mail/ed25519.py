"""Ed25519 by libsodium. Input: [[private key, message], ...] in hex; output: [[public key, signature], ...]."""
import json
import sys

import nacl.signing

answers = []
for seed, message in json.load(sys.stdin):
    key = nacl.signing.SigningKey(bytes.fromhex(seed))
    answers.append([key.verify_key.encode().hex(), key.sign(bytes.fromhex(message)).signature.hex()])
json.dump(answers, sys.stdout)
