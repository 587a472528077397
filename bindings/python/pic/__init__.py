"""Personal Internet Cell from Python: a thin layer over libpic (cffi, ABI mode).

    import pic
    with pic.Context('/var/lib/pic') as ctx:
        ctx.add('peer', 'anna', access='internet')
        print(ctx.config('anna'))

Each handle is one class that gives its reference back when it is collected; each code of libpic is one exception."""
import json
import os

import cffi

from ._cdef import CDEF

ffi = cffi.FFI()
ffi.cdef(CDEF)
lib = ffi.dlopen(os.environ.get('PIC_LIBRARY', 'libpic.so.0'))


class Error(Exception):
    """What libpic answered: code, message, hint, details, and `others` found by the same call."""
    code = 0

    def __init__(self, message, hint=None, details=None, others=()):
        super().__init__(message)
        self.hint, self.details, self.others = hint, details or {}, list(others)


def _text(pointer):
    return None if pointer == ffi.NULL else ffi.string(pointer).decode()


ERRORS = {}
for _number in range(-1, -64, -1):
    _name = _text(lib.pic_code_name(_number))
    if _name != 'UNKNOWN':
        ERRORS[_number] = type(_name.capitalize(), (Error,), {'code': _number, 'name': _name, '__doc__': _text(lib.pic_code_text(_number))})
        globals()[_name.capitalize()] = ERRORS[_number]


def _one(err):
    details = {k: _text(lib.pic_error_detail(err, k.encode())) for k in ('field', 'value', 'rule', 'file', 'line', 'column', 'object', 'users', 'extack')}
    kind = ERRORS.get(lib.pic_error_code(err), Error)
    return kind(_text(lib.pic_error_message(err)), _text(lib.pic_error_hint(err)), {k: v for k, v in details.items() if v is not None})


def _call(function, *args):
    """Calls with an error slot as the last argument; raises what came back."""
    slot = ffi.new('pic_error **')
    result = function(*args, slot)
    if result >= 0:
        return result
    err, found = slot[0], []
    at = err
    while at != ffi.NULL:
        found.append(_one(at))
        at = lib.pic_error_next(at)
    lib.pic_error_free(err)
    error = found[0] if found else ERRORS.get(result, Error)('')
    error.others = found[1:]
    raise error


def _c(text):
    return ffi.NULL if text is None else str(text).encode()


def _new(type_name, function, *args):
    slot = ffi.new(type_name + ' **')
    _call(function, *args, slot)
    return ffi.gc(slot[0], lambda p, f=getattr(lib, type_name + '_unref'): f(p))


def _own(pointer):
    text = _text(pointer)
    lib.pic_text_free(pointer)
    return text


class Object:
    """One cell, group or peer as it was when it was read: obj['access'], obj.name, dict(obj)."""

    def __init__(self, pointer):
        self._p = ffi.gc(pointer, lib.pic_obj_unref)

    name = property(lambda self: _text(lib.pic_obj_name(self._p)))
    kind = property(lambda self: _text(lib.pic_obj_kind(self._p)))
    id = property(lambda self: lib.pic_obj_id(self._p))
    revision = property(lambda self: lib.pic_obj_revision(self._p))

    def __getitem__(self, field):
        return _own(lib.pic_obj_get(self._p, field.encode()))

    def json(self):
        return json.loads(_own(lib.pic_obj_json(self._p)))

    def __repr__(self):
        return f'<pic {self.kind} {self.name}>'


class Outcome:
    """What came of a commit: state is 'applied', 'pending' or 'failed'."""

    def __init__(self, pointer):
        self.state = {lib.PIC_OUTCOME_APPLIED: 'applied', lib.PIC_OUTCOME_PENDING: 'pending', lib.PIC_OUTCOME_FAILED: 'failed'}[lib.pic_outcome_state(pointer)]
        self.revision = lib.pic_outcome_revision(pointer)
        err = lib.pic_outcome_error(pointer)
        self.error = None if err == ffi.NULL else _one(err)
        self.json = json.loads(_text(lib.pic_outcome_json(pointer)))


