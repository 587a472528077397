"""A function of the API is done when a front end has it, an example uses it, and a test of the binding calls it. This checks the first two by
looking at the sources; the last one is noted while tests/bindings runs. Exceptions have a reason, and none that is needed no more."""
import pathlib
import re
import sys

NO_FRONT_END = {
    'pic_audit_note': 'logins and what is refused are told by the library itself',
    'pic_cancel_raised': 'a front end that raises it knows',
    'pic_event_name': 'pic events prints the text or the JSON of an event, which have it',
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
