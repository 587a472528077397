"""Four lists must be equal: functions in <pic/…>, names in the version script, what the library exports, what is documented."""
import pathlib
import re
import subprocess
import sys

top, library = pathlib.Path(sys.argv[1]), sys.argv[2]


def declared():
    """name -> True when a comment stands right above the declaration (or above the group that it ends)."""
    names = {}
    for path in sorted((top / 'include/pic').glob('*.h')):
        documented, inside = False, False
        for line in path.read_text().splitlines():
            text = line.strip()
            if text.startswith('/*'):
                inside = '*/' not in text
                documented = True
            elif inside:
                inside = '*/' not in text
            elif text.startswith('PIC_API'):
                name = re.search(r'\b(pic_\w+)\s*\(', text)[1]
                names[name] = documented or '/*' in text
            elif not text:
                documented = False
    return names


headers = declared()
script = set(re.findall(r'^\s*(pic_\w+);', (top / 'libpic/libpic.map').read_text(), re.M))
symbols = subprocess.run(['nm', '-D', '--defined-only', library], capture_output=True, text=True, check=True).stdout
exported = {line.split()[2].split('@')[0] for line in symbols.splitlines() if line.split()[1] in 'TDBR' and 'LIBPIC' not in line.split()[2].split('@')[0]}
wrong = 0
for title, a, b in (('in headers, not in the map', set(headers), script), ('in the map, not in headers', script, set(headers)),
                    ('exported, not in headers', exported, set(headers)), ('in headers, not exported', set(headers), exported),
                    ('without a comment', {n for n, d in headers.items() if not d}, set())):
    for name in sorted(a - b):
        print(f'{title}: {name}')
        wrong += 1
print(f'{len(headers)} functions, {wrong} differences')
sys.exit(wrong > 0)
