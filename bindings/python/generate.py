"""Makes pic/_cdef.py, the declarations for cffi, from the public headers: comments and macros go, functions, enums and structs stay.
`generate.py --check` fails when the file is not what the headers say."""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def declarations(include):
    """All headers through the preprocessor, keeping only what they themselves say."""
    text = subprocess.run(['cc', '-E', '-P', '-D__attribute__(x)=', f'-I{include}', '-x', 'c', '-'], input='#include <pic/pic.h>\n',
                          capture_output=True, text=True, check=True).stdout
    start = text.index('typedef int64_t pic_id;')
    return re.sub(r'[ \t]+', ' ', text[start:]).strip() + '\n'


if __name__ == '__main__':
    include = HERE.parents[1] / 'include'
    out = HERE / 'pic' / '_cdef.py'
    body = '"""Made by generate.py from <pic/pic.h>."""\nCDEF = r"""\n' + declarations(include) + '"""\n'
    if '--check' in sys.argv:
        sys.exit(out.read_text() != body and 'pic/_cdef.py is not what the headers say: run bindings/python/generate.py')
    out.write_text(body)
