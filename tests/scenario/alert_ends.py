"""Real ends and stand-ins for alerts, run in a namespace: `alert_ends.py smtp DIR PORT [plain|login]` is Debian's aiosmtpd, `alert_ends.py web DIR` a stand-in for
webhooks and for ntfy (which is not in Debian), made from https://docs.ntfy.sh/publish/: JSON to the root, bearer tokens, its errors. What comes is kept as
lines of JSON in DIR/web.jsonl and DIR/mail.jsonl; DIR/status (if there) is what webhooks are answered."""
import http.server
import json
import pathlib
import re
import ssl
import sys
import time

DIR = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path()
TOKEN = 'tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2'


def tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DIR / 'leaf.pem', DIR / 'leaf.key')
    return context


def keep(name, **what):
    with open(DIR / name, 'a', encoding='utf-8') as f:
        f.write(json.dumps(what) + '\n')


class Web(http.server.BaseHTTPRequestHandler):
    def say(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Length', str(len(data)))
        if 300 <= status < 400:
            self.send_header('Location', 'https://203.0.113.254/elsewhere')
        self.end_headers()
        self.wfile.write(data)

    def ntfy(self, body):
        """As ntfy judges a message."""
        try:
            m = json.loads(body)
            assert re.fullmatch(r'[-_A-Za-z0-9]{1,64}', m['topic']) and m.get('priority', 3) in range(1, 6)
            assert all(isinstance(t, str) for t in m.get('tags', [])) and isinstance(m.get('message', ''), str)
        except (ValueError, KeyError, AssertionError):
            return 400, {'code': 40024, 'http': 400, 'error': 'invalid request: request body must be message JSON'}
        if m['topic'] == 'closed' and self.headers.get('Authorization') != f'Bearer {TOKEN}':
            return 403, {'code': 40301, 'http': 403, 'error': 'forbidden', 'link': 'https://ntfy.sh/docs/publish/#authentication'}
        return 200, {'id': 'sPs71M8A2T', 'time': int(time.time()), 'event': 'message', **m}

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        keep('web.jsonl', path=self.path, headers={k.lower(): v for k, v in self.headers.items()}, body=body)
        status = DIR / 'status'
        if self.path == '/':
            self.say(*self.ntfy(body))
        else:
            self.say(int(status.read_text()) if status.exists() else 200, {'you said': self.headers.get('Authorization', '')})

    def log_message(self, *args):
        pass


def web():
    server = http.server.ThreadingHTTPServer(('198.51.100.10', 443), Web)
    server.socket = tls().wrap_socket(server.socket, server_side=True)
    print('ready', flush=True)
    server.serve_forever()


def smtp(port, kind):
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult, SMTP

    class Keep:
        async def handle_RCPT(self, server, session, envelope, address, options):
            if address.startswith('nobody@'):
                return '550 5.1.1 no such user here'
            envelope.rcpt_tos.append(address)
            return '250 OK'

        async def handle_DATA(self, server, session, envelope):
            keep('mail.jsonl', sender=envelope.mail_from, to=envelope.rcpt_tos, tls=session.ssl is not None, login=session.authenticated, hello=session.host_name,
                 text=envelope.content.decode())
            return '250 2.0.0 taken'

    def login(server, session, envelope, mechanism, data):
        return AuthResult(success=data.login == b'cell' and data.password == b'hunter2-smtp', handled=False)

    class One(Controller):
        def factory(self):
            return SMTP(self.handler, hostname='mail.example', tls_context=None if kind == 'plain' else tls(), require_starttls=kind != 'plain',
                        authenticator=login, auth_required=kind == 'login')

    One(Keep(), hostname='198.51.100.10', port=port).start()
    print('ready', flush=True)
    while True:
        time.sleep(3600)


if __name__ == '__main__':
    web() if sys.argv[1] == 'web' else smtp(int(sys.argv[3]), sys.argv[4])
