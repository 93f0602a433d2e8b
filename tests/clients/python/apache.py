"""Debian's Apache with mod_auth_openidc, as an instance of its own in a folder of its own."""

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import requests

MODULES = "/usr/lib/apache2/modules"

SETTINGS = r"""
ServerName 127.0.0.1
ServerRoot {folder}
DocumentRoot {folder}/site
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
Listen 127.0.0.1:{port}
User www-data
Group www-data
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
TypesConfig /dev/null

OIDCProviderMetadataURL {discovery}
OIDCCABundlePath {folder}/authority.pem
OIDCClientID {id}
OIDCClientSecret {secret}
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCIDTokenSignedResponseAlg {alg}
OIDCRedirectURI http://127.0.0.1:{port}/callback
OIDCRedirectURLsAllowed ^{site} ^http://127\.0\.0\.1:{port}/
OIDCScope "openid email offline_access"
OIDCAuthRequestParams prompt=consent
OIDCPKCEMethod S256
OIDCCryptoPassphrase {passphrase}
OIDCSessionType server-cache
OIDCPassClaimsAs environment

<Location />
    AuthType openid-connect
    Require valid-user
    Header always set X-Subject "expr=%{{reqenv:OIDC_CLAIM_sub}}"
    Header always set X-Email "expr=%{{reqenv:OIDC_CLAIM_email}}"
    Header always set X-Access-Token "expr=%{{reqenv:OIDC_access_token}}"
</Location>
"""


class Apache:
    """Running between `with` and its end; `origin` is where."""

    def __init__(self, world, client, site):
        self.folder = tempfile.TemporaryDirectory(prefix="tessera-apache.")
        folder = Path(self.folder.name)
        # Apache's workers are another user than root, and read what they serve.
        folder.chmod(0o755)
        (folder / "site").mkdir()
        (folder / "site" / "index.html").write_text("<!doctype html><title>Application</title><h1>Application</h1>", encoding="utf-8")
        shutil.copy(world["authority"], folder / "authority.pem")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}"
        settings = SETTINGS.format(
            folder=folder,
            port=port,
            modules=MODULES,
            discovery=client["discovery"],
            id=client["id"],
            secret=client["secret"],
            alg=client["signed_by"],
            site=site.replace(".", r"\."),
            passphrase=folder.name,
        )
        self.settings = folder / "apache.conf"
        self.settings.write_text(settings, encoding="utf-8")

    def log(self):
        """What Apache says of itself, its end."""
        path = Path(self.folder.name) / "error.log"
        return path.read_text(encoding="utf-8")[-4000:] if path.exists() else ""

    def __enter__(self):
        self.process = subprocess.Popen(["/usr/sbin/apache2", "-D", "FOREGROUND", "-f", str(self.settings)])
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            try:
                requests.get(self.origin, timeout=60, allow_redirects=False)
                return self
            except (requests.ConnectionError, requests.Timeout):
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise AssertionError(f"Apache did not start:\n{self.log()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.folder.cleanup()
