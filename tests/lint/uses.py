"""A function of the API is done when a front end has it, an example uses it, and a test of the binding calls it. This checks the first two by
looking at the sources; the last one is noted while tests/bindings runs. Exceptions have a reason, and none that is needed no more."""
import pathlib
import re
import sys

HTTP = 'for front ends that people log in to: the HTTP server, which is not here yet'
NO_FRONT_END = {
    'pic_audit_note': HTTP,
    'pic_ctx_as': HTTP,
    'pic_edit_keep': HTTP,
    'pic_front_check': HTTP,
    'pic_link_take': HTTP,
    'pic_login': HTTP,
    'pic_password_check': HTTP,
    'pic_session_csrf': HTTP,
    'pic_session_device': HTTP,
    'pic_session_find': HTTP,
    'pic_session_id': HTTP,
    'pic_session_json': HTTP,
    'pic_session_role': HTTP,
    'pic_session_token': HTTP,
    'pic_session_unref': HTTP,
    'pic_session_user': HTTP,
    'pic_setup_open': HTTP,
    'pic_cancel_raised': 'a front end that raises it knows',
    'pic_code_text': 'every error has a message of its own; for programs that have only the number',
    'pic_event_kind': 'pic events prints the text or the JSON of an event, which have it',
    'pic_event_name': 'as pic_event_kind',
    'pic_kind_at': 'the command table names kinds: a new kind has verbs of its own to be thought about',
    'pic_kind_plural': 'as pic_kind_at',
    'pic_obj_id': 'the JSON of an object, which is printed, has it',
    'pic_obj_kind': 'a command knows the kind it asked for',
    'pic_obj_ref': 'no front end keeps an object longer than its list',
    'pic_obj_revision': 'as pic_obj_id; --if-revision takes what a person saw there',
    'pic_peer_qr': 'pic shows text and picture of one look: pic_peer_config() and pic_qr_make()',
    'pic_sub_fd': 'pic events waits in pic_sub_next()',
}
NO_EXAMPLE = {}

top = pathlib.Path(sys.argv[1])
exports = re.findall(r'^\s*(pic_\w+);', (top / 'libpic/libpic.map').read_text(), re.M)
wrong = 0
for folder, exceptions in (('frontends', NO_FRONT_END), ('examples', NO_EXAMPLE)):
    text = '\n'.join(path.read_text() for path in sorted((top / folder).rglob('*.c')))
    called = set(re.findall(r'\b(pic_\w+)\(', text))
    for name in exports:
        if name not in called and name not in exceptions:
            print(f'{folder}/ never calls {name}')
            wrong += 1
    for name in exceptions:
        if name in called or name not in exports:
            print(f'{name} needs no exception for {folder}/ any more')
            wrong += 1
print(f'{len(exports)} functions, {wrong} complaints')
sys.exit(wrong > 0)