class Edit:
    """Several wishes that become true together: with ctx.edit() as e: e.add(…); e.set(…)  (commits at the end)."""

    def __init__(self, ctx):
        self._p = _new('pic_edit', lib.pic_edit_new, ctx._p)
        self.outcome = None

    def add(self, kind, name, /, **fields):
        _call(lib.pic_edit_add, self._p, _c(kind), _c(name))
        return self.set(kind, name, **fields)

    def set(self, kind, name, /, **fields):
        for field, value in fields.items():
            if value is None:
                _call(lib.pic_edit_unset, self._p, _c(kind), _c(name), _c(field))
            else:
                if isinstance(value, (list, tuple)):
                    value = ','.join(value)
                elif isinstance(value, bool):
                    value = 'true' if value else 'false'
                _call(lib.pic_edit_set, self._p, _c(kind), _c(name), _c(field), _c(value))
        return self

    def remove(self, kind, name):
        _call(lib.pic_edit_remove, self._p, _c(kind), _c(name))
        return self

    def rekey(self, peer):
        _call(lib.pic_edit_rekey, self._p, _c(peer))
        return self

    def load(self, text, name='document', prune=False):
        data = text.encode()
        _call(lib.pic_edit_load, self._p, data, len(data), _c(name), lib.PIC_LOAD_PRUNE if prune else 0)
        return self

    def if_revision(self, revision):
        lib.pic_edit_if_revision(self._p, revision)
        return self

    def plan(self):
        return _plan(_new('pic_plan', lib.pic_edit_plan, self._p))

    def commit(self, wait=True):
        self.outcome = Outcome(_new('pic_outcome', lib.pic_edit_commit, self._p, 0 if wait else lib.PIC_COMMIT_NOWAIT))
        return self.outcome

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.commit()


def _plan(pointer):
    plan = json.loads(_text(lib.pic_plan_json(pointer)))
    plan['text'] = [_text(lib.pic_plan_text(pointer, i)) for i in range(lib.pic_plan_count(pointer))]
    return plan


def _bytes(blob):
    return bytes(ffi.buffer(lib.pic_blob_data(blob), lib.pic_blob_size(blob)))


def qr(text, form='text'):
    """A QR code of any text: 'text' for a terminal, 'png', 'svg'."""
    formats = {'text': lib.PIC_QR_TEXT, 'png': lib.PIC_QR_PNG, 'svg': lib.PIC_QR_SVG}
    return _bytes(_new('pic_blob', lib.pic_qr_make, _c(text), formats[form]))


def version():
    return _text(lib.pic_version())


def has_feature(name):
    return bool(lib.pic_has_feature(_c(name)))


def fields(kind):
    """The field table of a kind: [{name, type, help, placeholder, default, choices, flags}]."""
    return [{'name': _text(lib.pic_field_name(_c(kind), i)), 'type': _text(lib.pic_field_type(_c(kind), i)),
             'help': _text(lib.pic_field_help(_c(kind), i)), 'placeholder': _text(lib.pic_field_placeholder(_c(kind), i)),
             'default': _text(lib.pic_field_default(_c(kind), i)), 'choices': _text(lib.pic_field_choices(_c(kind), i)),
             'flags': lib.pic_field_flags(_c(kind), i)} for i in range(lib.pic_field_count(_c(kind)))]


def kinds():
    names, i = {}, 0
    while lib.pic_kind_at(i) != ffi.NULL:
        name = _text(lib.pic_kind_at(i))
        names[name] = _text(lib.pic_kind_plural(_c(name)))
        i += 1
    return names


class Subscription:
    """Changes, pulled: for event in ctx.events(): …; fileno() for any event loop."""

    def __init__(self, ctx, after):
        self._p = _new('pic_sub', lib.pic_sub_open, ctx._p, after)

    def fileno(self):
        return lib.pic_sub_fd(self._p)

    def next(self, timeout_ms=0):
        """The next event as a dictionary, or None when there is none in time."""
        slot = ffi.new('pic_event **')
        if _call(lib.pic_sub_next, self._p, timeout_ms, slot) == 0:
            return None
        event = ffi.gc(slot[0], lib.pic_event_unref)
        answer = json.loads(_text(lib.pic_event_json(event)))
        answer.update(seq=lib.pic_event_seq(event), revision=lib.pic_event_revision(event), time=lib.pic_event_time(event),
                      kind=_text(lib.pic_event_kind(event)), name=_text(lib.pic_event_name(event)), verb=_text(lib.pic_event_verb(event)),
                      actor=_text(lib.pic_event_actor(event)), text=_text(lib.pic_event_text(event)))
        return answer


