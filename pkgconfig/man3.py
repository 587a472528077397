"""Makes the manual of the API, section 3, from the public headers: man3.py INCLUDE OUTDIR. One page a header (pic_peer.3), and a page
for each function that leads to it. The comments in the headers are the text: there is no second place where a call is described."""
import pathlib
import re
import sys


def escape(text):
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return '\n'.join('\\&' + line if line.startswith(('.', "'")) else line for line in text.split('\n'))


def clean(comment):
    lines = [re.sub(r'^\s*(/\*|\*/|\*(?!/))? ?', '', line).replace('*/', '').rstrip() for line in comment.split('\n')]
    return '\n'.join(lines).strip()


def split(text):
    """Comments that begin a line are paragraphs of their own; everything else is code."""
    body = text.split('PIC_BEGIN_DECLS', 1)[1].split('PIC_END_DECLS')[0]
    pieces = re.split(r'^(/\*(?:.|\n)*?\*/)\s*?$', body, flags=re.M)
    out, comment = [], ''
    for piece in pieces:
        if piece.lstrip().startswith('/*') and piece.rstrip().endswith('*/') and '\nPIC_API' not in piece:
            comment = piece
        elif piece.strip():
            out.append((clean(comment), piece.strip('\n')))
            comment = ''
    return out


def page(path):
    text = path.read_text()
    name = 'pic_' + path.stem
    head = clean(re.match(r'/\*(?:.|\n)*?\*/', text)[0])
    functions = re.findall(r'^PIC_API.*?\b(pic_\w+)\(', text, re.M)
    summary = head.split('\n')[0].split(': ', 1)[-1].rstrip('.')
    out = [f'.\\" made from <pic/{path.name}>', f'.TH {name.upper()} 3 "" libpic "Personal Internet Cell"', '.SH NAME',
           escape(', '.join([name] + functions)) + ' \\- ' + escape(summary), '.SH SYNOPSIS', '.nf', f'#include <pic/{path.name}>', '.fi',
           '.SH DESCRIPTION', escape(head)]
    for comment, code in split(text):
        code = re.sub(r'\b(PIC_API|PIC_MUST_USE)\s+', '', code)
        out += ['.PP', '.nf', escape(code), '.fi', '.RS', escape(comment), '.RE'] if comment else ['.PP', '.nf', escape(code), '.fi']
    out += ['.SH SEE ALSO', '.BR pic (1)', '']
    return name, functions, '\n'.join(line for line in '\n'.join(out).split('\n') if line.strip())


include, target = map(pathlib.Path, sys.argv[1:3])
target.mkdir(parents=True, exist_ok=True)
for header in sorted((include / 'pic').glob('*.h')):
    if header.stem in ('pic', 'export', 'types', 'log'):
        continue
    name, functions, text = page(header)
    (target / f'{name}.3').write_text(text + '\n')
    for function in functions:
        if function != name:
            (target / f'{function}.3').write_text(f'.so man3/{name}.3\n')
