"""Personal Internet Cell from Python: a thin layer over libpic (cffi, ABI mode).

    import pic

    with pic.Context('/var/lib/pic') as cell:
        cell.add('peer', 'anna', access=['internet', 'peer:nas'])
        print(cell.config('anna'))
        for peer in cell.list('peer'):
            print(peer.name, peer['address4'], peer['access'])

Each handle is one class that gives its reference back when it is collected; each code of libpic is one exception."""
import collections.abc
import json as _json
import os

import cffi

from ._cdef import CDEF

ffi = cffi.FFI()
ffi.cdef(CDEF)
lib = ffi.dlopen(os.environ.get('PIC_LIBRARY', 'libpic.so.0'))


def _text(pointer):
    return None if pointer == ffi.NULL else ffi.string(pointer).decode()


def _c(text):
    return ffi.NULL if text is None else str(text).encode()


# ---- errors ----

_DETAILS = ('field', 'value', 'rule', 'file', 'line', 'column', 'object', 'users', 'errno', 'extack', 'argv', 'exit', 'stderr', 'pid', 'peer', 'packet', 'need', 'retry_ms', 'part')
_NAMES = {'NOMEM': 'NoMemory', 'NOTFOUND': 'NotFound', 'BADSTATE': 'BadState', 'ROLLEDBACK': 'RolledBack', 'INUSE': 'InUse', 'IO': 'IO', 'NOAGENT': 'NoAgent'}


class Error(Exception):
    """What libpic answered. `code` (negative) and `name` never change; str() is the message, one line; `hint` says what a person can do, or is
    None; `details` has what the code is about ('field', 'value', 'file', 'line', …); `others` are further errors of the same call. The error
    below this one is its __cause__."""
    code, name = 0, 'UNKNOWN'

    def __init__(self, message, hint=None, details=None):
        super().__init__(message)
        self.hint, self.details, self.others = hint, details or {}, []


def _classes():
    """One class a code, by the library's own table: NotFound for NOTFOUND."""
    number = -1
    while True:
        name = _text(lib.pic_code_name(number))
        if name == 'UNKNOWN':
            return
        kind = _NAMES.get(name, name.capitalize())
        yield number, type(kind, (Error,), {'code': number, 'name': name, '__doc__': _text(lib.pic_code_text(number)), '__module__': __name__})
        number -= 1


ERRORS = dict(_classes())
globals().update({kind.__name__: kind for kind in ERRORS.values()})


def _one(err):
    """The exception of one pic_error, its causes below it."""
    details = {key: _text(lib.pic_error_detail(err, key.encode())) for key in _DETAILS}
    error = ERRORS.get(lib.pic_error_code(err), Error)(_text(lib.pic_error_message(err)), _text(lib.pic_error_hint(err)),
                                                       {key: value for key, value in details.items() if value is not None})
    cause = lib.pic_error_cause(err)
    error.__cause__ = None if cause == ffi.NULL else _one(cause)
    return error


def _call(function, *args):
    """Calls with an error slot as the last argument; raises what came back."""
    slot = ffi.new('pic_error **')
    result = function(*args, slot)
    if result >= 0:
        return result
    if slot[0] == ffi.NULL:
        raise ERRORS.get(result, Error)(_text(lib.pic_code_text(result)))
    found, at = [], slot[0]
    while at != ffi.NULL:
        found.append(_one(at))
        at = lib.pic_error_next(at)
    lib.pic_error_free(slot[0])
    found[0].others = found[1:]
    raise found[0]


# ---- handles ----

def _keep(pointer, unref):
    """A reference that is ours: given back when Python collects it."""
    return ffi.gc(pointer, lambda p: unref(p))


def _new(kind, function, *args):
    slot = ffi.new(kind + ' **')
    _call(function, *args, slot)
    return _keep(slot[0], getattr(lib, kind + '_unref'))


def _own(pointer):
    text = _text(pointer)
    lib.pic_text_free(pointer)
    return text


def _bytes(blob):
    return bytes(ffi.buffer(lib.pic_blob_data(blob), lib.pic_blob_size(blob)))


def _word(value):
    """A value as the library's text: lists are joined by commas, True is 'true'."""
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, (list, tuple, set, frozenset)):
        return ','.join(map(str, value))
    return str(value)


class Object(collections.abc.Mapping):
    """One cell, group or peer as it was when it was read. A mapping from its fields to their effective values: lists, numbers, booleans,
    texts, None. dict(obj) copies it."""

    def __init__(self, pointer):
        self._p, self._values = _keep(pointer, lib.pic_obj_unref), None

    name = property(lambda self: _text(lib.pic_obj_name(self._p)))
    kind = property(lambda self: _text(lib.pic_obj_kind(self._p)))
    id = property(lambda self: lib.pic_obj_id(self._p))
    revision = property(lambda self: lib.pic_obj_revision(self._p))

    def json(self):
        """All of it, with 'id' and 'revision'."""
        return _json.loads(_own(lib.pic_obj_json(self._p)))

    def text(self, field):
        """A field as the library's own text ('internet,peer:nas'), or None."""
        return _own(lib.pic_obj_get(self._p, _c(field)))

    def has(self, field):
        """Whether it was set: also a secret, whose value nobody gets."""
        return bool(lib.pic_obj_has(self._p, _c(field)))

    def _fields(self):
        if self._values is None:
            self._values = {key: value for key, value in self.json().items() if key not in ('id', 'revision')}
        return self._values

    def __getitem__(self, field):
        return self._fields()[field]

    def __iter__(self):
        return iter(self._fields())

    def __len__(self):
        return len(self._fields())

    def __repr__(self):
        return f'<pic {self.kind} {self.name}>'


