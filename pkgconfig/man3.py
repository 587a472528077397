"""Makes the manual of the API, section 3, from the public headers: man3.py INCLUDE OUTDIR. One page a header (pic_edit.3), and a page
for each function that leads to it. The comments in the headers are the text: there is no second place where a call is described."""
import os
import pathlib
import re
import sys
import time

WITHOUT = ('pic', 'export')  # nothing to tell: one includes the rest, the other is how symbols are marked


def escape(text):
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return '\n'.join('\\&' + line if line.startswith(('.', "'")) else line for line in text.split('\n'))


def clean(comment):
    lines = [re.sub(r'^\s*(/\*|\*/|\*(?!/))? ?', '', line).replace('*/', '').rstrip() for line in comment.split('\n')]
    return '\n'.join(lines).strip()


def prose(text):
    """Paragraphs at empty lines; lines that are set in stand as they are."""
    out, still = [], False
    for line in text.split('\n'):
        if line.startswith('  ') != still:
            out.append('.fi' if still else '.PP\n.nf')
            still = not still
        out.append(escape(line) if line else '.PP')
    return '\n'.join(out + (['.fi'] if still else [])).replace('.PP\n.PP\n', '.PP\n')


def code(text):
    return '.PP\n.nf\n' + escape(re.sub(r'\b(PIC_API|PIC_MUST_USE)\s+', '', text)) + '\n.fi'


def split(text):
    """(comment, functions, the constants and types below them): comments that begin a line belong to what follows."""
    body = text.split('PIC_BEGIN_DECLS', 1)[1].split('PIC_END_DECLS')[0]
    comment = ''
    for piece in re.split(r'^(/\*(?:.|\n)*?\*/)\s*?$', body, flags=re.M):
        if piece.lstrip().startswith('/*') and piece.rstrip().endswith('*/') and '\nPIC_API' not in piece:
            comment = clean(piece)
        elif piece.strip():
            later = re.search(r'(?<=;\n)\s*(?=enum|typedef|#define)', piece) if piece.lstrip().startswith('PIC_API') else None
            at = later.start() if later else len(piece)
            yield comment, piece[:at].strip('\n'), piece[at:].strip('\n')
            comment = ''


def page(path, date):
    text = path.read_text()
    name = 'pic_' + path.stem
    version = re.search(r'PIC_VERSION "(.*)"', (path.parent / 'version.h').read_text())[1]
    head = clean(re.match(r'/\*(?:.|\n)*?\*/', text)[0]).split(': ', 1)[1]
    functions = re.findall(r'^PIC_API.*?\b(pic_\w+)\(', text, re.M)
    summary = re.match(r'(.*?)[.:](\s|$)', head.replace('\n', ' '))[1]
    out = [f'.\\" made from <pic/{path.name}>', f'.TH {name.upper()} 3 "{date}" "libpic {version}" "Personal Internet Cell"', '.SH NAME',
           escape(', '.join(dict.fromkeys([name] + functions))) + ' \\- ' + escape(summary),
           '.SH SYNOPSIS', '.nf', f'#include <pic/{path.name}>', '', 'cc \\&... $(pkg\\-config \\-\\-cflags \\-\\-libs pic)', '.fi',
           '.SH DESCRIPTION', prose(head[0].upper() + head[1:])]
    for comment, calls, rest in split(text):
        out.append(code(calls))
        if comment:
            out += ['.RS', prose(comment), '.RE']
        if rest:
            out.append(code(rest))
    out += ['.SH SEE ALSO', ',\n'.join(f'.BR pic_{x} (3)' for x in ('types', 'error') if 'pic_' + x != name) + ',\n.BR pic (1)']
    return name, functions, '\n'.join(out).replace('(3),\n', '(3) ,\n')


def main(include, target):
    date = time.strftime('%Y-%m-%d', time.gmtime(int(os.environ.get('SOURCE_DATE_EPOCH', time.time()))))
    target.mkdir(parents=True, exist_ok=True)
    for header in sorted((include / 'pic').glob('*.h')):
        if header.stem in WITHOUT:
            continue
        name, functions, text = page(header, date)
        (target / f'{name}.3').write_text(text + '\n')
        for function in functions:
            if function != name:
                (target / f'{function}.3').write_text(f'.so man3/{name}.3\n')


main(*map(pathlib.Path, sys.argv[1:3]))
