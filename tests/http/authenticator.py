"""An authenticator for WebAuthn, made of openssl's command: keys of P-256, and every field of what it says may be bent."""
import base64
import hashlib
import json
import os
import struct
import subprocess


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


class Authenticator:
    def __init__(self, directory, origin, rp='localhost'):
        self.origin, self.rp, self.id, self.count, self.handle = origin, rp, os.urandom(20), 0, b''
        self.key = directory / f'{b64(self.id)}.pem'
        subprocess.run(['openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', self.key], check=True, capture_output=True)
        der = subprocess.run(['openssl', 'ec', '-in', self.key, '-pubout', '-outform', 'DER'], check=True, capture_output=True).stdout
        self.x, self.y = der[-64:-32], der[-32:]

    def client(self, kind, options, more):
        return json.dumps({'type': kind, 'challenge': options['challenge'], 'origin': self.origin, 'crossOrigin': False, **more}).encode()

    def data(self, flags):
        return hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) + struct.pack('>I', self.count)

    def create(self, options, flags=0x45, **more):
        client = self.client('webauthn.create', options, more)
        self.handle = unb64(options['user']['id'])
        key = bytes.fromhex('a5010203262001215820') + self.x + bytes.fromhex('225820') + self.y
        auth = self.data(flags) + bytes(16) + struct.pack('>H', len(self.id)) + self.id + key
        whole = b'\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58' + bytes([len(auth)]) + auth
        return {'id': b64(self.id), 'rawId': b64(self.id), 'type': 'public-key',
                'response': {'clientDataJSON': b64(client), 'attestationObject': b64(whole)}}

    def get(self, options, flags=5, **more):
        client, auth = self.client('webauthn.get', options, more), self.data(flags)
        signature = subprocess.run(['openssl', 'dgst', '-sha256', '-sign', self.key], check=True, capture_output=True,
                                   input=auth + hashlib.sha256(client).digest()).stdout
        return {'id': b64(self.id), 'rawId': b64(self.id), 'type': 'public-key',
                'response': {'clientDataJSON': b64(client), 'authenticatorData': b64(auth), 'signature': b64(signature), 'userHandle': b64(self.handle)}}
