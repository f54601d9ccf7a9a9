"""The watch detects everything that a malicious file might try."""

from __future__ import annotations

import json

from tests.tiers import noted

ACTS = {
    "evaluates": "eval('1')",
    "compiles": "compile('1', '', 'eval')",
    "imports": "__import__('this_module_is_nowhere')",
    "unpickles": "__import__('pickle').loads(b'cos\\ngetcwd\\n.')",
    "unmarshals": "__import__('marshal').loads(b'N')",
    "runs a command": "__import__('os').system('true')",
    "starts a process": "__import__('subprocess').run(['true'])",
    "connects": "__import__('socket').create_connection(('127.0.0.1', 9), 0.1)",
    "asks for a name": "__import__('socket').getaddrinfo('localhost', 9)",
    "loads a library": "__import__('ctypes').CDLL(None)",
    "opens a file elsewhere": "open('/etc/hostname')",
}


def test_the_watch_hears_what_must_not_happen(warm):
    for name, act in ACTS.items():
        with noted(name):
            ended = warm.run("misbehave", act)
            assert ended.code == 0, ended.said
            assert json.loads(ended.said.splitlines()[-1]), "it was not heard"