class Plan:
    """Steps, before they are taken: str() and iteration give them as people read them; steps, changes and meaning (who gains or loses reach to
    what) as data, `packets` the meaning in sentences. risk: 'none', 'traffic', 'session' (cuts the one who makes the change). `json` is all of it:
    Edit.load() takes it."""
    RISKS = {lib.PIC_RISK_NONE: 'none', lib.PIC_RISK_TRAFFIC: 'traffic', lib.PIC_RISK_SESSION: 'session'}

    def __init__(self, pointer):
        self.json = _json.loads(_text(lib.pic_plan_json(pointer)))
        self.revision, self.changes, self.steps, self.meaning = (self.json[k] for k in ('revision', 'changes', 'steps', 'meaning'))
        self.lines = [_text(lib.pic_plan_text(pointer, i)) for i in range(lib.pic_plan_count(pointer))]
        self.packets = [_text(lib.pic_plan_meaning(pointer, i)) for i in range(lib.pic_plan_meaning_count(pointer))]
        self.risk = self.RISKS[lib.pic_plan_risk(pointer)]

    def __iter__(self):
        return iter(self.lines)

    def __len__(self):
        return len(self.steps)

    def __str__(self):
        return '\n'.join(self.lines)


class Outcome:
    """What came of a commit. state: 'applied', 'pending' (stored, not applied yet: no agent, or not waited for) or 'failed' (stored, but it
    could not be applied: `error` says why; the agent tries again)."""
    STATES = {lib.PIC_OUTCOME_APPLIED: 'applied', lib.PIC_OUTCOME_PENDING: 'pending', lib.PIC_OUTCOME_FAILED: 'failed'}

    def __init__(self, pointer):
        self.state = self.STATES[lib.pic_outcome_state(pointer)]
        self.revision = lib.pic_outcome_revision(pointer)
        why = lib.pic_outcome_error(pointer)
        self.error = None if why == ffi.NULL else _one(why)
        self.json = _json.loads(_text(lib.pic_outcome_json(pointer)))

    def __repr__(self):
        return f'<pic outcome {self.state}, revision {self.revision}>'


class Edit:
    """Several wishes that become true together, or not at all:

        with cell.edit() as edit:
            edit.add('group', 'kids', access='internet')
            edit.set('peer', 'anna', groups=['kids'], note=None)      # None: absent, its default holds again

    leaves by committing, unless an exception ends it; then nothing happened."""

    def __init__(self, ctx):
        self._p, self.outcome = _new('pic_edit', lib.pic_edit_new, ctx._handle()), None

    def add(self, kind, name, /, **fields):
        _call(lib.pic_edit_add, self._p, _c(kind), _c(name))
        return self.set(kind, name, **fields)

    def set(self, kind, name=None, /, **fields):
        for field, value in fields.items():
            if value is None:
                _call(lib.pic_edit_unset, self._p, _c(kind), _c(name), _c(field))
            else:
                _call(lib.pic_edit_set, self._p, _c(kind), _c(name), _c(field), _c(_word(value)))
        return self

    def remove(self, kind, name):
        _call(lib.pic_edit_remove, self._p, _c(kind), _c(name))
        return self

    def rekey(self, peer):
        """New keys for a lost or stolen device."""
        _call(lib.pic_edit_rekey, self._p, _c(peer))
        return self

    def load(self, document, name='document', prune=False):
        """Wishes what a document says: YAML or JSON text, or the data of one (as export(data=True) gives it)."""
        text = (document if isinstance(document, str) else _json.dumps(document)).encode()
        _call(lib.pic_edit_load, self._p, text, len(text), _c(name), lib.PIC_LOAD_PRUNE if prune else 0)
        return self

    def import_connection(self, name, text, /, type=None, file=None, files=None, replace=False):
        """Wishes a connection as a provider's file describes it. files: what lies beside it, {name: bytes}, or a function that answers them (None:
        not there). replace: of a connection that is there. Answers what was told: 'type', 'login', 'fields', 'warnings'."""
        look, keep = files.get if isinstance(files, dict) else files, []

        @ffi.callback('int(const char *, const void **, size_t *, void *)', error=lib.PIC_IO)
        def get_file(asked, data, size, unused):
            found = look(_text(asked))
            if found is None:
                return lib.PIC_NOTFOUND
            keep.append(ffi.from_buffer(found if isinstance(found, (bytes, bytearray)) else str(found).encode()))
            data[0], size[0] = keep[-1], len(keep[-1])
            return 0
        text = text if isinstance(text, bytes) else text.encode()
        words = [ffi.NULL if word is None else ffi.new('char[]', str(word).encode()) for word in (type, file)]
        opts = ffi.new('pic_import_opts *', {'size': ffi.sizeof('pic_import_opts'), 'type': words[0], 'file': words[1],
                                             'flags': lib.PIC_IMPORT_REPLACE if replace else 0})
        if look is not None:
            opts.get_file = get_file
        report = _new('pic_report', lib.pic_connection_import, self._p, _c(name), text, len(text), opts)
        return _json.loads(_text(lib.pic_report_text(report)))

    def import_household(self, path, /, take_over=None, access=None):
        """Wishes what is in a directory or file of another product: wg-quick, PiVPN, wg-easy. take_over: whether the cell becomes that server (None: when it
        has no device); access: what each device may reach (None: as there, internet,lan,peers). Answers what was told: 'product', 'devices', 'findings', …"""
        flags = 0 if take_over is None else lib.PIC_HOUSEHOLD_TAKE_OVER if take_over else lib.PIC_HOUSEHOLD_JOIN
        word = ffi.NULL if access is None else ffi.new('char[]', ','.join([access] if isinstance(access, str) else access).encode())
        opts = ffi.new('pic_household_opts *', {'size': ffi.sizeof('pic_household_opts'), 'flags': flags, 'access': word})
        report = _new('pic_report', lib.pic_household_import, self._p, _c(str(path)), opts)
        return _json.loads(_text(lib.pic_report_text(report)))

    def pick(self, source, only, keys=None, exact=False, **more):
        """Wishes some of a backup: kinds, 'KIND:NAME', 'dns', 'devices', 'exits', 'all', as one text or several. exact: of whole kinds, what is only here goes.
        Answers what was told: 'picked', 'manifest'."""
        words = _c(only if isinstance(only, str) else ','.join(only))
        return _reading(lib.pic_backup_pick, keys, source, self._p, last=(words,), flags=lib.PIC_BACKUP_EXACT if exact else 0, **more)

    def move_connection(self, source, target):
        """Who leaves by one connection shall leave by another, or 'direct'; how many there are."""
        return _call(lib.pic_connection_move, self._p, _c(source), _c(target))

    def if_revision(self, revision):
        """Commit raises Stale unless the store is still at this revision."""
        lib.pic_edit_if_revision(self._p, revision)
        return self

    def undo(self, revision=0):
        """What that revision changed (0: the newest) shall be as it was before it."""
        _call(lib.pic_edit_undo, self._p, revision)
        return self

    def return_to(self, revision):
        """Everything shall be as it was at that revision."""
        _call(lib.pic_edit_return, self._p, revision)
        return self

    def override(self, reason):
        """Why an assertion may break (None: it may not)."""
        _call(lib.pic_edit_override, self._p, ffi.NULL if reason is None else _c(reason))
        return self

    def confirm_within(self, seconds):
        """The change goes back by itself unless Context.confirm() comes in this time."""
        lib.pic_edit_confirm_within(self._p, int(seconds * 1000))
        return self

    def session(self, source, destination=None, port=0):
        """From where the one who makes the change is connected, and to which address and port of this machine: plan() says whether that is cut."""
        _call(lib.pic_edit_session, self._p, _c(source), _c(destination), port)
        return self

    def keep(self, session):
        """This session (None: none) goes on when the edit ends its user's sessions."""
        _call(lib.pic_edit_keep, self._p, ffi.NULL if session is None else session._p)
        return self

    def token(self, name):
        """Makes the secret of an API token, told only here."""
        return _bytes(_new('pic_blob', lib.pic_edit_token, self._p, _c(name))).decode()

    def totp(self, user, secret, code):
        """The user's second factor; code: shows that the person's program has it. Answers ten recovery codes."""
        return _bytes(_new('pic_blob', lib.pic_edit_totp, self._p, _c(user), _c(secret), _c(code))).decode().split()

    @property
    def json(self):
        """The wishes as a dict: load() takes them, here or elsewhere."""
        return _json.loads(_own(lib.pic_edit_json(self._p)))

    def plan(self):
        return Plan(_new('pic_plan', lib.pic_edit_plan, self._p))

    def commit(self, wait=True):
        self.outcome = Outcome(_new('pic_outcome', lib.pic_edit_commit, self._p, 0 if wait else lib.PIC_COMMIT_NOWAIT))
        return self.outcome

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None and self.outcome is None:
            self.commit()


