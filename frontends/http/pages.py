"""Makes pages.c: the files that were built of frontends/web, as bytes, compressed where that helps."""
import gzip
import hashlib
import pathlib
import sys

TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
         '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon', '.json': 'application/json',
         '.webmanifest': 'application/manifest+json', '.woff2': 'font/woff2', '.txt': 'text/plain; charset=utf-8',
         '.map': 'application/json'}
PLAIN = {'.png', '.woff2', '.html'}  # cannot become smaller; for whoever takes no gzip

dist, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
lines = ['/* Made by pages.py of frontends/web. */', '#include "http/http.h"', '']
rows = []
for path in sorted(dist.rglob('*')) if dist.is_dir() else []:
    if not path.is_file():
        continue
    plain = path.read_bytes()
    zipped = path.suffix not in PLAIN
    data = gzip.compress(plain, 9, mtime=0) if zipped else plain
    etag = hashlib.sha256(plain).hexdigest()[:16]
    name = f'page{len(rows)}'
    lines.append(f'static const unsigned char {name}[] = {{')
    for at in range(0, len(data), 24):
        lines.append('        ' + ','.join(map(str, data[at:at + 24])) + ',')
    lines.append('};')
    rows.append(f'        {{ "/{path.relative_to(dist).as_posix()}", "{TYPES.get(path.suffix, "application/octet-stream")}", '
                f'(const char *){name}, sizeof({name}), {int(zipped)}, "{etag}" }},')
lines += ['', 'const struct page http_pages[] = {', *rows, '        { .path = NULL }', '};', '']
out.write_text('\n'.join(lines))
