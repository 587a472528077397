"""junit.py FILE [NAME]: prints "status<TAB>name" for each test case of a JUnit file of ctest or pytest; with a name,
what that one said."""
import re
import sys
import xml.etree.ElementTree as tree

# Node's reporter leaves the colours of a message in, which XML may not have.
text = re.sub('[\x00-\x08\x0b\x0c\x0e-\x1f]', '', open(sys.argv[1], encoding='utf-8', errors='replace').read())
for case in tree.fromstring(text.encode()).iter('testcase'):
    name = case.get('name')
    if case.get('classname') and case.get('classname') != name:
        name = case.get('classname') + '.' + name
    status = case.get('status', 'run')
    if case.find('failure') is not None or case.find('error') is not None:
        status = 'fail'
    elif case.find('skipped') is not None:
        status = 'skipped'
        name += ' (' + (case.find('skipped').get('message') or '') + ')'
    if len(sys.argv) < 3:
        print(status, name, sep='\t')
    elif name == sys.argv[2]:
        print(case.findtext('system-out') or '')