class Cancel:
    """Stops a running agent from another thread."""

    def __init__(self):
        slot = ffi.new('pic_cancel **')
        _call(lib.pic_cancel_new, slot)
        self._p = ffi.gc(slot[0], lib.pic_cancel_unref)

    def raise_(self):
        lib.pic_cancel_raise(self._p)

    raised = property(lambda self: bool(lib.pic_cancel_raised(self._p)))


class Context:
    """A cell's directory. world='fake': everything works on a pretend kernel, without privilege."""

    def __init__(self, directory=None, world=None, way='api', actor=None):
        opts = ffi.new('pic_ctx_opts *')
        keep = [ffi.new('char[]', str(x).encode()) if x is not None else ffi.NULL for x in (directory, world, way, actor)]
        opts.size = ffi.sizeof('pic_ctx_opts')
        opts.dir, opts.world, opts.way, opts.actor = keep
        self._p = _new('pic_ctx', lib.pic_ctx_open, opts)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._p = None

    def init(self, **values):
        words = [ffi.new('char[]', str(x).encode()) for pair in values.items() for x in pair]
        slot = ffi.new('pic_obj **')
        _call(lib.pic_cell_init, self._p, ffi.new('char *[]', words + [ffi.NULL]), slot)
        return Object(slot[0])

    def get(self, kind, name=None):
        slot = ffi.new('pic_obj **')
        _call(lib.pic_get, self._p, _c(kind), _c(name), slot)
        return Object(slot[0])

    def list(self, kind):
        items = _new('pic_list', lib.pic_list_get, self._p, _c(kind))
        return [Object(lib.pic_obj_ref(ffi.cast('pic_obj *', lib.pic_list_at(items, i)))) for i in range(lib.pic_list_count(items))]

    def list_json(self, kind):
        items = _new('pic_list', lib.pic_list_get, self._p, _c(kind))  # must live as long as its text is read
        return json.loads(_text(lib.pic_list_json(items)))

    def edit(self):
        return Edit(self)

    def add(self, kind, name, /, **values):
        return self.edit().add(kind, name, **values).commit()

    def set(self, kind, name, /, **values):
        return self.edit().set(kind, name, **values).commit()

    def remove(self, kind, name):
        return self.edit().remove(kind, name).commit()

    def config(self, peer):
        return _bytes(_new('pic_blob', lib.pic_peer_config, self._p, _c(peer))).decode()

    def qr(self, peer, form='text'):
        formats = {'text': lib.PIC_QR_TEXT, 'png': lib.PIC_QR_PNG, 'svg': lib.PIC_QR_SVG}
        return _bytes(_new('pic_blob', lib.pic_peer_qr, self._p, _c(peer), formats[form]))

    def plan(self, repair=False):
        return _plan(_new('pic_plan', lib.pic_plan_get, self._p, lib.PIC_PLAN_REPAIR if repair else 0))

    def _report(self, function, *args):
        report = _new('pic_report', function, self._p, *args)
        return bool(lib.pic_report_good(report)), _text(lib.pic_report_text(report))

    def status(self, wait_ms=0):
        return json.loads(self._report(lib.pic_status_get, wait_ms)[1])

    def doctor(self):
        good, text = self._report(lib.pic_doctor_run)
        return good, json.loads(text)['findings']

    def why(self, source, target, family=0):
        return json.loads(self._report(lib.pic_why_get, _c(source), _c(target), family)[1])

    def export(self):
        return self._report(lib.pic_export_get, 0)[1]

    def log(self, area=None, lines=0):
        return self._report(lib.pic_log_get, _c(area), lines)[1]

    def events(self, after=0):
        return Subscription(self, after)

    def down(self, keep_block=False):
        _call(lib.pic_agent_down, self._p, lib.PIC_DOWN_KEEP_BLOCK if keep_block else 0)

    def run_agent(self, cancel=None, interval_ms=0, keep_privileges=False):
        opts = ffi.new('pic_agent_opts *')
        opts.size = ffi.sizeof('pic_agent_opts')
        opts.flags = lib.PIC_AGENT_KEEP_PRIVILEGES if keep_privileges else 0
        opts.interval_ms = interval_ms
        opts.cancel = cancel._p if cancel else ffi.NULL
        _call(lib.pic_agent_run, self._p, opts)