class Session:
    """Somebody who is logged in, or a program with a token."""

    def __init__(self, pointer):
        self._p = pointer
        for name in ('user', 'role', 'token', 'device', 'csrf'):
            setattr(self, name, _text(getattr(lib, 'pic_session_' + name)(pointer)))
        self.id = lib.pic_session_id(pointer)
        self.age = lib.pic_session_age(pointer)
        self.json = _json.loads(_text(lib.pic_session_json(pointer)))

    def __repr__(self):
        return f'<Session {self.id} of {self.user or "nobody"}, {self.role}>'


def _event(event):
    answer = _json.loads(_text(lib.pic_event_json(event)))
    answer.update(seq=lib.pic_event_seq(event), revision=lib.pic_event_revision(event), time=lib.pic_event_time(event) / 1e6,
                  kind=_text(lib.pic_event_kind(event)), name=_text(lib.pic_event_name(event)), verb=_text(lib.pic_event_verb(event)),
                  actor=_text(lib.pic_event_actor(event)), text=_text(lib.pic_event_text(event)))
    return answer


class Subscription:
    """Changes, pulled from the journal, whoever makes them. Iterating gives those that are there and ends; follow() goes on as they come. For an
    event loop: wait for fileno(), then iterate."""

    def __init__(self, ctx, after):
        self._p = _new('pic_sub', lib.pic_sub_open, ctx._handle(), after)

    def fileno(self):
        return lib.pic_sub_fd(self._p)

    def next(self, timeout=0.0):
        """The next change as a dictionary, or None when there is none within `timeout` seconds (None: wait for ever)."""
        slot = ffi.new('pic_event **')
        if _call(lib.pic_sub_next, self._p, -1 if timeout is None else int(timeout * 1000), slot) == 0:
            return None
        return _event(_keep(slot[0], lib.pic_event_unref))

    def __iter__(self):
        while (event := self.next()) is not None:
            yield event

    def follow(self):
        while True:
            event = self.next(0.5)  # short waits, so that Ctrl-C is heard
            if event is not None:
                yield event


class Cancel:
    """Stops a running agent from another thread or a signal handler."""

    def __init__(self):
        self._p = _new('pic_cancel', lib.pic_cancel_new)

    def cancel(self):
        lib.pic_cancel_raise(self._p)

    cancelled = property(lambda self: bool(lib.pic_cancel_raised(self._p)))


# ---- the library itself ----

class AgeKeys:
    """For whom a file is encrypted, or who opens it (age v1): `recipients` ("age1…"), `identities` ("AGE-SECRET-KEY-1…"), texts of files of them, or a
    `passphrase`. encrypt() and decrypt() go from file descriptor to file descriptor, or to a file that appears when all is right."""

    def __init__(self, recipients=(), identities=(), recipients_file=None, identities_file=None, passphrase=None):
        self._p = _new('pic_age_keys', lib.pic_age_keys_new)
        for text in recipients:
            _call(lib.pic_age_keys_recipient, self._p, _c(text))
        for text in identities:
            _call(lib.pic_age_keys_file, self._p, lib.PIC_AGE_IDENTITIES, _c(text), len(_c(text)))
        for what, text in ((lib.PIC_AGE_RECIPIENTS, recipients_file), (lib.PIC_AGE_IDENTITIES, identities_file)):
            if text is not None:
                _call(lib.pic_age_keys_file, self._p, what, _c(text), len(_c(text)))
        if passphrase is not None:
            _call(lib.pic_age_keys_passphrase, self._p, _c(passphrase))

    def own(self):
        """Makes the public halves of the identities recipients."""
        _call(lib.pic_age_keys_own, self._p)
        return self

    def recipients(self):
        return _bytes(_new('pic_blob', lib.pic_age_keys_text, self._p)).decode().split()

    def _run(self, function, source, target, armor, work_factor, cancel):
        path = None if isinstance(target, int) else ffi.new('char[]', os.fsencode(target))
        opts = ffi.new('pic_age_opts *', {'size': ffi.sizeof('pic_age_opts'), 'flags': lib.PIC_AGE_ARMOR if armor else 0, 'work_factor': work_factor,
                                          'output': path or ffi.NULL, 'cancel': cancel._p if cancel else ffi.NULL})
        _call(function, self._p, source, target if path is None else -1, opts)

    def encrypt(self, source, target, armor=False, work_factor=0, cancel=None):
        self._run(lib.pic_age_encrypt, source, target, armor, work_factor, cancel)

    def decrypt(self, source, target, work_factor=0, cancel=None):
        self._run(lib.pic_age_decrypt, source, target, False, work_factor, cancel)


