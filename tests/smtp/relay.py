"""A mail relay for tests: takes mail over STARTTLS from one account, and prints each as a line of JSON.

usage: relay.py CERTIFICATE KEY USER PASSWORD. Prints its port first; ends with its standard input. A box whose name begins with
`full` refuses the first mail of all.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Box:
    full = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("full") and address not in self.full:
            self.full.add(address)
            return "452 the box is full"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": message["subject"],
            "text": message.get_content(),
            "tls": session.ssl is not None,
            "user": session.auth_data,
        }
        print(json.dumps(mail), flush=True)
        return "250 taken"


async def main():
    certificate, key, user, password = sys.argv[1:]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    def authenticate(server, session, envelope, mechanism, given):
        good = isinstance(given, LoginPassword) and given == LoginPassword(user.encode(), password.encode())
        return AuthResult(success=good, handled=False, auth_data=user)

    def relay():
        return SMTP(
            Box(),
            hostname="relay.test",
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticate,
        )

    server = await asyncio.get_running_loop().create_server(relay, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
