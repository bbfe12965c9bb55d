"""Writes the inputs that a fuzz run begins with: one folder a target, below the folder that is named."""
import hashlib
import io
import json
import os
import struct
import sys
import zipfile

MANIFEST = {'id': 'p', 'nome': 'Página', 'versao': '1.2.3', 'compatibility': {'min': '2.0.0'}, 'descricao': 'a\nb'}
ROWS = [{'id': 'a', 'nome': 'ção', 'status': 'A', 'n': 1.5, 'x': None, 'l': [1, {}]}, {'id': 'b', 'nome': '\U0001f600'}]
DIGEST = hashlib.sha256(b'p').hexdigest()


class Pipe:
    """A file that cannot seek, so that sizes stand behind each member."""
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()


def archive(method, streamed=False, wide=False):
    made = io.BytesIO()
    with zipfile.ZipFile(Pipe(made) if streamed else made, 'w', method) as package:
        package.writestr(zipfile.ZipInfo('d/'), b'')
        for name, data in [('manifest.json', json.dumps(MANIFEST).encode()), ('d/ção.txt', b'x' * 300), ('empty', b'')]:
            with package.open(name, 'w', force_zip64=wide) as member: member.write(data)
        package.comment = b'note'
    return made.getvalue()


def unicode_path():
    """A second name in an extra field, as old programs write it."""
    made, second = io.BytesIO(), 'nü.txt'.encode()
    member = zipfile.ZipInfo('n_.txt')
    body = struct.pack('<BI', 1, zipfile.crc32(b'n_.txt')) + second
    member.extra = struct.pack('<HH', 0x7075, len(body)) + body
    with zipfile.ZipFile(made, 'w') as package: package.writestr(member, b'u')
    return made.getvalue()


def requests():
    params = {'slug': 'p', 'raiz': '/', 'arquivo': 'p.zip', 'limites': {'entradas': 3}, 'db': {'host': 'h', 'nome': 'n'}}
    for operation in ('install', 'sync', 'recover', 'mark'):
        yield {'operacao': operation, 'params': params, 'progresso': True, 'migracoes': True}
    yield {'operacao': 'install', 'params': {'slug': 'p', 'raiz': '/', 'origem_tipo': 'local_path', 'local_path': {'$hex': '2e'}, 'lang': 'en'}}
    yield {'operacao': 'recover', 'params': {'raiz': '/'}}


def seeds():
    yield 'archive', [archive(zipfile.ZIP_STORED), archive(zipfile.ZIP_DEFLATED), archive(zipfile.ZIP_DEFLATED, streamed=True),
                      archive(zipfile.ZIP_STORED, wide=True), unicode_path(), b'PK\x05\x06' + bytes(18)]
    names = ['a', 'd/', 'd/ção', '../a', '/a', 'C:\\a', 'a//b', 'a/./b', 'con', 'x\u202ey', '.env', 'a' * 255]
    yield 'member_name', [bytes([choice]) + name.encode() for choice in (0, 1, 2, 3) for name in names]
    yield 'manifest', [json.dumps(MANIFEST).encode(), json.dumps(MANIFEST, ensure_ascii=False, indent=1).encode(), b'{}']
    yield 'data_file', [json.dumps(ROWS).encode(), b'\xef\xbb\xbf' + json.dumps(ROWS, ensure_ascii=False, indent=1).encode(), b'[]']
    yield 'request', [json.dumps(request).encode() for request in requests()]
    lines = [DIGEST, f'{DIGEST}  p.zip', f'\\{DIGEST}  p\\\\.zip', f'SHA256 (p.zip) = {DIGEST}', f'SHA2-256(p.zip)= {DIGEST}', f'sha256:{DIGEST}']
    yield 'checksum_file', [text for line in lines for text in (line.encode(), ('\ufeff' + line + '\r\n').encode('utf-16-le'))]
    yield 'escape', ['ação [ok]'.encode(), b'a\n[PLUGIN:x]\x1b[2J', 'x\u202ephp.\u2028\u200b\ufeff'.encode()]


for target, inputs in seeds():
    folder = os.path.join(sys.argv[1], target)
    os.makedirs(folder, exist_ok=True)
    for data in inputs:
        with open(os.path.join(folder, hashlib.sha256(data).hexdigest()[:16]), 'wb') as file: file.write(data)