def _answers(fields):
    """A list of texts for C that ends with NULL, and what keeps it alive."""
    texts = [ffi.new('char[]', str(t).encode()) for pair in fields.items() for t in pair]
    return ffi.new('const char *[]', texts + [ffi.NULL]), texts


def _reading(function, keys, source, *more, last=(), target=None, flags=0, work_factor=0, cancel=None, answers=None, get=None):
    """source: a file descriptor or a path; target: the same, or None."""
    fd = source if isinstance(source, int) else os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    path = ffi.NULL if target is None or isinstance(target, int) else ffi.new('char[]', os.fsencode(target))
    opts = ffi.new('pic_backup_opts *', {'size': ffi.sizeof('pic_backup_opts'), 'flags': flags, 'work_factor': work_factor, 'output': path,
                                         'cancel': cancel._p if cancel else ffi.NULL})
    kept = _answers(answers) if answers else None
    opts.answers = kept[0] if kept else ffi.NULL
    out = () if target is None else (target if isinstance(target, int) else -1,)
    try:
        if target is not None:
            return _call(function, keys._p if keys else ffi.NULL, fd, *more, *out, opts)
        if get is not None:
            return get(_new('pic_plan', function, *more, keys._p if keys else ffi.NULL, fd, opts))
        report = _new('pic_report', function, *more, keys._p if keys else ffi.NULL, fd, *last, opts)
        return _json.loads(_text(lib.pic_report_text(report)))
    finally:
        if fd is not source:
            os.close(fd)


def backup_show(source, keys=None, **more):
    """The manifest of a backup, as it is claimed; backup_verify() reads all of it."""
    return _reading(lib.pic_backup_show, keys, source, **more)


def backup_verify(source, keys=None, **more):
    return _reading(lib.pic_backup_verify, keys, source, **more)


def backup_extract(source, member, target, keys=None, **more):
    """One member, to a file descriptor or to a file that appears when all of the backup is well."""
    _reading(lib.pic_backup_extract, keys, source, _c(member), target=target, **more)


def age_keygen():
    """A new identity, as a file of it has it."""
    return _bytes(_new('pic_blob', lib.pic_age_keygen)).decode()


_QR = {'text': lib.PIC_QR_TEXT, 'plain': lib.PIC_QR_PLAIN, 'png': lib.PIC_QR_PNG, 'svg': lib.PIC_QR_SVG}


def qr(text, form='text'):
    """A QR code of any text, as bytes: 'text' for a terminal, 'plain' without colours, 'png', 'svg'."""
    return _bytes(_new('pic_blob', lib.pic_qr_make, _c(text), _QR[form]))


def policy(data=False, of=None, context=None):
    """The allowed-packet table of connections: text, or as data; of a connection of that context, or of a type."""
    handle = ffi.NULL if context is None else context._handle()
    report = _new('pic_report', lib.pic_connection_policy, handle, _c(of), lib.PIC_POLICY_JSON if data else 0)
    text = _text(lib.pic_report_text(report))
    return _json.loads(text) if data else text


def version():
    return _text(lib.pic_version())


def has_feature(name):
    return bool(lib.pic_has_feature(_c(name)))


def kinds():
    """Kinds of things with their plural: {'peer': 'peers', …}."""
    names, i = {}, 0
    while lib.pic_kind_at(i) != ffi.NULL:
        name = _text(lib.pic_kind_at(i))
        names[name] = _text(lib.pic_kind_plural(_c(name)))
        i += 1
    return names


def fields(kind):
    """The field table of a kind: [{'name', 'type', 'help', 'placeholder', 'default', 'choices', 'ref', 'flags'}]."""
    readers = {'name': lib.pic_field_name, 'type': lib.pic_field_type, 'help': lib.pic_field_help, 'placeholder': lib.pic_field_placeholder,
               'default': lib.pic_field_default, 'choices': lib.pic_field_choices, 'ref': lib.pic_field_ref}
    return [{**{key: _text(read(_c(kind), i)) for key, read in readers.items()}, 'flags': lib.pic_field_flags(_c(kind), i)}
            for i in range(lib.pic_field_count(_c(kind)))]


_FORMS = {'jsonl': lib.PIC_AUDIT_JSONL, 'csv': lib.PIC_AUDIT_CSV, 'bundle': lib.PIC_AUDIT_BUNDLE}


def _search(which):
    """pic_history_opts, and what must live as long."""
    opts, keep = ffi.new('pic_history_opts *'), []
    opts.size = ffi.sizeof('pic_history_opts')
    for name, value in which.items():
        if value is None:
            continue
        if name in ('since', 'until'):
            value = int(value * 1e6)
        elif isinstance(value, str):
            value = ffi.new('char[]', value.encode())
            keep.append(value)
        setattr(opts, name, value)
    return opts, keep


class Context:
    """A cell's directory. world='fake': everything works on a pretend kernel, without privilege. busy, agent: seconds to wait for another writer and
    for the agent. log: called as log(level, area, message) with level 0 (error) to 3 (debug), for records up to log_level."""

    def __init__(self, directory=None, world=None, way='api', actor=None, busy=0.0, agent=0.0, log=None, log_level=2):
        opts = ffi.new('pic_ctx_opts *')
        keep = [ffi.new('char[]', str(x).encode()) if x is not None else ffi.NULL for x in (directory, world, way, actor)]
        opts.size = ffi.sizeof('pic_ctx_opts')
        opts.dir, opts.world, opts.way, opts.actor = keep
        opts.busy_ms, opts.agent_ms = int(busy * 1000), int(agent * 1000)
        self._log = None
        if log is not None:
            self._log = ffi.callback('pic_log_fn', lambda level, area, message, _: log(level, _text(area), _text(message)))
            opts.log, opts.log_level = self._log, log_level
        self._p = _new('pic_ctx', lib.pic_ctx_open, opts)

    def _handle(self):
        if self._p is None:
            raise ValueError('the context was closed')
        return self._p

    def close(self):
        """Gives the context back. What was read from it stays valid."""
        self._p = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def init(self, **values):
        """Makes the cell: init(name='home', endpoint='home.example.org:51820')."""
        words = [ffi.new('char[]', _word(x).encode()) for pair in values.items() if pair[1] is not None for x in pair]
        slot = ffi.new('pic_obj **')
        _call(lib.pic_cell_init, self._handle(), ffi.new('char *[]', words + [ffi.NULL]), slot)
        return Object(slot[0])

    # reading

    def get(self, kind, name=None):
        slot = ffi.new('pic_obj **')
        _call(lib.pic_get, self._handle(), _c(kind), _c(name), slot)
        return Object(slot[0])

    def list(self, kind):
        items = _new('pic_list', lib.pic_list_get, self._handle(), _c(kind))
        return [Object(lib.pic_obj_ref(lib.pic_list_at(items, i))) for i in range(lib.pic_list_count(items))]

    def list_json(self, kind):
        items = _new('pic_list', lib.pic_list_get, self._handle(), _c(kind))  # must live as long as its text is read
        return _json.loads(_text(lib.pic_list_json(items)))

    # changing: edit() for several wishes at once

    def edit(self):
        return Edit(self)

    def add(self, kind, name, /, **values):
        return self.edit().add(kind, name, **values).commit()

    def set(self, kind, name=None, /, **values):
        return self.edit().set(kind, name, **values).commit()

    def remove(self, kind, name):
        return self.edit().remove(kind, name).commit()

    def rekey(self, peer):
        return self.edit().rekey(peer).commit()

    # devices

    def config(self, peer):
        """The configuration as wg-quick text. A key that is shown once is gone from the cell after this."""
        return _bytes(_new('pic_blob', lib.pic_peer_config, self._handle(), _c(peer))).decode()

    def qr(self, peer, form='text'):
        """The same as a QR code, as bytes: see qr(). It is a showing like that of config()."""
        return _bytes(_new('pic_blob', lib.pic_peer_qr, self._handle(), _c(peer), _QR[form]))

    def connection_test(self, name, peer=None):
        """(nothing is wrong, what the world sees of who leaves by it): of one device's packets, or the cell's."""
        good, text = self._report(lib.pic_connection_test, _c(name), _c(peer))
        return good, _json.loads(text)

    def connection_restart(self, name):
        """Takes down what carries it, and makes it anew."""
        _call(lib.pic_connection_restart, self._handle(), _c(name))

    # people

    def acting_as(self, actor=None, way=None):
        """The same cell for somebody else: what is done by it, others did."""
        other = object.__new__(Context)
        other._log, other._p = self._log, _new('pic_ctx', lib.pic_ctx_as, self._handle(), _c(actor), _c(way))
        return other

    @staticmethod
    def _login_opts(**said):
        opts = ffi.new('pic_login_opts *')
        keep = {name: ffi.new('char[]', value.encode()) for name, value in said.items() if value is not None}
        opts.size = ffi.sizeof('pic_login_opts')
        for name, value in keep.items():
            setattr(opts, name, value)
        return opts, keep

    def login(self, user, password, code=None, device=None, address=None, agent=None):
        """A new session. Denied; BadState with details['need'] == 'code'; Busy with details['retry_ms']."""
        opts, _keep = self._login_opts(user=user, password=password, code=code, device=device, address=address, agent=agent)
        return Session(_new('pic_session', lib.pic_login, self._handle(), opts))

    def password_check(self, user, password, address=None):
        opts, _keep = self._login_opts(user=user, password=password, address=address)
        _call(lib.pic_password_check, self._handle(), opts)

    def find_session(self, token):
        """By what a session's, or an API token's, secret says."""
        return Session(_new('pic_session', lib.pic_session_find, self._handle(), _c(token)))

    def watch_session(self, token):
        """The same, without being a use of it."""
        return Session(_new('pic_session', lib.pic_session_watch, self._handle(), _c(token)))

    def sessions(self, user=None):
        return _json.loads(self._report(lib.pic_session_list, _c(user))[1])

    def end_session(self, number):
        _call(lib.pic_session_end, self._handle(), number)

    def totp_offer(self, user):
        """{'secret', 'uri'}: see Edit.totp()."""
        return _json.loads(self._report(lib.pic_totp_offer, _c(user))[1])

    # passkeys: what a browser answers is a dict, as its toJSON() has it

    def passkey_offer(self, origin, session=None):
        """{'state', 'public_key'} for navigator.credentials; session: who adds one. Without: a login."""
        handle = ffi.NULL if session is None else session._p
        slot = ffi.new('pic_report **')
        _call(lib.pic_passkey_offer, self._handle(), handle, _c(origin), slot)
        report = _keep(slot[0], lib.pic_report_unref)
        return _json.loads(_text(lib.pic_report_text(report)))

    @staticmethod
    def _passkey_opts(**said):
        opts = ffi.new('pic_passkey_opts *')
        keep = {name: ffi.new('char[]', value.encode()) for name, value in said.items() if value is not None}
        opts.size = ffi.sizeof('pic_passkey_opts')
        for name, value in keep.items():
            setattr(opts, name, value)
        return opts, keep

    def add_passkey(self, session, origin, state, answer, name):
        """Its number."""
        opts, _keep = self._passkey_opts(origin=origin, state=state, answer=_json.dumps(answer), name=name)
        slot = ffi.new('pic_id *')
        _call(lib.pic_passkey_add, self._handle(), session._p, opts, slot)
        return slot[0]

    def login_passkey(self, origin, state, answer, device=None, address=None, agent=None):
        """A new session, as login()."""
        opts, _keep = self._passkey_opts(origin=origin, state=state, answer=_json.dumps(answer), device=device, address=address, agent=agent)
        return Session(_new('pic_session', lib.pic_passkey_login, self._handle(), opts))

    def passkeys(self, user=None):
        return _json.loads(self._report(lib.pic_passkey_list, _c(user))[1])

    def rename_passkey(self, user, number, name):
        _call(lib.pic_passkey_rename, self._handle(), _c(user), number, _c(name))

    def remove_passkey(self, user, number):
        _call(lib.pic_passkey_remove, self._handle(), _c(user), number)

    @property
    def in_setup(self):
        """No admin can log in yet."""
        return bool(_call(lib.pic_setup_is, self._handle()))

    def setup_code(self):
        return _bytes(_new('pic_blob', lib.pic_setup_code, self._handle())).decode()

    def open_setup(self, code, address=None):
        return Session(_new('pic_session', lib.pic_setup_open, self._handle(), _c(code), _c(address)))

    def certificate(self, name, key=False):
        """In PEM, with what leads from it to a root; key: with its private key, which may be shown once only."""
        return _bytes(_new('pic_blob', lib.pic_cert_key if key else lib.pic_cert_export, self._handle(), _c(name))).decode()

    def renew(self, certificate=None):
        """A certificate now; None: another root."""
        _call(lib.pic_cert_renew, self._handle(), _c(certificate))

    def certificate_state(self, certificate=None):
        """How the asking of public CAs goes, of one or all: (good, [{'name', 'state', 'next', 'why', …}])."""
        good, told = self._report(lib.pic_cert_state, _c(certificate))
        return good, _json.loads(told)['certificates']

    def root(self, form='pem'):
        """The root of the cell's own CA as bytes: 'pem', 'der', 'profile' (Apple's), 'crl' (what was revoked)."""
        forms = {'pem': lib.PIC_CA_PEM, 'der': lib.PIC_CA_DER, 'profile': lib.PIC_CA_PROFILE, 'crl': lib.PIC_CA_CRL}
        return _bytes(_new('pic_blob', lib.pic_ca_get, self._handle(), forms[form]))

    def authority(self):
        """What the root is: fingerprint, what it may vouch for, until when."""
        report = _new('pic_report', lib.pic_ca_info, self._handle())
        return _json.loads(_text(lib.pic_report_text(report)))

    def make_link(self, peer, seconds=0):
        """A secret that shows a device's configuration once."""
        return _bytes(_new('pic_blob', lib.pic_link_make, self._handle(), _c(peer), seconds)).decode()

    def take_link(self, token, address=None):
        return _json.loads(self._report(lib.pic_link_take, _c(token), _c(address))[1])

    def is_front(self, secret):
        """That is the front proxy's secret, of this start of the agent."""
        return bool(lib.pic_front_check(self._handle(), _c(secret)))

    # what is true now

    def plan(self, repair=False):
        """What separates the machine from the wishes; repair=True: and do it."""
        return Plan(_new('pic_plan', lib.pic_plan_get, self._handle(), lib.PIC_PLAN_REPAIR if repair else 0))

    def _report(self, function, *args):
        report = _new('pic_report', function, self._handle(), *args)
        return bool(lib.pic_report_good(report)), _text(lib.pic_report_text(report))

    def status(self, wait=0.0):
        """wait: seconds until an agent must have applied the newest revision (NoAgent, Timeout)."""
        return _json.loads(self._report(lib.pic_status_get, int(wait * 1000))[1])

    def doctor(self):
        """(all is well, findings)"""
        good, text = self._report(lib.pic_doctor_run)
        return good, _json.loads(text)['findings']

    def health_history(self, since=0, until=0, max=0):
        """What was wrong and from when to when; ended None: it still is. since, until: seconds."""
        opts = ffi.new('pic_health_opts *')
        opts.size = ffi.sizeof('pic_health_opts')
        opts.since, opts.until, opts.max = int(since * 1e6), int(until * 1e6), max
        return _json.loads(self._report(lib.pic_health_history, opts)[1])['findings']

    def doctor_fix(self):
        """(all is well now, what was done about it and what is found then): a dictionary with fixed and findings."""
        good, text = self._report(lib.pic_doctor_fix)
        return good, _json.loads(text)

    def drift(self, repair=False):
        """(nothing differs and nothing foreign weakens, what was found): a dictionary with steps, foreign, repair, repaired. repair=True: and puts it right."""
        good, text = self._report(lib.pic_drift_get, lib.PIC_DRIFT_REPAIR if repair else 0)
        return good, _json.loads(text)

    def domains(self):
        """(nothing failed, the cell's addresses in the internet and each public name's state)."""
        good, text = self._report(lib.pic_domain_status)
        return good, _json.loads(text)

    def publish(self, domain=None):
        """Publishes now, one public name or all, and answers as domains()."""
        good, text = self._report(lib.pic_domain_publish, _c(domain))
        return good, _json.loads(text)

    def front(self):
        """(it serves as wished, how devices reach the page by HTTPS)."""
        good, text = self._report(lib.pic_front_get)
        return good, _json.loads(text)

    def ntp(self):
        """(it serves as wished and the clock is right, what time it is and who says so)."""
        good, text = self._report(lib.pic_ntp_get)
        return good, _json.loads(text)

    def traffic(self, peer=None, connection=None, hours=0, days=0, since=0, until=0):
        """How much passed, by hour or day; since, until: seconds."""
        opts = ffi.new('pic_traffic_opts *')
        keep = [ffi.new('char[]', x.encode()) if x is not None else ffi.NULL for x in (peer, connection)]
        opts.size = ffi.sizeof('pic_traffic_opts')
        opts.peer, opts.connection = keep
        opts.hours, opts.days, opts.since, opts.until = hours, days, int(since * 1e6), int(until * 1e6)
        return _json.loads(self._report(lib.pic_traffic_get, opts)[1])

    def dns_stats(self):
        """What the name server has counted, and whom it asks."""
        return _json.loads(self._report(lib.pic_dns_stats)[1])

    def dns_flush(self, name=None):
        """Forgets what others answered for a name and all below it; None: for all names. How many answers."""
        return _json.loads(self._report(lib.pic_dns_flush, _c(name))[1])['forgotten']

    def dns_log(self, peer=None, max=0):
        """(it is written down, who asked for what, the newest last)."""
        told = _json.loads(self._report(lib.pic_dns_log, _c(peer), max)[1])
        return told['on'], told['lines']

    def alert_status(self):
        """(every alert's messages arrive, how each does)."""
        good, text = self._report(lib.pic_alert_status)
        return good, _json.loads(text)

    def alert_test(self, name):
        """(a test message arrived, what the server said)."""
        good, text = self._report(lib.pic_alert_test, _c(name))
        return good, _json.loads(text)

    def dns_blocks(self):
        """(every block list is as new as it should be, how each does)."""
        good, text = self._report(lib.pic_dns_blocks)
        return good, _json.loads(text)

    def dns_block_refresh(self, name=None):
        """Fetches one block list now, or all; then as dns_blocks."""
        good, text = self._report(lib.pic_dns_block_refresh, _c(name))
        return good, _json.loads(text)

    def dns_block_test(self, name, peer=None):
        """(it is not blocked, which lists have it and what that means for the device)."""
        good, text = self._report(lib.pic_dns_block_test, _c(name), _c(peer))
        return good, _json.loads(text)

    def targets(self):
        """(backups are made as they should be, how each target does and what it holds)."""
        good, text = self._report(lib.pic_target_status)
        return good, _json.loads(text)['targets']

    def target_do(self, what, target=None, name=None):
        """Has a target "run", "list" or "verify", and does not wait for it; then as targets()."""
        good, text = self._report(lib.pic_target_do, _c(what), _c(target), _c(name))
        return good, _json.loads(text)['targets']

    def target_cancel(self, target=None):
        """Ends what is under way at a target, or at all of them; then as targets()."""
        good, text = self._report(lib.pic_target_cancel, _c(target))
        return good, _json.loads(text)['targets']

    def target_fetch(self, target, to, name=None, cancel=None, flags=0):
        """Gets a backup from a target, the newest one without a name, to a file descriptor or to a file."""
        path = ffi.NULL if isinstance(to, int) else ffi.new('char[]', str(to).encode())
        opts = ffi.new('pic_backup_opts *', {'size': ffi.sizeof('pic_backup_opts'), 'flags': flags, 'output': path,
                                             'cancel': cancel._p if cancel else ffi.NULL})
        return _json.loads(self._report(lib.pic_target_fetch, _c(target), _c(name), to if isinstance(to, int) else -1, opts)[1])

    def dns_query(self, name, type=None, peer=None):
        """(there was an answer, or nobody to ask; what it is and whose word). peer: as that device would be answered."""
        opts = ffi.new('pic_dns_query_opts *')
        keep = [ffi.new('char[]', x.encode()) if x is not None else ffi.NULL for x in (type, peer)]
        opts.size = ffi.sizeof('pic_dns_query_opts')
        opts.type, opts.peer = keep
        good, text = self._report(lib.pic_dns_query, _c(name), opts)
        return good, _json.loads(text)

    def why(self, source, target, family=0):
        return _json.loads(self._report(lib.pic_why_get, _c(source), _c(target), family)[1])

    def export(self, data=False):
        """The whole cell as a YAML document, or as data."""
        text = self._report(lib.pic_export_get, lib.PIC_EXPORT_JSON if data else 0)[1]
        return _json.loads(text) if data else text

    def confirm(self):
        """Keeps the change that waits for it (Edit.confirm_within)."""
        _call(lib.pic_confirm, self._handle())

    # the past: times are seconds since 1970

    def history(self, kind=None, name=None, **which):
        """What happened, the newest first, as events() has it. Keywords also: actor, verb, way, text; since, until (seconds since 1970); first, last
        (revisions); before (an event's number), max."""
        opts, _keep = _search({'kind': kind, 'name': name, **which})
        events = _new('pic_history', lib.pic_history_get, self._handle(), opts)
        return [_event(lib.pic_history_at(events, i)) for i in range(lib.pic_history_count(events))]

    def revision_at(self, time):
        slot = ffi.new('pic_revision *')
        _call(lib.pic_revision_at, self._handle(), int(time * 1e6), slot)
        return slot[0]

    def export_at(self, revision, data=False):
        """As export(), of a revision."""
        text = self._report(lib.pic_export_at, revision, lib.PIC_EXPORT_JSON if data else 0)[1]
        return _json.loads(text) if data else text

    def diff(self, revision, other):
        """What leads from one revision to another."""
        return Plan(_new('pic_plan', lib.pic_diff_get, self._handle(), revision, other))

    # the journal as evidence

    def audit_head(self):
        """The newest signed head: {'size', 'rows', 'note', 'key'}. Keep note and key elsewhere."""
        return _json.loads(self._report(lib.pic_audit_head)[1])

    def audit_verify(self, key=None, head=None):
        """Whether the journal is as it was written, and what was found: (bool, dict). key, head: as they were kept elsewhere."""
        opts = ffi.new('pic_audit_verify_opts *')
        keep = [ffi.new('char[]', x.encode()) if x is not None else ffi.NULL for x in (key, head)]
        opts.size = ffi.sizeof('pic_audit_verify_opts')
        opts.key, opts.head = keep
        good, text = self._report(lib.pic_audit_verify, opts)
        return good, _json.loads(text)

    def audit_get(self, row, proof=False):
        """One row of the journal; with the proof that it is in the signed tree."""
        return _json.loads(self._report(lib.pic_audit_get, row, lib.PIC_AUDIT_PROOF if proof else 0)[1])

    def audit_export(self, file, form='jsonl', **which):
        """Rows for others, into a file that has a fileno(): 'jsonl', 'csv', or 'bundle' for a verifier. Keywords as history()."""
        opts, _keep = _search(which) if which else (ffi.NULL, None)
        _call(lib.pic_audit_export, self._handle(), file.fileno(), _FORMS[form], opts)

    def audit_note(self, verb, text):
        """A row of a front end's own: somebody came in, or was turned away."""
        _call(lib.pic_audit_note, self._handle(), _c(verb), _c(text))

    def log(self, area=None, lines=0):
        return self._report(lib.pic_log_get, _c(area), lines)[1].splitlines()

    def log_search(self, text=None, fold=False, since=0, until=0, max=0, **more):
        """The newest lines that are wanted: {'lines', 'before', 'after', 'more'}. more: area, level, peer, connection; before, after: what an answer said, for the lines
        before it or since. fold: letters are alike. since, until: seconds."""
        texts = {name: ffi.new('char[]', _c(value)) for name, value in {**more, 'text': text}.items() if value is not None}
        opts = ffi.new('pic_log_opts *', {'size': ffi.sizeof('pic_log_opts'), 'flags': lib.PIC_LOG_FOLD if fold else 0, 'max': max, 'since': int(since * 1e6),
                                          'until': int(until * 1e6), **texts})
        return _json.loads(self._report(lib.pic_log_search, opts)[1])

    def backup(self, target, keys=None, armor=False, work_factor=0, cancel=None):
        """Makes a backup, to a file descriptor or to a file; without keys it is not encrypted. Answers its manifest."""
        path = ffi.NULL if isinstance(target, int) else ffi.new('char[]', os.fsencode(target))
        flags = (lib.PIC_BACKUP_ARMOR if armor else 0) | (0 if keys else lib.PIC_BACKUP_PLAIN)
        opts = ffi.new('pic_backup_opts *', {'size': ffi.sizeof('pic_backup_opts'), 'flags': flags, 'work_factor': work_factor, 'output': path,
                                             'cancel': cancel._p if cancel else ffi.NULL})
        report = _new('pic_report', lib.pic_backup_create, self._handle(), keys._p if keys else ffi.NULL, target if isinstance(target, int) else -1, opts)
        return _json.loads(_text(lib.pic_report_text(report)))

    def backup_diff(self, source, keys=None, **more):
        """What restoring a backup would change here, as a Plan; answers: fields of the cell that are to be others."""
        return _reading(lib.pic_backup_diff, keys, source, self._handle(), get=Plan, **more)

    def drill(self, source, keys=None, **more):
        """Whether a backup comes back as a cell that works: what was looked at, and 'restorable'."""
        return _reading(lib.pic_backup_drill, keys, source, self._handle(), **more)

    def restore(self, source, keys=None, copy=False, **more):
        """Makes the cell of a backup this directory's; open a new context then. answers: as backup_diff(). copy: beside the cell that it is of; its targets,
        alerts, block lists and domains are off."""
        return _reading(lib.pic_backup_restore, keys, source, self._handle(), flags=lib.PIC_BACKUP_COPY if copy else 0, **more)

    def kept(self):
        """The cells that restores put aside, the newest first."""
        return _json.loads(self._report(lib.pic_backup_kept)[1])['kept']

    def undo_restore(self, name=None, agent=False):
        """The cell that was put aside (the newest, or the one of that name) is the cell again; open a new context then. agent: one that runs does it, when
        this context is closed; what comes back is told."""
        return _json.loads(self._report(lib.pic_backup_undo_order if agent else lib.pic_backup_undo, _c(name))[1])

    def undo_restore_diff(self, name=None):
        """What that would change here, as a Plan."""
        return Plan(_new('pic_plan', lib.pic_backup_undo_diff, self._handle(), _c(name)))

    def forget(self, name):
        """Removes a cell that was put aside, for good."""
        _call(lib.pic_backup_forget, self._handle(), _c(name))

    def peer_outdated(self, name):
        """Whether the device would be given another configuration now than it has."""
        return bool(_call(lib.pic_peer_outdated, self._handle(), _c(name)))

    def peer_installed(self, name):
        """Says that the device has its configuration as it is now."""
        _call(lib.pic_peer_installed, self._handle(), _c(name))

    def log_levels(self):
        """{'root', 'areas': {'wg': 'info', …}, 'own': [areas that were told one]}."""
        return _json.loads(self._report(lib.pic_log_levels)[1])

    def set_log_level(self, level, area=None):
        """area None: all that have none of their own; level None: an area as all, all as before."""
        _call(lib.pic_log_level_set, self._handle(), _c(area), _c(level))

    def events(self, after=0):
        """after: the number of the last change you have seen; 0: from the beginning; -1: only what comes."""
        return Subscription(self, after)

    # being the agent

    def run_agent(self, cancel=None, interval=0.0, keep_privileges=False, ready=None, line=None):
        """Runs until it is cancelled or told to stop. ready: called when it serves; line: with (level, area, program, connection, text) of
        what its programs write."""
        opts = ffi.new('pic_agent_opts *')
        opts.size = ffi.sizeof('pic_agent_opts')
        opts.flags = lib.PIC_AGENT_KEEP_PRIVILEGES if keep_privileges else 0
        opts.interval_ms = int(interval * 1000)
        opts.cancel = cancel._p if cancel else ffi.NULL
        called = ffi.callback('void(void *)', lambda _: ready()) if ready else ffi.NULL
        opts.on_ready = called

        def take(level, area, program, connection, text, _):
            line(level, _text(area), _text(program), _text(connection), _text(text))
            return 0
        taken = ffi.callback('pic_program_line_fn', take) if line else ffi.NULL
        opts.on_line = taken
        _call(lib.pic_agent_run, self._handle(), opts)

    def down(self, keep_block=False):
        """Stops the agent and takes the cell out of the machine."""
        _call(lib.pic_agent_down, self._handle(), lib.PIC_DOWN_KEEP_BLOCK if keep_block else 0)
